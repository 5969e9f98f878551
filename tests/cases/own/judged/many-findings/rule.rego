package acme.rule

deny contains sprintf("%03d", [n]) if some n in numbers.range(1, 150)
