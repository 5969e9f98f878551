package acme.rule

warn := ["a"] if input.cluster_name == "never"
