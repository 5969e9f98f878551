package acme.rule

deny contains "x" if object.get(input, ["git", "branch"], "main") != "main"
