# METADATA
# title: No check of the proxies failed
# description: >-
#   Finds that `linkerd check --proxy` was not taken or calls itself no success; a check in it that failed, or whose
#   result nobody knows; and the warning that proxies' certificates do not match the trust anchors, which is no mere
#   warning: such a proxy believes other anchors than the mesh. Other warnings are not found; mesh.warning_budget
#   counts those of the main report.
# custom:
#   code: MESH058
#   needs: coverage
package collection.proxy_checks_pass

import rego.v1

# METADATA
# description: >-
#   Denies: these are the proxies that the other evidence is from, and a proxy that is not well tells nothing that can
#   be relied on.
level := "deny"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each check, and one for the report.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

findings contains {"msg": msg, "about": {"check": "linkerd"}} if {
	_is_there
	not _is_whole
	msg := "the part linkerd is not complete, so that it is not known how its proxies are"
}

findings contains {"msg": msg, "about": {"check": "linkerd check --proxy"}} if {
	_is_there
	not _is_success
	msg := sprintf("linkerd check --proxy is no success: it says %v", [_success])
}

findings contains {"msg": msg, "about": {"check": "linkerd check --proxy"}} if {
	_is_success
	not _is_checked
	msg := "linkerd check --proxy holds no checks"
}

findings contains {"msg": msg, "about": {"category": _field(category, "categoryName")}} if {
	some category in input.coverage.linkerd.check_proxy.categories
	not _holds(category)
	msg := sprintf("the category %v of linkerd check --proxy holds no checks", [_field(category, "categoryName")])
}

findings contains {"msg": msg, "about": about} if {
	some category in input.coverage.linkerd.check_proxy.categories
	some check in category.checks
	not _is_well(check)
	about := {"category": _field(category, "categoryName"), "check": _field(check, "description")}
	msg := sprintf("%v: %v (%v): %v%v", [
		_field(category, "categoryName"),
		_field(check, "description"),
		_field(check, "result"),
		_field(check, "error"),
		_see(check),
	])
}

_is_there if is_object(input.coverage)

_is_whole if {
	input.coverage.linkerd.complete == true
}

_is_success if input.coverage.linkerd.check_proxy.success == true

default _success := "nothing"

_success := input.coverage.linkerd.check_proxy.success

_is_checked if {
	is_array(input.coverage.linkerd.check_proxy.categories)
	count(input.coverage.linkerd.check_proxy.categories) > 0
}

_holds(category) if {
	is_array(category.checks)
	count(category.checks) > 0
}

_is_well(check) if check.result == "success"

_is_well(check) if {
	check.result == "warning"
	is_string(check.description)
	check.description != "data plane proxies certificate match CA"
}

_see(check) := sprintf(" - see %v", [check.hint]) if {
	is_string(check.hint)
	check.hint != ""
} else := ""

# Not object.get, which fails for a row that is no object, and takes the message with it.
_field(row, key) := value if {
	value := row[key]
} else := "?"
