package mesh.report_consistent_test

import data.mesh.report_consistent
import rego.v1

_edge := {
	"src": "web",
	"src_namespace": "emojivoto",
	"dst": "voting",
	"dst_namespace": "shop",
	"client_id": "web.emojivoto",
	"server_id": "voting.shop",
}

_plain := object.remove(_edge, {"server_id"})

_healthy := {
	"check_summary": {
		"pass": 2,
		"warn": 1,
		"error": 0,
		"distinct_categories": 2,
		"overall_success": true,
		"categories": [
			{"category": "kubernetes-api", "pass": 1, "warn": 0, "error": 0},
			{"category": "linkerd-version", "pass": 1, "warn": 1, "error": 0, "warnings": ["is up to date"]},
		],
	},
	"check_report": {"success": true, "categories": [
		{"categoryName": "kubernetes-api", "checks": [{"description": "can query", "result": "success"}]},
		{"categoryName": "linkerd-version", "checks": [
			{"description": "is there", "result": "success"},
			{"description": "is up to date", "error": "is not", "result": "warning"},
		]},
	]},
	"edges_summary": {
		"total_edges": 2,
		"secured": 1,
		"insecure": 1,
		"distinct_src_namespaces": ["emojivoto"],
		"distinct_dst_namespaces": ["shop"],
	},
	"edge_report": [_edge, _plain],
}

_with(change) := object.union(_healthy, change)

_without(path) := json.remove(_healthy, {path})

_with_result(result) := json.patch(_healthy, [{
	"op": "replace",
	"path": "check_report/categories/0/checks/0/result",
	"value": result,
}])

_denies(evidence, messages) if {
	denied := report_consistent.deny with input as evidence
	denied == messages
}

_categories := "the summary of each category is not what the check report gives"

_nothing := {
	"the summary counts no checks as success, and the check report holds 0",
	"the summary counts no checks as warning, and the check report holds 0",
	"the summary counts no checks as error, and the check report holds 0",
	"the summary counts no categories, and the check report holds 0",
	"the check report says success nothing and holds 0 error-level checks",
}

_unsummarised := {
	"the summary counts no checks as success, and the check report holds 2",
	"the summary counts no checks as warning, and the check report holds 1",
	"the summary counts no checks as error, and the check report holds 0",
	"the summary counts no categories, and the check report holds 2",
	_categories,
	"the check report says success true and holds 0 error-level checks",
}

_unsupported := {
	"the summary counts 2 checks as success, and the check report holds 0",
	"the summary counts 1 checks as warning, and the check report holds 0",
	"the summary counts 2 categories, and the check report holds 0",
	_categories,
}

test_silent_where_the_summaries_are_what_the_reports_give if {
	_denies(_healthy, set())
}

# checks_pass denies it; it contradicts nothing.
test_silent_where_a_check_failed_and_everything_says_so if {
	failed := json.patch(_with_result("error"), [
		{"op": "replace", "path": "check_report/success", "value": false},
		{"op": "replace", "path": "check_summary/overall_success", "value": false},
		{"op": "replace", "path": "check_summary/pass", "value": 1},
		{"op": "replace", "path": "check_summary/error", "value": 1},
		{"op": "replace", "path": "check_summary/categories/0", "value": {
			"category": "kubernetes-api",
			"pass": 0,
			"warn": 0,
			"error": 1,
			"errors": ["can query"],
		}},
	])
	_denies(failed, set())
}

test_silent_where_no_edges_were_captured if {
	_denies(object.remove(_healthy, {"edges_summary", "edge_report"}), set())
}

# The namespaces of cilock come in random order.
test_silent_about_the_order_of_namespaces if {
	edges := [_edge, object.union(_plain, {"src_namespace": "books", "dst_namespace": "books"})]
	_denies(
		_with({"edge_report": edges, "edges_summary": {
			"distinct_src_namespaces": ["emojivoto", "books"],
			"distinct_dst_namespaces": ["books", "shop"],
		}}),
		set(),
	)
}

test_denies_an_error_behind_a_success if {
	_denies(_with_result("error"), {
		"the summary counts 2 checks as success, and the check report holds 1",
		"the summary counts 0 checks as error, and the check report holds 1",
		_categories,
		"the check report says success true and holds 1 error-level checks",
	})
}

test_denies_a_failure_without_a_failed_check if {
	_denies(
		_with({"check_report": {"success": false}, "check_summary": {"overall_success": false}}),
		{"the check report says success false and holds 0 error-level checks"},
	)
}

test_denies_a_success_with_an_error_text if {
	evidence := json.patch(_healthy, [{
		"op": "add",
		"path": "check_report/categories/0/checks/0/error",
		"value": "connection refused",
	}])
	_denies(evidence, {"a check is called a success and has an error: connection refused"})
}

