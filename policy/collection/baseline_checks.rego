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
# description: One finding for each such check, and one where the baseline holds no check that succeeded.
# scope: document
findings contains {"msg": msg, "about": {"category": check[0], "check": check[1]}} if {
	some check in (_once - _now)
	msg := sprintf("%v: %v succeeded in the baseline, and does not now", check)
}

findings contains {"msg": "the baseline holds no check that succeeded, so that none can be compared", "about": {}} if {
	"baseline" in object.keys(input)
	count(_once) == 0
}

_once := {[category.categoryName, check.description] |
	some category in input.baseline.linkerd_check.check_report.categories
	some check in category.checks
	check.result == "success"
}

# One of two checks of the same name may have turned.
_now := {[category.categoryName, check.description] |
	some category in input.linkerd_check.check_report.categories
	some check in category.checks
	check.result == "success"
} - {[category.categoryName, check.description] |
	some category in input.linkerd_check.check_report.categories
	some check in category.checks
	object.get(check, "result", "none") != "success"
}
