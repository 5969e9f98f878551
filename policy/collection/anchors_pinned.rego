# METADATA
# title: The trust anchors are those that are pinned
# description: >-
#   Finds a trust anchor whose digest is not on the list: somebody whom nobody named may sign identities of the mesh.
#   Clusters of one multi-cluster mesh share an anchor, and are held to it by the same list. `openssl x509 -noout
#   -fingerprint -sha256` prints a digest; colons and capital letters do not matter.
# custom:
#   code: MESH050
#   needs: coverage
#   parameters:
#     sha256: {type: texts, default: [], text: "SHA-256 digests of the certificates that may be trust anchors"}
package collection.anchors_pinned

import rego.v1

# METADATA
# description: >-
#   Off, as only the team knows its anchors. It denies as soon as it is given their digests.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each anchor that is none of them, and one where none is named.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "identity"}} if {
	_is_there
	not _is_whole
	msg := "the part identity is not complete, so that it is not known whom the mesh believes"
}

findings contains {"msg": msg, "about": _about(anchor)} if {
	count(_pinned) > 0
	some anchor in array.concat(_listed("anchors"), _listed("config_anchors"))
	not _is_pinned(anchor)
	msg := sprintf("the trust anchor %v with the digest %v is none of those that are pinned", [
		_field(anchor, "subject"),
		_field(anchor, "sha256"),
	])
}

findings contains {"msg": msg, "about": _set_of(copy)} if {
	count(_pinned) > 0
	some i, copy in input.coverage.identity.copies
	not i in _held
	msg := sprintf("%v pods, such as %v, believe a trust anchor that is none of those that are pinned", [
		_field(copy, "pods"),
		_field(copy, "example"),
	])
}

findings contains {"msg": "there is no trust anchor, and one that is pinned has to be there", "about": {}} if {
	count(_pinned) > 0
	input.coverage.identity.anchors == []
}

findings contains {"msg": "trust anchors are to be pinned, and none is named", "about": {}} if {
	_is_there
	count(_pinned) == 0
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.identity.complete == true
	is_array(input.coverage.identity.anchors)
	is_array(input.coverage.identity.config_anchors)
}

_is_pinned(anchor) if anchor.sha256 in _pinned

# What proxies were started with, besides: a proxy keeps its anchors until it is started again.
_held := {i |
	some i, copy in input.coverage.identity.copies
	is_array(copy.anchors)
	{digest | some digest in copy.anchors} - _pinned == set()
}

_listed(name) := input.coverage.identity[name] if {
	is_array(input.coverage.identity[name])
} else := []

_set_of(copy) := {"check": copy.sha256} if {
	is_string(copy.sha256)
} else := {}

_about(anchor) := {"check": anchor.subject} if {
	is_string(anchor.subject)
} else := {}

# Not object.get, which fails for a row that is no object, and takes the message with it.
_field(row, key) := value if {
	value := row[key]
} else := "?"

_given := data.parameters["collection.anchors_pinned"]

default _pinned := set()

_pinned := {lower(replace(digest, ":", "")) | some digest in _given.sha256; is_string(digest)} if {
	is_array(_given.sha256)
}
