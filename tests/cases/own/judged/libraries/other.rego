package collection.acme

import data.acme.pure

deny contains "b" if pure.upper_of(input.git.branch) == "MAIN"
