# METADATA
# title: The gate
# description: >-
#   Collects what every rule denies into one decision. A rule exists because its file does: those under mesh see
#   the bare linkerd-check predicate as input, so that a cilock policy can carry them; those under collection see
#   the whole input.
package gate

import rego.v1

# METADATA
# description: The one answer that the program reads; anything but this shape is an error there.
# entrypoint: true
decision := {"allow": _allow, "checked": checked, "violations": violations}

default _allow := false

_allow if {
	count(checked) > 0
	count(violations) == 0
}

# METADATA
# description: The id of every rule that was looked at, so that an empty policy cannot allow.
# scope: document
checked contains concat(".", ["mesh", name]) if some name in _mesh

checked contains concat(".", ["collection", name]) if some name in _collection

# METADATA
# description: Every reason of every rule. A rule that gives no set of sentences is a reason itself.
# scope: document
violations contains {"rule": rule, "message": message} if {
	some rule, reasons in _denied
	some reason in _told(reasons)
	message := _sentence(reason)
}

violations contains {"rule": rule, "message": "the rule has no set named deny"} if {
	some rule in checked
	not _gives_set(rule)
}

_most := 100

# Whole packages, not their deny: a rule without one must be seen, too.
_mesh contains name if {
	some name
	data.mesh[name]
	not endswith(name, "_test")
}

_collection contains name if {
	some name
	data.collection[name]
	not endswith(name, "_test")
}

# What each rule gives, by its id. Every rule is evaluated here and only here: behind `with`, opa remembers nothing,
# and each further reference to a rule would walk all edges again.
_denied[concat(".", ["mesh", name])] := reasons if {
	some name in _mesh
	reasons := data.mesh[name].deny with input as _predicate
}

_denied[concat(".", ["collection", name])] := reasons if {
	some name in _collection
	reasons := data.collection[name].deny
}

# Absent evidence must be judged as empty, not left unjudged.
default _predicate := {}

_predicate := input.linkerd_check

# A hundred reasons of one rule and how many more there are: whoever wrote the evidence decides how many there could be.
_told(reasons) := array.concat(array.slice(sort(reasons), 0, _most), [rest]) if {
	is_set(reasons)
	count(reasons) > _most + 1
	rest := sprintf("and %d more reasons of this kind", [count(reasons) - _most])
} else := reasons

_gives_set(rule) if is_set(_denied[rule])

_sentence(reason) := reason if {
	is_string(reason)
	reason != ""
} else := sprintf("the rule gave a reason that is no sentence: %v", [reason])
