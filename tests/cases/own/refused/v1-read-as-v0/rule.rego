package acme.rule

deny contains "x" if input.cluster_name == "prod"
