# METADATA
# title: No workload uses the default service account
# description: >-
#   Finds an edge with the identity of a namespace's default service account: every workload of that namespace which
#   names no other has the same identity, so that authorization cannot tell them apart. Give each workload a service
#   account of its own.
# custom:
#   code: MESH023
package mesh.own_service_accounts

import rego.v1

# METADATA
# description: >-
#   Only warns: mTLS holds with any service account.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each workload that shows the default account's identity.
# scope: document
findings contains {"msg": msg, "about": about} if {
	count(_defaults) > 0
	some edge in _edges
	some end, key in {"src": "client_id", "dst": "server_id"}
	edge[key] in _defaults
	namespace := _field(edge, sprintf("%s_namespace", [end]), "?")
	workload := _field(edge, end, "?")
	about := {name: value | some name, value in {"src_namespace": namespace, "src": workload}; is_string(value)}
	msg := sprintf("%v/%v uses the default service account of its namespace", [namespace, workload])
}

# None where there is none, which spares a mesh of named accounts the walk over its edges.
_defaults := {identity | some identity in _shown; is_string(identity); startswith(identity, "default.")} if {
	_is_suspicious
}

# What lies between two strings is a string.
_is_suspicious if not is_string(min(_shown))

_is_suspicious if not is_string(max(_shown))

_is_suspicious if strings.any_prefix_match(_shown, "default.")

_shown := array.concat([client | client := _edges[_].client_id], [server | server := _edges[_].server_id])

# Not object.get, which fails for a row that is no object, and takes the message with it.
_field(edge, key, otherwise) := value if {
	value := edge[key]
	value != ""
} else := otherwise

_edges := input.edge_report if is_array(input.edge_report)
