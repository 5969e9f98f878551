package acme.rule

warn contains "x" if input.cluster_name == "dev"

deny_root contains "y" if input.cluster_name == "prod"
