package acme.rule

deny contains "x" if opa.runtime().env.HOME == "/"
