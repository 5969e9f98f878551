package collection.acme

deny contains "x" if {
	some edge in input.edge_report
	edge.no_tls_reason != ""
}
