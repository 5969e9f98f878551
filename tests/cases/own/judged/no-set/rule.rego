package acme.rule

deny := null
