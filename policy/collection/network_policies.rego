# METADATA
# title: Every namespace of the mesh has a NetworkPolicy
# description: >-
#   Finds namespaces that take part in the mesh and have no NetworkPolicy for what comes in to every pod
#   (`podSelector: {}`, type Ingress): a port that skips the proxy, or a proxy that is missing, is then open to the
#   whole cluster. Write one that lets in what is wanted: https://linkerd.io/2/features/server-policy/ tells what
#   linkerd's own policies do beside it.
# custom:
#   code: MESH059
#   needs: coverage
#   parameters:
#     namespaces: {type: patterns, default: ["*"], text: "namespaces of the mesh that must have one, by name or pattern; * is all of them"}
package collection.network_policies

import rego.v1

# METADATA
# description: >-
#   Off, as NetworkPolicies do something only where the network of the cluster knows them, and many meshes rely on
#   their identities alone. It denies as soon as it is given its namespaces.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each namespace.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "authorization"}} if {
	_is_there
	not _is_whole_authorization
	msg := "the part authorization is not complete, so that it is not known which NetworkPolicies there are"
}

findings contains {"msg": msg, "about": {"check": "workloads"}} if {
	_is_there
	not _is_whole_workloads
	msg := "the part workloads is not complete, so that it is not known which namespaces take part"
}

findings contains {"msg": "network policies are required, and no namespace is named", "about": {}} if {
	_is_there
	count(_patterns) == 0
}

findings contains {"msg": msg, "about": _about(namespace)} if {
	count(_patterns) > 0
	some i, namespace in input.coverage.workloads.namespaces
	not i in _fine
	msg := sprintf("the namespace %v has no NetworkPolicy for what comes in to all of its pods", [_field(namespace, "name")])
}

_is_there if is_object(input.coverage)

_is_whole_authorization if {
	input.coverage.authorization.complete == true
	is_array(input.coverage.authorization.network_policies)
}

_is_whole_workloads if {
	input.coverage.workloads.complete == true
	is_array(input.coverage.workloads.namespaces)
}

_fine := ({i |
	some i, namespace in input.coverage.workloads.namespaces
	namespace.takes_part == false
} | {i |
	some i, namespace in input.coverage.workloads.namespaces
	namespace.name in _held
}) | {i |
	some i, namespace in input.coverage.workloads.namespaces
	is_string(namespace.name)
	not _is_named(namespace.name)
}

_held := {policy.namespace |
	some policy in input.coverage.authorization.network_policies
	policy.pod_selector == {}
	is_array(policy.types)
	"Ingress" in policy.types
}

_about(namespace) := {"namespace": namespace.name} if {
	is_string(namespace.name)
} else := {}

# Not object.get, which fails for a row that is no object, and takes the message with it.
_field(row, key) := value if {
	value := row[key]
} else := "?"

_is_named(name) if {
	some pattern in _patterns
	glob.match(pattern, ["/"], name)
}

_given := data.parameters["collection.network_policies"]

default _patterns := ["*"]

_patterns := [pattern | some pattern in _given.namespaces; is_string(pattern)] if is_array(_given.namespaces)
