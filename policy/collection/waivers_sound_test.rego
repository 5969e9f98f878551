package collection.waivers_sound_test

import data.collection.waivers_sound
import rego.v1

_waiver := {
	"rule": "mesh.identity_namespaces",
	"selector": {"source": "shop/*"},
	"owner": "team-shop",
	"reason": "the gateway is theirs",
	"expires": "2026-12-01",
}

_edge := object.union(_waiver, {
	"rule": "mesh.edges_mtls",
	"selector": {"source": "emojivoto/vote-bot", "destination": "emojivoto/web"},
})

_run := {"now": "2026-11-21T12:00:00Z"}

_denies(waiver, messages) if {
	evidence := {"run": _run, "waivers": [_waiver, waiver]}
	denied := waivers_sound.deny with input as evidence
	denied == messages
	problems := waivers_sound.problems with input as evidence
	{problem.msg | some problem in problems} == messages
	{problem.waiver | some problem in problems} == {1 | some _ in messages}
	findings := waivers_sound.findings with input as evidence
	findings == {{"msg": msg, "about": {"waiver": "1"}} | some msg in messages}
}

_broad(rule, needs) := sprintf("the waiver of team-shop for %v does not name what it is for: %v", [rule, needs])

_needs_ends := "source and destination, as namespace/workload"

_needs_something := "source, destination, namespace or check, and not everything"

_expired(date) := sprintf("the waiver of team-shop for mesh.identity_namespaces expired on %v", [date])

_far(date, days) := sprintf(
	"the waiver of team-shop for mesh.identity_namespaces ends on %v, more than %v days from now",
	[date, days],
)

test_silent_about_a_sound_waiver if {
	_denies(_waiver, set())
	_denies(_edge, set())
}

test_silent_without_waivers if {
	waivers_sound.deny == set() with input as {}
	waivers_sound.deny == set() with input as {"run": _run, "waivers": []}
}

test_a_waiver_lasts_through_its_last_day if {
	_denies(object.union(_waiver, {"expires": "2026-11-21"}), set())
	_denies(object.union(_waiver, {"expires": "2026-11-20"}), {_expired("2026-11-20")})
}

test_a_waiver_lasts_ninety_days_at_most if {
	_denies(object.union(_waiver, {"expires": "2027-02-19"}), set())
	_denies(object.union(_waiver, {"expires": "2027-02-20"}), {_far("2027-02-20", 90)})
}

test_how_long_it_may_last_can_be_configured if {
	evidence := {"run": _run, "waivers": [_waiver]}
	every days in [10, 99999999999] {
		waivers_sound.deny == set() with input as evidence
			with data.parameters as {"collection.waivers_sound": {"max_days": days}}
	}
	waivers_sound.deny == {_far("2026-12-01", 9)} with input as evidence
		with data.parameters as {"collection.waivers_sound": {"max_days": 9}}
}

test_a_limit_of_another_type_is_that_of_ninety_days if {
	evidence := {"run": _run, "waivers": [object.union(_waiver, {"expires": "2027-02-20"})]}
	every parameters in [{}, {"max_days": "999"}, {"max_days": null}, {"max_days": true}, null] {
		waivers_sound.deny == {_far("2027-02-20", 90)} with input as evidence
			with data.parameters as {"collection.waivers_sound": parameters}
	}
}

test_a_day_of_another_form_has_expired if {
	every day in ["", "soon", "2026-12", "2026-12-01T00:00:00Z", "9999-12-01 or so", 20261201, null] {
		_denies(object.union(_waiver, {"expires": day}), {_expired(day)})
	}
	_denies(object.remove(_waiver, {"expires"}), {_expired("?")})
}

test_without_a_time_of_the_run_every_waiver_has_expired if {
	every run in [null, {}, {"now": "soon"}] {
		waivers_sound.deny == {_expired("2026-12-01")} with input as {"run": run, "waivers": [_waiver]}
	}
}

test_a_selector_must_name_something if {
	every selector in [
		{},
		{"source": "*"},
		{"source": "*/web"},
		{"source": "**"},
		{"source": "?*/web"},
		{"source": "[a-z]*/[a-z]*"},
		{"check": "{a,b}*"},
		{"check": "!x"},
		{"namespace": ""},
		{"namespace": "-"},
		{"namespace": 7},
		{"namespace": "shop", "source": "*"},
		null,
		7,
	] {
		_denies(object.union(object.remove(_waiver, {"selector"}), {"selector": selector}), {_broad("mesh.identity_namespaces", _needs_something)})
	}
	_denies(object.remove(_waiver, {"selector"}), {_broad("mesh.identity_namespaces", _needs_something)})
}

# Of the floor, nothing but one edge that is named as a whole.
test_an_insecure_edge_is_waived_by_both_its_names if {
	every selector in [
		{"source": "emojivoto/vote-bot"},
		{"destination": "emojivoto/web"},
		{"source": "emojivoto/*", "destination": "emojivoto/web"},
		{"source": "emojivoto/vote-bot", "destination": "web"},
		{"source": "emojivoto/vote-bot", "destination": 7},
		{"source": "emojivoto/vote-bot", "destination": "emojivoto/w*"},
		{"source": "emojivoto/vote-bo?", "destination": "emojivoto/web"},
		{"source": "emojivoto/vote-bot", "destination": "emojivoto/{web}"},
		{"namespace": "emojivoto"},
		{},
		null,
	] {
		_denies(object.union(object.remove(_edge, {"selector"}), {"selector": selector}), {_broad("mesh.edges_mtls", _needs_ends)})
	}
}

test_a_waiver_says_who_answers_for_it_and_why if {
	every field in ["owner", "reason"] {
		every value in ["", " \t", null, 7] {
			_denies(object.union(_waiver, {field: value}), {sprintf("a waiver does not say its %v", [field])})
		}
		_denies(object.remove(_waiver, {field}), {sprintf("a waiver does not say its %v", [field])})
	}
}

test_a_waiver_says_what_it_waives if {
	_denies(object.remove(_waiver, {"rule"}), {"a waiver does not say its rule", _broad("?", _needs_something)})
}

test_a_waiver_that_is_no_object_is_none if {
	every waiver in [null, "x", 7, []] {
		denied := waivers_sound.deny with input as {"run": _run, "waivers": [waiver]}
		count(denied) == 5
	}
}
