# METADATA
# title: Every edge between pods is mTLS
# description: >-
#   Finds edges between pods that are not mTLS, by the same measure as mesh.edges_mtls: `linkerd viz edges pod` shows
#   StatefulSets, DaemonSets and Jobs, and the one replica without a proxy beside others, which the row of a
#   Deployment hides. Also that there is no such edge at all, and what of linkerd's reports could not be taken as it
#   stood. A pod that calls itself through its own Service is told as a Loopback, and is waived by name, like there.
# custom:
#   code: MESH057
#   needs: coverage
package collection.pod_edges_mtls

import rego.v1

# METADATA
# description: >-
#   Denies, as the edges of Deployments do: it is the same traffic, looked at more closely.
level := "deny"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each pair of workloads, with how many pairs of their pods it is, and one for each defect.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "linkerd"}} if {
	_is_there
	not _is_whole
	msg := "the part linkerd is not complete, so that it is not known which edges there are between pods"
}

findings contains {"msg": "there is no edge between pods: nothing is meshed, or nothing talks", "about": {"check": "linkerd"}} if {
	input.coverage.linkerd.edges_pod == []
}

findings contains {"msg": msg, "about": _about(source, destination)} if {
	some [source, destination, said], pairs in _insecure
	msg := sprintf("%v/%v -> %v/%v is not mTLS between %v: client identity %v, server identity %v, linkerd's reason %v", array.concat(
		array.concat(source, destination),
		array.concat([_which(pairs)], said),
	))
}

findings contains {"msg": msg, "about": {"check": "defects"}} if {
	some defect in input.coverage.linkerd.defects
	msg := sprintf("%v could not be taken as it stood: %v (%v)", [
		_field(defect, "file", "?"),
		_field(defect, "detail", "?"),
		_field(defect, "code", "?"),
	])
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.linkerd.complete == true
	is_array(input.coverage.linkerd.edges_pod)
	is_array(input.coverage.linkerd.defects)
}

_insecure := object.union_n([{[source, destination, said]: {pair: true}} |
	some i, edge in input.coverage.linkerd.edges_pod
	not i in _secured
	source := _end(edge, "src")
	destination := _end(edge, "dst")
	said := [
		_field(edge, "client_id", "none"),
		_field(edge, "server_id", "none"),
		_field(edge, "no_tls_reason", "none"),
	]
	pair := [sprintf("%v -> %v", [_field(edge, "src", "?"), _field(edge, "dst", "?")]), i]
])

# The positions of the edges that are known to be mTLS: the others are not, whatever they lack. As in mesh.edges_mtls.
_secured := {i |
	some i, edge in input.coverage.linkerd.edges_pod
	client := edge.client_id
	is_string(client)
	client != ""
	server := edge.server_id
	is_string(server)
	server != ""
	object.get(edge, "no_tls_reason", "") == ""
}

_end(edge, end) := [namespace, _workload(namespace, _field(edge, end, "?"))] if {
	namespace := _field(edge, sprintf("%v_namespace", [end]), "?")
}

_which(pairs) := sprintf("1 pair of pods, %v", [pair[0]]) if {
	count(pairs) == 1
	some pair, _ in pairs
} else := sprintf("%d pairs of pods, such as %v", [count(pairs), min(object.keys(pairs))[0]])

# Only names that are text: who is not named cannot be waived.
_about(source, destination) := {key: name |
	some key, name in {
		"src_namespace": source[0],
		"src": source[1],
		"dst_namespace": destination[0],
		"dst": destination[1],
	}
	is_string(name)
	name != "?"
}

# Not object.get, which fails for a row that is no object, and takes the message with it.
_field(row, key, otherwise) := value if {
	value := row[key]
	value != ""
} else := otherwise

# Who owns a pod, by namespace/pod: what happens to a workload is told once, and not for each of its pods.
_owners := object.union_n([{sprintf("%v/%v", [pod.namespace, pod.name]): pod.owner.name} |
	some pod in input.coverage.workloads.pods
	is_string(pod.owner.name)
])

# The pod itself, where it is not among those of the cluster any more.
_workload(namespace, pod) := owner if {
	owner := _owners[sprintf("%v/%v", [namespace, pod])]
} else := pod
