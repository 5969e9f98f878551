package acme.rule

deny contains "x" if {
