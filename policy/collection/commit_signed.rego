# METADATA
# title: The commit is signed
# description: >-
#   Finds evidence of a commit without a signature. The evidence holds the signature, and not whether it is a good
#   one: only who has the signer's key can tell. Sign commits, and verify them where you take them.
# custom:
#   code: MESH029
package collection.commit_signed

import rego.v1

# METADATA
# description: >-
#   Off, as evidence about a mesh is good without it; for a team whose repository decides what the mesh is.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding where there is no signature.
findings contains {"msg": msg, "about": {}} if {
	not _signed
	msg := "the commit has no signature, or the evidence holds no commit"
}

_signed if {
	is_string(input.git.signature)
	startswith(input.git.signature, "-----BEGIN ")
}
