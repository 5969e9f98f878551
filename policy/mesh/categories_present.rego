# METADATA
# title: The check report holds categories
# description: >-
#   Denies a report without any category: linkerd printed nothing that was checked. Run `linkerd check -o json` by
#   hand with the same kubeconfig to see why.
# custom:
#   code: MESH002
package mesh.categories_present

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

# METADATA
# description: One message where the report holds, or its summary counts, no category.
deny contains msg if {
	not _some_categories
	msg := sprintf("the check report holds %d categories and its summary counts %v: nothing is known to be healthy", [
		count(_categories),
		_counted,
	])
}

# Its type is asked for, since every string is greater than 0.
_some_categories if {
	is_number(_counted)
	_counted > 0
	count(_categories) > 0
}

default _counted := "no"

_counted := input.check_summary.distinct_categories

default _categories := []

_categories := input.check_report.categories if is_array(input.check_report.categories)
