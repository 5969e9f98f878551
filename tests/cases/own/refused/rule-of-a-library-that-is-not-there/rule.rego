package acme.rule

import data.acme.lib

deny contains "x" if input.cluster_name in lib.name
