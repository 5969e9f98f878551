package acme.rule

deny contains "x" if input.cluster_name == "dev"

denied contains "y" if input.cluster_name == "prod"
