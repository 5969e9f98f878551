package collection.workloads_covered_test

import data.collection.workloads_covered
import rego.v1

_clean := {"coverage": {
	"scope": {"namespaces": [], "control_plane": "linkerd"},
	"workloads": {
		"complete": true,
		"namespaces": [
			{"name": "shop", "takes_part": true, "inject": "enabled"},
			{"name": "legacy", "takes_part": false, "inject": ""},
		],
		"pods": [
			{"namespace": "shop", "name": "web-1", "owner": {"kind": "Deployment", "name": "web"}, "state": "covered", "control_plane": "linkerd"},
			{"namespace": "shop", "name": "web-2", "owner": {"kind": "Deployment", "name": "web"}, "state": "opted-out"},
			{"namespace": "shop", "name": "web-3", "owner": {"kind": "Deployment", "name": "web"}, "state": "host-network"},
			{"namespace": "shop", "name": "web-4", "owner": {"kind": "Deployment", "name": "web"}, "state": "finished", "control_plane": "x"},
			{"namespace": "legacy", "name": "old-1", "owner": {"kind": "Pod", "name": "old-1"}, "state": "uncovered"},
			{"namespace": "shop", "name": "web-5", "owner": {"kind": "Deployment", "name": "web"}, "state": "opted-out", "control_plane": "linkerd"},
		],
	},
}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := workloads_covered.deny with input as evidence with data.parameters as {"collection.workloads_covered": parameters}
	denied == messages
	findings := workloads_covered.findings with input as evidence with data.parameters as {"collection.workloads_covered": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := workloads_covered.findings with input as evidence with data.parameters as {"collection.workloads_covered": parameters}
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
	message := "the part workloads is not complete, so that it is not known who has no proxy"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/workloads/complete", complete), {}, {message})
	}
	_finds(_without("coverage/workloads/complete"), {}, {message})
	_abouts(_without("coverage/workloads/complete"), {}) == {{"check": "workloads"}}
	every list in [null, "x", {}, true] {
		odd_pods := workloads_covered.deny with input as _set("coverage/workloads/pods", list) with data.parameters as {"collection.workloads_covered": {}}
		message in odd_pods
	}
	no_pods := workloads_covered.deny with input as _without("coverage/workloads/pods") with data.parameters as {"collection.workloads_covered": {}}
	message in no_pods
	every list in [null, "x", {}, true] {
		odd_namespaces := workloads_covered.deny with input as _set("coverage/workloads/namespaces", list) with data.parameters as {"collection.workloads_covered": {}}
		message in odd_namespaces
	}
	no_namespaces := workloads_covered.deny with input as _without("coverage/workloads/namespaces") with data.parameters as {"collection.workloads_covered": {}}
	message in no_namespaces
	every part in [null, "x", [], {}, true] {
		found := workloads_covered.deny with input as _set("coverage/workloads", part) with data.parameters as {"collection.workloads_covered": {}}
		message in found
	}
}

_bad := json.patch(_clean, [
	{"op": "replace", "path": "coverage/workloads/pods/0/state", "value": "uncovered"},
	{"op": "remove", "path": "coverage/workloads/pods/0/control_plane"},
	{"op": "remove", "path": "coverage/workloads/pods/4"},
])

_there(namespace) := json.patch(_bad, [{"op": "replace", "path": "coverage/workloads/pods/0/namespace", "value": namespace}])

_told(namespace) := _says(namespace, "has no proxy (1 pod, web-1)")

test_finds_it_where_the_mesh_is_wanted if {
	_finds(_bad, {}, {_told("shop")})
	_finds(_there("legacy"), {}, set())
	_finds(_there("legacy"), {"namespaces": ["legacy"]}, {_told("legacy")})
	_finds(_there("legacy"), {"namespaces": ["x", "leg*"]}, {_told("legacy")})
	_finds(_there("legacy"), {"namespaces": ["*"]}, {_told("legacy")})
	_finds(_there("legacy"), {"namespaces": ["shop"]}, set())
	asked := json.patch(_there("legacy"), [{"op": "replace", "path": "coverage/scope/namespaces", "value": ["legacy"]}])
	_finds(asked, {}, {_told("legacy")})
}

test_finds_it_where_it_is_not_known_whether_the_mesh_is_wanted if {
	_finds(_there("nowhere"), {}, {_told("nowhere")})
	every takes_part in [null, "false", 0] {
		odd := json.patch(_there("legacy"), [{"op": "replace", "path": "coverage/workloads/namespaces/1/takes_part", "value": takes_part}])
		_finds(odd, {}, {_told("legacy")})
	}
	every scope in [null, {}, {"namespaces": null}, {"namespaces": "legacy"}] {
		odd := json.patch(_there("legacy"), [{"op": "replace", "path": "coverage/scope", "value": object.union({"control_plane": "linkerd"}, _scope(scope))}])
		_finds(odd, {}, {_told("legacy")})
	}
}

