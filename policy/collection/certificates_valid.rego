# METADATA
# title: The certificates of the mesh are valid
# description: >-
#   Finds a trust anchor, or an issuer certificate, that has ended or is not valid yet when it is judged; that there
#   is no anchor at all; and a workload whose proxies' own certificates had ended when their counters were read, as
#   far as those are there: proxies renew them by themselves, and one that cannot is cut off from the identity
#   service. Where the issuer stands in a Secret it is not seen, and only `linkerd check` tells of it. To rotate:
#   https://linkerd.io/2/tasks/rotating_identity_certificates/
# custom:
#   code: MESH046
#   needs: coverage
package collection.certificates_valid

import rego.v1

# METADATA
# description: >-
#   Denies: with a certificate that is not valid no proxy trusts another, and what still passes is plaintext.
level := "deny"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each certificate, and one for each workload.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "identity"}} if {
	_is_there
	not _is_whole
	msg := "the part identity is not complete, so that it is not known whether its certificates are valid"
}

findings contains {"msg": "there is no trust anchor in the ConfigMap linkerd-identity-trust-roots", "about": {}} if {
	input.coverage.identity.anchors == []
}

findings contains {"msg": "there is no issuer certificate, and it is not said why", "about": {}} if {
	_is_there
	not _is_issued
}

findings contains {"msg": msg, "about": _about(certificate)} if {
	some [what, certificate] in _certificates
	not _is_begun(certificate)
	msg := sprintf("%v is not valid before %v", [_told(what, certificate), _field(certificate, "not_before")])
}

findings contains {"msg": msg, "about": _about(certificate)} if {
	some [what, certificate] in _certificates
	not _is_running(certificate)
	msg := sprintf("%v ended on %v: rotate it", [_told(what, certificate), _field(certificate, "not_after")])
}

findings contains {"msg": msg, "about": _whom(place)} if {
	some place, pods in _ended
	msg := sprintf("%v/%v: the certificates of its proxies had ended (%v): %v", [
		place[0],
		place[1],
		_which(pods),
		"they get no new ones; look at the identity service, and start them again",
	])
}

findings contains {"msg": msg, "about": {"check": "traffic"}} if {
	input.coverage.traffic.complete == true
	not is_array(_leaves)
	msg := "the counters do not list when the certificates of the proxies end"
}

_is_there if is_object(input.coverage)

default _leaves := null

_leaves := input.coverage.traffic.certificates

_is_whole if {
	input.coverage.identity.complete == true
	is_array(input.coverage.identity.anchors)
	is_array(input.coverage.identity.config_anchors)
}

_is_issued if is_object(input.coverage.identity.issuer)

_is_issued if {
	is_string(input.coverage.identity.issuer_unseen)
	input.coverage.identity.issuer_unseen != ""
}

_is_begun(certificate) if _second(certificate.not_before) <= _now

_is_running(certificate) if _second(certificate.not_after) >= _now

_now := _second(input.run.now)

# Leaf certificates live for a day: judged later, they have all ended, so what counts is when they were seen.
_ended := object.union_n([{[namespace, owner]: {[pod, i]: true}} |
	some i, row in input.coverage.traffic.certificates
	not i in _fresh
	namespace := _field(row, "namespace")
	pod := _field(row, "pod")
	owner := _workload(namespace, pod)
])

_fresh := {i |
	some i, row in input.coverage.traffic.certificates
	_second(row.expires) >= _second(input.coverage.traffic.observed.started)
}

_which(pods) := sprintf("1 pod, %v", [pod[0]]) if {
	count(pods) == 1
	some pod, _ in pods
} else := sprintf("%d pods, such as %v", [count(pods), min(object.keys(pods))[0]])

_whom(place) := {} if {
	"?" in place
} else := {
	"namespace": place[0],
	"src_namespace": place[0],
	"src": place[1],
	"dst_namespace": place[0],
	"dst": place[1],
}

# Who owns a pod, by namespace/pod: what happens to a workload is told once, and not for each of its pods.
_owners := object.union_n([{sprintf("%v/%v", [pod.namespace, pod.name]): pod.owner.name} |
	some pod in input.coverage.workloads.pods
	is_string(pod.owner.name)
])

# The pod itself, where it is not among those of the cluster any more.
_workload(namespace, pod) := owner if {
	owner := _owners[sprintf("%v/%v", [namespace, pod])]
} else := pod

# Times of one zone sort as text, to the second; what is written otherwise is not understood.
_form := `^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$`

_second(time) := substring(time, 0, 19) if {
	is_string(time)
	regex.match(_form, time)
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
