# METADATA
# title: The required extensions were checked
# description: >-
#   Finds an extension that had to be checked, and was not: it is not installed, its command is not on PATH, or it
#   answered something that is no report. linkerd itself only warns of that.
# custom:
#   code: MESH027
#   parameters:
#     extensions: {type: texts, default: [], text: "extensions that must have been checked, such as viz or multicluster"}
package mesh.extensions_checked

import rego.v1

# METADATA
# description: >-
#   Off, as which extensions there must be is known to nobody but the team; viz is wanted by the floor where there are
#   edges. It denies as soon as it is given names.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding for each extension that was not checked, and one where none is named.
# scope: document
findings contains {"msg": msg, "about": {"category": category}} if {
	some extension in _extensions
	category := sprintf("linkerd-%v", [extension])
	not _checked(category)
	msg := sprintf("the extension %v has to be checked, and was not: linkerd %v check", [extension, extension])
}

findings contains {"msg": "extensions are required, and none is named", "about": {}} if count(_extensions) == 0

_given := data.parameters["mesh.extensions_checked"]

default _extensions := []

_extensions := _given.extensions if is_array(_given.extensions)

# What linkerd writes for one without a command, or one that answered garbage, is a category of that name, too, with one
# check that did not succeed.
_checked(name) if {
	some category in input.check_report.categories
	category.categoryName == name
	some check in category.checks
	check.result == "success"
	is_string(check.description)
	not startswith(check.description, "Linkerd extension command")
}
