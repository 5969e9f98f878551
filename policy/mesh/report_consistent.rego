# METADATA
# title: The reports do not contradict themselves
# description: >-
#   Denies summaries that their reports do not support, and a success that its own checks deny. No linkerd writes that;
#   somebody else did, or something was lost on the way.
# custom:
#   code: MESH007
package mesh.report_consistent

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

# METADATA
# description: One message for each figure that is not what the report gives, and for each check at odds with itself.
# scope: document
deny contains msg if {
	some key, result in {"pass": "success", "warn": "warning", "error": "error"}
	held := _with_result(_all_checks, result)
	not _counts(key, held)
	msg := sprintf("the summary counts %v checks as %s, and the check report holds %d", [_count(key), result, held])
}

deny contains msg if {
	held := count(_categories)
	not _counts("distinct_categories", held)
	msg := sprintf("the summary counts %v categories, and the check report holds %d", [
		_count("distinct_categories"),
		held,
	])
}

deny contains msg if {
	_stated_rollups != _rollups
	msg := "the summary of each category is not what the check report gives"
}

deny contains msg if {
	not _success_agrees
	msg := sprintf("the check report says success %v and holds %d error-level checks", [
		_success,
		_with_result(_all_checks, "error"),
	])
}

# linkerd writes an error text only for a check that did not succeed (pkg/healthcheck/healthcheck_output.go).
deny contains msg if {
	some check in _all_checks
	check.result == "success"
	object.get(check, "error", "") != ""
	msg := sprintf("a check is called a success and has an error: %v", [check.error])
}

deny contains msg if {
	input.edges_summary
	not _edges_agree
	msg := sprintf("the summary counts %v edges, %v secured and %v insecure, and the edges report gives %d, %d and %d", [
		_edge_count("total_edges"),
		_edge_count("secured"),
		_edge_count("insecure"),
		count(_edges),
		_secured,
		count(_edges) - _secured,
	])
}

deny contains msg if {
	input.edges_summary
	some key, held in {"distinct_src_namespaces": _src_namespaces, "distinct_dst_namespaces": _dst_namespaces}
	{namespace | some namespace in input.edges_summary[key]} != held
	msg := sprintf("the summary's %s are not those of the edges report", [key])
}

_counts(key, held) if input.check_summary[key] == held

# Not object.get, which fails where the summary is no object, and takes the message with it.
_count(key) := value if {
	value := input.check_summary[key]
} else := "no"

_edge_count(key) := value if {
	value := input.edges_summary[key]
} else := "no"

default _success := "nothing"

_success := input.check_report.success

default _categories := []

_categories := input.check_report.categories if is_array(input.check_report.categories)

_all_checks := [check | some category in _categories; some check in category.checks]

_with_result(checks, result) := count([1 | some check in checks; check.result == result])

_descriptions(checks, result) := [check.description | some check in checks; check.result == result]

_rollups := [rollup |
	some category in _categories
	rollup := {
		"category": category.categoryName,
		"pass": _with_result(category.checks, "success"),
		"warn": _with_result(category.checks, "warning"),
		"error": _with_result(category.checks, "error"),
		"warnings": _descriptions(category.checks, "warning"),
		"errors": _descriptions(category.checks, "error"),
	}
]

# A list of descriptions is left out where it is empty, and so is the whole.
_stated_rollups := [object.union({"warnings": [], "errors": []}, rollup) |
	is_array(input.check_summary.categories)
	some rollup in input.check_summary.categories
	is_object(rollup)
]

_success_agrees if {
	input.check_report.success == _no_errors
	input.check_summary.overall_success == _no_errors
}

default _no_errors := false

_no_errors if _with_result(_all_checks, "error") == 0

_edges_agree if {
	input.edges_summary.total_edges == count(_edges)
	input.edges_summary.secured == _secured
	input.edges_summary.insecure == count(_edges) - _secured
}

default _edges := []

_edges := input.edge_report if is_array(input.edge_report)

# The same conditions stand in edges_mtls, since a cilock policy may carry either rule alone.
_secured := count([1 |
	some edge in _edges
	client := edge.client_id
	is_string(client)
	client != ""
	server := edge.server_id
	is_string(server)
	server != ""
	object.get(edge, "no_tls_reason", "") == ""
])

# `_edges[_].x` takes half as long as `some edge in _edges`.
_src_namespaces := {namespace | namespace := _edges[_].src_namespace}

_dst_namespaces := {namespace | namespace := _edges[_].dst_namespace}
