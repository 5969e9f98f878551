package mesh.allowed_pairs_test

import data.mesh.allowed_pairs
import rego.v1

_edge := {
	"src": "web",
	"src_namespace": "emojivoto",
	"dst": "api",
	"dst_namespace": "shop",
	"client_id": "web.emojivoto",
	"server_id": "api.shop",
}

_with(change) := {"edge_report": [_edge, object.union(_edge, change)]}

_without(key) := {"edge_report": [_edge, object.remove(_edge, {key})]}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := allowed_pairs.deny with input as evidence with data.parameters as {"mesh.allowed_pairs": parameters}
	denied == messages
	findings := allowed_pairs.findings with input as evidence with data.parameters as {"mesh.allowed_pairs": parameters}
	{finding.msg | some finding in findings} == messages
}

_wants(pairs) := {"pairs": pairs}

_pair := "web.emojivoto -> api.shop"

_other(edge, pair) := sprintf("%v: %v is not a pair that may talk", [edge, pair])

_odd(pair) := sprintf("the pair %q is not written account.namespace -> account.namespace", [pair])

_nobody := "pairs that may talk are required, and none is named"

_name := "emojivoto/web -> shop/api"

test_silent_where_all_may_talk if {
	every pair in [_pair, "*.emojivoto -> api.shop", "web.emojivoto -> *.*", "w*.emoji* -> api.sho?", "*.* -> *.*"] {
		_finds({"edge_report": [_edge, _edge]}, _wants([pair, "a.b -> c.d"]), set())
	}
}

test_finds_others if {
	every pair in ["api.shop -> web.emojivoto", "web.* -> api.emojivoto", "*.shop -> *.shop", "?.* -> *.*"] {
		_finds({"edge_report": [_edge]}, _wants([pair]), {_other(_name, _pair)})
	}
}

test_says_which_edge_it_is_about if {
	found := allowed_pairs.findings with input as {"edge_report": [_edge]}
		with data.parameters as {"mesh.allowed_pairs": _wants(["a.b -> c.d"])}
	{finding.about | some finding in found} == {object.filter(_edge, {"src", "src_namespace", "dst", "dst_namespace"})}
}

test_finds_who_does_not_show_an_identity if {
	_finds(_without("client_id"), _wants(["*.* -> *.*"]), {_other(_name, "none -> api.shop")})
	_finds(_without("server_id"), _wants(["*.* -> *.*"]), {_other(_name, "web.emojivoto -> none")})
	_finds(_with({"client_id": ""}), _wants(["*.* -> *.*"]), {_other(_name, "none -> api.shop")})
	_finds(_with({"client_id": null}), _wants(["*.* -> *.*"]), {_other(_name, "null -> api.shop")})
	_finds(_with({"server_id": 7}), _wants(["*.* -> *.*"]), {_other(_name, "web.emojivoto -> 7")})
}

test_a_part_is_no_more_than_one if {
	_finds(_with({"client_id": "web.emojivoto.more"}), _wants(["*.* -> *.*"]), {_other(
		_name,
		"web.emojivoto.more -> api.shop",
	)})
	_finds(_with({"client_id": "a.b -> c.d"}), _wants(["*.* -> *.*"]), {_other(_name, "a.b -> c.d -> api.shop")})
}

test_finds_a_row_without_names if {
	_finds({"edge_report": [null]}, _wants([_pair]), {_other("?/? -> ?/?", "none -> none")})
	_finds({"edge_report": [{}]}, _wants([_pair]), {_other("?/? -> ?/?", "none -> none")})
	_finds({"edge_report": ["x"]}, _wants([_pair]), {_other("?/? -> ?/?", "none -> none")})
	every key, name in {
		"src": "emojivoto/? -> shop/api",
		"src_namespace": "?/web -> shop/api",
		"dst": "emojivoto/web -> shop/?",
		"dst_namespace": "emojivoto/web -> ?/api",
	} {
		_finds(_without(key), _wants(["a.b -> c.d"]), {_other(_name, _pair), _other(name, _pair)})
	}
}

test_finds_what_is_badly_written if {
	every pair in ["", "*", "web -> api", "web.emojivoto->api.shop", "[.a -> b.c", "**.a.b -> c.d", "{a.b -> c.d"] {
		_finds({"edge_report": [_edge]}, _wants([pair, _pair]), {_odd(pair)})
	}
	_finds({"edge_report": [_edge]}, _wants(["** -> **"]), {_odd("** -> **"), _other(_name, _pair)})
	_finds({"edge_report": [_edge]}, _wants([7, _pair]), {_odd("7")})
	_finds({"edge_report": [_edge]}, _wants([null]), {_odd("null"), _other(_name, _pair)})
}

test_finds_that_none_is_named if {
	every parameters in [{}, _wants([]), _wants(null), _wants(_pair), _wants({}), null] {
		_finds({"edge_report": [_edge]}, parameters, {_nobody, _other(_name, _pair)})
	}
	allowed_pairs.deny == {_nobody, _other(_name, _pair)} with input as {"edge_report": [_edge]}
}

# edges_captured and edges_present deny these.
test_silent_without_a_report if {
	every evidence in [{}, {"edge_report": null}, {"edge_report": []}, {"edge_report": {"a": _edge}}] {
		_finds(evidence, _wants([_pair]), set())
		_finds(evidence, _wants(["a.b -> c.d"]), set())
	}
}
