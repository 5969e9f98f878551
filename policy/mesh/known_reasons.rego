# METADATA
# title: Every reason for missing TLS is a known word
# description: >-
#   Denies an edge whose reason for missing TLS is none of linkerd's: a word that nobody understands is not judged by
#   anybody. linkerd translates what its proxies report into these six; another comes from a newer linkerd or from
#   somebody else. That a known reason denies, too, is edges_mtls.
# custom:
#   code: MESH009
package mesh.known_reasons

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

_most := 100

_known := {
	"",
	"Disabled",
	"Loopback",
	"No Authority In HTTP Request",
	"Not HTTP",
	"Not Provided By Remote",
	"Not Provided By Service Discovery",
}

# METADATA
# description: >-
#   One message for each of the first hundred unknown reasons. An edge without one is not denied: where an edge is mTLS
#   there is none.
deny contains msg if {
	some reason in array.slice([word | some word in (_given - _known)], 0, _most)
	msg := sprintf("the reason %q for missing TLS is none of linkerd's", [sprintf("%v", [reason])])
}

# `_edges[_].x` takes half as long as `some edge in _edges`.
_given := {reason | reason := _edges[_].no_tls_reason}

_edges := input.edge_report if is_array(input.edge_report)
