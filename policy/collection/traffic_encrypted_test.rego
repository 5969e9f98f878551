package collection.traffic_encrypted_test

import data.collection.traffic_encrypted
import rego.v1

_clean := {"coverage": {
	"workloads": {"pods": [
		{"namespace": "shop", "name": "web-1", "owner": {"kind": "Deployment", "name": "web"}},
		{"namespace": "shop", "name": "web-2", "owner": {"kind": "Deployment", "name": "web"}},
		{"namespace": "shop", "name": "db-0", "owner": {"kind": "StatefulSet", "name": "db"}},
		{"namespace": "shop", "name": "odd-1", "owner": {"kind": "Deployment", "name": 7}},
	]},
	"traffic": {
		"complete": true,
		"inbound_plaintext": [],
		"outbound_plaintext": [
			{"value": 1, "labels": {"namespace": "shop", "pod": "web-1", "target_ip": "203.0.113.10", "target_port": "443", "dst_pod": ""}},
			{"value": 1, "labels": {"namespace": "shop", "pod": "web-1", "target_ip": "192.0.2.10", "target_port": "6443", "dst_namespace": "default", "dst_service": "kubernetes"}},
		],
	},
}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := traffic_encrypted.deny with input as evidence with data.parameters as {"collection.traffic_encrypted": parameters}
	denied == messages
	findings := traffic_encrypted.findings with input as evidence with data.parameters as {"collection.traffic_encrypted": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := traffic_encrypted.findings with input as evidence with data.parameters as {"collection.traffic_encrypted": parameters}
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
	message := "the part traffic is not complete, so that it is not known what passes in plaintext"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/traffic/complete", complete), {}, {message})
	}
	_finds(_without("coverage/traffic/complete"), {}, {message})
	_abouts(_without("coverage/traffic/complete"), {}) == {{"check": "traffic"}}
	every list in [null, "x", {}, true] {
		odd_inbound_plaintext := traffic_encrypted.deny with input as _set("coverage/traffic/inbound_plaintext", list) with data.parameters as {"collection.traffic_encrypted": {}}
		message in odd_inbound_plaintext
	}
	no_inbound_plaintext := traffic_encrypted.deny with input as _without("coverage/traffic/inbound_plaintext") with data.parameters as {"collection.traffic_encrypted": {}}
	message in no_inbound_plaintext
	every list in [null, "x", {}, true] {
		odd_outbound_plaintext := traffic_encrypted.deny with input as _set("coverage/traffic/outbound_plaintext", list) with data.parameters as {"collection.traffic_encrypted": {}}
		message in odd_outbound_plaintext
	}
	no_outbound_plaintext := traffic_encrypted.deny with input as _without("coverage/traffic/outbound_plaintext") with data.parameters as {"collection.traffic_encrypted": {}}
	message in no_outbound_plaintext
	every part in [null, "x", [], {}, true] {
		found := traffic_encrypted.deny with input as _set("coverage/traffic", part) with data.parameters as {"collection.traffic_encrypted": {}}
		message in found
	}
}

_in := {"value": 1, "labels": {
	"namespace": "shop",
	"pod": "web-1",
	"target_port": "8080",
	"tls": "no_identity",
	"no_tls_reason": "no_tls_from_remote",
}}

_out := {"value": 1, "labels": {
	"namespace": "shop",
	"pod": "web-1",
	"dst_namespace": "shop",
	"dst_pod": "db-0",
	"target_ip": "192.0.2.7",
	"target_port": "5432",
	"tls": "no_identity",
	"no_tls_reason": "not_provided_by_service_discovery",
}}

_let(rows) := _set("coverage/traffic/inbound_plaintext", rows)

_sent(rows) := _set("coverage/traffic/outbound_plaintext", rows)

_labelled(row, labels) := object.union(row, {"labels": labels})

_came(which) := sprintf("shop/web let in plaintext on port 8080 (no_tls_from_remote; %v): its clients have no proxy, or skip it; default-inbound-policy all-authenticated refuses them", [which])

_went(there, which, why) := sprintf("shop/web sent plaintext to %v on port 5432 (not_provided_by_service_discovery; %v): %v", [there, which, why])