_scope(scope) := scope if {
	is_object(scope)
} else := {}

test_a_namespace_without_a_name_is_none if {
	odd := json.patch(_there("legacy"), [{"op": "replace", "path": "coverage/workloads/namespaces/1/name", "value": 7}])
	_finds(odd, {"namespaces": ["*"]}, {_told("legacy")})
}

test_patterns_that_are_none_are_passed_over if {
	every parameters in [{"namespaces": null}, {"namespaces": "*"}, {"namespaces": [7]}, {"namespaces": {"a": "*"}}, null] {
		_finds(_there("legacy"), parameters, set())
	}
}

_says(namespace, what) := sprintf("%v: Deployment/web %v: kubectl rollout restart, once its namespace or its template asks for a proxy", [namespace, what])

test_says_which_workload_it_is_about if {
	_abouts(_bad, {}) == {{"namespace": "shop", "src_namespace": "shop", "src": "web", "dst_namespace": "shop", "dst": "web"}}
}

test_finds_a_pod_of_nobody if {
	every key in ["namespace", "owner"] {
		evidence := json.patch(_bad, [{"op": "remove", "path": sprintf("coverage/workloads/pods/0/%v", [key])}])
		_finds(evidence, {}, {"?: ?/? has no proxy (1 pod, web-1): kubectl rollout restart, once its namespace or its template asks for a proxy"})
		_abouts(evidence, {}) == {{}}
	}
	every key in ["kind", "name"] {
		evidence := json.patch(_bad, [{"op": "replace", "path": sprintf("coverage/workloads/pods/0/owner/%v", [key]), "value": 7}])
		_finds(evidence, {}, {"?: ?/? has no proxy (1 pod, web-1): kubectl rollout restart, once its namespace or its template asks for a proxy"})
		_abouts(evidence, {}) == {{}}
	}
}

test_pods_of_a_workload_are_told_together if {
	pods := [object.union(_bad.coverage.workloads.pods[0], {"name": sprintf("web-%v", [i])}) | some i in numbers.range(1, 3)]
	_finds(_set("coverage/workloads/pods", pods), {}, {_says("shop", "has no proxy (3 pods, such as web-1)")})
	_finds(_set("coverage/workloads/pods/0", object.remove(_bad.coverage.workloads.pods[0], {"name"})), {}, {_says("shop", "has no proxy (1 pod, ?)")})
}

test_finds_a_pod_of_another_control_plane if {
	every state in ["covered", "uncovered", "opted-out", "host-network"] {
		odd := json.patch(_clean, [
			{"op": "replace", "path": "coverage/workloads/pods/0/state", "value": state},
			{"op": "replace", "path": "coverage/workloads/pods/0/control_plane", "value": "mesh-2"},
		])
		what := sprintf("is %v, and of the control plane mesh-2 (1 pod, web-1)", [state])
		_finds(odd, {}, {_says("shop", what)})
	}

	_finds(_without("coverage/workloads/pods/0/control_plane"), {}, {_says("shop", "is covered, and of the control plane none (1 pod, web-1)")})
}

test_finds_a_state_that_nobody_knows if {
	every state in ["meshed", "", null, 7] {
		what := sprintf("is %v, and of the control plane linkerd (1 pod, web-1)", [state])
		_finds(_set("coverage/workloads/pods/0/state", state), {}, {_says("shop", what)})
	}
	_finds(_without("coverage/workloads/pods/0/state"), {}, {_says("shop", "is none, and of the control plane linkerd (1 pod, web-1)")})
	odd := _set("coverage/workloads/pods/4/state", "meshed")
	_finds(odd, {}, {"legacy: Pod/old-1 is meshed, and of the control plane none (1 pod, old-1): kubectl rollout restart, once its namespace or its template asks for a proxy"})
}

test_finds_rows_that_are_none if {
	every row in [null, "x", 7, []] {
		_finds(_set("coverage/workloads/pods/0", row), {}, {"?: ?/? is none, and of the control plane none (1 pod, ?): kubectl rollout restart, once its namespace or its template asks for a proxy"})
	}
}

test_without_parameters_it_looks_where_the_mesh_is_wanted if {
	workloads_covered.deny == {_told("shop")} with input as _bad
	workloads_covered.deny == set() with input as _clean
}

test_finds_that_there_is_no_pod if {
	message := "no pod was seen, so that nothing is known to have its proxy: another namespace, or another cluster"
	_finds(_set("coverage/workloads/pods", []), {}, {message})
	_abouts(_set("coverage/workloads/pods", []), {}) == {{"check": "workloads"}}
}
