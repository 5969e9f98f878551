package collection.baseline_mtls_test

import data.collection.baseline_mtls
import rego.v1

_edge := {
	"src": "web",
	"src_namespace": "emojivoto",
	"dst": "api",
	"dst_namespace": "shop",
	"client_id": "web.emojivoto",
	"server_id": "api.shop",
}

_names := {"src", "src_namespace", "dst", "dst_namespace"}

_evidence(once, now) := {
	"linkerd_check": {"edge_report": now},
	"baseline": {"linkerd_check": {"edge_report": once}},
}

_said(what) := sprintf("emojivoto/web -> shop/api%s", [what])

# Who reads deny alone hears what findings say.
_finds(evidence, messages) if {
	denied := baseline_mtls.deny with input as evidence
	denied == messages
	findings := baseline_mtls.findings with input as evidence
	{finding.msg | some finding in findings} == messages
}

_lost := _said(" was mTLS in the baseline, and is not now")

test_silent_where_each_still_is if {
	_finds(_evidence([_edge], [_edge, object.union(_edge, {"dst": "new", "client_id": ""})]), set())
}

test_finds_each_that_no_longer_is if {
	every change in [
		{"client_id": ""},
		{"client_id": null},
		{"client_id": 7},
		{"server_id": ""},
		{"server_id": null},
		{"server_id": []},
		{"no_tls_reason": "Disabled"},
		{"no_tls_reason": null},
	] {
		_finds(_evidence([_edge], [object.union(_edge, change)]), {_lost})
	}
	_finds(_evidence([_edge], [object.remove(_edge, {"client_id"})]), {_lost})
	_finds(_evidence([_edge], [_edge, object.remove(_edge, {"server_id"})]), {_lost})
}

test_says_which_edge_it_is_about if {
	found := baseline_mtls.findings with input as _evidence([_edge], [object.remove(_edge, {"server_id"})])
	{finding.about | some finding in found} == {object.filter(_edge, _names)}
}

test_silent_where_it_never_was if {
	_finds(_evidence([object.remove(_edge, {"server_id"})], [object.remove(_edge, {"server_id"})]), set())
	_finds(_evidence([object.union(_edge, {"server_id": null})], [object.remove(_edge, {"server_id"})]), set())
}

# edges_present denies a row without a name, and baseline_edges tells that the one with it is gone.
test_silent_where_a_row_lacks_a_name if {
	every key in _names {
		_finds(_evidence([_edge], [object.remove(_edge, {key, "client_id"})]), set())
		_finds(_evidence([object.remove(_edge, {key})], [object.remove(_edge, {"client_id"})]), set())
	}
	_finds(_evidence([null, "x", {}], [null, "x", {}]), set())
}

test_silent_without_a_baseline_or_a_report if {
	_finds({"linkerd_check": {"edge_report": [object.remove(_edge, {"client_id"})]}}, set())
	_finds({"baseline": {"linkerd_check": {"edge_report": [_edge]}}}, set())
	_finds({"baseline": {}, "linkerd_check": {"edge_report": [_edge]}}, set())
	_finds(_evidence("x", [_edge]), set())
	_finds({}, set())
}

test_a_name_that_is_no_text_is_not_what_it_is_about if {
	found := baseline_mtls.findings with input as _evidence([object.union(_edge, {"src": 7})], [object.union(_edge, {"src": 7, "client_id": ""})])
	{finding.about | some finding in found} == {object.filter(_edge, {"src_namespace", "dst", "dst_namespace"})}
}
