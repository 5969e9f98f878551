package mesh.required_checks_test

import data.mesh.required_checks
import rego.v1

_check := {"description": "is well", "result": "success"}

_report(checks) := {"check_report": {"categories": [{"categoryName": "linkerd-identity", "checks": checks}]}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := required_checks.deny with input as evidence with data.parameters as {"mesh.required_checks": parameters}
	denied == messages
	findings := required_checks.findings with input as evidence with data.parameters as {"mesh.required_checks": parameters}
	{finding.msg | some finding in findings} == messages
}

_absent(name) := sprintf("the category %v of checks has to be there, and is not", [name])

_bad(check) := sprintf("the check %q has to succeed, and did not, or was not made", [check])

_hinted(anchor) := sprintf("the check with the hint #%v has to succeed, and did not", [anchor])

_nobody := "checks are required, and none is named"

_warned := {
	"description": "certificates last",
	"result": "warning",
	"hint": "https://linkerd.io/2/checks/#l5d-identity-soon",
}

test_silent_where_all_is_well if {
	_finds(
		_report([_check, {"description": "is well, too", "result": "success"}]),
		{"categories": ["linkerd-identity"], "checks": ["is well", "is we"], "anchors": ["l5d-identity-soon"]},
		set(),
	)
}

test_finds_a_category_that_is_not_there if {
	_finds(_report([_check]), {"categories": ["linkerd-identity", "linkerd-jaeger"]}, {_absent("linkerd-jaeger")})
	_finds(_report([_check]), {"categories": [7]}, {_absent("7")})
}

test_finds_a_check_that_is_not_there if {
	_finds(_report([_check]), {"checks": ["is well", "is new"]}, {_bad("is new")})
	_finds(_report([_check]), {"checks": [7, null]}, {_bad("7"), _bad("null")})
}

test_finds_a_check_that_did_not_succeed if {
	every result in ["warning", "error", "SUCCESS", "", null, 1] {
		checks := [_check, object.union(_check, {"result": result})]
		_finds(_report(checks), {"checks": ["is well"]}, {_bad("is well")})
	}
	_finds(_report([_check, {"description": "is well"}]), {"checks": ["is well"]}, {_bad("is well")})
	_finds(_report([{"description": "all is well", "result": "success"}]), {"checks": ["is well"]}, {_bad("is well")})
}

test_a_check_of_another_shape_is_not_there if {
	every check in [null, "is well", {}, [], {"result": "success"}, {"description": 7, "result": "success"}] {
		_finds(_report([check]), {"checks": ["is well"]}, {_bad("is well")})
	}
}

test_finds_a_hint_of_a_check_that_did_not_succeed if {
	_finds(_report([_check, _warned]), {"anchors": ["l5d-identity-soon", "l5d-other"]}, {_hinted("l5d-identity-soon")})
	_finds(_report([object.remove(_warned, {"result"})]), {"anchors": ["l5d-identity-soon"]}, {_hinted("l5d-identity-soon")})
	_finds(_report([_warned]), {"anchors": ["soon"]}, set())
	_finds(_report([object.union(_warned, {"hint": 7})]), {"anchors": ["l5d-identity-soon"]}, set())
	_finds(_report([_warned]), {"anchors": [7]}, {_hinted("7")})
}

test_says_what_it_is_about if {
	found := required_checks.findings with input as _report([_warned]) with data.parameters as {"mesh.required_checks": {
		"categories": ["a"],
		"checks": ["b"],
		"anchors": ["l5d-identity-soon"],
	}}
	{finding.about | some finding in found} == {{"category": "a"}, {"check": "b"}, {"hint": "l5d-identity-soon"}}
}

test_finds_all_without_a_report if {
	every evidence in [
		{},
		{"check_report": null},
		{"check_report": {}},
		{"check_report": {"categories": []}},
		{"check_report": {"categories": "x"}},
		{"check_report": {"categories": [null, "linkerd-identity", {}]}},
	] {
		_finds(evidence, {"categories": ["linkerd-identity"], "checks": ["is well"]}, {
			_absent("linkerd-identity"),
			_bad("is well"),
		})
	}
}

test_finds_that_none_is_named if {
	every parameters in [{}, {"checks": []}, {"checks": "is well"}, {"categories": null}, {"anchors": {}}, {"anchors": "a"}, null] {
		_finds(_report([_check]), parameters, {_nobody})
	}
	required_checks.deny == {_nobody} with input as _report([_check])
}
