# METADATA
# title: The required checks succeeded
# description: >-
#   Finds a category of checks that had to be there, and is not, and a check that had to succeed and did not, or was
#   not made: a failed check ends linkerd's run early, and what was not looked at is in no report.
# custom:
#   code: MESH024
#   parameters:
#     categories: {type: texts, default: [], text: "categories that must be there, such as linkerd-multicluster"}
#     checks: {type: texts, default: [], text: "checks that must have succeeded, by the beginning of their description"}
package mesh.required_checks

import rego.v1

# METADATA
# description: >-
#   Off, as the floor already wants what every full run prints. It denies as soon as it is given names.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each category or check that is missing, and one where none is named.
# scope: document
findings contains {"msg": msg, "about": {"category": wanted}} if {
	some wanted in _categories
	not wanted in {category.categoryName | some category in input.check_report.categories}
	msg := sprintf("the category %v of checks has to be there, and is not", [wanted])
}

findings contains {"msg": msg, "about": {"check": wanted}} if {
	some wanted in _checks
	not _succeeded(wanted)
	msg := sprintf("the check %q has to succeed, and did not, or was not made", [wanted])
}

findings contains {"msg": "checks are required, and none is named", "about": {}} if count(_categories) + count(_checks) == 0

default _categories := []

_categories := data.parameters["mesh.required_checks"].categories

default _checks := []

_checks := data.parameters["mesh.required_checks"].checks

_succeeded(wanted) if {
	results := [check.result |
		some category in input.check_report.categories
		some check in category.checks
		startswith(check.description, wanted)
	]
	count(results) > 0
	every result in results {
		result == "success"
	}
}
