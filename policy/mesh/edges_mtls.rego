# METADATA
# title: Every edge is mTLS
# description: >-
#   Denies an edge unless both ends showed an identity and no reason for missing TLS was given. The usual causes are a
#   destination that is not meshed and a port that skips the proxy: `linkerd viz edges deploy -A` shows which.
package mesh.edges_mtls

import rego.v1

_most := 100

# METADATA
# description: One message with the count, and one for each of the first hundred insecure edges.
# scope: document
deny contains msg if {
	input.edges_summary
	not _all_secured
	msg := sprintf("%v of %v edges are not mTLS, %v are", [
		_figure("insecure"),
		_figure("total_edges"),
		_figure("secured"),
	])
}

deny contains msg if {
	# Spares a healthy mesh the second walk.
	count(_secured) < count(_edges)
	insecure := [edge | some i, edge in _edges; not i in _secured]
	some edge in array.slice(insecure, 0, _most)
	msg := sprintf("%v/%v -> %v/%v is not mTLS: client identity %v, server identity %v, linkerd's reason %v", [
		_field(edge, "src_namespace", "?"),
		_field(edge, "src", "?"),
		_field(edge, "dst_namespace", "?"),
		_field(edge, "dst", "?"),
		_field(edge, "client_id", "none"),
		_field(edge, "server_id", "none"),
		_field(edge, "no_tls_reason", "none"),
	])
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
