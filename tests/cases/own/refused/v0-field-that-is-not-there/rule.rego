package acme.rule

deny[msg] {
	input.git.branch == "prod"
	msg := "x"
}
