# METADATA
# title: Every identity belongs to the namespace of its workload
# description: >-
#   Finds an edge with an identity of another namespace than its row claims. A service account belongs to one
#   namespace, and its pods run there: either the row names the wrong workload, as it does behind a multi-cluster
#   gateway, or something answers in its place. Look at the pod with `linkerd viz edges pod`.
# custom:
#   code: MESH021
package mesh.identity_namespaces

import rego.v1

# METADATA
# description: >-
#   Only warns, since behind a multi-cluster gateway the row names the mirrored service, and the identity is the
#   gateway's.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each end of an edge whose identity is of another namespace.
# scope: document
findings contains {"msg": msg, "about": _about(edge)} if {
	# Spares a mesh where all belong the second walk over its edges.
	count(_strangers) > 0
	some edge in _edges
	some end, key in {"src": "client_id", "dst": "server_id"}
	identity := edge[key]
	claimed := edge[sprintf("%s_namespace", [end])]
	parts := split(identity, ".")
	count(parts) > 1
	parts[1] != claimed
	msg := sprintf("%v/%v shows the identity %v, which is not of the namespace %v", [
		claimed,
		object.get(edge, end, "?"),
		identity,
		claimed,
	])
}

_strangers := {pair | some pair in (_clients | _servers); split(pair[1], ".")[1] != pair[0]}

_clients := {[edge.src_namespace, edge.client_id] | some edge in _edges}

_servers := {[edge.dst_namespace, edge.server_id] | some edge in _edges}

_about(edge) := {key: edge[key] |
	some key in ["src_namespace", "src", "dst_namespace", "dst"]
	is_string(edge[key])
}

_edges := input.edge_report if is_array(input.edge_report)
