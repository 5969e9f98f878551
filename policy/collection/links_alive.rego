# METADATA
# title: Every link to another cluster is alive
# description: >-
#   Finds links of a multi-cluster mesh whose gateway does not answer its probes, or of which that is not known: what
#   goes there is lost, or goes elsewhere. `linkerd multicluster gateways` and `linkerd multicluster check` show them.
#   That clusters share a trust anchor is held by anchors_pinned.
# custom:
#   code: MESH060
#   needs: coverage
package collection.links_alive

import rego.v1

# METADATA
# description: >-
#   Only warns: a link that is down is no plaintext. Who relies on the other cluster lets it deny.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each link.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "links"}} if {
	_is_there
	not _is_whole
	msg := "the part links is not complete, so that it is not known which other clusters there are"
}

findings contains {"msg": msg, "about": {"check": "multicluster"}} if {
	_is_there
	not is_boolean(_installed)
	msg := "it is not known whether there are links at all"
}

findings contains {"msg": msg, "about": _about(link)} if {
	some i, link in input.coverage.links.links
	not i in _alive
	msg := sprintf("the link %v/%v to the cluster %v %v: linkerd multicluster gateways", [
		_field(link, "namespace"),
		_field(link, "name"),
		_field(link, "cluster"),
		_why(link),
	])
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.links.complete == true
	is_array(input.coverage.links.links)
}

default _installed := null

_installed := input.coverage.links.installed

_alive := {i |
	some i, link in input.coverage.links.links
	link.alive == true
}

_why(link) := "is not alive" if {
	link.alive == false
} else := "is not known to be alive"

_about(link) := object.union(
	{"namespace": namespace | namespace := link.namespace; is_string(namespace)},
	{"check": name | name := link.name; is_string(name)},
)

# Not object.get, which fails for a row that is no object, and takes the message with it.
_field(row, key) := value if {
	value := row[key]
} else := "?"
