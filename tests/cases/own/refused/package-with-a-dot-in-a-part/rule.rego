package acme["a.b"]

deny contains "x" if input.cluster_name == "prod"
