# METADATA
# title: The working tree is clean
# description: >-
#   Finds a file of the working tree that is not as it was committed: what ran is then not what the commit says.
#   Commit it, or run in a fresh checkout.
# custom:
#   code: MESH030
package collection.tree_clean

import rego.v1

# METADATA
# description: >-
#   Off, as workflows write files before they gate; for a team whose repository decides what the mesh is.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: >-
#   One finding for each changed path, and one where the evidence holds no commit, or a state that cannot be read.
# scope: document
findings contains {"msg": msg, "about": {}} if {
	some path, status in input.git.status
	msg := sprintf("%v is not as it was committed: %v", [path, json.marshal(status)])
}

findings contains {"msg": "the evidence holds no commit, so nothing is known to be as committed", "about": {}} if {
	not _committed
}

findings contains {"msg": "the state of the working tree cannot be read", "about": {}} if {
	"status" in object.keys(input.git)
	not is_object(input.git.status)
}

_committed if {
	is_string(input.git.commithash)
	input.git.commithash != ""
}
