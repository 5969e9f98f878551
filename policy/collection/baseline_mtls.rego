# METADATA
# title: No edge lost its mTLS
# description: >-
#   Finds an edge that is mTLS in the baseline, the earlier evidence that the run was given, and is not now. A
#   namespace or a workload lost its injection, or a port began to skip the proxy. Without a baseline it finds
#   nothing.
# custom:
#   code: MESH033
package collection.baseline_mtls

import rego.v1

# METADATA
# description: >-
#   Denies: what was once encrypted has no good reason to be plaintext. Without a baseline it finds nothing.
level := "deny"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each such edge.
# scope: document
findings contains {"msg": msg, "about": _about(edge)} if {
	once := _once # once: behind `with`, opa remembers no rule
	some edge in input.linkerd_check.edge_report
	not _secured(edge)
	_name(edge) in once
	msg := sprintf("%v was mTLS in the baseline, and is not now", [_name(edge)])
}

_once := {_name(edge) | some edge in input.baseline.linkerd_check.edge_report; _secured(edge)}

_secured(edge) if {
	edge.client_id != ""
	edge.server_id != ""
	object.get(edge, "no_tls_reason", "") == ""
}

_about(edge) := {key: edge[key] |
	some key in ["src_namespace", "src", "dst_namespace", "dst"]
	is_string(edge[key])
}

_name(edge) := sprintf("%v/%v -> %v/%v", [edge.src_namespace, edge.src, edge.dst_namespace, edge.dst])
