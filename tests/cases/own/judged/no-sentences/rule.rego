package acme.rule

deny contains 1

deny contains ""

violation contains {"message": "x"}
