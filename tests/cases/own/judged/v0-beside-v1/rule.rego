package acme.rule

import rego.v1

deny contains "newer" if input.cluster_name == "golden"
