# METADATA
# title: Nothing starts without its proxy
# description: >-
#   Finds that there is no webhook that injects proxies, that pods start without one while it is away (its
#   failurePolicy is Ignore, which is how linkerd installs it unless for high availability), and namespaces that its
#   selector leaves out although they take part in the mesh, or `namespaces` names them. The namespace of the control
#   plane is left out by linkerd itself. Set `webhookFailurePolicy: Fail`, and take the label
#   `config.linkerd.io/admission-webhooks: disabled` away.
# custom:
#   code: MESH053
#   needs: coverage
#   parameters:
#     namespaces: {type: patterns, default: [], text: "further namespaces in which proxies must be injected, by name or pattern; * is all of them"}
package collection.injection_enforced

import rego.v1

# METADATA
# description: >-
#   Only warns: it tells of pods that may start tomorrow. Those that did are found by workloads_covered.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each thing that lets pods start without a proxy.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "authorization"}} if {
	_is_there
	not _is_whole_authorization
	msg := "the part authorization is not complete, so that it is not known what injects proxies"
}

findings contains {"msg": msg, "about": {"check": "workloads"}} if {
	_is_there
	not _is_whole_workloads
	msg := "the part workloads is not complete, so that it is not known which namespaces take part"
}

findings contains {"msg": msg, "about": {"check": "injector"}} if {
	_is_there
	not input.coverage.authorization.injector.found == true
	msg := "there is no webhook that injects proxies: what starts gets none"
}

findings contains {"msg": msg, "about": {"check": "injector"}} if {
	_is_found
	not input.coverage.authorization.injector.failure_policy == "Fail"
	msg := sprintf("while the injector is away pods start without a proxy: its failurePolicy is %v, and not Fail", [_policy])
}

findings contains {"msg": msg, "about": {"check": "injector"}} if {
	_is_found
	not is_array(_exempt)
	msg := "it is not known which namespaces the injector leaves out"
}

findings contains {"msg": msg, "about": {"namespace": name}} if {
	some name in _exempt
	not name in _left
	msg := sprintf("the injector leaves out the namespace %v: what starts in it gets no proxy", [name])
}

_is_there if is_object(input.coverage)

_is_whole_authorization if {
	input.coverage.authorization.complete == true
}

_is_whole_workloads if {
	input.coverage.workloads.complete == true
	is_array(input.coverage.workloads.namespaces)
}

_is_found if input.coverage.authorization.injector.found == true

default _policy := "not known"

_policy := input.coverage.authorization.injector.failure_policy

default _exempt := null

_exempt := input.coverage.authorization.injector.exempt_namespaces

_left := _spared | {name | name := input.coverage.scope.control_plane}

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

_given := data.parameters["collection.injection_enforced"]

default _patterns := []

_patterns := [pattern | some pattern in _given.namespaces; is_string(pattern)] if is_array(_given.namespaces)
