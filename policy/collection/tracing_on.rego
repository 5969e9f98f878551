# METADATA
# title: The proxies send traces
# description: >-
#   Finds that the proxies do not send traces, as far as the configuration of the mesh tells: neither is
#   `proxy.tracing.enabled` set, nor a collector.
# custom:
#   code: MESH061
#   needs: coverage
package collection.tracing_on

import rego.v1

# METADATA
# description: >-
#   Off, as traces are for audits that not everybody makes. A team that has to keep them switches it on.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding where they do not.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "cluster"}} if {
	_is_there
	not _is_whole
	msg := "the part cluster is not complete, so that it is not known whether its proxies send traces"
}

findings contains {"msg": msg, "about": {}} if {
	_is_there
	not _is_on
	msg := sprintf("the proxies send no traces: proxy.tracing.enabled is %v", [_enabled])
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.cluster.complete == true
}

_is_on if input.coverage.cluster.linkerd.tracing.enabled == true

default _enabled := "not known"

_enabled := input.coverage.cluster.linkerd.tracing.enabled
