# METADATA
# title: No workload uses the default service account
# description: >-
#   Finds an edge with the identity of a namespace's default service account: every workload of that namespace which
#   names no other has the same identity, so that authorization cannot tell them apart. Give each workload a service
#   account of its own.
# custom:
#   code: MESH023
package mesh.own_service_accounts

import rego.v1

# METADATA
# description: >-
#   Only warns: mTLS holds with any service account.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each workload that shows the default account's identity.
# scope: document
findings contains {"msg": msg, "about": about} if {
	# Spares a mesh of named accounts the walk over its edges.
	count([1 | some identity in _shown; startswith(identity, "default.")]) > 0
	some edge in _edges
	some end, key in {"src": "client_id", "dst": "server_id"}
	startswith(edge[key], "default.")
	namespace := edge[sprintf("%s_namespace", [end])]
	workload := edge[end]
	about := {"src_namespace": namespace, "src": workload}
	msg := sprintf("%v/%v uses the default service account of its namespace", [namespace, workload])
}

_shown := {identity | identity := _edges[_].client_id} | {identity | identity := _edges[_].server_id}

_edges := input.edge_report if is_array(input.edge_report)
