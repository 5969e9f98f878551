# METADATA
# title: No workload lets in more by default than it may
# description: >-
#   Finds workloads whose proxies let in more than `weakest` on ports that no Server selects. From the strictest to
#   the weakest: deny, cluster-authenticated, all-authenticated, cluster-unauthenticated, all-unauthenticated, audit;
#   the last is the weakest, as it lets everything through, also what a Server refuses, and only logs it. Set
#   `config.linkerd.io/default-inbound-policy` on the namespace or the template, and start the pods again; for a whole
#   mesh, `proxy.defaultInboundPolicy`.
# custom:
#   code: MESH044
#   needs: coverage
#   parameters:
#     weakest: {type: text, default: all-authenticated, text: "the weakest policy that is enough: deny, cluster-authenticated, all-authenticated, cluster-unauthenticated, all-unauthenticated or audit"}
package collection.inbound_policy

import rego.v1

# METADATA
# description: >-
#   Only warns, as a mesh is installed with all-unauthenticated, and whether a port is really open is decided by its
#   Server, too; ports_authenticated tells of each.
level := "warn"

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
	msg := "the part workloads is not complete, so that it is not known what is let in by default"
}

findings contains {"msg": msg, "about": _about(owner)} if {
	_weakest in _order
	some [owner, word], pods in _wrong
	msg := sprintf("%v has the default inbound policy %v, and %v is the weakest that is enough (%v): %v", [
		_who(owner),
		word,
		_weakest,
		_which(pods),
		"set config.linkerd.io/default-inbound-policy, and start it again",
	])
}

findings contains {"msg": msg, "about": {}} if {
	_is_there
	not _weakest in _order
	msg := sprintf("%v is no default inbound policy: they are %v", [_weakest, concat(", ", _order)])
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.workloads.complete == true
	is_array(input.coverage.workloads.pods)
}

_order := [
	"deny",
	"cluster-authenticated",
	"all-authenticated",
	"cluster-unauthenticated",
	"all-unauthenticated",
	"audit",
]

_strong := {word |
	some i, word in _order
	some j, weakest in _order
	weakest == _weakest
	i <= j
}

_wrong := object.union_n([{[owner, word]: {[_name(pod), i]: true}} |
	some i, pod in _pods
	not i in _fine
	owner := _owner(pod)
	word := _field(pod, "default_inbound_policy")
])

# Pods of another state have no proxy that could let anything in. A state that nobody knows is looked at.
_fine := {i |
	some i, pod in _pods
	pod.state in {"uncovered", "opted-out", "host-network", "finished"}
} | {i |
	some i, pod in _pods
	pod.default_inbound_policy in _strong
}

_given := data.parameters["collection.inbound_policy"]

default _weakest := "all-authenticated"

_weakest := _given.weakest if is_string(_given.weakest)

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

_field(row, key) := value if {
	value := row[key]
} else := "none"

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
