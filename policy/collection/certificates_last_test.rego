package collection.certificates_last_test

import data.collection.certificates_last
import rego.v1

_told(error) := {
	"run": {"now": "2026-11-21T12:00:00.5Z"},
	"linkerd_check": {"check_report": {"categories": [{
		"categoryName": "linkerd-identity",
		"checks": [{"description": "certificates last", "result": "warning", "error": error}],
	}]}},
}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := certificates_last.deny with input as evidence with data.parameters as {"collection.certificates_last": parameters}
	denied == messages
	findings := certificates_last.findings with input as evidence with data.parameters as {"collection.certificates_last": parameters}
	{finding.msg | some finding in findings} == messages
}

_ends(date, days) := sprintf("certificates last: it expires on %v, in less than %v days", [date, days])

test_silent_where_nothing_is_told if {
	_finds(_told("certificates are fine"), {}, set())
	_finds(_told(""), {}, set())
}

test_silent_where_the_date_is_far if {
	_finds(_told("will expire on 2026-12-21T12:00:01Z"), {}, set())
	_finds(_told("will expire on 2026-12-21T12:00:01Z"), {"days": 30}, set())
}

test_silent_where_the_date_is_as_far_as_it_has_to_be if {
	evidence := object.union(_told("will expire on 2026-12-21T12:00:00Z"), {"run": {"now": "2026-11-21T12:00:00Z"}})
	_finds(evidence, {}, set())
	_finds(evidence, {"days": 31}, {_ends("2026-12-21T12:00:00Z", 31)})
}

test_finds_a_date_that_is_near if {
	_finds(_told("will expire on 2026-12-21T11:59:59Z"), {}, {_ends("2026-12-21T11:59:59Z", 30)})
	_finds(_told("has expired on 2020-01-01T00:00:00Z"), {"days": 0}, {_ends("2020-01-01T00:00:00Z", 0)})
	_finds(_told("will expire on 2027-01-19T00:00:00Z"), {"days": 60}, {_ends("2027-01-19T00:00:00Z", 60)})
	_finds(_told("will expire on 2027-01-19T00:00:00Z"), {"days": 99999999999}, {_ends("2027-01-19T00:00:00Z", 99999999999)})
}

test_finds_each_date if {
	_finds(_told("* 1 a 2026-12-01T00:00:00Z\n* 2 b 2027-12-01T00:00:00Z\n* 3 c 2026-12-02T00:00:00Z"), {}, {
		_ends("2026-12-01T00:00:00Z", 30),
		_ends("2026-12-02T00:00:00Z", 30),
	})
}

# What linkerd writes of such a day is a day that no certificate should end on.
test_finds_a_day_that_is_none if {
	_finds(_told("on 2026-02-31T99:00:00Z"), {}, {_ends("2026-02-31T99:00:00Z", 30)})
}

test_says_which_check_it_is_about if {
	found := certificates_last.findings with input as _told("2026-12-01T00:00:00Z")
	{finding.about | some finding in found} == {{"category": "linkerd-identity", "check": "certificates last"}}
}

test_without_a_number_it_is_thirty_days if {
	every parameters in [{}, {"days": null}, {"days": "9"}, {"days": true}, {"days": []}, null] {
		_finds(_told("on 2026-12-21T11:59:59Z"), parameters, {_ends("2026-12-21T11:59:59Z", 30)})
	}
	certificates_last.deny == {_ends("2026-12-21T11:59:59Z", 30)} with input as _told("on 2026-12-21T11:59:59Z")
}

test_finds_every_date_without_a_time_of_the_judgement if {
	every run in [null, {}, {"now": "soon"}] {
		_finds(object.union(object.remove(_told("on 2099-12-21T11:59:59Z"), {"run"}), {"run": run}), {}, {_ends("2099-12-21T11:59:59Z", 30)})
	}
}

test_finds_it_in_a_check_without_its_names if {
	evidence := json.patch(_told("on 2026-12-01T00:00:00Z"), [
		{"op": "remove", "path": "linkerd_check/check_report/categories/0/categoryName"},
		{"op": "remove", "path": "linkerd_check/check_report/categories/0/checks/0/description"},
	])
	_finds(evidence, {}, {"?: it expires on 2026-12-01T00:00:00Z, in less than 30 days"})
}

test_silent_about_an_error_that_is_no_text if {
	_finds(_told(null), {}, set())
	_finds(_told(["2026-12-01T00:00:00Z"]), {}, set())
}

# categories_present and report_complete deny these.
test_silent_without_a_report if {
	every evidence in [{}, {"linkerd_check": null}, {"linkerd_check": {"check_report": {"categories": [null, {"checks": ["x"]}]}}}] {
		_finds(evidence, {}, set())
	}
}
