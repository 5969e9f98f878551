package collection.pod_edges_mtls_test

import data.collection.pod_edges_mtls
import rego.v1

_clean := {"coverage": {
	"workloads": {"pods": [
		{"namespace": "shop", "name": "web-1", "owner": {"kind": "Deployment", "name": "web"}},
		{"namespace": "shop", "name": "web-2", "owner": {"kind": "Deployment", "name": "web"}},
		{"namespace": "shop", "name": "db-0", "owner": {"kind": "StatefulSet", "name": "db"}},
		{"namespace": "shop", "name": "odd-1", "owner": {"kind": "Deployment", "name": 7}},
	]},
	"linkerd": {"complete": true, "defects": [], "edges_pod": [
		{"src": "web-1", "src_namespace": "shop", "dst": "db-0", "dst_namespace": "shop", "client_id": "web.shop", "server_id": "db.shop", "no_tls_reason": ""},
		{"src": "web-2", "src_namespace": "shop", "dst": "db-0", "dst_namespace": "shop", "client_id": "web.shop", "server_id": "db.shop"},
	]},
}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := pod_edges_mtls.deny with input as evidence with data.parameters as {"collection.pod_edges_mtls": parameters}
	denied == messages
	findings := pod_edges_mtls.findings with input as evidence with data.parameters as {"collection.pod_edges_mtls": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := pod_edges_mtls.findings with input as evidence with data.parameters as {"collection.pod_edges_mtls": parameters}
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

test_finds_that_the_part_linkerd_is_not_complete if {
	message := "the part linkerd is not complete, so that it is not known which edges there are between pods"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/linkerd/complete", complete), {}, {message})
	}
	_finds(_without("coverage/linkerd/complete"), {}, {message})
	_abouts(_without("coverage/linkerd/complete"), {}) == {{"check": "linkerd"}}
	every list in [null, "x", {}, true] {
		odd_edges_pod := pod_edges_mtls.deny with input as _set("coverage/linkerd/edges_pod", list) with data.parameters as {"collection.pod_edges_mtls": {}}
		message in odd_edges_pod
	}
	no_edges_pod := pod_edges_mtls.deny with input as _without("coverage/linkerd/edges_pod") with data.parameters as {"collection.pod_edges_mtls": {}}
	message in no_edges_pod
	every list in [null, "x", {}, true] {
		odd_defects := pod_edges_mtls.deny with input as _set("coverage/linkerd/defects", list) with data.parameters as {"collection.pod_edges_mtls": {}}
		message in odd_defects
	}
	no_defects := pod_edges_mtls.deny with input as _without("coverage/linkerd/defects") with data.parameters as {"collection.pod_edges_mtls": {}}
	message in no_defects
	every part in [null, "x", [], {}, true] {
		found := pod_edges_mtls.deny with input as _set("coverage/linkerd", part) with data.parameters as {"collection.pod_edges_mtls": {}}
		message in found
	}
}

_plain := {
	"src": "web-1",
	"src_namespace": "shop",
	"dst": "db-0",
	"dst_namespace": "shop",
	"client_id": "web.shop",
	"server_id": "",
	"no_tls_reason": "Not Provided By Service Discovery",
}

_rows(rows) := _set("coverage/linkerd/edges_pod", rows)

_said(pair, which, client, server, reason) := sprintf("%v is not mTLS between %v: client identity %v, server identity %v, linkerd's reason %v", [pair, which, client, server, reason])

_discovery := "Not Provided By Service Discovery"

test_finds_an_edge_that_is_not_mtls if {
	_finds(_rows([_plain]), {}, {_said("shop/web -> shop/db", "1 pair of pods, web-1 -> db-0", "web.shop", "none", _discovery)})
	_finds(_rows([_plain, object.union(_plain, {"src": "web-2"})]), {}, {_said("shop/web -> shop/db", "2 pairs of pods, such as web-1 -> db-0", "web.shop", "none", _discovery)})
	_abouts(_rows([_plain]), {}) == {{"src_namespace": "shop", "src": "web", "dst_namespace": "shop", "dst": "db"}}
	pod_edges_mtls.deny == {_said("shop/web -> shop/db", "1 pair of pods, web-1 -> db-0", "web.shop", "none", _discovery)} with input as _rows([_plain])
}

test_finds_what_lacks_a_word if {
	whole := object.union(_plain, {"server_id": "db.shop", "no_tls_reason": ""})
	_finds(_rows([whole]), {}, set())
	which := "1 pair of pods, web-1 -> db-0"
	every id in ["client_id", "server_id"] {
		every value in ["", null, 7, {}] {
			_finds(_rows([object.union(whole, {id: value})]), {}, {_said("shop/web -> shop/db", which, _or(value, id == "client_id", "web.shop"), _or(value, id == "server_id", "db.shop"), "none")})
		}
		_finds(_rows([object.remove(whole, {id})]), {}, {_said("shop/web -> shop/db", which, _or("", id == "client_id", "web.shop"), _or("", id == "server_id", "db.shop"), "none")})
	}
	every reason in ["Loopback", "x", null, 7] {
		_finds(_rows([object.union(whole, {"no_tls_reason": reason})]), {}, {_said("shop/web -> shop/db", which, "web.shop", "db.shop", reason)})
	}
}

_or(value, chosen, otherwise) := otherwise if {
	not chosen
} else := "none" if {
	value == ""
} else := value

test_finds_a_pod_that_calls_itself if {
	edge := object.union(_plain, {"dst": "web-1", "no_tls_reason": "Loopback"})
	_finds(_rows([edge]), {}, {_said("shop/web -> shop/web", "1 pair of pods, web-1 -> web-1", "web.shop", "none", "Loopback")})
}

test_a_pod_that_is_not_known_is_its_own_workload if {
	every pod in ["gone-1", "odd-1"] {
		edge := object.union(_plain, {"src": pod})
		_finds(_rows([edge]), {}, {_said(sprintf("shop/%v -> shop/db", [pod]), sprintf("1 pair of pods, %v -> db-0", [pod]), "web.shop", "none", _discovery)})
	}
	_finds(json.patch(_rows([_plain]), [{"op": "remove", "path": "coverage/workloads"}]), {}, {_said("shop/web-1 -> shop/db-0", "1 pair of pods, web-1 -> db-0", "web.shop", "none", _discovery)})
}

test_finds_rows_that_are_none if {
	every row in [null, "x", 7, {}, []] {
		_finds(_rows([row]), {}, {_said("?/? -> ?/?", "1 pair of pods, ? -> ?", "none", "none", "none")})
		_abouts(_rows([row]), {}) == {{}}
	}
	_abouts(_rows([object.union(_plain, {"src_namespace": 7, "dst": null})]), {}) == {{"src": "web-1", "dst_namespace": "shop"}}
}

test_finds_that_there_is_no_edge if {
	_finds(_rows([]), {}, {"there is no edge between pods: nothing is meshed, or nothing talks"})
	_abouts(_rows([]), {}) == {{"check": "linkerd"}}
}

test_finds_each_defect if {
	defect := {"code": "trailing", "file": "edges pod", "offset": 3, "detail": "text behind the list"}
	_finds(_set("coverage/linkerd/defects", [defect]), {}, {"edges pod could not be taken as it stood: text behind the list (trailing)"})
	_abouts(_set("coverage/linkerd/defects", [defect]), {}) == {{"check": "defects"}}
	every row in [null, "x", 7, {}] {
		_finds(_set("coverage/linkerd/defects", [row]), {}, {"? could not be taken as it stood: ? (?)"})
	}
}
