# METADATA
# title: The required namespaces have edges
# description: >-
#   Finds a namespace that had to appear at either end of an edge, and does not: it is idle, its name is wrong, or it
#   is not meshed. An idle namespace proves nothing. Send traffic there, or correct the name.
# custom:
#   code: MESH018
#   parameters:
#     namespaces: {type: names, default: [], text: "namespaces that must appear as source or destination of an edge"}
package mesh.required_namespaces

import rego.v1

# METADATA
# description: >-
#   Off, as which namespaces must have edges is known to nobody but the team. It denies as soon as it is given its
#   namespaces.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each namespace without an edge, and one where none is named.
# scope: document
findings contains {"msg": msg, "about": {"namespace": namespace}} if {
	some namespace in _namespaces
	not namespace in _touched
	msg := sprintf("the namespace %v has to have edges, and none touches it: linkerd viz edges deploy -n %v", [
		namespace,
		namespace,
	])
}

findings contains {"msg": "namespaces with edges are required, and none is named", "about": {}} if count(_namespaces) == 0

_given := data.parameters["mesh.required_namespaces"]

default _namespaces := []

_namespaces := _given.namespaces if is_array(_given.namespaces)

_touched := {source | source := _edges[_].src_namespace} | {target | target := _edges[_].dst_namespace}

_edges := input.edge_report if is_array(input.edge_report)
