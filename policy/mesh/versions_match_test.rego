package mesh.versions_match_test

import data.mesh.versions_match
import rego.v1

_check := {"description": "is well", "result": "success"}

_report(checks) := {"check_report": {"categories": [{"categoryName": "linkerd-identity", "checks": checks}]}}

# Who reads deny alone hears what findings say.
_finds(evidence, messages) if {
	denied := versions_match.deny with input as evidence
	denied == messages
	findings := versions_match.findings with input as evidence
	{finding.msg | some finding in findings} == messages
}

_match := {"description": "control plane and cli versions match", "result": "success"}

_newest := {"description": "cli is up-to-date", "result": "warning", "error": "is running version 1 but the latest is 2"}

test_silent_where_they_match if {
	_finds(_report([_match, object.union(_newest, {"result": "success"}), _check]), set())
}

test_finds_each_that_does_not if {
	_finds(
		_report([_newest, object.union(_match, {"result": "error"})]),
		{
			"cli is up-to-date: is running version 1 but the latest is 2",
			"control plane and cli versions match: linkerd does not say why not",
		},
	)
}

test_says_which_check_it_is_about if {
	found := versions_match.findings with input as _report([_newest])
	{finding.about | some finding in found} == {{"category": "linkerd-identity", "check": "cli is up-to-date"}}
}

test_finds_a_result_that_is_missing_or_odd if {
	said := "control plane and cli versions match: linkerd does not say why not"
	_finds(_report([object.remove(_match, {"result"})]), {said})
	_finds(_report([object.union(_match, {"result": null})]), {said})
	_finds({"check_report": {"categories": [{"checks": [object.remove(_match, {"result"})]}]}}, {said})
}

test_silent_about_other_checks if {
	_finds(_report([{"description": "up-to-date proxies are there", "result": "error"}]), set())
	_finds(_report([object.union(_check, {"result": "error"}), {"result": "error"}, {"description": 7}, null, "x"]), set())
}

# categories_present and report_complete deny these.
test_silent_without_a_report if {
	every evidence in [{}, {"check_report": null}, {"check_report": {"categories": "x"}}] {
		_finds(evidence, set())
	}
}
