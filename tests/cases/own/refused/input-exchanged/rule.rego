package acme.rule

deny contains "x" if _bad with input as {"cluster_name": "dev"}

_bad if input.cluster_name == "prod"
