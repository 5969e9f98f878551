package acme.rule

deny contains "ä" if input.cluster_name == "a"
