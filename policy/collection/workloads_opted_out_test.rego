package collection.workloads_opted_out_test

import data.collection.workloads_opted_out
import rego.v1

_clean := {"coverage": {
	"scope": {"namespaces": [], "control_plane": "linkerd"},
	"workloads": {
		"complete": true,
		"namespaces": [
			{"name": "shop", "takes_part": true, "inject": "enabled"},
			{"name": "legacy", "takes_part": false, "inject": ""},
			{"name": "linkerd", "takes_part": true, "inject": "disabled"},
			{"name": "apart", "takes_part": false, "inject": "disabled"},
		],
		"workloads": [{"namespace": "shop", "kind": "Deployment", "name": "web", "misplaced": false}],
		"pods": [
			{"namespace": "shop", "name": "web-1", "owner": {"kind": "Deployment", "name": "web"}, "state": "covered"},
			{"namespace": "shop", "name": "web-2", "owner": {"kind": "Deployment", "name": "web"}, "state": "uncovered"},
			{"namespace": "shop", "name": "web-3", "owner": {"kind": "Deployment", "name": "web"}, "state": "host-network"},
			{"namespace": "shop", "name": "web-4", "owner": {"kind": "Deployment", "name": "web"}, "state": "finished"},
		],
	},
}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := workloads_opted_out.deny with input as evidence with data.parameters as {"collection.workloads_opted_out": parameters}
	denied == messages
	findings := workloads_opted_out.findings with input as evidence with data.parameters as {"collection.workloads_opted_out": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := workloads_opted_out.findings with input as evidence with data.parameters as {"collection.workloads_opted_out": parameters}
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
	message := "the part workloads is not complete, so that it is not known what opted out"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/workloads/complete", complete), {}, {message})
	}
	_finds(_without("coverage/workloads/complete"), {}, {message})
	_abouts(_without("coverage/workloads/complete"), {}) == {{"check": "workloads"}}
	every list in [null, "x", {}, true] {
		odd_pods := workloads_opted_out.deny with input as _set("coverage/workloads/pods", list) with data.parameters as {"collection.workloads_opted_out": {}}
		message in odd_pods
	}
	no_pods := workloads_opted_out.deny with input as _without("coverage/workloads/pods") with data.parameters as {"collection.workloads_opted_out": {}}
	message in no_pods
	every list in [null, "x", {}, true] {
		odd_namespaces := workloads_opted_out.deny with input as _set("coverage/workloads/namespaces", list) with data.parameters as {"collection.workloads_opted_out": {}}
		message in odd_namespaces
	}
	no_namespaces := workloads_opted_out.deny with input as _without("coverage/workloads/namespaces") with data.parameters as {"collection.workloads_opted_out": {}}
	message in no_namespaces
	every list in [null, "x", {}, true] {
		odd_workloads := workloads_opted_out.deny with input as _set("coverage/workloads/workloads", list) with data.parameters as {"collection.workloads_opted_out": {}}
		message in odd_workloads
	}
	no_workloads := workloads_opted_out.deny with input as _without("coverage/workloads/workloads") with data.parameters as {"collection.workloads_opted_out": {}}
	message in no_workloads
	every part in [null, "x", [], {}, true] {
		found := workloads_opted_out.deny with input as _set("coverage/workloads", part) with data.parameters as {"collection.workloads_opted_out": {}}
		message in found
	}
}

_bad := _set("coverage/workloads/pods/0/state", "opted-out")

_there(namespace) := json.patch(_bad, [{"op": "replace", "path": "coverage/workloads/pods/0/namespace", "value": namespace}])

_told(namespace) := _says(namespace, "opted out of the mesh (1 pod, web-1)")

test_finds_it_where_the_mesh_is_wanted if {
	_finds(_bad, {}, {_told("shop")})
	_finds(_there("legacy"), {}, set())
	_finds(_there("legacy"), {"namespaces": ["legacy"]}, {_told("legacy")})
	_finds(_there("legacy"), {"namespaces": ["x", "leg*"]}, {_told("legacy")})
	_finds(_there("legacy"), {"namespaces": ["*"]}, {_told("legacy"), _shut("apart", "disabled")})
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
		_finds(odd, {}, {_told("legacy"), _shut("apart", "disabled")})
	}
}

_scope(scope) := scope if {
	is_object(scope)
} else := {}

test_a_namespace_without_a_name_is_none if {
	odd := json.patch(_there("legacy"), [{"op": "replace", "path": "coverage/workloads/namespaces/1/name", "value": 7}])
	_finds(odd, {"namespaces": ["*"]}, {_told("legacy"), _shut("apart", "disabled")})
}

test_patterns_that_are_none_are_passed_over if {
	every parameters in [{"namespaces": null}, {"namespaces": "*"}, {"namespaces": [7]}, {"namespaces": {"a": "*"}}, null] {
		_finds(_there("legacy"), parameters, set())
	}
}

_says(namespace, what) := sprintf("%v: Deployment/web %v: take linkerd.io/inject: disabled away, or waive it", [namespace, what])

_shut(namespace, inject) := sprintf("the namespace %v has linkerd.io/inject: %v, so that what starts in it gets no proxy", [namespace, inject])

