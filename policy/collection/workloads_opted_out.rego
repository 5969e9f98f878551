# METADATA
# title: No workload opted out of the mesh
# description: >-
#   Finds pods with `linkerd.io/inject: disabled`, of their own or by their namespace, in namespaces that take part in
#   the mesh, that were asked for by name, or that `namespaces` names; such a namespace itself, but for that of the
#   control plane, which linkerd makes so; and workloads that have the annotation on themselves, where it does
#   nothing, and not on the template of their pods.
# custom:
#   code: MESH041
#   needs: coverage
#   parameters:
#     namespaces: {type: patterns, default: [], text: "further namespaces in which nothing may opt out, by name or pattern; * is all of them"}
package collection.workloads_opted_out

import rego.v1

# METADATA
# description: >-
#   Denies, as what opted out talks plaintext with the mesh like what was forgotten. Who has to be out is waived, with
#   an owner and an end.
level := "deny"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each workload, with how many of its pods it is, and one for each namespace.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "workloads"}} if {
	_is_there
	not _is_whole
	msg := "the part workloads is not complete, so that it is not known what opted out"
}

findings contains {"msg": msg, "about": _about(owner)} if {
	some [owner, why], pods in _wrong
	msg := sprintf("%v %v (%v): take linkerd.io/inject: disabled away, or waive it", [_who(owner), why, _which(pods)])
}

findings contains {"msg": msg, "about": {"namespace": name}} if {
	some i, namespace in input.coverage.workloads.namespaces
	not i in _open
	name := _name(namespace)
	msg := sprintf("the namespace %v has linkerd.io/inject: %v, so that what starts in it gets no proxy", [
		name,
		_field(namespace, "inject"),
	])
}

findings contains {"msg": msg, "about": _about(owner)} if {
	some i, workload in input.coverage.workloads.workloads
	not i in _placed
	owner := _owner({"namespace": workload.namespace, "owner": workload})
	msg := sprintf("%v has linkerd.io/inject where it does nothing: move it to spec.template.metadata.annotations", [_who(owner)])
}

findings contains {"msg": "a workload is listed without its namespace", "about": {}} if {
	some workload in input.coverage.workloads.workloads
	not workload.namespace
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.workloads.complete == true
	is_array(input.coverage.workloads.pods)
	is_array(input.coverage.workloads.namespaces)
	is_array(input.coverage.workloads.workloads)
}

_wrong := object.union_n([{[owner, why]: {[_name(pod), i]: true}} |
	some i, pod in _pods
	not i in _fine
	owner := _owner(pod)
	why := _why(pod)
])

# What is known to be well: the others are not, whatever they lack.
_fine := {i |
	some i, pod in _pods
	pod.state in {"covered", "uncovered", "host-network", "finished"}
} | {i |
	some i, pod in _pods
	pod.state == "opted-out"
	pod.namespace in _spared
}

_why(pod) := "opted out of the mesh" if {
	pod.state == "opted-out"
} else := sprintf("may have opted out, as its state is %v", [_field(pod, "state")])

# Namespaces in which what starts may get a proxy, and those of which nobody wants it.
_open := ({i |
	some i, namespace in input.coverage.workloads.namespaces
	is_string(namespace.inject)
	namespace.inject != "disabled"
} | {i |
	some i, namespace in input.coverage.workloads.namespaces
	namespace.name == input.coverage.scope.control_plane
}) | {i |
	is_array(input.coverage.scope.namespaces)
	some i, namespace in input.coverage.workloads.namespaces
	is_string(namespace.name)
	_is_left(namespace.name)
}

_is_left(name) if {
	not name in input.coverage.scope.namespaces
	not _is_named(name)
}

_placed := {i |
	some i, workload in input.coverage.workloads.workloads
	workload.misplaced == false
}

# Namespaces that are not looked at: known, not asked for by name, with nothing that takes part, and of no pattern.
_spared := {namespace.name |
	is_array(input.coverage.scope.namespaces)
	some namespace in input.coverage.workloads.namespaces
	namespace.takes_part == false
	is_string(namespace.name)
	_is_left(namespace.name)
}

_is_named(name) if {
	some pattern in _patterns
	glob.match(pattern, ["/"], name)
}

_given := data.parameters["collection.workloads_opted_out"]

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
