package acme.rule

deny contains "x" if input.git.branch != "main"
