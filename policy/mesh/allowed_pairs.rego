# METADATA
# title: Only allowed pairs talk to each other
# description: >-
#   Finds an edge between two identities that are not on the list of those who may talk. It says what was seen, and
#   not what the mesh would let pass: that is what authorization policies say.
# custom:
#   code: MESH022
#   parameters:
#     pairs: {type: pairs, default: [], text: "pairs of identities that may talk, written account.namespace -> account.namespace; * stands for any part"}
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
# description: >-
#   One finding for each edge between others, or that does not show who talks, and one for each pair that is badly
#   written, or where none is named.
# scope: document
findings contains {"msg": msg, "about": _about(edge)} if {
	some i, edge in _edges
	not i in _allowed
	msg := sprintf("%v/%v -> %v/%v: %v -> %v is not a pair that may talk", [
		_field(edge, "src_namespace", "?"),
		_field(edge, "src", "?"),
		_field(edge, "dst_namespace", "?"),
		_field(edge, "dst", "?"),
		_field(edge, "client_id", "none"),
		_field(edge, "server_id", "none"),
	])
}

findings contains {"msg": msg, "about": {}} if {
	some pattern in _pairs
	not _is_pair(pattern)
	msg := sprintf("the pair %q is not written account.namespace -> account.namespace", [sprintf("%v", [pattern])])
}

findings contains {"msg": "pairs that may talk are required, and none is named", "about": {}} if count(_pairs) == 0

_given := data.parameters["mesh.allowed_pairs"]

default _pairs := []

_pairs := _given.pairs if is_array(_given.pairs)

_is_pair(pattern) if {
	is_string(pattern)
	regex.match(`^[-a-z0-9*?]+\.[-a-z0-9*?]+ -> [-a-z0-9*?]+\.[-a-z0-9*?]+$`, pattern)
}

# The positions of the edges whose ends may talk. Each pair of identities is looked at once, however many edges it has.
_allowed := {i |
	patterns := {pattern | some pattern in _pairs; _is_pair(pattern)}
	pairs := {[edge.client_id, edge.server_id] | some edge in _edges}
	allowed := {pair |
		some pair in pairs
		is_string(pair[0])
		is_string(pair[1])
		some pattern in patterns
		glob.match(pattern, [".", " "], concat(" -> ", pair))
	}
	some i, edge in _edges
	[edge.client_id, edge.server_id] in allowed
}

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
