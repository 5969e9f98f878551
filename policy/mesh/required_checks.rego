# METADATA
# title: The required checks succeeded
# description: >-
#   Finds a category of checks that had to be there, and is not, and a check that had to succeed and did not, or was
#   not made: a failed check ends linkerd's run early, and what was not looked at is in no report. A check that
#   succeeded has no hint, so that an anchor only tells those that did not.
# custom:
#   code: MESH024
#   parameters:
#     categories: {type: texts, default: [], text: "categories that must be there, such as linkerd-multicluster"}
#     checks: {type: texts, default: [], text: "checks that must have succeeded, by the beginning of their description"}
#     anchors: {type: texts, default: [], text: "checks that must not have warned or failed, by the anchor of their hint, such as l5d-identity-trustAnchors-not-expiring-soon"}
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
	msg := sprintf("the check %q has to succeed, and did not, or was not made", [sprintf("%v", [wanted])])
}

findings contains {"msg": msg, "about": {"hint": wanted}} if {
	some wanted in _anchors
	not _is_quiet(wanted)
	msg := sprintf("the check with the hint #%v has to succeed, and did not", [wanted])
}

findings contains {"msg": "checks are required, and none is named", "about": {}} if {
	(count(_categories) + count(_checks)) + count(_anchors) == 0
}

_given := data.parameters["mesh.required_checks"]

default _categories := []

_categories := _given.categories if is_array(_given.categories)

default _checks := []

_checks := _given.checks if is_array(_given.checks)

default _anchors := []

_anchors := _given.anchors if is_array(_given.anchors)

_succeeded(wanted) if {
	is_string(wanted)
	results := {object.get(check, "result", "none") |
		some category in input.check_report.categories
		some check in category.checks
		is_string(check.description)
		startswith(check.description, wanted)
	}
	results == {"success"}
}

_is_quiet(wanted) if {
	is_string(wanted)
	count([1 |
		some category in input.check_report.categories
		some check in category.checks
		is_string(check.hint)
		endswith(check.hint, sprintf("#%s", [wanted]))
		object.get(check, "result", "none") != "success"
	]) == 0
}
