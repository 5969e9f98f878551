# METADATA
# title: There is coverage evidence
# description: >-
#   Finds evidence that was taken without coverage: who has no proxy at all, whom the mesh believes and what passes in
#   plaintext beside the edges is then not known. Run with `coverage: true`.
# custom:
#   code: MESH037
#   needs: coverage
package collection.coverage_required

import rego.v1

# METADATA
# description: >-
#   Off, as coverage needs more rights than the edges, and a run without it says what was not looked at. A deployment
#   that relies on coverage asks for it, so that nobody leaves it out.
level := "off"

# METADATA
# description: One message for each finding.
deny contains finding.msg if some finding in findings

# METADATA
# description: One finding where it is not there.
# scope: document
findings contains {"msg": "there is no coverage evidence: run with coverage: true", "about": {}} if not _is_there

_is_there if is_object(input.coverage)
