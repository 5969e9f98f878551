# METADATA
# title: The certificates of the mesh last for a while
# description: >-
#   Finds a trust anchor, or an issuer certificate, that ends within the given days of the judgement. Unlike
#   certificates_last it reads the certificates themselves, so that any number of days can be asked for. To rotate:
#   https://linkerd.io/2/tasks/rotating_identity_certificates/
# custom:
#   code: MESH047
#   needs: coverage
#   parameters:
#     days: {type: integer, default: 30, text: "how many days a certificate must last at least"}
package collection.certificates_expire

import rego.v1

# METADATA
# description: >-
#   Only warns, as until its last day a certificate is good; where cert-manager renews the issuer every few days, ask
#   for fewer.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each certificate that ends too soon.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "identity"}} if {
	_is_there
	not _is_whole
	msg := "the part identity is not complete, so that it is not known how long its certificates last"
}

findings contains {"msg": msg, "about": _about(certificate)} if {
	some [what, certificate] in _certificates
	not _is_lasting(certificate)
	msg := sprintf("%v ends on %v, in less than %v days", [_told(what, certificate), _field(certificate, "not_after"), _days])
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.identity.complete == true
	is_array(input.coverage.identity.anchors)
	is_array(input.coverage.identity.config_anchors)
}

_is_lasting(certificate) if _second(certificate.not_after) >= _limit

# Without a time of the judgement every certificate ends too soon.
default _limit := "A"

_limit := _second(time.format(time.parse_rfc3339_ns(input.run.now) + ((min([_days, 36500]) * 86400) * 1000000000)))

_given := data.parameters["collection.certificates_expire"]

default _days := 30

_days := _given.days if is_number(_given.days)

# Times of one zone sort as text, to the second; what is written otherwise is not understood.
_form := `^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$`

_second(moment) := substring(moment, 0, 19) if {
	is_string(moment)
	regex.match(_form, moment)
}

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
