package collection.ports_skipped_test

import data.collection.ports_skipped
import rego.v1

_clean := {"coverage": {"workloads": {"complete": true, "pods": [
	{"namespace": "shop", "name": "web-1", "owner": {"kind": "Deployment", "name": "web"}, "state": "covered", "skip_inbound_ports": ["4567", "4568"], "skip_outbound_ports": []},
	{"namespace": "shop", "name": "db-1", "owner": {"kind": "StatefulSet", "name": "db"}, "state": "uncovered"},
	{"namespace": "shop", "name": "db-2", "owner": {"kind": "StatefulSet", "name": "db"}, "state": "opted-out"},
	{"namespace": "shop", "name": "db-3", "owner": {"kind": "StatefulSet", "name": "db"}, "state": "host-network"},
	{"namespace": "shop", "name": "db-4", "owner": {"kind": "StatefulSet", "name": "db"}, "state": "finished"},
]}}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := ports_skipped.deny with input as evidence with data.parameters as {"collection.ports_skipped": parameters}
	denied == messages
	findings := ports_skipped.findings with input as evidence with data.parameters as {"collection.ports_skipped": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := ports_skipped.findings with input as evidence with data.parameters as {"collection.ports_skipped": parameters}
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
	message := "the part workloads is not complete, so that it is not known which ports skip the proxy"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/workloads/complete", complete), {}, {message})
	}
	_finds(_without("coverage/workloads/complete"), {}, {message})
	_abouts(_without("coverage/workloads/complete"), {}) == {{"check": "workloads"}}
	every list in [null, "x", {}, true] {
		found := ports_skipped.deny with input as _set("coverage/workloads/pods", list) with data.parameters as {"collection.ports_skipped": {}}
		message in found
	}
	absent := ports_skipped.deny with input as _without("coverage/workloads/pods") with data.parameters as {"collection.ports_skipped": {}}
	message in absent
	every part in [null, "x", [], {}, true] {
		found := ports_skipped.deny with input as _set("coverage/workloads", part) with data.parameters as {"collection.ports_skipped": {}}
		message in found
	}
}

_bad := _set("coverage/workloads/pods/0/skip_inbound_ports", ["7070", "4567"])

_says(what) := sprintf("shop: Deployment/web %v", [what])

_skips(direction, ports) := _says(sprintf("lets traffic skip its proxy on the %v ports %v: make them opaque instead (1 pod, web-1)", [direction, ports]))

test_finds_ports_that_are_not_allowed if {
	_finds(_bad, {}, {_skips("inbound", "7070")})
	_finds(_set("coverage/workloads/pods/0/skip_outbound_ports", ["4567-4568", "25"]), {}, {_skips("outbound", "25, 4567-4568")})
	both := json.patch(_bad, [{"op": "replace", "path": "coverage/workloads/pods/0/skip_outbound_ports", "value": ["25"]}])
	_finds(both, {}, {_skips("inbound", "7070"), _skips("outbound", "25")})
	_finds(_set("coverage/workloads/pods/0/skip_inbound_ports", [7070]), {}, {_skips("inbound", "7070")})
}

test_ports_can_be_allowed if {
	_finds(_bad, {"allowed": ["7070", "4567"]}, set())
	_finds(_bad, {"allowed": ["7070"]}, {_skips("inbound", "4567")})
	_finds(_bad, {"allowed": []}, {_skips("inbound", "4567, 7070")})
	_finds(_set("coverage/workloads/pods/0/skip_inbound_ports", ["1-65535"]), {"allowed": ["1-65535"]}, set())
}

test_without_a_list_it_is_those_that_linkerd_skips if {
	every parameters in [{}, {"allowed": null}, {"allowed": "7070"}, {"allowed": {"a": "7070"}}, null] {
		_finds(_bad, parameters, {_skips("inbound", "7070")})
	}
	_finds(_set("coverage/workloads/pods/0/skip_inbound_ports", [7070]), {"allowed": [7070]}, {_skips("inbound", "7070")})
	ports_skipped.deny == {_skips("inbound", "7070")} with input as _bad
}

