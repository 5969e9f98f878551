# METADATA
# title: Every waiver is sound
# description: >-
#   Denies a waiver that has expired, that ends later than may be asked for, that names nobody who answers for it, or
#   that covers more than something in particular. It waives nothing then. Renew it with a new date and a reason, name
#   what it is for, or take it away.
# custom:
#   code: MESH016
#   parameters:
#     max_days: {type: integer, default: 90, text: "how many days from the run a waiver may last at most"}
package collection.waivers_sound

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

# METADATA
# description: One message for each thing that is wrong with a waiver.
deny contains problem.msg if some problem in problems

# METADATA
# description: The same with the waiver's position, so that a report can point at its line.
# scope: document
findings contains {"msg": problem.msg, "about": {"waiver": sprintf("%d", [problem.waiver])}} if some problem in problems

# METADATA
# description: The same with the waiver's position, so that it is not applied.
# scope: document
problems contains {"waiver": i, "msg": msg} if {
	some i, waiver in input.waivers
	not _running(waiver)
	msg := sprintf("the waiver of %v for %v expired on %v", [_owner(waiver), _rule(waiver), _field(waiver, "expires")])
}

problems contains {"waiver": i, "msg": msg} if {
	some i, waiver in input.waivers
	_running(waiver)
	not _near(waiver)
	msg := sprintf("the waiver of %v for %v ends on %v, more than %v days from now", [
		_owner(waiver),
		_rule(waiver),
		_field(waiver, "expires"),
		_max_days,
	])
}

problems contains {"waiver": i, "msg": msg} if {
	some i, waiver in input.waivers
	not _narrow(waiver)
	msg := sprintf("the waiver of %v for %v does not name what it is for: %v", [
		_owner(waiver),
		_rule(waiver),
		_needs(waiver),
	])
}

problems contains {"waiver": i, "msg": msg} if {
	some i, waiver in input.waivers
	some field in ["owner", "reason", "rule"]
	not _said(waiver, field)
	msg := sprintf("a waiver does not say its %v", [field])
}

_day := ((24 * 60) * 60) * 1000000000

# Days are compared as text: what is no day of the calendar then is only a day that no waiver should have, and no error
# of the engine. A waiver lasts through its last day (UTC). Without a time of the run, none runs.
_now := time.parse_rfc3339_ns(input.run.now)

_running(waiver) if {
	is_string(waiver.expires)
	regex.match(`^\d{4}-\d{2}-\d{2}$`, waiver.expires)
	waiver.expires >= substring(time.format(_now), 0, 10)
}

_near(waiver) if waiver.expires <= substring(time.format(_now + (min([_max_days, 36500]) * _day)), 0, 10)

_given := data.parameters["collection.waivers_sound"]

default _max_days := 90

_max_days := _given.max_days if is_number(_given.max_days)

# An insecure edge is waived by its two workloads, each with its whole name.
_narrow(waiver) if {
	waiver.rule == "mesh.edges_mtls"
	every end in ["source", "destination"] {
		is_string(waiver.selector[end])
		regex.match(`^[a-z0-9][-a-z0-9.]*/[a-z0-9][-a-z0-9.]*$`, waiver.selector[end])
	}
}

# Any other begins with something of its own, and its only wild cards are * and ?: a class such as [a-z] is everything.
_narrow(waiver) if {
	waiver.rule != "mesh.edges_mtls"
	count(waiver.selector) > 0
	every pattern in waiver.selector {
		is_string(pattern)
		regex.match(`^[^][*?{}!\\]*[A-Za-z0-9][^][{}!\\]*$`, pattern)
	}
}

_needs(waiver) := "source and destination, as namespace/workload" if {
	waiver.rule == "mesh.edges_mtls"
} else := "source, destination, namespace or check, and not everything"

_said(waiver, field) if {
	is_string(waiver[field])
	trim_space(waiver[field]) != ""
}

_owner(waiver) := _field(waiver, "owner")

_rule(waiver) := _field(waiver, "rule")

_field(waiver, key) := value if {
	value := waiver[key]
} else := "?"
