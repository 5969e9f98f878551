# METADATA
# title: There are no more warnings than allowed
# description: >-
#   Finds the warnings of linkerd's checks where there are more than the budget: linkerd warns of what is not broken
#   yet, such as a certificate that will expire or a version that is behind. Each one names its check and linkerd's
#   own text.
# custom:
#   code: MESH025
#   parameters:
#     max: {type: integer, default: 0, text: "how many warnings are allowed"}
package mesh.warning_budget

import rego.v1

# METADATA
# description: >-
#   Off, since linkerd itself passes with warnings. With its level alone, no warning is allowed; a cluster may have a
#   budget of its own.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each warning where there are too many, so that each can be waived by itself.
# scope: document
findings contains {"msg": msg, "about": about} if {
	count(_warnings) > _max
	some warning in _warnings
	about := {"category": warning.category, "check": warning.check}
	msg := sprintf("%d warnings, and %v are allowed; in %v: %v%v", [
		count(_warnings),
		_max,
		warning.category,
		warning.check,
		warning.error,
	])
}

_given := data.parameters["mesh.warning_budget"]

default _max := 0

# Its type is asked for, since every string is greater than a number.
_max := _given.max if is_number(_given.max)

_warnings := [warning |
	some category in input.check_report.categories
	some check in category.checks
	check.result == "warning"
	warning := {
		"category": object.get(category, "categoryName", "an unnamed category"),
		"check": object.get(check, "description", "an unnamed check"),
		"error": _after(": ", object.get(check, "error", "")),
	}
]

_after(mark, text) := concat("", [mark, text]) if {
	is_string(text)
	text != ""
} else := ""
