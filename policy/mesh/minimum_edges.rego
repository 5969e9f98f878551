# METADATA
# title: There are enough edges in a namespace
# description: >-
#   Finds a namespace that fewer edges touch than had to: part of it is idle, scaled to zero or no longer meshed. Send
#   traffic, or correct the number.
# custom:
#   code: MESH020
#   parameters:
#     namespaces: {type: counts, default: {}, text: "how many edges must touch a namespace at least, by its name"}
package mesh.minimum_edges

import rego.v1

# METADATA
# description: >-
#   Off, as how many edges there should be is known to nobody but the team. It denies as soon as it is given its
#   numbers.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each namespace with too few edges, and one where none is named.
# scope: document
findings contains {"msg": msg, "about": {"namespace": namespace}} if {
	some namespace, least in _least
	found := count({i | _edges[i].src_namespace == namespace} | {i | _edges[i].dst_namespace == namespace})
	not _is_enough(found, least)
	msg := sprintf("%d edges touch the namespace %v, and at least %v have to", [found, namespace, least])
}

findings contains {"msg": "a number of edges is required, and no namespace is named", "about": {}} if count(_least) == 0

# Its type is asked for, since null is less than every number.
_is_enough(found, least) if {
	is_number(least)
	found >= least
}

_given := data.parameters["mesh.minimum_edges"]

default _least := {}

_least := _given.namespaces if is_object(_given.namespaces)

_edges := input.edge_report if is_array(input.edge_report)
