# METADATA
# title: The certificates of the mesh are strong
# description: >-
#   Finds a trust anchor, or an issuer certificate, with another key than ECDSA P-256, P-384 or P-521, Ed25519, or RSA
#   of 2048 bits and more; with another hash in its signature than those of SHA-2; or that may not sign others, so
#   that what it signed is worth nothing. Make another, and rotate:
#   https://linkerd.io/2/tasks/rotating_identity_certificates/
# custom:
#   code: MESH048
#   needs: coverage
package collection.certificates_strong

import rego.v1

# METADATA
# description: >-
#   Denies: whoever can make a certificate that the mesh believes is whoever he likes in it.
level := "deny"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each thing that is wrong with a certificate.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "identity"}} if {
	_is_there
	not _is_whole
	msg := "the part identity is not complete, so that it is not known how strong its certificates are"
}

findings contains {"msg": msg, "about": _about(certificate)} if {
	some [what, certificate] in _certificates
	not _is_strong(certificate)
	msg := sprintf("%v has a key that is not strong enough, or not known: %v", [
		_told(what, certificate),
		_field(certificate, "key"),
	])
}

findings contains {"msg": msg, "about": _about(certificate)} if {
	some [what, certificate] in _certificates
	not _is_signed(certificate)
	msg := sprintf("%v has a signature that is not strong enough, or not known: %v", [
		_told(what, certificate),
		_field(certificate, "signature"),
	])
}

findings contains {"msg": msg, "about": _about(certificate)} if {
	some [what, certificate] in _certificates
	not _is_authority(certificate)
	msg := sprintf("%v may not sign other certificates", [_told(what, certificate)])
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.identity.complete == true
	is_array(input.coverage.identity.anchors)
	is_array(input.coverage.identity.config_anchors)
}

_is_strong(certificate) if certificate.key in {"ECDSA P-256", "ECDSA P-384", "ECDSA P-521", "Ed25519"}

_is_strong(certificate) if {
	is_string(certificate.key)
	regex.match(`^RSA \d{4,5}$`, certificate.key)
	to_number(substring(certificate.key, 4, -1)) >= 2048
}

_is_signed(certificate) if certificate.signature in {"SHA256", "SHA384", "SHA512", "ED25519"}

_is_authority(certificate) if certificate.ca == true

_certificates contains ["trust anchor", certificate] if some certificate in input.coverage.identity.anchors

_certificates contains ["trust anchor of linkerd-config", certificate] if {
	some certificate in input.coverage.identity.config_anchors
}

_certificates contains ["issuer certificate", input.coverage.identity.issuer] if "issuer" in object.keys(_identity)

_identity := input.coverage.identity if is_object(input.coverage.identity)

_told(what, certificate) := sprintf("the %v %v (%v)", [
	what,
	_field(certificate, "subject"),
	substring(sprintf("%v", [_field(certificate, "sha256")]), 0, 16),
])

_about(certificate) := {"check": certificate.subject} if {
	is_string(certificate.subject)
} else := {}

# Not object.get, which fails for a row that is no object, and takes the message with it.
_field(row, key) := value if {
	value := row[key]
} else := "?"
