# METADATA
# title: No check turned bad
# description: >-
#   Finds a check that succeeded in the baseline, and warns, fails or is missing now. What fails denies by itself;
#   this also tells what is no longer looked at.
# custom:
#   code: MESH036
package collection.baseline_checks

import rego.v1

# METADATA
# description: >-
#   Only warns, as checks differ from one release of linkerd to the next.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each such check.
# scope: document
findings contains {"msg": msg, "about": {"category": category, "check": check}} if {
	now := _good(input.linkerd_check)
	some [category, check] in _good(input.baseline.linkerd_check)
	not [category, check] in now
	msg := sprintf("%v: %v succeeded in the baseline, and does not now", [category, check])
}

_good(body) := {[category.categoryName, check.description] |
	some category in body.check_report.categories
	some check in category.checks
	check.result == "success"
}
