package acme.rule

deny contains "x" if to_number(input.cluster_name) == 1
