package collection.baseline_identities_test

import data.collection.baseline_identities
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
	denied := baseline_identities.deny with input as evidence
	denied == messages
	findings := baseline_identities.findings with input as evidence
	{finding.msg | some finding in findings} == messages
}

_changed(key, once, now) := _said(sprintf(": its %v was %v in the baseline, and is %v now", [key, once, now]))

test_silent_where_each_shows_the_same if {
	_finds(_evidence([_edge], [_edge, object.union(_edge, {"dst": "new", "client_id": "other.x"})]), set())
}

test_silent_where_there_was_none if {
	_finds(_evidence([object.union(_edge, {"client_id": ""})], [_edge]), set())
	_finds(_evidence([object.union(_edge, {"client_id": null})], [_edge]), set())
	_finds(_evidence([object.remove(_edge, {"client_id"})], [_edge]), set())
}

test_finds_each_end_that_shows_another if {
	_finds(_evidence([_edge], [object.union(_edge, {"client_id": "a.b", "server_id": "c.d"})]), {
		_changed("client_id", "web.emojivoto", "a.b"),
		_changed("server_id", "api.shop", "c.d"),
	})
}

test_one_of_several_is_known if {
	once := [_edge, object.union(_edge, {"client_id": "bot.emojivoto"})]
	_finds(_evidence(once, [_edge]), set())
	_finds(_evidence(once, [object.union(_edge, {"client_id": "x.y"})]), {_changed("client_id", "bot.emojivoto or web.emojivoto", "x.y")})
}

test_an_identity_that_is_no_text_is_not_known if {
	once := [object.union(_edge, {"client_id": 7}), _edge]
	_finds(_evidence(once, [object.union(_edge, {"client_id": "x.y"})]), {_changed("client_id", "web.emojivoto", "x.y")})
}

test_finds_an_end_that_shows_none if {
	_finds(_evidence([_edge], [object.remove(_edge, {"client_id"})]), {_changed("client_id", "web.emojivoto", "none")})
	_finds(_evidence([_edge], [object.union(_edge, {"client_id": ""})]), {_changed("client_id", "web.emojivoto", "none")})
	_finds(_evidence([_edge], [object.union(_edge, {"server_id": null})]), {_changed("server_id", "api.shop", "null")})
}

test_says_which_edge_it_is_about if {
	found := baseline_identities.findings with input as _evidence([_edge], [object.union(_edge, {"client_id": "x.y"})])
	{finding.about | some finding in found} == {object.filter(_edge, _names)}
}

# edges_present denies a row without a name, and baseline_edges tells that the one with it is gone.
test_silent_where_a_row_lacks_a_name if {
	every key in _names {
		_finds(_evidence([_edge], [object.remove(object.union(_edge, {"client_id": "x.y"}), {key})]), set())
		_finds(_evidence([object.remove(_edge, {key})], [object.union(_edge, {"client_id": "x.y"})]), set())
	}
	_finds(_evidence([null, "x", {}], [null, "x", {}]), set())
}

test_silent_without_a_baseline_or_a_report if {
	_finds({"linkerd_check": {"edge_report": [_edge]}}, set())
	_finds({"baseline": {"linkerd_check": {"edge_report": [_edge]}}}, set())
	_finds({"baseline": {}, "linkerd_check": {"edge_report": [_edge]}}, set())
	_finds(_evidence([_edge], "x"), set())
	_finds({}, set())
}

test_a_name_that_is_no_text_is_not_what_it_is_about if {
	found := baseline_identities.findings with input as _evidence([object.union(_edge, {"src": 7})], [object.union(_edge, {"src": 7, "client_id": "x.y"})])
	{finding.about | some finding in found} == {object.filter(_edge, {"src_namespace", "dst", "dst_namespace"})}
}