test_finds_plaintext_that_came_in if {
	_finds(_let([_in]), {}, {_came("1 pod, web-1")})
	_abouts(_let([_in]), {}) == {{"namespace": "shop", "dst_namespace": "shop", "dst": "web"}}
	_finds(_let([_in, _labelled(_in, {"pod": "web-2"})]), {}, {_came("2 pods, such as web-1")})
	_finds(_let([_labelled(_in, {"no_tls_reason": ""})]), {}, {replace(_came("1 pod, web-1"), "no_tls_from_remote", "no_identity")})
	traffic_encrypted.deny == {_came("1 pod, web-1")} with input as _let([_in])
}

test_a_pod_that_is_not_known_is_its_own_workload if {
	every pod in ["gone-1", "odd-1"] {
		_finds(_let([_labelled(_in, {"pod": pod})]), {}, {replace(_came(sprintf("1 pod, %v", [pod])), "shop/web", sprintf("shop/%v", [pod]))})
	}
	_finds(json.patch(_let([_in]), [{"op": "remove", "path": "coverage/workloads"}]), {}, {replace(_came("1 pod, web-1"), "shop/web", "shop/web-1")})
}

test_finds_rows_that_are_none if {
	every row in [null, "x", 7, {}, {"labels": null}, {"labels": {"pod": 7}}] {
		_finds(_let([row]), {}, {"/ let in plaintext on port  (; 1 pod, ): its clients have no proxy, or skip it; default-inbound-policy all-authenticated refuses them"})
		_abouts(_let([row]), {}) == {{}}
	}
	every row in [null, "x", 7, {}, {"labels": null}, {"labels": []}] {
		_finds(_sent([row]), {}, {"/ sent plaintext to  on port  (; 1 pod, ): it is not known where to"})
		_abouts(_sent([row]), {}) == {{}}
	}
}

test_finds_plaintext_to_a_pod_without_a_proxy if {
	_finds(_sent([_out]), {}, {_went("shop/db", "1 pod, web-1", "the destination has no proxy")})
	_abouts(_sent([_out]), {}) == {{"src_namespace": "shop", "src": "web", "dst_namespace": "shop", "dst": "db"}}
	_finds(_sent([_out, _labelled(_out, {"pod": "web-2"})]), {}, {_went("shop/db", "2 pods, such as web-1", "the destination has no proxy")})
}

test_finds_plaintext_to_a_port_that_skips_the_proxy if {
	_finds(_sent([_labelled(_out, {"dst_control_plane_ns": "linkerd"})]), {}, {_went("shop/db", "1 pod, web-1", "the port skips the proxy of the destination")})
	service := {"value": 1, "labels": object.union(object.remove(_out.labels, {"dst_pod"}), {"dst_control_plane_ns": "linkerd", "dst_service": "db-svc"})}
	_finds(_sent([service]), {}, {_went("shop/db-svc", "1 pod, web-1", "the port skips the proxy of the destination")})
}

_beyond := {"value": 1, "labels": object.remove(_out.labels, {"dst_pod", "dst_namespace"})}

test_finds_plaintext_to_outside_where_it_is_asked_for if {
	_finds(_sent([_beyond]), {}, set())
	_finds(_sent([_beyond]), {"external": true}, {_went("192.0.2.7", "1 pod, web-1", "the destination is outside of the mesh")})
	_abouts(_sent([_beyond]), {"external": true}) == {{"src_namespace": "shop", "src": "web"}}
	every parameters in [{"external": false}, {"external": null}, {"external": "true"}, {"external": 1}, null] {
		_finds(_sent([_beyond]), parameters, set())
	}
}

test_the_kubernetes_api_is_not_outside if {
	api := {"value": 1, "labels": object.union(_beyond.labels, {"dst_namespace": "default", "dst_service": "kubernetes"})}
	_finds(_sent([api]), {"external": true}, set())
	other := {"value": 1, "labels": object.union(api.labels, {"dst_namespace": "shop"})}
	_finds(_sent([other]), {"external": true}, {_went("shop/kubernetes", "1 pod, web-1", "the destination is outside of the mesh")})
	another := {"value": 1, "labels": object.union(api.labels, {"dst_service": "web"})}
	_finds(_sent([another]), {"external": true}, {_went("default/web", "1 pod, web-1", "the destination is outside of the mesh")})
	pod := {"value": 1, "labels": object.union(api.labels, {"dst_pod": "x"})}
	_finds(_sent([pod]), {}, {_went("default/x", "1 pod, web-1", "the destination has no proxy")})
	_finds(_sent([_labelled(_beyond, {"dst_pod": 7})]), {}, {_went("192.0.2.7", "1 pod, web-1", "the destination is outside of the mesh")})
}
