# METADATA
# title: No traffic is plaintext
# description: >-
#   Finds plaintext that the proxies themselves counted over the window: let in from clients without a proxy, or sent
#   to pods without one, or to ports that skip it; short connections and second ports too, which no edge shows.
#   Traffic to outside of the cluster counts where `external` asks for it, but for that to the Kubernetes API, which
#   has TLS of its own.
# custom:
#   code: MESH054
#   needs: coverage
#   parameters:
#     external: {type: boolean, default: false, text: "whether traffic to outside of the cluster must be encrypted by the mesh, too"}
package collection.traffic_encrypted

import rego.v1

# METADATA
# description: >-
#   Denies: it is plaintext that really passed. Outside of the cluster there is no proxy to encrypt for, and a
#   database there has TLS that proxies do not see, so that only a team knows what it wants.
level := "deny"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each workload and way, with how many of its pods it is.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "traffic"}} if {
	_is_there
	not _is_whole
	msg := "the part traffic is not complete, so that it is not known what passes in plaintext"
}

findings contains {"msg": msg, "about": _about(place)} if {
	some [place, port, reason], pods in _came
	msg := sprintf("%v/%v let in plaintext on port %v (%v; %v): %v", array.concat(place, [
		port,
		reason,
		_which(pods),
		"its clients have no proxy, or skip it; default-inbound-policy all-authenticated refuses them",
	]))
}

findings contains {"msg": msg, "about": _between(place, there)} if {
	some [place, there, port, reason, why], pods in _went
	msg := sprintf("%v/%v sent plaintext to %v on port %v (%v; %v): %v", array.concat(place, [
		_named(there),
		port,
		reason,
		_which(pods),
		why,
	]))
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.traffic.complete == true
	is_array(input.coverage.traffic.inbound_plaintext)
	is_array(input.coverage.traffic.outbound_plaintext)
}

_came := object.union_n([{[[namespace, owner], port, reason]: {[pod, i]: true}} |
	some i, row in input.coverage.traffic.inbound_plaintext
	namespace := _label(row, "namespace")
	pod := _label(row, "pod")
	owner := _workload(namespace, pod)
	port := _label(row, "target_port")
	reason := _reason(row)
])

_went := object.union_n([{[[namespace, owner], there, port, reason, why]: {[pod, i]: true}} |
	some i, row in input.coverage.traffic.outbound_plaintext
	not i in _fine
	namespace := _label(row, "namespace")
	pod := _label(row, "pod")
	owner := _workload(namespace, pod)
	there := _there(row)
	port := _label(row, "target_port")
	reason := _reason(row)
	why := _why(row)
])

_reason(row) := reason if {
	reason := _label(row, "no_tls_reason")
	reason != ""
} else := _label(row, "tls")

_there(row) := [_label(row, "dst_namespace"), _workload(_label(row, "dst_namespace"), pod)] if {
	pod := _label(row, "dst_pod")
	pod != ""
} else := [_label(row, "dst_namespace"), service] if {
	service := _label(row, "dst_service")
	service != ""
} else := ["", _label(row, "target_ip")]

_why(row) := "the port skips the proxy of the destination" if {
	_label(row, "dst_control_plane_ns") != ""
} else := "the destination has no proxy" if {
	_label(row, "dst_pod") != ""
} else := "the destination is outside of the mesh" if {
	is_object(row.labels)
} else := "it is not known where to"

# Only what is known to go outside is fine, and without the parameter. The Kubernetes API has TLS of its own, and is
# called by the mesh itself.
_fine := {i |
	not _is_strict
	some i in _outside
} | {i |
	some i in _outside
	input.coverage.traffic.outbound_plaintext[i].labels.dst_namespace == "default"
	input.coverage.traffic.outbound_plaintext[i].labels.dst_service == "kubernetes"
}

_outside := {i |
	some i, row in input.coverage.traffic.outbound_plaintext
	is_object(row.labels)
	object.get(row.labels, "dst_pod", "") == ""
	object.get(row.labels, "dst_control_plane_ns", "") == ""
}

_is_strict if _given.external == true

_given := data.parameters["collection.traffic_encrypted"]

_named(there) := there[1] if {
	there[0] == ""
} else := sprintf("%v/%v", there)

_between(place, there) := object.union(
	{key: value | some key, value in {"src_namespace": place[0], "src": place[1]}; place[1] != ""},
	{key: value | some key, value in {"dst_namespace": there[0], "dst": there[1]}; there[0] != ""},
)

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
