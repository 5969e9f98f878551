# METADATA
# title: No workload is on the node's network
# description: >-
#   Finds pods on the network of their node, in namespaces that take part in the mesh, that were asked for by name, or
#   that `namespaces` names: nothing can be injected there, and a proxy that was put there by hand gets none of their
#   traffic. Take `hostNetwork: true` away, or keep such workloads in a namespace of their own.
# custom:
#   code: MESH042
#   needs: coverage
#   parameters:
#     namespaces: {type: patterns, default: [], text: "further namespaces in which nothing may be on the network of the node, by name or pattern; * is all of them"}
package collection.host_network

import rego.v1

# METADATA
# description: >-
#   Only warns: what looks after the node itself has to be on its network, and mostly serves nobody of the mesh.
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
	msg := "the part workloads is not complete, so that it is not known what is on the network of a node"
}

findings contains {"msg": msg, "about": _about(owner)} if {
	some [owner, why], pods in _wrong
	msg := sprintf("%v %v (%v)", [_who(owner), why, _which(pods)])
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.workloads.complete == true
	is_array(input.coverage.workloads.pods)
	is_array(input.coverage.workloads.namespaces)
}

_wrong := object.union_n([{[owner, why]: {[_name(pod), i]: true}} |
	some i, pod in _pods
	not i in _fine
	owner := _owner(pod)
	why := _why(pod)
])

# What is known to be well: the others are not, whatever they lack.
_fine := ({i |
	some i, pod in _pods
	pod.state in {"uncovered", "opted-out", "finished"}
} | {i |
	some i, pod in _pods
	pod.state == "covered"
	pod.host_network == false
}) | {i |
	some i, pod in _pods
	pod.state in {"covered", "host-network"}
	pod.namespace in _spared
}

_why(pod) := "is on the node's network, where nothing can be injected" if {
	pod.state == "host-network"
} else := "has a proxy, and is on the node's network, where no traffic is sent through it" if {
	pod.state == "covered"
	pod.host_network == true
} else := "may be on the node's network: the evidence does not say it in a way that is understood"

# Namespaces that are not looked at: known, not asked for by name, with nothing that takes part, and of no pattern.
_spared := {namespace.name |
	is_array(input.coverage.scope.namespaces)
	some namespace in input.coverage.workloads.namespaces
	namespace.takes_part == false
	is_string(namespace.name)
	not namespace.name in input.coverage.scope.namespaces
	not _is_named(namespace.name)
}

_is_named(name) if {
	some pattern in _patterns
	glob.match(pattern, ["/"], name)
}

_given := data.parameters["collection.host_network"]

default _patterns := []

_patterns := [pattern | some pattern in _given.namespaces; is_string(pattern)] if is_array(_given.namespaces)

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
