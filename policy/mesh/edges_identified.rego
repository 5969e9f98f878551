# METADATA
# title: Every identity is of linkerd's form
# description: >-
#   Denies an edge with an identity that linkerd does not print. `linkerd viz edges` cuts each to its first two parts,
#   which are the service account and the namespace: web.emojivoto. White space, one word or an address is no identity,
#   and proves no mTLS. Look at what else writes to linkerd's output.
# custom:
#   code: MESH010
package mesh.edges_identified

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

_most := 100

# Both are DNS labels.
_form := `^[a-z0-9]([-a-z0-9]*[a-z0-9])?\.[a-z0-9]([-a-z0-9]*[a-z0-9])?$`

# METADATA
# description: >-
#   One message for each of the first hundred identities of another form. Where an identity is missing or empty,
#   edges_mtls speaks.
# scope: document
deny contains msg if {
	shown := (_clients | _servers) - {""}
	not _are_formed(shown)
	formed := {identity |
		some identity in shown
		is_string(identity)
		regex.match(_form, identity)
	}
	some odd in array.slice([identity | some identity in (shown - formed)], 0, _most)
	msg := sprintf("the identity %q of an edge is not of the form <service account>.<namespace>", [sprintf("%v", [odd])])
}

# One pattern over all of them, which spares a healthy mesh the walk. What lies between two strings is a string, and who
# holds a space would be split in two.
_are_formed(shown) if {
	is_string(min(shown))
	is_string(max(shown))
	joined := concat(" ", shown)
	count(split(joined, " ")) == count(shown)
	regex.match(sprintf(`^(?:%s(?: |$))*$`, [trim(_form, "^$")]), joined)
}

# Each once, since there are few of them, and one pattern for each edge would be slow. `_edges[_].x` takes half as long
# as `some edge in _edges`. Asked for once: the gate's `with` keeps opa from remembering.
_clients := {client | client := _edges[_].client_id}

_servers := {server | server := _edges[_].server_id}

_edges := input.edge_report if is_array(input.edge_report)
