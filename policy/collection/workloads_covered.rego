# METADATA
# title: Every workload has its proxy
# description: >-
#   Finds pods without a proxy of this control plane, in namespaces that take part in the mesh, that were asked for by
#   name, or that `namespaces` names. Mostly they were started before their namespace was annotated, or while the
#   injector was away: start them again, `kubectl rollout restart`. What opted out, or cannot have a proxy, is found
#   by the two rules after this.
# custom:
#   code: MESH040
#   needs: coverage
#   parameters:
#     namespaces: {type: patterns, default: [], text: "further namespaces in which every pod must have its proxy, by name or pattern; * is all of them"}
package collection.workloads_covered

import rego.v1

# METADATA
# description: >-
#   Denies: what has no proxy sends and takes plaintext, and no edge tells of it. A namespace that wants none does not
#   take part.
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
	msg := "the part workloads is not complete, so that it is not known who has no proxy"
}

findings contains {"msg": msg, "about": _about(owner)} if {
	some [owner, why], pods in _wrong
	msg := sprintf("%v %v (%v): kubectl rollout restart, once its namespace or its template asks for a proxy", [
		_who(owner),
		why,
		_which(pods),
	])
}

findings contains {"msg": msg, "about": {"check": "workloads"}} if {
	input.coverage.workloads.pods == []
	msg := "no pod was seen, so that nothing is known to have its proxy: another namespace, or another cluster"
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

# What is known to be well: the others are not, whatever they lack. What opted out and what cannot have a proxy is for
# other rules.
_fine := ((({i |
	some i, pod in _pods
	pod.state == "covered"
	pod.control_plane == input.coverage.scope.control_plane
} | {i |
	some i, pod in _pods
	pod.state in {"opted-out", "host-network"}
	not "control_plane" in object.keys(pod)
}) | {i |
	some i, pod in _pods
	pod.state in {"opted-out", "host-network"}
	pod.control_plane == input.coverage.scope.control_plane
}) | {i |
	some i, pod in _pods
	pod.state == "finished"
}) | {i |
	some i, pod in _pods
	pod.namespace in _spared
	pod.state in {"covered", "uncovered", "opted-out", "host-network"}
}

_why(pod) := "has no proxy" if {
	pod.state == "uncovered"
	not pod.control_plane
} else := sprintf("is %v, and of the control plane %v", [_field(pod, "state"), _field(pod, "control_plane")])

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

_given := data.parameters["collection.workloads_covered"]

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
