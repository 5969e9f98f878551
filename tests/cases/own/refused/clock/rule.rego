package acme.rule

deny contains "x" if time.now_ns() > 1