test_silent_about_a_success_whose_error_is_empty if {
	_denies(json.patch(_healthy, [{"op": "add", "path": "check_report/categories/0/checks/0/error", "value": ""}]), set())
}

test_denies_a_success_whose_error_is_null if {
	evidence := json.patch(_healthy, [{"op": "add", "path": "check_report/categories/0/checks/0/error", "value": null}])
	_denies(evidence, {"a check is called a success and has an error: null"})
}

test_denies_when_everything_is_missing if {
	_denies({}, _nothing)
}

test_denies_when_the_evidence_is_null if {
	_denies(null, _nothing)
}

test_denies_when_summary_is_missing if {
	_denies(object.remove(_healthy, {"check_summary"}), _unsummarised)
}

test_denies_when_summary_is_no_object if {
	_denies(_with({"check_summary": "x"}), _unsummarised)
}

test_denies_when_report_is_missing if {
	_denies(object.remove(_healthy, {"check_report"}), _unsupported | {
		"the check report says success nothing and holds 0 error-level checks",
	})
}

test_denies_when_categories_is_missing if {
	_denies(_without("check_report/categories"), _unsupported)
}

test_denies_when_categories_is_null if {
	_denies(_with({"check_report": {"categories": null}}), _unsupported)
}

test_denies_when_categories_is_an_object if {
	categories := {"a": _healthy.check_report.categories[0], "b": _healthy.check_report.categories[1]}
	evidence := json.patch(_healthy, [{"op": "replace", "path": "check_report/categories", "value": categories}])
	_denies(evidence, _unsupported)
}

test_denies_when_success_is_missing if {
	_denies(
		_without("check_report/success"),
		{"the check report says success nothing and holds 0 error-level checks"},
	)
}

test_denies_when_success_is_a_string if {
	_denies(
		_with({"check_report": {"success": "true"}}),
		{"the check report says success true and holds 0 error-level checks"},
	)
}

test_denies_when_overall_success_is_missing if {
	_denies(
		_without("check_summary/overall_success"),
		{"the check report says success true and holds 0 error-level checks"},
	)
}

test_denies_when_overall_success_is_a_string if {
	_denies(
		_with({"check_summary": {"overall_success": "true"}}),
		{"the check report says success true and holds 0 error-level checks"},
	)
}

test_denies_when_pass_is_missing if {
	_denies(
		_without("check_summary/pass"),
		{"the summary counts no checks as success, and the check report holds 2"},
	)
}

test_denies_when_pass_is_wrong if {
	_denies(
		_with({"check_summary": {"pass": 3}}),
		{"the summary counts 3 checks as success, and the check report holds 2"},
	)
}

test_denies_when_warn_is_missing if {
	_denies(
		_without("check_summary/warn"),
		{"the summary counts no checks as warning, and the check report holds 1"},
	)
}

test_denies_when_error_is_missing if {
	_denies(
		_without("check_summary/error"),
		{"the summary counts no checks as error, and the check report holds 0"},
	)
}

test_denies_when_error_is_a_string if {
	_denies(
		_with({"check_summary": {"error": "0"}}),
		{"the summary counts 0 checks as error, and the check report holds 0"},
	)
}

test_denies_when_distinct_categories_is_missing if {
	_denies(
		_without("check_summary/distinct_categories"),
		{"the summary counts no categories, and the check report holds 2"},
	)
}

test_denies_when_distinct_categories_is_wrong if {
	_denies(
		_with({"check_summary": {"distinct_categories": 1}}),
		{"the summary counts 1 categories, and the check report holds 2"},
	)
}

test_denies_when_the_summary_of_categories_is_missing if {
	_denies(_without("check_summary/categories"), {_categories})
}

test_denies_when_the_summary_of_categories_is_an_object if {
	summary := {"a": _healthy.check_summary.categories[0], "b": _healthy.check_summary.categories[1]}
	evidence := json.patch(_healthy, [{"op": "replace", "path": "check_summary/categories", "value": summary}])
	_denies(evidence, {_categories})
}

test_denies_when_the_summary_of_a_category_is_missing if {
	_denies(_without("check_summary/categories/1"), {_categories})
}

test_denies_when_the_summary_of_a_category_is_null if {
	evidence := json.patch(_healthy, [{"op": "replace", "path": "check_summary/categories/0", "value": null}])
	_denies(evidence, {_categories})
}

test_denies_when_the_figure_of_a_category_is_missing if {
	_denies(_without("check_summary/categories/0/pass"), {_categories})
}

test_denies_when_the_warnings_of_a_category_are_missing if {
	_denies(_without("check_summary/categories/1/warnings"), {_categories})
}

test_denies_when_a_category_has_no_name if {
	_denies(_without("check_report/categories/0/categoryName"), {_categories})
}

test_denies_when_a_result_is_missing if {
	_denies(_without("check_report/categories/0/checks/0/result"), {
		"the summary counts 2 checks as success, and the check report holds 1",
		_categories,
	})
}

