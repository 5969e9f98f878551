# METADATA
# title: The edges were captured
# description: >-
#   Denies evidence without an edges report: silence about edges is no proof of mTLS. The viz extension provides it:
#   linkerd viz install | kubectl apply -f -
# custom:
#   code: MESH003
package mesh.edges_captured

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

# METADATA
# description: One message where there is no edges summary.
deny contains msg if {
	not _captured
	msg := concat("", [
		"no edges report was captured, so 0 edges are known to be mTLS: ",
		"the viz extension is missing, not reachable, or did not answer",
	])
}

# A helper, since `not is_object(x)` itself is undefined where x is, and the denial would vanish with it.
_captured if is_object(input.edges_summary)
