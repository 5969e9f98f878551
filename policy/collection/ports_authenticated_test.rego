package collection.ports_authenticated_test

import data.collection.ports_authenticated
import rego.v1

_clean := {"coverage": {"authorization": {"complete": true, "ports": [
	{"namespace": "shop", "workload": "Deployment/web", "port": 8080, "policy": "deny", "unauthenticated": "denied"},
	{"namespace": "shop", "workload": "Deployment/web", "port": 9090, "policy": "deny", "unauthenticated": "denied"},
]}}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := ports_authenticated.deny with input as evidence with data.parameters as {"collection.ports_authenticated": parameters}
	denied == messages
	findings := ports_authenticated.findings with input as evidence with data.parameters as {"collection.ports_authenticated": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := ports_authenticated.findings with input as evidence with data.parameters as {"collection.ports_authenticated": parameters}
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
	message := "the part authorization is not complete, so that it is not known which ports are open"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/authorization/complete", complete), {}, {message})
	}
	_finds(_without("coverage/authorization/complete"), {}, {message})
	_abouts(_without("coverage/authorization/complete"), {}) == {{"check": "authorization"}}
	every list in [null, "x", {}, true] {
		found := ports_authenticated.deny with input as _set("coverage/authorization/ports", list) with data.parameters as {"collection.ports_authenticated": {}}
		message in found
	}
	absent := ports_authenticated.deny with input as _without("coverage/authorization/ports") with data.parameters as {"collection.ports_authenticated": {}}
	message in absent
	every part in [null, "x", [], {}, true] {
		found := ports_authenticated.deny with input as _set("coverage/authorization", part) with data.parameters as {"collection.ports_authenticated": {}}
		message in found
	}
}

_bad := _set("coverage/authorization/ports/0/unauthenticated", "allowed")

_says := {
	"allowed": "lets clients without an identity in",
	"some": "lets clients without an identity in, from some networks or on some routes",
	"audited": "lets everybody in and only logs it",
	"unknown": "has an authorization that was not understood",
}

_told(word) := sprintf("shop: Deployment/web %v, by deny: 8080", [_says[word]])

_nothing := "does not say what a client without an identity may do, by"

test_finds_each_way if {
	every word in ["allowed", "some", "audited", "unknown"] {
		_finds(_set("coverage/authorization/ports/0/unauthenticated", word), {}, {_told(word)})
	}
	ports_authenticated.deny == {_told("allowed")} with input as _bad
}

test_ports_of_a_workload_are_told_together if {
	both := json.patch(_bad, [{"op": "replace", "path": "coverage/authorization/ports/1/unauthenticated", "value": "allowed"}])
	_finds(both, {}, {"shop: Deployment/web lets clients without an identity in, by deny: 8080, 9090"})
}

test_says_which_workload_it_is_about if {
	_abouts(_bad, {}) == {{"namespace": "shop", "dst_namespace": "shop", "dst": "web"}}
	_abouts(json.patch(_bad, [{"op": "replace", "path": "coverage/authorization/ports/0/workload", "value": "web"}]), {}) == {{}}
}

test_a_port_may_be_open if {
	_finds(_bad, {"ports": [8080]}, set())
	every ports in [[9090], ["8080"], [], null, 8080, {"a": 8080}] {
		_finds(_bad, {"ports": ports}, {_told("allowed")})
	}
	_finds(_bad, null, {_told("allowed")})
}

test_finds_a_word_that_nobody_knows if {
	every word in ["", "Denied", null, 7] {
		_finds(_set("coverage/authorization/ports/0/unauthenticated", word), {}, {sprintf("shop: Deployment/web %v deny: 8080", [_nothing])})
	}
	_finds(_without("coverage/authorization/ports/0/unauthenticated"), {}, {sprintf("shop: Deployment/web %v deny: 8080", [_nothing])})
	every row in [null, "x", 7, {}] {
		_finds(_set("coverage/authorization/ports/0", row), {}, {sprintf("?: ? %v ?: ?", [_nothing])})
		_abouts(_set("coverage/authorization/ports/0", row), {}) == {{}}
	}
}

test_a_port_that_is_text_is_not_one_that_may_be_open if {
	odd := json.patch(_bad, [{"op": "replace", "path": "coverage/authorization/ports/0/port", "value": "8080"}])
	_finds(odd, {"ports": ["8080", 8080]}, {_told("allowed")})
}
