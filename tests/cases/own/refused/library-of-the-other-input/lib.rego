package acme.lib

prod if input.cluster_name == "prod"
