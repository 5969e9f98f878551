package acme.rule

deny["older"] {
	input.cluster_name == "golden"
}
