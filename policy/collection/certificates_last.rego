# METADATA
# title: The certificates last for a while
# description: >-
#   Finds a certificate of the mesh that expires within the given days of the judgement, as far as linkerd's checks
#   tell: they give a date only for one with less than 60 days left. Rotate it:
#   https://linkerd.io/2/tasks/rotating_identity_certificates/
# custom:
#   code: MESH028
#   parameters:
#     days: {type: integer, default: 30, most: 60, text: "how many days a certificate must last at least; linkerd tells of no more than 60"}
package collection.certificates_last

import rego.v1

# METADATA
# description: >-
#   Only warns, as until its last day a certificate is good; a team that rotates by hand will want to be stopped
#   earlier.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each date that is too near.
# scope: document
findings contains {"msg": msg, "about": about} if {
	some category in input.linkerd_check.check_report.categories
	some check in category.checks
	is_string(check.error)
	some date in regex.find_n(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z`, check.error, -1)
	date < _limit
	about := {"category": object.get(category, "categoryName", ""), "check": object.get(check, "description", "")}
	msg := sprintf("%v: it expires on %v, in less than %v days", [object.get(check, "description", "?"), date, _days])
}

# Times of one zone sort as text, and a date that is none stops nobody. Without a time of the judgement every date is
# too near.
default _limit := "A"

_limit := time.format(time.parse_rfc3339_ns(input.run.now) + ((min([_days, 36500]) * 86400) * 1000000000))

_given := data.parameters["collection.certificates_last"]

default _days := 30

_days := _given.days if is_number(_given.days)
