package collection.authorization_matches_test

import data.collection.authorization_matches
import rego.v1

_clean := {"coverage": {"authorization": {"complete": true, "unmatched": []}}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := authorization_matches.deny with input as evidence with data.parameters as {"collection.authorization_matches": parameters}
	denied == messages
	findings := authorization_matches.findings with input as evidence with data.parameters as {"collection.authorization_matches": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := authorization_matches.findings with input as evidence with data.parameters as {"collection.authorization_matches": parameters}
}

_set(path, value) := json.patch(_clean, [{"op": "replace", "path": path, "value": value}])

_without(path) := json.patch(_clean, [{"op": "remove", "path": path}])

test_silent_where_all_is_well if {
	_finds(_clean, {}, set())
}

test_finds_that_there_is_no_evidence if {
	nothing := {"there is no coverage evidence: run with coverage: true"}
	every evidence in [{}, null, {"coverage": null}, {"coverage": []}, {"coverage": "x"}, {"coverage": false}] {
		_finds(evidence, {}, nothing)
		_abouts(evidence, {}) == {{}}
	}
	_finds({}, {}, nothing)
}

test_finds_that_the_part_authorization_is_not_complete if {
	message := "the part authorization is not complete, so that it is not known which policies cannot match"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/authorization/complete", complete), {}, {message})
	}
	_finds(_without("coverage/authorization/complete"), {}, {message})
	_abouts(_without("coverage/authorization/complete"), {}) == {{"check": "authorization"}}
	every list in [null, "x", {}, true] {
		found := authorization_matches.deny with input as _set("coverage/authorization/unmatched", list) with data.parameters as {"collection.authorization_matches": {}}
		message in found
	}
	absent := authorization_matches.deny with input as _without("coverage/authorization/unmatched") with data.parameters as {"collection.authorization_matches": {}}
	message in absent
	every part in [null, "x", [], {}, true] {
		found := authorization_matches.deny with input as _set("coverage/authorization", part) with data.parameters as {"collection.authorization_matches": {}}
		message in found
	}
}

_row := {"kind": "Server", "namespace": "shop", "name": "web", "code": "selects-nothing", "why": "it selects no pod"}

_said := "Server shop/web: it selects no pod (selects-nothing)"

_rows(rows) := _set("coverage/authorization/unmatched", rows)

test_finds_each if {
	other := {"kind": "AuthorizationPolicy", "namespace": "shop", "name": "web", "code": "every-identity", "why": "* is everybody"}
	_finds(_rows([_row, other]), {}, {_said, "AuthorizationPolicy shop/web: * is everybody (every-identity)"})
	authorization_matches.deny == {_said} with input as _rows([_row])
}

test_says_what_it_is_about if {
	_abouts(_rows([_row]), {}) == {{"namespace": "shop", "check": "Server/web"}}
	_abouts(_rows([object.remove(_row, {"kind"})]), {}) == {{"namespace": "shop"}}
	_abouts(_rows([object.union(_row, {"name": 7})]), {}) == {{"namespace": "shop"}}
	_abouts(_rows([object.union(_row, {"kind": 7, "namespace": 8})]), {}) == {{}}
}

test_finds_one_that_lacks_a_word if {
	every key, value in _row {
		_finds(_rows([object.remove(_row, {key})]), {}, {replace(_said, value, "?")})
	}
	every row in [null, "x", 7, []] {
		_finds(_rows([row]), {}, {"? ?/?: ? (?)"})
		_abouts(_rows([row]), {}) == {{}}
	}
}
