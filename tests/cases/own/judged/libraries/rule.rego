package acme.rule

import data.acme.lib

deny contains "a" if input.cluster_name in lib.names
