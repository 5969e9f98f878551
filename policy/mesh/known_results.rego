# METADATA
# title: Every result is a known word
# description: >-
#   Denies a check whose result is none of success, warning and error: a word that nobody understands is no success.
#   linkerd writes only these three; another comes from an extension or from a newer linkerd.
# custom:
#   code: MESH008
package mesh.known_results

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

_words := {"success", "warning", "error"}

# METADATA
# description: One message for each unknown word, with how often it stands.
deny contains msg if {
	some word, checks in _unknown
	msg := sprintf("%v checks have the unknown result %v", [count(checks), word])
}

_unknown[word] contains [i, j] if {
	some i, category in input.check_report.categories
	some j, check in category.checks
	not _known(check)
	word := sprintf("%q", [sprintf("%v", [_result(check)])])
}

_known(check) if check.result in _words

# Not object.get, which fails for a check that is no object, and takes the message with it.
_result(check) := value if {
	value := check.result
} else := ""
