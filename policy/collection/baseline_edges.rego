# METADATA
# title: No edge vanished
# description: >-
#   Finds an edge of the baseline that is not there now: it is idle, its workload is gone or was renamed, or it is no
#   longer seen. An edge that is not seen is not known to be mTLS.
# custom:
#   code: MESH034
package collection.baseline_edges

import rego.v1

# METADATA
# description: >-
#   Only warns, as edges come and go with traffic; mesh.required_edges is for those that must be there.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each such edge, and one where the baseline holds no edge.
# scope: document
findings contains {"msg": msg, "about": _about(pair)} if {
	some pair in (_once - _now)
	msg := sprintf("%v/%v -> %v/%v was there in the baseline, and is not now", pair)
}

findings contains {"msg": "the baseline holds no edge, so that none can be compared", "about": {}} if {
	"baseline" in object.keys(input)
	count(_once) == 0
}

_once := {[edge.src_namespace, edge.src, edge.dst_namespace, edge.dst] |
	some edge in input.baseline.linkerd_check.edge_report
}

# Not walked without a baseline: the gate asks this rule in any case.
_now := {[edge.src_namespace, edge.src, edge.dst_namespace, edge.dst] |
	count(_once) > 0
	some edge in input.linkerd_check.edge_report
}

_about(pair) := {key: pair[i] |
	some i, key in ["src_namespace", "src", "dst_namespace", "dst"]
	is_string(pair[i])
}
