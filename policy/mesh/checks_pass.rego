# METADATA
# title: No check failed
# description: >-
#   Denies error-level checks, and a report that does not call itself a success. Each message carries linkerd's own
#   error and its link, which says what to do. Warnings do not deny.
# custom:
#   code: MESH001
package mesh.checks_pass

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

# METADATA
# description: One message for each failed check, and one with the count.
# scope: document
deny contains msg if {
	some category in input.check_report.categories
	some check in category.checks
	check.result == "error"
	msg := sprintf("linkerd check failed in %v: %v%v%v", [
		object.get(category, "categoryName", "an unnamed category"),
		object.get(check, "description", "an unnamed check"),
		_after(": ", object.get(check, "error", "")),
		_after(" - see ", object.get(check, "hint", "")),
	])
}

deny contains msg if {
	not _success
	msg := sprintf("linkerd reports %v error-level checks and %v that pass; its overall success is %v", [
		_figure("error"),
		_figure("pass"),
		_figure("overall_success"),
	])
}

_success if {
	input.check_summary.error == 0
	input.check_summary.overall_success == true
}

# Not object.get, which fails where the summary is no object, and takes the message with it.
_figure(key) := value if {
	value := input.check_summary[key]
} else := "unknown"

_after(mark, text) := concat("", [mark, text]) if {
	is_string(text)
	text != ""
} else := ""
