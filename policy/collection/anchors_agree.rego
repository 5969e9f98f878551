# METADATA
# title: Everybody believes the same trust anchors
# description: >-
#   Finds proxies that were started with other trust anchors than those of the ConfigMap linkerd-identity-trust-roots,
#   anchors in linkerd-config that are others, an issuer that none of the anchors signed, and a ConfigMap without an
#   anchor. After a rotation, start the workloads again: a proxy keeps the anchors that it was started with, and from
#   those who have others it takes no identity.
# custom:
#   code: MESH049
#   needs: coverage
package collection.anchors_agree

import rego.v1

# METADATA
# description: >-
#   Denies: between two who believe different anchors there is no mTLS, and an issuer that nobody believes ends it for
#   all within a day.
level := "deny"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each set of anchors that is another.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "identity"}} if {
	_is_there
	not _is_whole
	msg := "the part identity is not complete, so that it is not known whether everybody believes the same anchors"
}

findings contains {"msg": "there is no trust anchor in the ConfigMap linkerd-identity-trust-roots", "about": {}} if {
	input.coverage.identity.anchors == []
}

findings contains {"msg": msg, "about": {}} if {
	some anchor in input.coverage.identity.anchors
	not is_string(_digest(anchor))
	msg := "a trust anchor of the ConfigMap has no digest, so that none can be compared with it"
}

findings contains {"msg": msg, "about": _about(copy)} if {
	some i, copy in input.coverage.identity.copies
	not i in _same
	msg := sprintf("%v pods, such as %v, were started with other trust anchors than the ConfigMap has: %v", [
		_field(copy, "pods"),
		_field(copy, "example"),
		"start them again, kubectl rollout restart",
	])
}

findings contains {"msg": msg, "about": {"check": "linkerd-config"}} if {
	_is_there
	not _is_configured
	msg := "linkerd-config has other trust anchors than the ConfigMap linkerd-identity-trust-roots: linkerd upgrade with both"
}

findings contains {"msg": msg, "about": {"check": "issuer"}} if {
	_is_there
	not _is_chained
	msg := "none of the trust anchors signed the issuer certificate: proxies believe nothing that it signs"
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.identity.complete == true
	is_array(input.coverage.identity.anchors)
	is_array(input.coverage.identity.config_anchors)
	is_array(input.coverage.identity.copies)
}

_trusted := {_digest(anchor) | some anchor in input.coverage.identity.anchors}

_digest(anchor) := anchor.sha256 if {
	is_string(anchor.sha256)
} else := null

# That they agree is not only said.
_same := {i |
	some i, copy in input.coverage.identity.copies
	copy.agrees == true
	is_array(copy.anchors)
	{digest | some digest in copy.anchors} == _trusted
}

# None is as good as the same.
_is_configured if {
	{_digest(anchor) | some anchor in input.coverage.identity.config_anchors} - _trusted == set()
	_trusted - {_digest(anchor) | some anchor in input.coverage.identity.config_anchors} == set()
}

_is_configured if input.coverage.identity.config_anchors == []

_is_chained if input.coverage.identity.issuer_chains == true

_is_chained if {
	is_object(input.coverage.identity)
	not "issuer" in object.keys(input.coverage.identity)
	not "issuer_chains" in object.keys(input.coverage.identity)
}

_about(copy) := {"check": copy.sha256} if {
	is_string(copy.sha256)
} else := {}

# Not object.get, which fails for a row that is no object, and takes the message with it.
_field(row, key) := value if {
	value := row[key]
} else := "?"
