# METADATA
# title: The versions match
# description: >-
#   Finds a check on versions that did not succeed: the CLI and the control plane, the control plane and its proxies,
#   or either and the newest release. Where they differ, a check that one of them does not know is not made, and an
#   edge may be read differently. Install the CLI of the mesh's own version.
# custom:
#   code: MESH026
package mesh.versions_match

import rego.v1

# METADATA
# description: >-
#   Only warns, as a mesh that is a release behind is still one with mTLS, and the newest release is asked of the
#   internet.
level := "warn"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each such check.
# scope: document
findings contains {"msg": msg, "about": about} if {
	some category in input.check_report.categories
	some check in category.checks
	is_string(check.description)
	regex.match(`(versions match|up-to-date)$`, check.description)
	object.get(check, "result", "none") != "success"
	about := {"category": object.get(category, "categoryName", ""), "check": check.description}
	msg := sprintf("%v: %v", [check.description, object.get(check, "error", "linkerd does not say why not")])
}
