package acme.rule

deny[msg] {
	input.cluster_name == "golden"
	msg := "older"
}
