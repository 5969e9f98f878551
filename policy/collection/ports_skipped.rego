# METADATA
# title: No port skips the proxy
# description: >-
#   Finds workloads whose pods have a proxy and ports that bypass it, by `config.linkerd.io/skip-inbound-ports` or
#   `skip-outbound-ports`, of their own, by their namespace, or as they were installed: what passes there is
#   plaintext, no edge and no counter tells of it. Mark a port whose protocol needs it as opaque instead
#   (`config.linkerd.io/opaque-ports`), which keeps mTLS, or name it in `allowed`. What the control plane's own pods
#   send past their proxies goes to the Kubernetes API, and is not found.
# custom:
#   code: MESH043
#   needs: coverage
#   parameters:
#     allowed: {type: texts, default: ["4567", "4568"], text: "ports or ranges that may skip the proxy, each as it stands in the evidence"}
package collection.ports_skipped

import rego.v1

# METADATA
# description: >-
#   Denies, as it is plaintext in the midst of the mesh. 4567 and 4568 are allowed from the start: linkerd skips them
#   by default, for the replication of Galera.
level := "deny"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each workload, with how many of its pods it is.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "workloads"}} if {
	_is_there
	not _is_whole
	msg := "the part workloads is not complete, so that it is not known which ports skip the proxy"
}

findings contains {"msg": msg, "about": _about(owner)} if {
	some [owner, why], pods in _wrong
	msg := sprintf("%v %v (%v)", [_who(owner), why, _which(pods)])
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.workloads.complete == true
	is_array(input.coverage.workloads.pods)
}

_wrong := object.union_n([{[owner, why]: {[_name(pod), i]: true}} |
	some i, pod in _pods
	not i in _fine
	some direction in ["inbound", "outbound"]
	owner := _owner(pod)
	why := _why(pod, direction)
])

# Pods of another state have no proxy that a port could skip. A state that nobody knows is looked at.
_fine := {i |
	some i, pod in _pods
	pod.state in {"uncovered", "opted-out", "host-network", "finished"}
} | {i |
	some i, pod in _pods
	is_array(pod.skip_inbound_ports)
	is_array(pod.skip_outbound_ports)
	_beyond(pod, "inbound") == set()
	_beyond(pod, "outbound") == set()
}

# Linkerd's controllers reach the Kubernetes API past their proxies, as linkerd installs them: that has TLS of its own.
_is_control_plane(pod) if pod.namespace == input.coverage.scope.control_plane

_beyond(pod, direction) := set() if {
	direction == "outbound"
	_is_control_plane(pod)
} else := {port | some port in pod[_key(direction)]} - _allowed

_why(pod, direction) := why if {
	not _is_listed(pod, direction)
	why := sprintf("does not say which %v ports skip its proxy", [direction])
} else := why if {
	beyond := _beyond(pod, direction)
	count(beyond) > 0
	told := concat(", ", sort([sprintf("%v", [port]) | some port in beyond]))
	why := sprintf("lets traffic skip its proxy on the %v ports %v: make them opaque instead", [direction, told])
}

_is_listed(pod, direction) if is_array(pod[_key(direction)])

_key(direction) := sprintf("skip_%v_ports", [direction])

_given := data.parameters["collection.ports_skipped"]

default _allowed := {"4567", "4568"}

_allowed := {port | some port in _given.allowed; is_string(port)} if is_array(_given.allowed)

_pods := input.coverage.workloads.pods if is_array(input.coverage.workloads.pods)

# Not object.get, which fails for a row that is no object, and takes the message with it.
_owner(pod) := [pod.namespace, pod.owner.kind, pod.owner.name] if {
	is_string(pod.namespace)
	is_string(pod.owner.kind)
	is_string(pod.owner.name)
} else := ["?", "?", "?"]

_name(pod) := pod.name if {
	is_string(pod.name)
} else := "?"

_who(owner) := sprintf("%v: %v/%v", owner)

_which(pods) := sprintf("1 pod, %v", [pod[0]]) if {
	count(pods) == 1
	some pod, _ in pods
} else := sprintf("%d pods, such as %v", [count(pods), min(object.keys(pods))[0]])

# Either end, as a waiver or an exemption may speak of a workload as the one or the other.
_about(owner) := {} if {
	owner[0] == "?"
} else := {
	"namespace": owner[0],
	"src_namespace": owner[0],
	"src": owner[2],
	"dst_namespace": owner[0],
	"dst": owner[2],
}
