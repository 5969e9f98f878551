package acme.rule

deny contains "x" if input.check_summary.error == "1"
