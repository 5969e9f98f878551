# METADATA
# title: The check report is a full one
# description: >-
#   Denies a report without the categories that every full `linkerd check` prints, from stable-2.14 to today's edge
#   releases, and a category in which nothing was checked. linkerd stops at the first fatal check, and leaves categories
#   out with --pre, --crds and --proxy: what is not listed was not looked at.
# custom:
#   code: MESH006
package mesh.report_complete

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

_required := {
	"kubernetes-api",
	"kubernetes-version",
	"linkerd-existence",
	"linkerd-config",
	"linkerd-identity",
	"linkerd-webhooks-and-apisvc-tls",
	"linkerd-version",
	"control-plane-version",
	"linkerd-control-plane-proxy",
}

# METADATA
# description: One message that names what is missing, and one for each category without a name or without checks.
# scope: document
deny contains msg if {
	missing := _required - _present
	count(missing) > 0
	msg := sprintf("the check report lacks %d of the %d categories of a full run: %s", [
		count(missing),
		count(_required),
		concat(", ", sort(missing)),
	])
}

# Edges come from the viz extension, so a run that saw them and did not check viz ended before its time.
deny contains msg if {
	input.edges_summary
	not "linkerd-viz" in _present
	msg := "edges were captured and the viz extension they come from was not checked: the check report ended early"
}

deny contains msg if {
	some category in input.check_report.categories
	not _checked(category)
	msg := sprintf("the category %v of the check report holds 0 checks", [_name(category)])
}

deny contains msg if {
	some i, category in input.check_report.categories
	not _named(category)
	msg := sprintf("the category at %v of the check report has no name", [i])
}

_present contains category.categoryName if {
	some category in input.check_report.categories
	_checked(category)
}

# A string has a count, too.
_checked(category) if {
	is_array(category.checks)
	count(category.checks) > 0
}

_named(category) if {
	is_string(category.categoryName)
	category.categoryName != ""
}

# Not object.get, which fails for a category that is no object, and takes the message with it.
_name(category) := value if {
	value := category.categoryName
} else := "without a name"
