package acme.rule

deny contains "x" if a

a if b

b if a
