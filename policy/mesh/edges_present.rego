# METADATA
# title: There are edges
# description: >-
#   Denies an edges report without an edge: an idle mesh, the wrong namespace and a Prometheus that sees nothing all
#   look like this. Send traffic, or look at another namespace. An edge that does not say what it connects is none.
# custom:
#   code: MESH004
package mesh.edges_present

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

# METADATA
# description: >-
#   One message where the report lists, or its summary counts, no edge, and one for each name that an edge lacks.
#   Without a report, edges_captured speaks.
# scope: document
deny contains msg if {
	input.edges_summary
	not _some_edges
	msg := sprintf("the edges report holds %d edges and its summary counts %v: that proves nothing", [
		count(_edges),
		_counted,
	])
}

deny contains msg if {
	count(_edges) > 0
	some field in {"src", "src_namespace", "dst", "dst_namespace"}
	not _everywhere(field)
	msg := sprintf("the edges report holds edges that do not say their %s", [field])
}

# Its type is asked for, since every string is greater than 0.
_some_edges if {
	is_number(_counted)
	_counted > 0
	count(_edges) > 0
}

default _counted := "no"

_counted := input.edges_summary.total_edges

default _edges := []

_edges := input.edge_report if is_array(input.edge_report)

# Values are ordered by type first, so that what lies between two strings is a string. To ask edge by edge takes twice
# as long, and so does `some edge in _edges`.
_everywhere(field) if {
	names := [name | name := _edges[_][field]]
	count(names) == count(_edges)
	least := min(names)
	is_string(least)
	least != ""
	is_string(max(names))
}
