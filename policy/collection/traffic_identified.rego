# METADATA
# title: It is known who the clients are
# description: >-
#   Finds TLS that the proxies let in over the window without an identity of the mesh: of an application, which the
#   proxy only passes on, so that it is not known who was there; or of the mesh, with a client that showed no
#   certificate. Give the client a proxy, or ask for an identity by an AuthorizationPolicy on that port.
# custom:
#   code: MESH055
#   needs: coverage
package collection.traffic_identified

import rego.v1

# METADATA
# description: >-
#   Only warns: it is encrypted, but for authorization it is nobody.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each workload and port, with how many of its pods it is.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "traffic"}} if {
	_is_there
	not _is_whole
	msg := "the part traffic is not complete, so that it is not known who the clients are"
}

findings contains {"msg": msg, "about": _about(place)} if {
	some [place, port, sni], pods in _passed
	msg := sprintf("%v/%v let in TLS of an application on port %v (sni %v; %v): who was there is not known", array.concat(place, [
		port,
		sni,
		_which(pods),
	]))
}

findings contains {"msg": msg, "about": _about(place)} if {
	some [place, port], pods in _nameless
	msg := sprintf("%v/%v let in TLS on port %v from clients that showed no identity (%v)", array.concat(place, [
		port,
		_which(pods),
	]))
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.traffic.complete == true
	is_array(input.coverage.traffic.opaque)
	is_array(input.coverage.traffic.unauthenticated)
}

_passed := object.union_n([{[[namespace, owner], port, sni]: {[pod, i]: true}} |
	some i, row in input.coverage.traffic.opaque
	namespace := _label(row, "namespace")
	pod := _label(row, "pod")
	owner := _workload(namespace, pod)
	port := _label(row, "target_port")
	sni := _sni(row)
])

_nameless := object.union_n([{[[namespace, owner], port]: {[pod, i]: true}} |
	some i, row in input.coverage.traffic.unauthenticated
	namespace := _label(row, "namespace")
	pod := _label(row, "pod")
	owner := _workload(namespace, pod)
	port := _label(row, "target_port")
])

_sni(row) := sni if {
	sni := _label(row, "sni")
	sni != ""
} else := "none"

_about(place) := {} if {
	place[1] == ""
} else := {"namespace": place[0], "dst_namespace": place[0], "dst": place[1]}

# Who owns a pod, by namespace/pod: what happens to a workload is told once, and not for each of its pods.
_owners := object.union_n([{sprintf("%v/%v", [pod.namespace, pod.name]): pod.owner.name} |
	some pod in input.coverage.workloads.pods
	is_string(pod.owner.name)
])

# The pod itself, where it is not among those of the cluster any more.
_workload(namespace, pod) := owner if {
	owner := _owners[sprintf("%v/%v", [namespace, pod])]
} else := pod

# Not object.get, which fails for a row that is no object, and takes the message with it.
_label(row, key) := value if {
	value := row.labels[key]
	is_string(value)
} else := ""

_which(pods) := sprintf("1 pod, %v", [pod[0]]) if {
	count(pods) == 1
	some pod, _ in pods
} else := sprintf("%d pods, such as %v", [count(pods), min(object.keys(pods))[0]])
