package acme.rule

deny contains _b

_b := "b"
