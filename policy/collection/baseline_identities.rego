# METADATA
# title: No workload changed its identity
# description: >-
#   Finds an edge whose ends show other identities than in the baseline: a workload was given another service account,
#   or another workload answers under its name.
# custom:
#   code: MESH035
package collection.baseline_identities

import rego.v1

# METADATA
# description: >-
#   Only warns, as a service account may change with a release; who reads it should know of that release.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each end of an edge that shows another identity.
# scope: document
findings contains {"msg": msg, "about": _about(edge)} if {
	identities := _identities # once: behind `with`, opa remembers no rule
	some edge in input.linkerd_check.edge_report
	some key, known in identities[_name(edge)]
	not known[object.get(edge, key, "")]
	msg := sprintf("%v: its %v was %v in the baseline, and is %v now", [
		_name(edge),
		key,
		concat(" or ", sort(object.keys(known))),
		object.get(edge, key, "none"),
	])
}

# By name, end and identity, merged in one step: a partial rule would be copied for each of them.
_identities := object.union_n([{_name(edge): {key: {edge[key]: true}}} |
	some edge in input.baseline.linkerd_check.edge_report
	some key in ["client_id", "server_id"]
	edge[key] != ""
])

_about(edge) := {key: edge[key] |
	some key in ["src_namespace", "src", "dst_namespace", "dst"]
	is_string(edge[key])
}

_name(edge) := sprintf("%v/%v -> %v/%v", [edge.src_namespace, edge.src, edge.dst_namespace, edge.dst])
