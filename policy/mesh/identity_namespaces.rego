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
	some i in _strange[end]
	edge := _edges[i]
	msg := sprintf("%v/%v shows the identity %v, which is not of the namespace %v", [
		_field(edge, sprintf("%s_namespace", [end]), "?"),
		_field(edge, end, "?"),
		edge[_shown[end]],
		_field(edge, sprintf("%s_namespace", [end]), "?"),
	])
}

_shown := {"src": "client_id", "dst": "server_id"}

# Only an identity that names a namespace can name the wrong one; edges_identified denies another form, and edges_present
# a row without its namespace.
_strange := {
	"src": {i |
		not _belong(_clients, _sources)
		some i, edge in _edges
		is_string(edge.client_id)
		split(edge.client_id, ".")[1] != edge.src_namespace
	},
	"dst": {i |
		not _belong(_servers, _destinations)
		some i, edge in _edges
		is_string(edge.server_id)
		split(edge.server_id, ".")[1] != edge.dst_namespace
	},
}

# All at once, which spares a healthy mesh the walk: the second parts of all identities, one behind the other, are all
# namespaces. Nothing is missing, nothing but text lies between two texts, and nobody holds the space that parts them.
_belong(identities, namespaces) if {
	count(identities) == count(_edges)
	count(namespaces) == count(_edges)
	every list in [identities, namespaces] {
		is_string(min(list))
		is_string(max(list))
		count(split(concat(" ", list), " ")) == count(list)
	}
	regex.replace(concat(" ", identities), `[^. ]*[.]([^. ]*)[^ ]*`, "$1") == concat(" ", namespaces)
}

_clients := [client | client := _edges[_].client_id]

_servers := [server | server := _edges[_].server_id]

_sources := [source | source := _edges[_].src_namespace]

_destinations := [destination | destination := _edges[_].dst_namespace]

# Only names that are text: who is not named cannot be waived.
_about(edge) := {key: edge[key] |
	some key in ["src_namespace", "src", "dst_namespace", "dst"]
	is_string(edge[key])
}

# Not object.get, which fails for a row that is no object, and takes the message with it.
_field(edge, key, otherwise) := value if {
	value := edge[key]
	value != ""
} else := otherwise

_edges := input.edge_report if is_array(input.edge_report)
