package mesh.known_results_test

import data.mesh.known_results
import rego.v1

_with_checks(checks) := {"check_report": {"categories": [{"categoryName": "linkerd-viz", "checks": checks}]}}

_denies(evidence, message) if {
	denied := known_results.deny with input as evidence
	denied == {message}
}

test_silent_where_every_word_is_known if {
	known_results.deny == set() with input as _with_checks([
		{"description": "a", "result": "success"},
		{"description": "b", "result": "warning"},
		{"description": "c", "result": "error"},
	])
}

test_denies_unknown_words_with_how_often_they_stand if {
	evidence := {"check_report": {"categories": [
		{"checks": [{"result": "skipped"}, {"result": "success"}]},
		{"checks": [{"result": "skipped"}, {"result": "Error"}]},
	]}}
	denied := known_results.deny with input as evidence
	denied == {`2 checks have the unknown result "skipped"`, `1 checks have the unknown result "Error"`}
}

test_denies_when_result_is_missing if {
	_denies(_with_checks([{"description": "a"}]), `1 checks have the unknown result ""`)
}

test_denies_when_result_is_empty if {
	_denies(_with_checks([{"result": ""}]), `1 checks have the unknown result ""`)
}

test_denies_when_result_is_null if {
	_denies(_with_checks([{"result": null}]), `1 checks have the unknown result "null"`)
}

test_denies_when_result_is_false if {
	_denies(_with_checks([{"result": false}]), `1 checks have the unknown result "false"`)
}

test_denies_when_result_is_a_list if {
	_denies(_with_checks([{"result": ["success"]}]), `1 checks have the unknown result "[\"success\"]"`)
}

test_denies_a_check_that_is_a_string if {
	_denies(_with_checks(["success"]), `1 checks have the unknown result ""`)
}

test_denies_a_check_that_is_null if {
	_denies(_with_checks([null]), `1 checks have the unknown result ""`)
}

# Where nothing is listed there is no word: categories_present and report_complete deny that.
test_silent_when_report_is_missing if {
	known_results.deny == set() with input as {}
}

test_silent_when_categories_is_null if {
	known_results.deny == set() with input as {"check_report": {"categories": null}}
}

test_silent_when_checks_is_missing if {
	known_results.deny == set() with input as {"check_report": {"categories": [{"categoryName": "linkerd-viz"}]}}
}

test_counts_every_check_of_a_category if {
	evidence := _with_checks([{"result": "skipped"}, {"result": "skipped"}])
	_denies(evidence, `2 checks have the unknown result "skipped"`)
}
