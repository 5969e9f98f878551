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
# description: One finding for each end of an edge that shows another identity, or none any more.
# scope: document
findings contains {"msg": msg, "about": _about(pair)} if {
	by_end := _known # once: behind `with`, opa remembers no rule
	count(by_end) > 0
	some edge in input.linkerd_check.edge_report
	pair := [edge.src_namespace, edge.src, edge.dst_namespace, edge.dst]
	some key in ["client_id", "server_id"]
	known := by_end[[pair, key]]
	shown := object.get(edge, key, "")
	not known[shown]
	msg := sprintf("%v/%v -> %v/%v: its %v was %v in the baseline, and is %v now", array.concat(
		pair,
		[key, concat(" or ", sort(object.keys(known))), _or_none(shown)],
	))
}

# By pair, end and identity, merged in one step: a partial rule would be copied for each of them.
_known := object.union_n([{[pair, key]: {identity: true}} |
	some edge in input.baseline.linkerd_check.edge_report
	pair := [edge.src_namespace, edge.src, edge.dst_namespace, edge.dst]
	some key in ["client_id", "server_id"]
	identity := edge[key]
	is_string(identity)
	identity != ""
])

_or_none(shown) := "none" if {
	shown == ""
} else := shown

_about(pair) := {key: pair[i] |
	some i, key in ["src_namespace", "src", "dst_namespace", "dst"]
	is_string(pair[i])
}
