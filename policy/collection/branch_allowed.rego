# METADATA
# title: The branch is an allowed one
# description: >-
#   Finds evidence that was made on another branch than those on the list. A workflow checks out a detached HEAD for a
#   pull request: that is no branch.
# custom:
#   code: MESH031
#   parameters:
#     branches: {type: patterns, default: [], text: "branches on which evidence may be made, by name or glob; * stands for any part between slashes"}
package collection.branch_allowed

import rego.v1

# METADATA
# description: >-
#   Off, as evidence about a mesh is good from any branch. It denies as soon as it is given its branches.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding where the branch is none of them, or none is named.
# scope: document
findings contains {"msg": msg, "about": {}} if {
	count(_branches) > 0
	not _allowed
	msg := sprintf("the evidence was made on the branch %v, and not on one of %v", [_branch, concat(", ", _branches)])
}

findings contains {"msg": "branches are required, and none is named", "about": {}} if count(_branches) == 0

_allowed if {
	is_string(input.git.branch)
	input.git.branch != ""
	some pattern in _branches
	glob.match(pattern, ["/"], input.git.branch)
}

default _branch := "(none)"

_branch := input.git.branch

_given := data.parameters["collection.branch_allowed"]

default _branches := []

_branches := [pattern | some pattern in _given.branches; is_string(pattern)] if is_array(_given.branches)
