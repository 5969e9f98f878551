package collection.traffic_identified_test

import data.collection.traffic_identified
import rego.v1

_clean := {"coverage": {
	"workloads": {"pods": [
		{"namespace": "shop", "name": "web-1", "owner": {"kind": "Deployment", "name": "web"}},
		{"namespace": "shop", "name": "web-2", "owner": {"kind": "Deployment", "name": "web"}},
		{"namespace": "shop", "name": "db-0", "owner": {"kind": "StatefulSet", "name": "db"}},
		{"namespace": "shop", "name": "odd-1", "owner": {"kind": "Deployment", "name": 7}},
	]},
	"traffic": {"complete": true, "opaque": [], "unauthenticated": []},
}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := traffic_identified.deny with input as evidence with data.parameters as {"collection.traffic_identified": parameters}
	denied == messages
	findings := traffic_identified.findings with input as evidence with data.parameters as {"collection.traffic_identified": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := traffic_identified.findings with input as evidence with data.parameters as {"collection.traffic_identified": parameters}
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
	message := "the part traffic is not complete, so that it is not known who the clients are"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/traffic/complete", complete), {}, {message})
	}
	_finds(_without("coverage/traffic/complete"), {}, {message})
	_abouts(_without("coverage/traffic/complete"), {}) == {{"check": "traffic"}}
	every list in [null, "x", {}, true] {
		odd_opaque := traffic_identified.deny with input as _set("coverage/traffic/opaque", list) with data.parameters as {"collection.traffic_identified": {}}
		message in odd_opaque
	}
	no_opaque := traffic_identified.deny with input as _without("coverage/traffic/opaque") with data.parameters as {"collection.traffic_identified": {}}
	message in no_opaque
	every list in [null, "x", {}, true] {
		odd_unauthenticated := traffic_identified.deny with input as _set("coverage/traffic/unauthenticated", list) with data.parameters as {"collection.traffic_identified": {}}
		message in odd_unauthenticated
	}
	no_unauthenticated := traffic_identified.deny with input as _without("coverage/traffic/unauthenticated") with data.parameters as {"collection.traffic_identified": {}}
	message in no_unauthenticated
	every part in [null, "x", [], {}, true] {
		found := traffic_identified.deny with input as _set("coverage/traffic", part) with data.parameters as {"collection.traffic_identified": {}}
		message in found
	}
}

_row := {"value": 1, "labels": {"namespace": "shop", "pod": "web-1", "target_port": "9443", "sni": "app.example"}}

_of(pod) := object.union(_row, {"labels": {"pod": pod}})

_opaque(rows) := _set("coverage/traffic/opaque", rows)

_open(rows) := _set("coverage/traffic/unauthenticated", rows)

_passed(which, sni) := sprintf("shop/web let in TLS of an application on port 9443 (sni %v; %v): who was there is not known", [sni, which])

_nameless(which) := sprintf("shop/web let in TLS on port 9443 from clients that showed no identity (%v)", [which])

test_finds_tls_of_an_application if {
	_finds(_opaque([_row]), {}, {_passed("1 pod, web-1", "app.example")})
	_finds(_opaque([_row, _of("web-2")]), {}, {_passed("2 pods, such as web-1", "app.example")})
	_finds(_opaque([object.union(_row, {"labels": {"sni": ""}})]), {}, {_passed("1 pod, web-1", "none")})
	_abouts(_opaque([_row]), {}) == {{"namespace": "shop", "dst_namespace": "shop", "dst": "web"}}
	traffic_identified.deny == {_passed("1 pod, web-1", "app.example")} with input as _opaque([_row])
}

test_finds_clients_that_showed_no_identity if {
	_finds(_open([_row]), {}, {_nameless("1 pod, web-1")})
	_finds(_open([_row, _of("web-2")]), {}, {_nameless("2 pods, such as web-1")})
	_abouts(_open([_row]), {}) == {{"namespace": "shop", "dst_namespace": "shop", "dst": "web"}}
}

test_a_pod_that_is_not_known_is_its_own_workload if {
	every pod in ["gone-1", "odd-1"] {
		_finds(_open([_of(pod)]), {}, {replace(_nameless(sprintf("1 pod, %v", [pod])), "shop/web", sprintf("shop/%v", [pod]))})
	}
	_finds(json.patch(_open([_row]), [{"op": "remove", "path": "coverage/workloads"}]), {}, {replace(_nameless("1 pod, web-1"), "shop/web", "shop/web-1")})
}

test_finds_rows_that_are_none if {
	every row in [null, "x", 7, {}, {"labels": null}, {"labels": {"pod": 7, "sni": 7}}] {
		_finds(_opaque([row]), {}, {"/ let in TLS of an application on port  (sni none; 1 pod, ): who was there is not known"})
		_finds(_open([row]), {}, {"/ let in TLS on port  from clients that showed no identity (1 pod, )"})
		_abouts(_open([row]), {}) == {{}}
	}
}
