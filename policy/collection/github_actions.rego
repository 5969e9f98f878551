# METADATA
# title: The run was one of GitHub Actions in this repository
# description: >-
#   Finds evidence whose environment does not say that it was made by GitHub Actions in the given repository. It is
#   what the runner's variables said, and no proof of where it ran: that is what a signature by the workflow's
#   identity is for.
# custom:
#   code: MESH032
#   parameters:
#     repository: {type: text, default: '', text: "the repository, written owner/name"}
package collection.github_actions

import rego.v1

# METADATA
# description: >-
#   Off, as evidence may well come from elsewhere. It denies as soon as it is given its repository.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding where a variable says otherwise or nothing.
# scope: document
findings contains {"msg": msg, "about": {}} if {
	_repository != ""
	some name, wanted in {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": _repository}
	_variable(name) != wanted
	msg := sprintf("the environment says %v=%v, and not %v", [name, _variable(name), wanted])
}

findings contains {"msg": "a repository is required, and none is named", "about": {}} if _repository == ""

_variable(name) := value if {
	value := input.environment.variables[name]
} else := "(nothing)"

_given := data.parameters["collection.github_actions"]

default _repository := ""

_repository := _given.repository if is_string(_given.repository)
