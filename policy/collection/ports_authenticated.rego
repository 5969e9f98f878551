# METADATA
# title: No port is open to clients without an identity
# description: >-
#   Finds ports of workloads with a proxy that a client without an identity may reach: by the default inbound policy,
#   by a Server that lets everybody in, or by an authorization of networks or routes; and ports of which that was not
#   understood. Write a Server with an AuthorizationPolicy that asks for a MeshTLSAuthentication, or a stricter
#   default inbound policy.
# custom:
#   code: MESH045
#   needs: coverage
#   parameters:
#     ports: {type: ports, default: [], text: "ports that may be open, by number, in any workload"}
package collection.ports_authenticated

import rego.v1

# METADATA
# description: >-
#   Only warns, as a mesh is installed so, and as who is outside of the mesh must come in somewhere. That plaintext
#   came in is found by traffic_encrypted.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each workload and each way in which its ports are open.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "authorization"}} if {
	_is_there
	not _is_whole
	msg := "the part authorization is not complete, so that it is not known which ports are open"
}

findings contains {"msg": msg, "about": _about(place)} if {
	some [place, why, policy], ports in _wrong
	msg := sprintf("%v: %v %v, by %v: %v", [place[0], place[1], why, policy, concat(", ", [told | some [_, told] in sort(object.keys(ports))])])
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.authorization.complete == true
	is_array(input.coverage.authorization.ports)
}

_wrong := object.union_n([{[place, why, policy]: {[port, sprintf("%v", [port])]: true}} |
	some i, row in _ports
	not i in _fine
	place := _place(row)
	why := _why(row)
	policy := _field(row, "policy")
	port := _field(row, "port")
])

# What is known to be well: the others are not, whatever they lack.
_fine := {i |
	some i, row in _ports
	row.unauthenticated == "denied"
} | {i |
	some i, row in _ports
	row.port in _open
}

_says := {
	"allowed": "lets clients without an identity in",
	"some": "lets clients without an identity in, from some networks or on some routes",
	"audited": "lets everybody in and only logs it",
	"unknown": "has an authorization that was not understood",
}

_why(row) := why if {
	why := _says[row.unauthenticated]
} else := "does not say what a client without an identity may do"

_place(row) := [row.namespace, row.workload] if {
	is_string(row.namespace)
	is_string(row.workload)
} else := ["?", "?"]

_about(place) := {"namespace": place[0], "dst_namespace": place[0], "dst": name} if {
	[_, name] := split(place[1], "/")
} else := {}

_ports := input.coverage.authorization.ports if is_array(input.coverage.authorization.ports)

# Not object.get, which fails for a row that is no object, and takes the message with it.
_field(row, key) := value if {
	value := row[key]
} else := "?"

_given := data.parameters["collection.ports_authenticated"]

default _open := set()

_open := {port | some port in _given.ports; is_number(port)} if is_array(_given.ports)
