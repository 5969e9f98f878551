package acme.rule

deny contains "x" if rand.intn("a", 2) == 1
