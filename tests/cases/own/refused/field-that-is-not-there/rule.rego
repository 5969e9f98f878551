package acme.rule

deny contains "x" if {
	some edge in input.edge_report
	edge.server == ""
}
