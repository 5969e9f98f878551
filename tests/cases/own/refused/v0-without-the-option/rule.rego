package acme.rule

deny[msg] {
	input.cluster_name == "prod"
	msg := "x"
}
