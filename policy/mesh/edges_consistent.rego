# METADATA
# title: The edges do not contradict each other
# description: >-
#   Denies edges that cannot be true together. linkerd prints one row for two workloads, so that two rows which disagree
#   come from two moments or two sources: capture again. Loopback says that a pod reached itself, which no edge between
#   two workloads can be.
# custom:
#   code: MESH011
package mesh.edges_consistent

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

_most := 100

# METADATA
# description: >-
#   One message for each of the first hundred pairs of workloads with rows that disagree, and for each of the first
#   hundred edges that are called a loopback and are none.
# scope: document
deny contains msg if {
	some pair in array.slice([disputed | some disputed in _disputed], 0, _most)
	msg := sprintf("the edges report holds rows that disagree about %v/%v -> %v/%v", pair)
}

deny contains msg if {
	some edge in array.slice([_edges[i] | some i in (_loopbacks - _own)], 0, _most)
	msg := sprintf("%v/%v -> %v/%v is called a loopback and does not connect a workload with itself", [
		_name(edge, "src_namespace"),
		_name(edge, "src"),
		_name(edge, "dst_namespace"),
		_name(edge, "dst"),
	])
}

# An edge that lacks a name has no pair; edges_present denies it.
_pairs := {[edge.src_namespace, edge.src, edge.dst_namespace, edge.dst] | some edge in _edges}

# Sorted, so that rows of the same pair are neighbours; identical rows are one. To look each pair up takes minutes.
_disputed := {pair |
	claims := sort(_claims)
	some i, claim in claims
	pair := array.slice(claim, 0, 4)
	pair == array.slice(claims[i + 1], 0, 4)
}

_stands_twice if count(_pairs) < count(_edges)

# What each row says. A field that is left out is an empty one.
_claims := {claim |
	# Spares a healthy mesh, where each pair stands once, what takes long.
	_stands_twice
	some edge in _edges
	claim := [
		edge.src_namespace,
		edge.src,
		edge.dst_namespace,
		edge.dst,
		object.get(edge, "client_id", ""),
		object.get(edge, "server_id", ""),
		object.get(edge, "no_tls_reason", ""),
	]
}

_loopbacks := {i | _edges[i].no_tls_reason == "Loopback"}

_own := {i |
	some i in _loopbacks
	_edges[i].src == _edges[i].dst
	_edges[i].src_namespace == _edges[i].dst_namespace
}

_edges := input.edge_report if is_array(input.edge_report)

_name(edge, field) := value if {
	value := edge[field]
} else := "?"
