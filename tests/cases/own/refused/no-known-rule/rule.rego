package acme.rule

dney contains "x" if input.cluster_name == "prod"
