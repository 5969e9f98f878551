package mesh.checks_pass_test

import data.mesh.checks_pass
import rego.v1

_healthy := {
	"check_summary": {"pass": 2, "warn": 1, "error": 0, "overall_success": true},
	"check_report": {"success": true, "categories": [{"categoryName": "linkerd-identity", "checks": [
		{"description": "certificate config is valid", "result": "success"},
		{"description": "trust anchors expire soon", "error": "in 10 days", "result": "warning"},
	]}]},
}

_failed := {"description": "issuer cert is valid", "error": "expired", "hint": "https://l5d.io/x", "result": "error"}

_with_check(check) := object.union(
	_healthy,
	{"check_report": {"categories": [{"categoryName": "linkerd-identity", "checks": [check]}]}},
)

_with_summary(change) := object.union(_healthy, {"check_summary": change})

_denies(evidence, message) if {
	denied := checks_pass.deny with input as evidence
	denied == {message}
}

test_silent_where_no_check_failed if {
	checks_pass.deny == set() with input as _healthy
}

test_denies_a_failed_check_with_its_error_and_its_link if {
	evidence := object.union(_with_check(_failed), {"check_summary": {"error": 1, "overall_success": false}})
	denied := checks_pass.deny with input as evidence
	denied == {
		"linkerd check failed in linkerd-identity: issuer cert is valid: expired - see https://l5d.io/x",
		"linkerd reports 1 error-level checks and 2 that pass; its overall success is false",
	}
}

test_denies_a_failed_check_that_the_summary_does_not_count if {
	_denies(
		_with_check(_failed),
		"linkerd check failed in linkerd-identity: issuer cert is valid: expired - see https://l5d.io/x",
	)
}

test_names_a_failed_check_without_a_link if {
	_denies(
		_with_check(object.remove(_failed, {"hint"})),
		"linkerd check failed in linkerd-identity: issuer cert is valid: expired",
	)
}

test_names_a_failed_check_without_an_error if {
	_denies(
		_with_check(object.remove(_failed, {"error", "hint"})),
		"linkerd check failed in linkerd-identity: issuer cert is valid",
	)
}

test_names_a_failed_check_whose_error_is_no_text if {
	_denies(
		_with_check(object.union(_failed, {"error": 7, "hint": null})),
		"linkerd check failed in linkerd-identity: issuer cert is valid",
	)
}

test_names_a_failed_check_that_has_nothing_but_its_result if {
	_denies(
		object.union(_healthy, {"check_report": {"categories": [{"checks": [{"result": "error"}]}]}}),
		"linkerd check failed in an unnamed category: an unnamed check",
	)
}

test_denies_when_only_the_summary_counts_an_error if {
	_denies(
		_with_summary({"error": 1}),
		"linkerd reports 1 error-level checks and 2 that pass; its overall success is true",
	)
}

test_denies_when_the_report_is_no_success if {
	_denies(
		_with_summary({"overall_success": false}),
		"linkerd reports 0 error-level checks and 2 that pass; its overall success is false",
	)
}

test_denies_when_summary_is_missing if {
	_denies(
		object.remove(_healthy, {"check_summary"}),
		"linkerd reports unknown error-level checks and unknown that pass; its overall success is unknown",
	)
}

test_denies_when_summary_is_no_object if {
	_denies(
		object.union(_healthy, {"check_summary": null}),
		"linkerd reports unknown error-level checks and unknown that pass; its overall success is unknown",
	)
}

test_denies_when_everything_is_missing if {
	_denies({}, "linkerd reports unknown error-level checks and unknown that pass; its overall success is unknown")
}

test_denies_when_error_is_missing if {
	_denies(
		json.remove(_healthy, {"check_summary/error"}),
		"linkerd reports unknown error-level checks and 2 that pass; its overall success is true",
	)
}

test_denies_when_error_is_a_string if {
	_denies(
		_with_summary({"error": "0"}),
		"linkerd reports 0 error-level checks and 2 that pass; its overall success is true",
	)
}

test_denies_when_error_is_negative if {
	_denies(
		_with_summary({"error": -1}),
		"linkerd reports -1 error-level checks and 2 that pass; its overall success is true",
	)
}

test_denies_when_overall_success_is_missing if {
	_denies(
		json.remove(_healthy, {"check_summary/overall_success"}),
		"linkerd reports 0 error-level checks and 2 that pass; its overall success is unknown",
	)
}

test_denies_when_overall_success_is_a_string if {
	_denies(
		_with_summary({"overall_success": "true"}),
		"linkerd reports 0 error-level checks and 2 that pass; its overall success is true",
	)
}

test_pass_stands_in_the_message_only if {
	checks_pass.deny == set() with input as json.remove(_healthy, {"check_summary/pass"})
}

# What is not listed is not this rule's: categories_present and report_complete deny it.
test_silent_when_report_is_missing if {
	checks_pass.deny == set() with input as object.remove(_healthy, {"check_report"})
}

test_silent_when_categories_is_null if {
	checks_pass.deny == set() with input as object.union(_healthy, {"check_report": {"categories": null}})
}

test_silent_when_result_is_missing if {
	checks_pass.deny == set() with input as _with_check({"description": "issuer cert is valid"})
}

test_denies_a_failed_check_behind_one_that_passes if {
	checks := [{"description": "certificate config is valid", "result": "success"}, _failed]
	_denies(
		object.union(
			_healthy,
			{"check_report": {"categories": [{"categoryName": "linkerd-identity", "checks": checks}]}},
		),
		"linkerd check failed in linkerd-identity: issuer cert is valid: expired - see https://l5d.io/x",
	)
}