test_says_which_workload_it_is_about if {
	_abouts(_bad, {}) == {{"namespace": "shop", "src_namespace": "shop", "src": "web", "dst_namespace": "shop", "dst": "web"}}
}

test_finds_a_pod_of_nobody if {
	every key in ["namespace", "owner"] {
		evidence := json.patch(_bad, [{"op": "remove", "path": sprintf("coverage/workloads/pods/0/%v", [key])}])
		_finds(evidence, {}, {"?: ?/? lets traffic skip its proxy on the inbound ports 7070: make them opaque instead (1 pod, web-1)"})
		_abouts(evidence, {}) == {{}}
	}
	every key in ["kind", "name"] {
		evidence := json.patch(_bad, [{"op": "replace", "path": sprintf("coverage/workloads/pods/0/owner/%v", [key]), "value": 7}])
		_finds(evidence, {}, {"?: ?/? lets traffic skip its proxy on the inbound ports 7070: make them opaque instead (1 pod, web-1)"})
		_abouts(evidence, {}) == {{}}
	}
}

test_pods_of_a_workload_are_told_together if {
	pods := [object.union(_bad.coverage.workloads.pods[0], {"name": sprintf("web-%v", [i])}) | some i in numbers.range(1, 3)]
	_finds(_set("coverage/workloads/pods", pods), {}, {replace(_skips("inbound", "7070"), "1 pod, ", "3 pods, such as ")})
	_finds(_set("coverage/workloads/pods/0", object.remove(_bad.coverage.workloads.pods[0], {"name"})), {}, {replace(_skips("inbound", "7070"), "web-1", "?")})
}

test_finds_that_it_is_not_known if {
	every direction in ["inbound", "outbound"] {
		path := sprintf("coverage/workloads/pods/0/skip_%v_ports", [direction])
		message := _says(sprintf("does not say which %v ports skip its proxy (1 pod, web-1)", [direction]))
		every value in [null, "4567", 4567, {}, {"a": "4567"}] {
			_finds(_set(path, value), {}, {message})
		}
		_finds(_without(path), {}, {message})
	}
	every row in [null, "x", 7, {}] {
		_finds(_set("coverage/workloads/pods/0", row), {}, {sprintf("?: ?/? does not say which %v ports skip its proxy (1 pod, ?)", [direction]) | some direction in ["inbound", "outbound"]})
	}
}

test_looks_at_a_pod_whose_state_nobody_knows if {
	every state in ["meshed", null, 7] {
		odd := json.patch(_bad, [{"op": "replace", "path": "coverage/workloads/pods/0/state", "value": state}])
		_finds(odd, {}, {_skips("inbound", "7070")})
	}
	_finds(json.patch(_bad, [{"op": "remove", "path": "coverage/workloads/pods/0/state"}]), {}, {_skips("inbound", "7070")})
}

test_the_control_plane_reaches_the_api_past_its_proxies if {
	owner := {"kind": "Deployment", "name": "linkerd-identity"}
	pod := {"namespace": "linkerd", "name": "i-1", "owner": owner, "state": "covered", "skip_inbound_ports": ["4567"], "skip_outbound_ports": ["443"]}
	of_linkerd := {"coverage": {"scope": {"control_plane": "linkerd"}, "workloads": {"complete": true, "pods": [pod]}}}
	_finds(of_linkerd, {}, set())
	inbound := {"linkerd: Deployment/linkerd-identity lets traffic skip its proxy on the inbound ports 99: make them opaque instead (1 pod, i-1)"}
	_finds(json.patch(of_linkerd, [{"op": "add", "path": "coverage/workloads/pods/0/skip_inbound_ports/0", "value": "99"}]), {}, inbound)
	outbound := {"linkerd: Deployment/linkerd-identity lets traffic skip its proxy on the outbound ports 443: make them opaque instead (1 pod, i-1)"}
	_finds(json.patch(of_linkerd, [{"op": "remove", "path": "coverage/scope"}]), {}, outbound)
	_finds(json.patch(of_linkerd, [{"op": "replace", "path": "coverage/scope/control_plane", "value": "mesh"}]), {}, outbound)
}
