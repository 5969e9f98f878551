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
# description: One finding for each such edge.
# scope: document
findings contains {"msg": msg, "about": _about(edge)} if {
	now := _now # once: behind `with`, opa remembers no rule
	some edge in input.baseline.linkerd_check.edge_report
	not _name(edge) in now
	msg := sprintf("%v was there in the baseline, and is not now", [_name(edge)])
}

_now := {_name(edge) | some edge in input.linkerd_check.edge_report}

_about(edge) := {key: edge[key] |
	some key in ["src_namespace", "src", "dst_namespace", "dst"]
	is_string(edge[key])
}

_name(edge) := sprintf("%v/%v -> %v/%v", [edge.src_namespace, edge.src, edge.dst_namespace, edge.dst])
