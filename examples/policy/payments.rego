# METADATA
# title: Only the shop's checkout talks to payments
# description: >-
#   A rule of your own. Its package is not under collection, so input is the linkerd-check predicate; an example to copy
#   and change.
package acme.payments

_namespace := "payments"

# Workloads that may talk to payments, as namespace/workload.
_callers := {"shop/checkout", "payments/ledger"}

# METADATA
# description: An edge from anybody else. What it is about lets a waiver name it.
deny contains {"msg": msg, "about": edge, "code": "ACME001"} if {
	some edge in input.edge_report
	edge.dst_namespace == _namespace
	caller := concat("/", [edge.src_namespace, edge.src])
	not caller in _callers
	msg := sprintf("%v talks to %v/%v, and is none of its callers", [caller, edge.dst_namespace, edge.dst])
}

# METADATA
# description: No edges are no proof. Where a field is missing, a rule that reads it says nothing.
deny contains "no edges were captured, so nobody knows who talks to payments" if not input.edge_report

# METADATA
# description: Told, and denies nothing.
warn contains msg if {
	input.edge_report
	count([edge | some edge in input.edge_report; edge.dst_namespace == _namespace]) == 0
	msg := sprintf("nobody talks to %v: was it idle?", [_namespace])
}
