package collection.baseline_edges_test

import data.collection.baseline_edges
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
	denied := baseline_edges.deny with input as evidence
	denied == messages
	findings := baseline_edges.findings with input as evidence
	{finding.msg | some finding in findings} == messages
}

_gone := _said(" was there in the baseline, and is not now")

_nothing := "the baseline holds no edge, so that none can be compared"

test_silent_where_each_is_still_there if {
	_finds(_evidence([_edge], [object.union(_edge, {"client_id": ""}), object.union(_edge, {"dst": "new"})]), set())
}

test_finds_each_that_is_gone if {
	_finds(_evidence([_edge, object.union(_edge, {"src": "bot"})], [_edge]), {"emojivoto/bot -> shop/api was there in the baseline, and is not now"})
}

test_says_which_edge_it_is_about if {
	found := baseline_edges.findings with input as _evidence([_edge], [])
	{finding.about | some finding in found} == {object.filter(_edge, _names)}
}

test_a_row_without_a_name_is_another if {
	every key in _names {
		_finds(_evidence([_edge], [object.remove(_edge, {key})]), {_gone})
		_finds(_evidence([_edge, object.remove(_edge, {key})], [_edge]), set())
	}
	_finds(_evidence([_edge], [null, "x", {}]), {_gone})
	_finds(_evidence([object.union(_edge, {"src": 7})], []), {"emojivoto/7 -> shop/api was there in the baseline, and is not now"})
}

test_finds_all_without_a_report if {
	every report in [null, {}, [], "x"] {
		_finds(_evidence([_edge], report), {_gone})
	}
	_finds({"baseline": {"linkerd_check": {"edge_report": [_edge]}}}, {_gone})
}

test_finds_that_the_baseline_holds_nothing if {
	every report in [null, {}, [], "x", [null, {}, "x"]] {
		_finds(_evidence(report, [_edge]), {_nothing})
	}
	_finds({"baseline": {}}, {_nothing})
	_finds({"baseline": null}, {_nothing})
}

test_silent_without_a_baseline if {
	_finds({"linkerd_check": {"edge_report": [_edge]}}, set())
	_finds({}, set())
}

test_a_name_that_is_no_text_is_not_what_it_is_about if {
	found := baseline_edges.findings with input as _evidence([object.union(_edge, {"src": 7})], [])
	{finding.about | some finding in found} == {object.filter(_edge, {"src_namespace", "dst", "dst_namespace"})}
}
