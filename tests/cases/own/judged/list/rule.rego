package acme.rule

default deny := []

deny := ["a", "b"] if input.cluster_name == "golden"
