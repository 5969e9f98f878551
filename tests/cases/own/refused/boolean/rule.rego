package acme.rule

deny if input.cluster_name == "prod"
