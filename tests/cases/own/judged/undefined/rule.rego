package acme.rule

deny := ["a"] if input.cluster_name == "never"
