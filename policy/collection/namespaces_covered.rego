# METADATA
# title: The edges are those of the requested namespaces
# description: >-
#   Denies edges that do not touch a requested namespace, and a requested namespace without an edge: linkerd keeps a row
#   where either end is in the namespace, and prints nothing for one that is idle or misspelt. Send traffic there, or
#   correct the name.
# custom:
#   code: MESH015
package collection.namespaces_covered

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

_most := 100

# METADATA
# description: >-
#   One message for each requested namespace without an edge, one for each of the first hundred edges outside all of
#   them, and one where the capture does not say what was requested. Without an edges report, edges_captured speaks.
# scope: document
deny contains msg if {
	input.linkerd_check.edges_summary
	some namespace in _requested
	not namespace in _touched
	msg := sprintf("the namespace %v was asked for, and no edge touches it", [namespace])
}

deny contains msg if {
	count(_inside) < count(_edges)
	outside := [edge | some i, edge in _edges; not i in _inside]
	some edge in array.slice(outside, 0, _most)
	msg := sprintf("%v/%v -> %v/%v touches no namespace that was asked for", [
		_name(edge, "src_namespace"),
		_name(edge, "src"),
		_name(edge, "dst_namespace"),
		_name(edge, "dst"),
	])
}

deny contains msg if {
	not _foreign
	not _says
	msg := "the capture does not say which namespaces were asked for"
}

# Evidence that cilock made has no capture. A capture that is there and is null or false is none of cilock's.
_foreign if {
	is_array(input.command_run.cmd)
	not "capture" in object.keys(input.command_run)
}

# Empty where the whole mesh was asked for. A name that is empty or no text could match no edge, or one without a name.
_says if {
	is_array(input.command_run.capture.namespaces)
	count([1 | some name in _requested; not _is_name(name)]) == 0
}

_is_name(name) if {
	is_string(name)
	name != ""
}

_requested := {name | some name in input.command_run.capture.namespaces}

# Not walked where nothing was requested: the gate evaluates the whole package. `_edges[_].x` takes half as long as
# `some edge in _edges`.
_touched := {source | source := _edges[_].src_namespace} | {target | target := _edges[_].dst_namespace} if {
	count(_requested) > 0
}

# The positions of the edges with an end in a requested namespace.
_inside := {i | _edges[i].src_namespace in _requested} | {i | _edges[i].dst_namespace in _requested} if {
	count(_requested) > 0
}

_edges := input.linkerd_check.edge_report if is_array(input.linkerd_check.edge_report)

_name(edge, field) := value if {
	value := edge[field]
} else := "?"
