package collection.injection_enforced_test

import data.collection.injection_enforced
import rego.v1

_clean := {"coverage": {
	"scope": {"namespaces": [], "control_plane": "linkerd"},
	"workloads": {
		"complete": true,
		"namespaces": [
			{"name": "shop", "takes_part": true},
			{"name": "legacy", "takes_part": false},
			{"name": "linkerd", "takes_part": true},
		],
	},
	"authorization": {
		"complete": true,
		"injector": {"found": true, "failure_policy": "Fail", "exempt_namespaces": ["legacy", "linkerd"]},
	},
}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := injection_enforced.deny with input as evidence with data.parameters as {"collection.injection_enforced": parameters}
	denied == messages
	findings := injection_enforced.findings with input as evidence with data.parameters as {"collection.injection_enforced": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := injection_enforced.findings with input as evidence with data.parameters as {"collection.injection_enforced": parameters}
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
	message := "the part authorization is not complete, so that it is not known what injects proxies"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/authorization/complete", complete), {}, {message})
	}
	_finds(_without("coverage/authorization/complete"), {}, {message})
	_abouts(_without("coverage/authorization/complete"), {}) == {{"check": "authorization"}}
	every part in [null, "x", [], {}, true] {
		found := injection_enforced.deny with input as _set("coverage/authorization", part) with data.parameters as {"collection.injection_enforced": {}}
		message in found
	}
}

test_finds_that_the_part_workloads_is_not_complete if {
	message := "the part workloads is not complete, so that it is not known which namespaces take part"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/workloads/complete", complete), {}, {message})
	}
	_finds(_without("coverage/workloads/complete"), {}, {message})
	_abouts(_without("coverage/workloads/complete"), {}) == {{"check": "workloads"}}
	every list in [null, "x", {}, true] {
		found := injection_enforced.deny with input as _set("coverage/workloads/namespaces", list) with data.parameters as {"collection.injection_enforced": {}}
		message in found
	}
	absent := injection_enforced.deny with input as _without("coverage/workloads/namespaces") with data.parameters as {"collection.injection_enforced": {}}
	message in absent
	every part in [null, "x", [], {}, true] {
		found := injection_enforced.deny with input as _set("coverage/workloads", part) with data.parameters as {"collection.injection_enforced": {}}
		message in found
	}
}

_left(name) := sprintf("the injector leaves out the namespace %v: what starts in it gets no proxy", [name])

test_finds_a_namespace_that_is_left_out if {
	_finds(_set("coverage/authorization/injector/exempt_namespaces", ["shop", "legacy"]), {}, {_left("shop")})
	_abouts(_set("coverage/authorization/injector/exempt_namespaces", ["shop"]), {}) == {{"namespace": "shop"}}
	_finds(_clean, {"namespaces": ["leg*"]}, {_left("legacy")})
	_finds(_clean, {"namespaces": ["*"]}, {_left("legacy")})
	_finds(_set("coverage/scope/namespaces", ["legacy"]), {}, {_left("legacy")})
	_finds(_set("coverage/authorization/injector/exempt_namespaces", ["nowhere"]), {}, {_left("nowhere")})
	_finds(_set("coverage/authorization/injector/exempt_namespaces", [7]), {}, {_left(7)})
}

test_finds_a_namespace_of_which_it_is_not_known if {
	_finds(_set("coverage/workloads/namespaces/1/takes_part", null), {}, {_left("legacy")})
	_finds(_set("coverage/workloads/namespaces/1/name", 7), {}, {_left("legacy")})
	_finds(_set("coverage/scope/namespaces", null), {}, {_left("legacy")})
	_finds(_without("coverage/scope"), {}, {_left("legacy"), _left("linkerd")})
	every parameters in [{"namespaces": null}, {"namespaces": "*"}, {"namespaces": [7]}, {"namespaces": {"a": "*"}}, null] {
		_finds(_clean, parameters, set())
	}
}

_none := "there is no webhook that injects proxies: what starts gets none"

test_finds_that_there_is_no_injector if {
	every found in [false, null, "true", 1] {
		_finds(_set("coverage/authorization/injector", {"found": found}), {}, {_none})
		_abouts(_set("coverage/authorization/injector", {"found": found}), {}) == {{"check": "injector"}}
	}
	every injector in [null, {}, [], "x"] {
		_finds(_set("coverage/authorization/injector", injector), {}, {_none})
	}
	_finds(_without("coverage/authorization/injector"), {}, {_none})
}

_lenient(policy) := sprintf("while the injector is away pods start without a proxy: its failurePolicy is %v, and not Fail", [policy])

test_finds_a_lenient_injector if {
	every policy in ["Ignore", "", "fail", null, 7] {
		_finds(_set("coverage/authorization/injector/failure_policy", policy), {}, {_lenient(policy)})
		_abouts(_set("coverage/authorization/injector/failure_policy", policy), {}) == {{"check": "injector"}}
	}
	_finds(_without("coverage/authorization/injector/failure_policy"), {}, {_lenient("not known")})
}

test_finds_that_it_is_not_known_whom_it_leaves_out if {
	every exempt in [null, "shop", 7] {
		_finds(_set("coverage/authorization/injector/exempt_namespaces", exempt), {}, {"it is not known which namespaces the injector leaves out"})
	}
	_finds(_without("coverage/authorization/injector/exempt_namespaces"), {}, {"it is not known which namespaces the injector leaves out"})
	_abouts(_without("coverage/authorization/injector/exempt_namespaces"), {}) == {{"check": "injector"}}
}
