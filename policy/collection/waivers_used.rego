# METADATA
# title: Every waiver is used
# description: >-
#   Warns of a waiver that covers nothing that was found: what it was for is mended, or it never matched. Take it away,
#   so that it does not cover something new one day.
# custom:
#   code: MESH017
package collection.waivers_used

import rego.v1

# METADATA
# description: A forgotten waiver is untidy, and no evidence against the mesh.
level := "warn"

# METADATA
# description: One message for each. The gate says which are left over when all other rules have spoken.
deny contains finding.msg if some finding in findings

# METADATA
# description: The same with the waiver's position, so that a report can point at its line.
# scope: document
findings contains {"msg": msg, "about": {"waiver": sprintf("%d", [i])}} if {
	some i in input.unused
	waiver := input.waivers[i]
	msg := sprintf("the waiver of %v for %v covers nothing that was found", [
		_field(waiver, "owner"),
		_field(waiver, "rule"),
	])
}

_field(waiver, key) := value if {
	value := waiver[key]
} else := "?"
