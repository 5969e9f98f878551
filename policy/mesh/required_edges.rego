# METADATA
# title: The required edges are there
# description: >-
#   Finds an edge that had to be seen, and was not, or not as mTLS: no traffic went from the one workload to the other
#   while Prometheus looked, or a name is wrong. Send traffic, and look with `linkerd viz edges deploy -A`.
# custom:
#   code: MESH019
#   parameters:
#     edges: {type: edges, default: [], text: "edges that must be there, written namespace/workload -> namespace/workload"}
package mesh.required_edges

import rego.v1

# METADATA
# description: >-
#   Off, as which workloads must talk to each other is known to nobody but the team. It denies as soon as it is given
#   its edges.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each edge that is missing or badly written, and one where none is named.
# scope: document
findings contains {"msg": msg, "about": _about(parts)} if {
	some wanted in _wanted
	parts := _parts(wanted)
	not array.slice(parts, 1, 5) in _secured
	msg := sprintf("the edge %v has to be there as mTLS, and is not: no traffic, no sidecar, or another name", [wanted])
}

findings contains {"msg": msg, "about": {}} if {
	some wanted in _wanted
	not _parts(wanted)
	msg := sprintf("the required edge %q is not written namespace/workload -> namespace/workload", [sprintf("%v", [wanted])])
}

findings contains {"msg": "edges are required, and none is named", "about": {}} if count(_wanted) == 0

_given := data.parameters["mesh.required_edges"]

default _wanted := []

_wanted := _given.edges if is_array(_given.edges)

_parts(wanted) := parts if {
	is_string(wanted)
	[parts] := regex.find_all_string_submatch_n(`^([^/ ]+)/([^/ ]+) -> ([^/ ]+)/([^/ ]+)$`, wanted, -1)
}

_about(parts) := {"src_namespace": parts[1], "src": parts[2], "dst_namespace": parts[3], "dst": parts[4]}

# Types are asked for: null is not the empty string, and no identity.
_secured := {[edge.src_namespace, edge.src, edge.dst_namespace, edge.dst] |
	some edge in _edges
	is_string(edge.client_id)
	edge.client_id != ""
	is_string(edge.server_id)
	edge.server_id != ""
	object.get(edge, "no_tls_reason", "") == ""
}

_edges := input.edge_report if is_array(input.edge_report)
