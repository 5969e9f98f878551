package collection.acme

import data.acme.lib

deny contains "x" if lib.prod
