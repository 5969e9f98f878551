package acme.rule

deny[msg] if {
	msg := "x"
	input.cluster_name == "prod"
}
