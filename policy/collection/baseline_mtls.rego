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
findings contains {"msg": msg, "about": _about(pair)} if {
	once := _once # once: behind `with`, opa remembers no rule
	count(once) > 0
	some edge in input.linkerd_check.edge_report
	not _is_secured(edge)
	pair := [edge.src_namespace, edge.src, edge.dst_namespace, edge.dst]
	pair in once
	msg := sprintf("%v/%v -> %v/%v was mTLS in the baseline, and is not now", pair)
}

_once := {[edge.src_namespace, edge.src, edge.dst_namespace, edge.dst] |
	some edge in input.baseline.linkerd_check.edge_report
	_is_secured(edge)
}

# Types are asked for: null is not the empty string, and no identity.
_is_secured(edge) if {
	is_string(edge.client_id)
	edge.client_id != ""
	is_string(edge.server_id)
	edge.server_id != ""
	object.get(edge, "no_tls_reason", "") == ""
}

_about(pair) := {key: pair[i] |
	some i, key in ["src_namespace", "src", "dst_namespace", "dst"]
	is_string(pair[i])
}
