package acme.rule

deny contains "x" if _bad(input)

_bad(given) if given.git.branch != "main"
