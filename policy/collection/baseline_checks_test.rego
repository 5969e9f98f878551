package collection.baseline_checks_test

import data.collection.baseline_checks
import rego.v1

_check := {"description": "is well", "result": "success"}

_report(checks) := {"check_report": {"categories": [{"categoryName": "linkerd-identity", "checks": checks}]}}

_evidence(once, now) := {"baseline": {"linkerd_check": _report(once)}, "linkerd_check": _report(now)}

# Who reads deny alone hears what findings say.
_finds(evidence, messages) if {
	denied := baseline_checks.deny with input as evidence
	denied == messages
	findings := baseline_checks.findings with input as evidence
	{finding.msg | some finding in findings} == messages
}

_turned(check) := sprintf("%v succeeded in the baseline, and does not now", [check])

_nothing := "the baseline holds no check that succeeded, so that none can be compared"

test_silent_where_each_still_succeeds if {
	_finds(_evidence([_check, {"description": "x", "result": "warning"}], [_check]), set())
}

test_finds_each_that_turned if {
	every result in ["warning", "error", "", null, 7] {
		now := [object.union(_check, {"result": result})]
		_finds(_evidence([_check], now), {_turned("linkerd-identity: is well")})
		_finds(_evidence([_check], array.concat([_check], now)), {_turned("linkerd-identity: is well")})
	}
	_finds(_evidence([_check], [{"description": "is well"}]), {_turned("linkerd-identity: is well")})
	_finds(_evidence([_check], [_check, {"description": "is well"}]), {_turned("linkerd-identity: is well")})
}

test_finds_each_that_is_not_there if {
	every now in [[], null, [null, "is well", {}], [{"result": "success"}], "x"] {
		_finds(_evidence([_check], now), {_turned("linkerd-identity: is well")})
	}
}

test_says_which_check_it_is_about if {
	found := baseline_checks.findings with input as _evidence([_check], [])
	{finding.about | some finding in found} == {{"category": "linkerd-identity", "check": "is well"}}
}

test_a_category_without_a_name_is_another if {
	now := {"check_report": {"categories": [{"checks": [_check]}]}}
	_finds({"baseline": {"linkerd_check": _report([_check])}, "linkerd_check": now}, {_turned("linkerd-identity: is well")})
	_finds({"baseline": {"linkerd_check": now}, "linkerd_check": _report([_check])}, {_nothing})
}

test_finds_all_without_a_report if {
	_finds({"baseline": {"linkerd_check": _report([_check])}}, {_turned("linkerd-identity: is well")})
	_finds({"baseline": {"linkerd_check": _report([_check])}, "linkerd_check": null}, {_turned("linkerd-identity: is well")})
}

test_finds_that_the_baseline_holds_nothing if {
	every once in [[], null, [{"result": "success"}], [{"description": "x"}], "x"] {
		_finds(_evidence(once, [_check]), {_nothing})
	}
	_finds({"baseline": {}}, {_nothing})
	_finds({"baseline": null}, {_nothing})
}

test_silent_without_a_baseline if {
	_finds({"linkerd_check": _report([])}, set())
	_finds({}, set())
}
