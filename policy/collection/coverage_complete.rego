# METADATA
# title: The coverage evidence is complete
# description: >-
#   Finds a part of the coverage evidence that is missing or not complete, with what was asked, and why there was no
#   whole answer: mostly a right that is missing, or Prometheus that nobody could ask. Grant the right, say
#   `prometheus-url`, or take the part out of `parts`: what a rule then does not know it says itself.
# custom:
#   code: MESH038
#   needs: coverage
#   parameters:
#     parts: {type: names, default: [cluster, workloads, identity, authorization, traffic, links, linkerd], text: "parts that must be complete"}
package collection.coverage_complete

import rego.v1

# METADATA
# description: >-
#   Denies, as whoever takes this evidence relies on it, and what is not complete proves nothing about what is not in
#   it.
level := "deny"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each reason, part and name that is none.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": "parts are required, and none is named", "about": {}} if {
	_is_there
	count(_parts) == 0
}

findings contains {"msg": msg, "about": {"check": name}} if {
	_is_there
	some name in _parts
	not name in _names
	msg := sprintf("there is no part %v: the parts are %v", [name, concat(", ", sort(_names))])
}

findings contains {"msg": msg, "about": {"check": name}} if {
	_is_there
	some name in (_parts & _names)
	not name in _there
	msg := sprintf("the part %v is missing", [name])
}

findings contains {"msg": msg, "about": {"check": name}} if {
	some name in (_parts & _there)
	not _complete[name]
	not _is_reasoned(_held[name])
	msg := sprintf("the part %v is not complete, and no reason is given", [name])
}

findings contains {"msg": msg, "about": {"check": name}} if {
	some name in (_parts & _names)
	not _complete[name]
	some reason in _held[name].reasons
	msg := sprintf("the part %v is not complete: %v said %v (%v)", [
		name,
		_field(reason, "source"),
		_field(reason, "code"),
		_field(reason, "detail"),
	])
}

_is_there if is_object(input.coverage)

_held[name] := input.coverage[name] if some name in _names

_there contains name if {
	some name, part in _held
	is_object(part)
}

# What gives a reason for not being complete is not, whatever else it says.
_complete contains name if {
	some name in _names
	_held[name].complete == true
	_held[name].reasons == []
}

_is_reasoned(part) if {
	is_array(part.reasons)
	count(part.reasons) > 0
}

_names := {"cluster", "workloads", "identity", "authorization", "traffic", "links", "linkerd"}

_given := data.parameters["collection.coverage_complete"]

default _parts := {"cluster", "workloads", "identity", "authorization", "traffic", "links", "linkerd"}

_parts := {part | some part in _given.parts; is_string(part)} if is_array(_given.parts)

# Not object.get, which fails for a row that is no object, and takes the message with it.
_field(row, key) := value if {
	value := row[key]
} else := "?"
