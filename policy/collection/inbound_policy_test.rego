package collection.inbound_policy_test

import data.collection.inbound_policy
import rego.v1

_clean := {"coverage": {"workloads": {"complete": true, "pods": [
	{"namespace": "shop", "name": "web-1", "owner": {"kind": "Deployment", "name": "web"}, "state": "covered", "default_inbound_policy": "all-authenticated"},
	{"namespace": "shop", "name": "db-1", "owner": {"kind": "StatefulSet", "name": "db"}, "state": "uncovered"},
	{"namespace": "shop", "name": "db-2", "owner": {"kind": "StatefulSet", "name": "db"}, "state": "opted-out"},
	{"namespace": "shop", "name": "db-3", "owner": {"kind": "StatefulSet", "name": "db"}, "state": "host-network"},
	{"namespace": "shop", "name": "db-4", "owner": {"kind": "StatefulSet", "name": "db"}, "state": "finished"},
]}}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := inbound_policy.deny with input as evidence with data.parameters as {"collection.inbound_policy": parameters}
	denied == messages
	findings := inbound_policy.findings with input as evidence with data.parameters as {"collection.inbound_policy": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := inbound_policy.findings with input as evidence with data.parameters as {"collection.inbound_policy": parameters}
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

test_finds_that_the_part_workloads_is_not_complete if {
	message := "the part workloads is not complete, so that it is not known what is let in by default"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/workloads/complete", complete), {}, {message})
	}
	_finds(_without("coverage/workloads/complete"), {}, {message})
	_abouts(_without("coverage/workloads/complete"), {}) == {{"check": "workloads"}}
	every list in [null, "x", {}, true] {
		found := inbound_policy.deny with input as _set("coverage/workloads/pods", list) with data.parameters as {"collection.inbound_policy": {}}
		message in found
	}
	absent := inbound_policy.deny with input as _without("coverage/workloads/pods") with data.parameters as {"collection.inbound_policy": {}}
	message in absent
	every part in [null, "x", [], {}, true] {
		found := inbound_policy.deny with input as _set("coverage/workloads", part) with data.parameters as {"collection.inbound_policy": {}}
		message in found
	}
}

_bad := _set("coverage/workloads/pods/0/default_inbound_policy", "all-unauthenticated")

_order := ["deny", "cluster-authenticated", "all-authenticated", "cluster-unauthenticated", "all-unauthenticated", "audit"]

_says(word, weakest) := sprintf("shop: Deployment/web has the default inbound policy %v, and %v is the weakest that is enough (1 pod, web-1): set config.linkerd.io/default-inbound-policy, and start it again", [word, weakest])

test_finds_what_is_weaker_and_nothing_else if {
	every i, word in _order {
		evidence := _set("coverage/workloads/pods/0/default_inbound_policy", word)
		every j, weakest in _order {
			_finds(evidence, {"weakest": weakest}, {_says(word, weakest) | i > j})
		}
	}
}

test_without_a_word_it_is_all_authenticated if {
	every parameters in [{}, {"weakest": null}, {"weakest": 5}, {"weakest": ["audit"]}, null] {
		_finds(_bad, parameters, {_says("all-unauthenticated", "all-authenticated")})
		_finds(_clean, parameters, set())
	}
	inbound_policy.deny == {_says("all-unauthenticated", "all-authenticated")} with input as _bad
}

test_finds_a_parameter_that_is_no_policy if {
	every word in ["", "none", "Deny", "unauthenticated"] {
		_finds(_bad, {"weakest": word}, {sprintf("%v is no default inbound policy: they are %v", [word, concat(", ", _order)])})
		_abouts(_clean, {"weakest": word}) == {{}}
	}
}

test_finds_a_word_that_nobody_knows if {
	every word in ["", "open", null, 7, ["deny"]] {
		_finds(_set("coverage/workloads/pods/0/default_inbound_policy", word), {"weakest": "audit"}, {_says(word, "audit")})
	}
	_finds(_without("coverage/workloads/pods/0/default_inbound_policy"), {"weakest": "audit"}, {_says("none", "audit")})
	every row in [null, "x", 7, {}] {
		_finds(_set("coverage/workloads/pods/0", row), {"weakest": "audit"}, {replace(replace(_says("none", "audit"), "shop: Deployment/web", "?: ?/?"), "web-1", "?")})
	}
}

test_says_which_workload_it_is_about if {
	_abouts(_bad, {}) == {{"namespace": "shop", "src_namespace": "shop", "src": "web", "dst_namespace": "shop", "dst": "web"}}
}

test_finds_a_pod_of_nobody if {
	every key in ["namespace", "owner"] {
		evidence := json.patch(_bad, [{"op": "remove", "path": sprintf("coverage/workloads/pods/0/%v", [key])}])
		_finds(evidence, {}, {replace(_says("all-unauthenticated", "all-authenticated"), "shop: Deployment/web", "?: ?/?")})
		_abouts(evidence, {}) == {{}}
	}
	every key in ["kind", "name"] {
		evidence := json.patch(_bad, [{"op": "replace", "path": sprintf("coverage/workloads/pods/0/owner/%v", [key]), "value": 7}])
		_finds(evidence, {}, {replace(_says("all-unauthenticated", "all-authenticated"), "shop: Deployment/web", "?: ?/?")})
		_abouts(evidence, {}) == {{}}
	}
}

test_pods_of_a_workload_are_told_together if {
	pods := [object.union(_bad.coverage.workloads.pods[0], {"name": sprintf("web-%v", [i])}) | some i in numbers.range(1, 3)]
	_finds(_set("coverage/workloads/pods", pods), {}, {replace(_says("all-unauthenticated", "all-authenticated"), "1 pod, ", "3 pods, such as ")})
}

test_looks_at_a_pod_whose_state_nobody_knows if {
	every state in ["meshed", null, 7] {
		odd := json.patch(_bad, [{"op": "replace", "path": "coverage/workloads/pods/0/state", "value": state}])
		_finds(odd, {}, {_says("all-unauthenticated", "all-authenticated")})
	}
}
