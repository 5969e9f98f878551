package acme.rule

deny(name) := "x" if name == "prod"