test_denies_when_checks_is_missing if {
	_denies(_without("check_report/categories/0/checks"), {
		"the summary counts 2 checks as success, and the check report holds 1",
		_categories,
	})
}

test_denies_a_check_that_is_a_string if {
	evidence := json.patch(_healthy, [{"op": "replace", "path": "check_report/categories/0/checks/0", "value": "success"}])
	_denies(evidence, {
		"the summary counts 2 checks as success, and the check report holds 1",
		_categories,
	})
}

test_denies_when_total_edges_is_missing if {
	_denies(
		_without("edges_summary/total_edges"),
		{"the summary counts no edges, 1 secured and 1 insecure, and the edges report gives 2, 1 and 1"},
	)
}

test_denies_when_total_edges_is_wrong if {
	_denies(
		_with({"edges_summary": {"total_edges": 3}}),
		{"the summary counts 3 edges, 1 secured and 1 insecure, and the edges report gives 2, 1 and 1"},
	)
}

test_denies_when_secured_is_missing if {
	_denies(
		_without("edges_summary/secured"),
		{"the summary counts 2 edges, no secured and 1 insecure, and the edges report gives 2, 1 and 1"},
	)
}

test_denies_when_secured_is_a_string if {
	_denies(
		_with({"edges_summary": {"secured": "1"}}),
		{"the summary counts 2 edges, 1 secured and 1 insecure, and the edges report gives 2, 1 and 1"},
	)
}

test_denies_when_insecure_is_missing if {
	_denies(
		_without("edges_summary/insecure"),
		{"the summary counts 2 edges, 1 secured and no insecure, and the edges report gives 2, 1 and 1"},
	)
}

test_denies_when_insecure_is_negative if {
	_denies(
		_with({"edges_summary": {"secured": 3, "insecure": -1}}),
		{"the summary counts 2 edges, 3 secured and -1 insecure, and the edges report gives 2, 1 and 1"},
	)
}

test_denies_an_insecure_edge_that_is_counted_as_secured if {
	_denies(
		_with({"edges_summary": {"secured": 2, "insecure": 0}}),
		{"the summary counts 2 edges, 2 secured and 0 insecure, and the edges report gives 2, 1 and 1"},
	)
}

_denies_as_insecure(change) if {
	_denies(
		_with({"edge_report": [object.union(_edge, change), _plain]}),
		{"the summary counts 2 edges, 1 secured and 1 insecure, and the edges report gives 2, 0 and 2"},
	)
}

test_an_edge_with_an_empty_client_id_is_not_secured if {
	_denies_as_insecure({"client_id": ""})
}

test_an_edge_with_a_client_id_that_is_a_list_is_not_secured if {
	_denies_as_insecure({"client_id": []})
}

test_an_edge_with_an_empty_server_id_is_not_secured if {
	_denies_as_insecure({"server_id": ""})
}

test_an_edge_with_a_server_id_that_is_null_is_not_secured if {
	_denies_as_insecure({"server_id": null})
}

test_an_edge_with_a_reason_is_not_secured if {
	_denies_as_insecure({"no_tls_reason": "loopback"})
}

_no_edges := {
	"the summary counts 2 edges, 1 secured and 1 insecure, and the edges report gives 0, 0 and 0",
	"the summary's distinct_src_namespaces are not those of the edges report",
	"the summary's distinct_dst_namespaces are not those of the edges report",
}

test_denies_when_the_edges_report_is_missing if {
	_denies(_without("edge_report"), _no_edges)
}

test_denies_when_the_edges_report_is_an_object if {
	_denies(_with({"edge_report": {"a": _edge, "b": _plain}}), _no_edges)
}

test_denies_when_edges_summary_is_no_object if {
	_denies(_with({"edges_summary": "x"}), {
		"the summary counts no edges, no secured and no insecure, and the edges report gives 2, 1 and 1",
		"the summary's distinct_src_namespaces are not those of the edges report",
		"the summary's distinct_dst_namespaces are not those of the edges report",
	})
}

# Without a summary, edges_captured denies.
test_silent_about_edges_when_edges_summary_is_missing if {
	_denies(_without("edges_summary"), set())
}

test_denies_when_source_namespaces_are_missing if {
	_denies(
		_without("edges_summary/distinct_src_namespaces"),
		{"the summary's distinct_src_namespaces are not those of the edges report"},
	)
}

test_denies_when_destination_namespaces_are_missing if {
	_denies(
		_without("edges_summary/distinct_dst_namespaces"),
		{"the summary's distinct_dst_namespaces are not those of the edges report"},
	)
}

test_denies_when_a_namespace_is_not_in_the_report if {
	_denies(
		_with({"edges_summary": {"distinct_dst_namespaces": ["shop", "books"]}}),
		{"the summary's distinct_dst_namespaces are not those of the edges report"},
	)
}
