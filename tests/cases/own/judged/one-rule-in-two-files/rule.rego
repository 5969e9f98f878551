package acme.rule

deny contains "a"
