package collection.traffic_observed_test

import data.collection.traffic_observed
import rego.v1

_clean := {"coverage": {
	"workloads": {"pods": [
		{"namespace": "shop", "name": "web-1", "owner": {"kind": "Deployment", "name": "web"}},
		{"namespace": "shop", "name": "web-2", "owner": {"kind": "Deployment", "name": "web"}},
		{"namespace": "shop", "name": "db-0", "owner": {"kind": "StatefulSet", "name": "db"}},
		{"namespace": "shop", "name": "odd-1", "owner": {"kind": "Deployment", "name": 7}},
	]},
	"traffic": {"complete": true, "silent": [], "clients": [{"labels": {"client_id": "x"}, "value": 1}]},
}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := traffic_observed.deny with input as evidence with data.parameters as {"collection.traffic_observed": parameters}
	denied == messages
	findings := traffic_observed.findings with input as evidence with data.parameters as {"collection.traffic_observed": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := traffic_observed.findings with input as evidence with data.parameters as {"collection.traffic_observed": parameters}
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

test_finds_that_the_part_traffic_is_not_complete if {
	message := "the part traffic is not complete, so that it is not known which proxies are heard of"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/traffic/complete", complete), {}, {message})
	}
	_finds(_without("coverage/traffic/complete"), {}, {message})
	_abouts(_without("coverage/traffic/complete"), {}) == {{"check": "traffic"}}
	every list in [null, "x", {}, true] {
		found := traffic_observed.deny with input as _set("coverage/traffic/silent", list) with data.parameters as {"collection.traffic_observed": {}}
		message in found
	}
	absent := traffic_observed.deny with input as _without("coverage/traffic/silent") with data.parameters as {"collection.traffic_observed": {}}
	message in absent
	every part in [null, "x", [], {}, true] {
		found := traffic_observed.deny with input as _set("coverage/traffic", part) with data.parameters as {"collection.traffic_observed": {}}
		message in found
	}
}

_silent(pods) := _set("coverage/traffic/silent", pods)

_said(which) := sprintf("shop/web: Prometheus has no series of its proxies (%v): linkerd viz check --proxy", [which])

_nothing := "Prometheus has no series of any proxy: it is another one, it scrapes none, or nothing ran"

test_finds_silent_pods if {
	_finds(_silent(["shop/web-1"]), {}, {_said("1 pod, web-1")})
	_finds(_silent(["shop/web-2", "shop/web-1"]), {}, {_said("2 pods, such as web-1")})
	_abouts(_silent(["shop/web-1"]), {}) == {{"namespace": "shop", "src_namespace": "shop", "src": "web", "dst_namespace": "shop", "dst": "web"}}
	traffic_observed.deny == {_said("1 pod, web-1")} with input as _silent(["shop/web-1"])
}

test_a_pod_that_is_not_known_is_its_own_workload if {
	every pod in ["gone-1", "odd-1"] {
		_finds(_silent([sprintf("shop/%v", [pod])]), {}, {replace(_said(sprintf("1 pod, %v", [pod])), "shop/web", sprintf("shop/%v", [pod]))})
	}
	_finds(json.patch(_silent(["shop/web-1"]), [{"op": "remove", "path": "coverage/workloads"}]), {}, {replace(_said("1 pod, web-1"), "shop/web", "shop/web-1")})
}

test_finds_rows_that_are_none if {
	every row in [null, "x", 7, {}, "a/b/c", ""] {
		_finds(_silent([row]), {}, {"?/?: Prometheus has no series of its proxies (1 pod, ?): linkerd viz check --proxy"})
		_abouts(_silent([row]), {}) == {{}}
	}
}

test_finds_that_nobody_is_heard_of if {
	every clients in [[], null, {}, {"a": 1}, "x"] {
		_finds(_set("coverage/traffic/clients", clients), {}, {_nothing})
	}
	_finds(_without("coverage/traffic/clients"), {}, {_nothing})
	_abouts(_without("coverage/traffic/clients"), {}) == {{"check": "prometheus"}}
}

test_any_series_is_heard if {
	every name in ["clients", "servers", "certificates", "inbound_plaintext", "outbound_plaintext", "opaque", "unauthenticated", "denied"] {
		_finds({"coverage": {"traffic": {"complete": true, "silent": [], name: [{"labels": {}, "value": 1}]}}}, {}, set())
	}
}
