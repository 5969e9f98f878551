# METADATA
# title: The branch is an allowed one
# description: >-
#   Finds evidence that was made on another branch than those on the list. A workflow checks out a detached HEAD for a
#   pull request: that is no branch.
# custom:
#   code: MESH031
#   parameters:
#     branches: {type: texts, default: [], text: "branches on which evidence may be made, by name or glob"}
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
# description: One finding where the branch is none of them.
findings contains {"msg": msg, "about": {}} if {
	not _allowed
	msg := sprintf("the evidence was made on the branch %v, and not on one of %v", [_branch, concat(", ", _branches)])
}

_allowed if {
	some pattern in _branches
	is_string(_branch)
	glob.match(pattern, [], _branch)
}

default _branch := "(none)"

_branch := input.git.branch

default _branches := []

_branches := data.parameters["collection.branch_allowed"].branches
