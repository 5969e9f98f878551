package acme.rule

deny contains "x" if {
	wanted := "prod"
	input.cluster_name != "dev"
}