_misplaced(who) := sprintf("%v has linkerd.io/inject where it does nothing: move it to spec.template.metadata.annotations", [who])

test_says_which_workload_it_is_about if {
	_abouts(_bad, {}) == {{"namespace": "shop", "src_namespace": "shop", "src": "web", "dst_namespace": "shop", "dst": "web"}}
}

test_finds_a_pod_of_nobody if {
	every key in ["namespace", "owner"] {
		evidence := json.patch(_bad, [{"op": "remove", "path": sprintf("coverage/workloads/pods/0/%v", [key])}])
		_finds(evidence, {}, {"?: ?/? opted out of the mesh (1 pod, web-1): take linkerd.io/inject: disabled away, or waive it"})
		_abouts(evidence, {}) == {{}}
	}
	every key in ["kind", "name"] {
		evidence := json.patch(_bad, [{"op": "replace", "path": sprintf("coverage/workloads/pods/0/owner/%v", [key]), "value": 7}])
		_finds(evidence, {}, {"?: ?/? opted out of the mesh (1 pod, web-1): take linkerd.io/inject: disabled away, or waive it"})
		_abouts(evidence, {}) == {{}}
	}
}

test_pods_of_a_workload_are_told_together if {
	pods := [object.union(_bad.coverage.workloads.pods[0], {"name": sprintf("web-%v", [i])}) | some i in numbers.range(1, 3)]
	_finds(_set("coverage/workloads/pods", pods), {}, {_says("shop", "opted out of the mesh (3 pods, such as web-1)")})
	_finds(_set("coverage/workloads/pods/0", object.remove(_bad.coverage.workloads.pods[0], {"name"})), {}, {_says("shop", "opted out of the mesh (1 pod, ?)")})
}

test_finds_a_state_that_nobody_knows if {
	every state in ["meshed", "", null, 7] {
		_finds(_set("coverage/workloads/pods/0/state", state), {}, {_says("shop", sprintf("may have opted out, as its state is %v (1 pod, web-1)", [state]))})
	}
	_finds(_without("coverage/workloads/pods/0/state"), {}, {_says("shop", "may have opted out, as its state is none (1 pod, web-1)")})
	every row in [null, "x", 7, []] {
		_finds(_set("coverage/workloads/pods/0", row), {}, {"?: ?/? may have opted out, as its state is none (1 pod, ?): take linkerd.io/inject: disabled away, or waive it"})
	}
}

test_finds_a_namespace_that_is_shut if {
	_finds(_clean, {"namespaces": ["apart"]}, {_shut("apart", "disabled")})
	_finds(_clean, {"namespaces": ["*"]}, {_shut("apart", "disabled")})
	_abouts(_clean, {"namespaces": ["*"]}) == {{"namespace": "apart"}}
	_finds(_set("coverage/scope/namespaces", ["apart", "linkerd"]), {}, {_shut("apart", "disabled")})
	_finds(_set("coverage/workloads/namespaces/0/inject", "disabled"), {}, set())
	_finds(_set("coverage/workloads/namespaces/0/inject", "disabled"), {"namespaces": ["shop"]}, {_shut("shop", "disabled")})
}

test_finds_a_namespace_of_which_it_is_not_known if {
	every inject in [null, 7, ["enabled"]] {
		_finds(_set("coverage/workloads/namespaces/0/inject", inject), {"namespaces": ["shop"]}, {_shut("shop", inject)})
	}
	_finds(_without("coverage/workloads/namespaces/0/inject"), {"namespaces": ["shop"]}, {_shut("shop", "none")})
	_finds(_set("coverage/workloads/namespaces/3/name", 7), {}, {_shut("?", "disabled")})
	_finds(_without("coverage/scope"), {}, {_shut("linkerd", "disabled"), _shut("apart", "disabled")})
	_finds(_set("coverage/scope/namespaces", "x"), {}, {_shut("apart", "disabled")})
	_finds(_set("coverage/workloads/namespaces/3", null), {}, {_shut("?", "none")})
}

test_finds_an_annotation_where_it_does_nothing if {
	every misplaced in [true, null, "false", 0] {
		_finds(_set("coverage/workloads/workloads/0/misplaced", misplaced), {}, {_misplaced("shop: Deployment/web")})
	}
	_finds(_without("coverage/workloads/workloads/0/misplaced"), {}, {_misplaced("shop: Deployment/web")})
	_abouts(_without("coverage/workloads/workloads/0/misplaced"), {}) == {{"namespace": "shop", "src_namespace": "shop", "src": "web", "dst_namespace": "shop", "dst": "web"}}
	odd := json.patch(_set("coverage/workloads/workloads/0/misplaced", true), [{"op": "remove", "path": "coverage/workloads/workloads/0/kind"}])
	_finds(odd, {}, {_misplaced("?: ?/?")})
	every row in [null, "x", 7, {}] {
		_finds(_set("coverage/workloads/workloads/0", row), {}, {"a workload is listed without its namespace"})
	}
}

test_without_parameters_it_looks_where_the_mesh_is_wanted if {
	workloads_opted_out.deny == {_told("shop")} with input as _bad
	workloads_opted_out.deny == set() with input as _clean
}
