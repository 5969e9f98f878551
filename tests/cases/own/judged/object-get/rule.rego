package acme.rule

deny contains "a" if object.get(input, "cluster_name", "") == "golden"
