# METADATA
# title: Only allowed pairs talk to each other
# description: >-
#   Finds an edge between two identities that are not on the list of those who may talk. It says what was seen, and
#   not what the mesh would let pass: that is what authorization policies say.
# custom:
#   code: MESH022
#   parameters:
#     pairs: {type: texts, default: [], text: "pairs of identities that may talk, written account.namespace -> account.namespace; * stands for any part"}
package mesh.allowed_pairs

import rego.v1

# METADATA
# description: >-
#   Off, as who may talk to whom is known to nobody but the team. It denies as soon as it is given its pairs.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each edge between others, and one where no pair is named.
# scope: document
findings contains {"msg": msg, "about": _about(edge)} if {
	some edge in _edges
	pair := sprintf("%v -> %v", [object.get(edge, "client_id", "none"), object.get(edge, "server_id", "none")])
	not _allowed[pair]
	msg := sprintf("%v/%v -> %v/%v: %v is not a pair that may talk", [
		object.get(edge, "src_namespace", "?"),
		object.get(edge, "src", "?"),
		object.get(edge, "dst_namespace", "?"),
		object.get(edge, "dst", "?"),
		pair,
	])
}

findings contains {"msg": "pairs that may talk are required, and none is named", "about": {}} if count(_pairs) == 0

default _pairs := []

_pairs := data.parameters["mesh.allowed_pairs"].pairs

# Each pair of identities is looked at once, however many edges it has.
_allowed[pair] if {
	some pair in {sprintf("%v -> %v", [edge.client_id, edge.server_id]) | some edge in _edges}
	some pattern in _pairs
	glob.match(pattern, ["."], pair)
}

_about(edge) := {key: edge[key] |
	some key in ["src_namespace", "src", "dst_namespace", "dst"]
	is_string(edge[key])
}

_edges := input.edge_report if is_array(input.edge_report)
