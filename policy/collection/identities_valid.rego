# METADATA
# title: Every identity is of this mesh
# description: >-
#   Finds pods that ask for an identity of another form than `<service
#   account>.<namespace>.serviceaccount.identity.<control plane>.<trust domain>`; clients and servers that showed one
#   of another mesh or trust domain, as far as the proxies' counters were read; and machines outside of the cluster
#   (ExternalWorkload) with an identity of another issuer. Those that may be, such as of another cluster or of SPIFFE,
#   are named in `trusted`.
# custom:
#   code: MESH051
#   needs: coverage
#   parameters:
#     trusted: {type: patterns, default: [], text: "further identities that may be, as patterns; * stands for any part between slashes"}
package collection.identities_valid

import rego.v1

# METADATA
# description: >-
#   Denies: authorization is by these names, and a name that the mesh does not give out is somebody else's.
level := "deny"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each identity.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "identity"}} if {
	_is_there
	not _is_whole
	msg := "the part identity is not complete, so that it is not known which identities there are"
}

findings contains {"msg": msg, "about": {}} if {
	_is_there
	not _suffix
	msg := "the trust domain or the control plane is not known, so that no identity can be compared with it"
}

findings contains {"msg": msg, "about": _about(row, identity)} if {
	_suffix
	some i, row in input.coverage.identity.identities
	not i in _formed
	identity := _field(row, "identity")
	not _is_named(identity)
	msg := sprintf("the pods of the account %v in %v ask for the identity %v, which is not theirs: look at how they were injected", [
		_field(row, "service_account"),
		_field(row, "namespace"),
		identity,
	])
}

findings contains {"msg": msg, "about": _about({}, identity)} if {
	_suffix
	some [what, identity] in _shown
	not _is_of_the_mesh(identity)
	not _is_named(identity)
	msg := sprintf("a %v showed the identity %v, which is not of this mesh: name it in trusted, if it may", [what, identity])
}

findings contains {"msg": msg, "about": _about(row, identity)} if {
	_suffix
	some row in input.coverage.identity.external_workloads
	identity := _field(row, "identity")
	not _is_of_the_mesh(identity)
	not _is_named(identity)
	msg := sprintf("the external workload %v/%v has the identity %v, which is not of this mesh: name it in trusted, if it may", [
		_field(row, "namespace"),
		_field(row, "name"),
		identity,
	])
}

findings contains {"msg": msg, "about": {"check": "traffic"}} if {
	input.coverage.traffic.complete == true
	not _is_shown
	msg := "the counters do not list which identities were shown"
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.identity.complete == true
	is_array(input.coverage.identity.identities)
	is_array(input.coverage.identity.external_workloads)
}

_suffix := sprintf(".serviceaccount.identity.%v.%v", [input.coverage.scope.control_plane, input.coverage.cluster.linkerd.trust_domain]) if {
	is_string(input.coverage.scope.control_plane)
	input.coverage.scope.control_plane != ""
	is_string(input.coverage.cluster.linkerd.trust_domain)
	input.coverage.cluster.linkerd.trust_domain != ""
}

# That they are of the form is not only said.
_formed := {i |
	some i, row in input.coverage.identity.identities
	row.valid == true
	row.identity == sprintf("%v.%v%v", [row.service_account, row.namespace, _suffix])
}

_is_shown if {
	is_array(input.coverage.traffic.clients)
	is_array(input.coverage.traffic.servers)
}

_shown contains ["client", _label(row, "client_id")] if some row in input.coverage.traffic.clients

_shown contains ["server", _label(row, "server_id")] if some row in input.coverage.traffic.servers

_is_of_the_mesh(identity) if {
	is_string(identity)
	endswith(identity, _suffix)
	regex.match(`^[^.]+(\.[^.]+)+$`, trim_suffix(identity, _suffix))
}

_is_named(identity) if {
	is_string(identity)
	some pattern in _trusted
	glob.match(pattern, ["/"], identity)
}

_about(row, identity) := object.union(
	{"namespace": namespace | namespace := row.namespace; is_string(namespace)},
	{"check": identity | is_string(identity)},
)

# Not object.get, which fails for a row that is no object, and takes the message with it.
_field(row, key) := value if {
	value := row[key]
} else := "?"

_label(row, key) := value if {
	value := row.labels[key]
} else := "?"

_given := data.parameters["collection.identities_valid"]

default _trusted := []

_trusted := [pattern | some pattern in _given.trusted; is_string(pattern)] if is_array(_given.trusted)
