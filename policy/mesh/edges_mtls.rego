# METADATA
# title: Every edge is mTLS
# description: >-
#   Denies an edge unless both ends showed an identity and no reason for missing TLS was given. The usual causes are a
#   destination that is not meshed and a port that skips the proxy: `linkerd viz edges deploy -A` shows which.
#   A named edge may be waived for a while.
# custom:
#   code: MESH005
package mesh.edges_mtls

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

_most := 100

# METADATA
# description: One message with the count, and one for each of the first hundred insecure edges.
# scope: document
deny contains msg if {
	input.edges_summary
	not _all_secured
	msg := _count
}

deny contains msg if {
	some edge in array.slice(_insecure, 0, _most)
	msg := _message(edge)
}

# METADATA
# description: >-
#   The same with what each is about, for whoever waives one of them: the count is waived with the last of the edges
#   that it counts.
# scope: document
findings contains {"msg": _count, "about": {"sums": count({_message(edge) | some edge in _insecure})}} if {
	input.edges_summary
	not _all_secured
}

findings contains {"msg": _message(edge), "about": _about(edge)} if some edge in _insecure

_count := sprintf("%v of %v edges are not mTLS, %v are", [
	_figure("insecure"),
	_figure("total_edges"),
	_figure("secured"),
])

# Spares a healthy mesh the second walk.
_insecure := [edge | some i, edge in _edges; not i in _secured] if {
	count(_secured) < count(_edges)
} else := []

_message(edge) := sprintf("%v/%v -> %v/%v is not mTLS: client identity %v, server identity %v, linkerd's reason %v", [
	_field(edge, "src_namespace", "?"),
	_field(edge, "src", "?"),
	_field(edge, "dst_namespace", "?"),
	_field(edge, "dst", "?"),
	_field(edge, "client_id", "none"),
	_field(edge, "server_id", "none"),
	_field(edge, "no_tls_reason", "none"),
])

# Only names that are text: who is not named cannot be waived.
_about(edge) := {key: edge[key] |
	some key in ["src_namespace", "src", "dst_namespace", "dst"]
	is_string(edge[key])
}

_all_secured if {
	input.edges_summary.insecure == 0
	is_number(input.edges_summary.total_edges)
	input.edges_summary.secured == input.edges_summary.total_edges
}

# The positions of the edges that are known to be mTLS: the others are not, whatever they lack. A function of the edge
# would read better and takes twice as long. The same conditions stand in report_consistent, since a cilock policy may
# carry either rule alone.
_secured := {i |
	some i, edge in _edges
	client := edge.client_id
	is_string(client)
	client != ""
	server := edge.server_id
	is_string(server)
	server != ""
	object.get(edge, "no_tls_reason", "") == ""
}

_edges := input.edge_report if is_array(input.edge_report)

_figure(key) := value if {
	value := input.edges_summary[key]
} else := "?"

# Not object.get, which fails for a row that is no object, and takes the message with it.
_field(edge, key, otherwise) := value if {
	value := edge[key]
	value != ""
} else := otherwise
