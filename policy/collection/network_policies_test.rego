package collection.network_policies_test

import data.collection.network_policies
import rego.v1

_clean := {"coverage": {
	"workloads": {"complete": true, "namespaces": [{"name": "shop", "takes_part": true}, {"name": "legacy", "takes_part": false}]},
	"authorization": {"complete": true, "network_policies": [
		{"namespace": "shop", "name": "all", "pod_selector": {}, "types": ["Egress", "Ingress"]},
		{"namespace": "shop", "name": "web", "pod_selector": {"matchLabels": {"app": "web"}}, "types": ["Ingress"]},
	]},
}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := network_policies.deny with input as evidence with data.parameters as {"collection.network_policies": parameters}
	denied == messages
	findings := network_policies.findings with input as evidence with data.parameters as {"collection.network_policies": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := network_policies.findings with input as evidence with data.parameters as {"collection.network_policies": parameters}
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
	message := "the part authorization is not complete, so that it is not known which NetworkPolicies there are"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/authorization/complete", complete), {}, {message})
	}
	_finds(_without("coverage/authorization/complete"), {}, {message})
	_abouts(_without("coverage/authorization/complete"), {}) == {{"check": "authorization"}}
	every list in [null, "x", {}, true] {
		found := network_policies.deny with input as _set("coverage/authorization/network_policies", list) with data.parameters as {"collection.network_policies": {}}
		message in found
	}
	absent := network_policies.deny with input as _without("coverage/authorization/network_policies") with data.parameters as {"collection.network_policies": {}}
	message in absent
	every part in [null, "x", [], {}, true] {
		found := network_policies.deny with input as _set("coverage/authorization", part) with data.parameters as {"collection.network_policies": {}}
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
		found := network_policies.deny with input as _set("coverage/workloads/namespaces", list) with data.parameters as {"collection.network_policies": {}}
		message in found
	}
	absent := network_policies.deny with input as _without("coverage/workloads/namespaces") with data.parameters as {"collection.network_policies": {}}
	message in absent
	every part in [null, "x", [], {}, true] {
		found := network_policies.deny with input as _set("coverage/workloads", part) with data.parameters as {"collection.network_policies": {}}
		message in found
	}
}

_open(namespace) := sprintf("the namespace %v has no NetworkPolicy for what comes in to all of its pods", [namespace])

_policy(key, value) := _set(sprintf("coverage/authorization/network_policies/0/%v", [key]), value)

test_finds_a_namespace_without_one if {
	every selector in [{"matchLabels": {"app": "web"}}, null, [], "x"] {
		_finds(_policy("pod_selector", selector), {}, {_open("shop")})
	}
	every types in [["Egress"], [], null, "Ingress", {"a": "Ingress"}] {
		_finds(_policy("types", types), {}, {_open("shop")})
	}
	every namespace in ["legacy", null, 7] {
		_finds(_policy("namespace", namespace), {}, {_open("shop")})
	}
	every key in ["pod_selector", "types", "namespace"] {
		_finds(_without(sprintf("coverage/authorization/network_policies/0/%v", [key])), {}, {_open("shop")})
	}
	_finds(_set("coverage/authorization/network_policies/0", null), {}, {_open("shop")})
	_abouts(_policy("types", []), {}) == {{"namespace": "shop"}}
}

test_finds_it_where_it_is_asked_for if {
	_finds(_policy("types", []), {"namespaces": ["sh*"]}, {_open("shop")})
	_finds(_policy("types", []), {"namespaces": ["legacy"]}, set())
	every parameters in [{}, {"namespaces": null}, {"namespaces": "x"}, {"namespaces": {"a": "x"}}, null] {
		_finds(_policy("types", []), parameters, {_open("shop")})
	}
	network_policies.deny == {_open("shop")} with input as _policy("types", [])
}

test_finds_that_no_namespace_is_named if {
	every namespaces in [[], [7]] {
		_finds(_clean, {"namespaces": namespaces}, {"network policies are required, and no namespace is named"})
		_finds(_policy("types", []), {"namespaces": namespaces}, {"network policies are required, and no namespace is named"})
		_abouts(_clean, {"namespaces": namespaces}) == {{}}
	}
}

test_finds_a_namespace_of_which_it_is_not_known if {
	every takes_part in [null, "false", 0] {
		_finds(_set("coverage/workloads/namespaces/1/takes_part", takes_part), {}, {_open("legacy")})
	}
	_finds(_without("coverage/workloads/namespaces/1/takes_part"), {}, {_open("legacy")})
	_finds(_set("coverage/workloads/namespaces/0/name", 7), {"namespaces": ["x"]}, {_open(7)})
	every row in [null, "x", 7, {}] {
		_finds(_set("coverage/workloads/namespaces/0", row), {}, {_open("?")})
		_abouts(_set("coverage/workloads/namespaces/0", row), {}) == {{}}
	}
}
