# METADATA
# title: Every proxy is heard of
# description: >-
#   Finds pods with a proxy of which Prometheus has no series at all, and that it has none of anybody: what such a
#   proxy lets by is not counted anywhere. Usually a policy of the network or of the mesh keeps Prometheus away from
#   port 4191, or it is another Prometheus than the one that scrapes the mesh: `linkerd viz check --proxy`.
# custom:
#   code: MESH056
#   needs: coverage
package collection.traffic_observed

import rego.v1

# METADATA
# description: >-
#   Only warns, as a pod that has just started is not scraped yet.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each workload, with how many of its pods it is, and one where there is nothing.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "traffic"}} if {
	_is_there
	not _is_whole
	msg := "the part traffic is not complete, so that it is not known which proxies are heard of"
}

findings contains {"msg": msg, "about": _about(place)} if {
	some place, pods in _silent
	msg := sprintf("%v/%v: Prometheus has no series of its proxies (%v): linkerd viz check --proxy", array.concat(place, [_which(pods)]))
}

findings contains {"msg": msg, "about": {"check": "prometheus"}} if {
	_is_there
	not _is_heard
	msg := "Prometheus has no series of any proxy: it is another one, it scrapes none, or nothing ran"
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.traffic.complete == true
	is_array(input.coverage.traffic.silent)
}

_silent := object.union_n([{[namespace, owner]: {[pod, i]: true}} |
	some i, row in input.coverage.traffic.silent
	[namespace, pod] := _parts(row)
	owner := _workload(namespace, pod)
])

_parts(row) := parts if {
	is_string(row)
	parts := split(row, "/")
	count(parts) == 2
} else := ["?", "?"]

_is_heard if {
	some name in ["clients", "servers", "certificates", "inbound_plaintext", "outbound_plaintext", "opaque", "unauthenticated", "denied"]
	is_array(input.coverage.traffic[name])
	count(input.coverage.traffic[name]) > 0
}

_which(pods) := sprintf("1 pod, %v", [pod[0]]) if {
	count(pods) == 1
	some pod, _ in pods
} else := sprintf("%d pods, such as %v", [count(pods), min(object.keys(pods))[0]])

_about(place) := {} if {
	place[0] == "?"
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
