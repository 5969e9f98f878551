# METADATA
# title: Every authorization can match
# description: >-
#   Finds policies of linkerd that cannot match, or are wider than they look: a Server that selects no pod, a route
#   whose parent is not there, an authorization of a target or of an authentication that is not there, identities of
#   `*`, two Servers for one port. `kubectl get server,authorizationpolicy,meshtlsauthentication -A` lists them. A
#   policy that never matches mostly has a misspelt name, and leaves the port to the default.
# custom:
#   code: MESH052
#   needs: coverage
package collection.authorization_matches

import rego.v1

# METADATA
# description: >-
#   Only warns, as what such a policy leaves open is judged by itself, and a policy may come before its workload.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each policy and each thing that is wrong with it.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "authorization"}} if {
	_is_there
	not _is_whole
	msg := "the part authorization is not complete, so that it is not known which policies cannot match"
}

findings contains {"msg": msg, "about": _about(row)} if {
	some row in input.coverage.authorization.unmatched
	msg := sprintf("%v %v/%v: %v (%v)", [
		_field(row, "kind"),
		_field(row, "namespace"),
		_field(row, "name"),
		_field(row, "why"),
		_field(row, "code"),
	])
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.authorization.complete == true
	is_array(input.coverage.authorization.unmatched)
}

_about(row) := object.union(
	{"namespace": namespace | namespace := row.namespace; is_string(namespace)},
	{"check": name | name := sprintf("%v/%v", [row.kind, row.name]); is_string(row.kind); is_string(row.name)},
)

# Not object.get, which fails for a row that is no object, and takes the message with it.
_field(row, key) := value if {
	value := row[key]
} else := "?"
