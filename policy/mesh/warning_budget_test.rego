package mesh.warning_budget_test

import data.mesh.warning_budget
import rego.v1

_check := {"description": "is well", "result": "success"}

_report(checks) := {"check_report": {"categories": [{"categoryName": "linkerd-identity", "checks": checks}]}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := warning_budget.deny with input as evidence with data.parameters as {"mesh.warning_budget": parameters}
	denied == messages
	findings := warning_budget.findings with input as evidence with data.parameters as {"mesh.warning_budget": parameters}
	{finding.msg | some finding in findings} == messages
}

_warns(name) := {"description": name, "result": "warning", "error": "soon"}

_over(n, most, check) := sprintf("%d warnings, and %v are allowed; in linkerd-identity: %v", [n, most, check])

test_silent_without_a_warning if {
	_finds(_report([_check, {"description": "is bad", "result": "error"}]), {}, set())
}

test_silent_within_the_budget if {
	_finds(_report([_warns("a"), _warns("b")]), {"max": 2}, set())
}

test_finds_each_above_the_budget if {
	_finds(_report([_warns("a"), _check, _warns("b")]), {"max": 1}, {_over(2, 1, "a: soon"), _over(2, 1, "b: soon")})
}

test_says_which_check_it_is_about if {
	found := warning_budget.findings with input as _report([_warns("a")])
	{finding.about | some finding in found} == {{"category": "linkerd-identity", "check": "a"}}
}

test_without_a_number_none_is_allowed if {
	every parameters in [{}, {"max": null}, {"max": "9"}, {"max": [9]}, {"max": true}, null] {
		_finds(_report([_warns("a")]), parameters, {_over(1, 0, "a: soon")})
	}
	warning_budget.deny == {_over(1, 0, "a: soon")} with input as _report([_warns("a")])
}

test_finds_a_warning_without_its_fields if {
	_finds(_report([{"result": "warning"}]), {}, {_over(1, 0, "an unnamed check")})
	_finds(_report([{"result": "warning", "description": 7, "error": null}]), {}, {_over(1, 0, "7")})
	_finds({"check_report": {"categories": [{"checks": [_warns("a")]}]}}, {}, {concat("", [
		"1 warnings, and 0 are allowed; ",
		"in an unnamed category: a: soon",
	])})
}

# known_results denies a check without a result, and categories_present and report_consistent a report without checks.
test_silent_where_nothing_warns if {
	_finds(_report([object.remove(_warns("a"), {"result"}), null, "warning", []]), {}, set())
	every evidence in [{}, {"check_report": null}, {"check_report": {"categories": "x"}}] {
		_finds(evidence, {}, set())
	}
}
