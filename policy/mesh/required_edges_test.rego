package mesh.required_edges_test

import data.mesh.required_edges
import rego.v1

_edge := {
	"src": "web",
	"src_namespace": "emojivoto",
	"dst": "api",
	"dst_namespace": "shop",
	"client_id": "web.emojivoto",
	"server_id": "api.shop",
}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := required_edges.deny with input as evidence with data.parameters as {"mesh.required_edges": parameters}
	denied == messages
	findings := required_edges.findings with input as evidence with data.parameters as {"mesh.required_edges": parameters}
	{finding.msg | some finding in findings} == messages
}

_wanted := "emojivoto/web -> shop/api"

_wants(edges) := {"edges": edges}

_missing(edge) := sprintf("the edge %v has to be there as mTLS, and is not: no traffic, no sidecar, or another name", [edge])

_odd(edge) := sprintf("the required edge %q is not written namespace/workload -> namespace/workload", [edge])

_nobody := "edges are required, and none is named"

test_silent_where_each_is_mtls if {
	_finds({"edge_report": [_edge]}, _wants([_wanted]), set())
	_finds({"edge_report": [object.union(_edge, {"no_tls_reason": ""})]}, _wants([_wanted]), set())
}

test_finds_each_that_is_not_there if {
	other := "shop/api -> shop/db"
	_finds({"edge_report": [_edge]}, _wants([_wanted, other]), {_missing(other)})
}

test_says_which_edge_it_is_about if {
	found := required_edges.findings with input as {} with data.parameters as {"mesh.required_edges": _wants([_wanted])}
	{finding.about | some finding in found} == {{
		"src_namespace": "emojivoto",
		"src": "web",
		"dst_namespace": "shop",
		"dst": "api",
	}}
}

test_the_other_direction_is_another_edge if {
	_finds({"edge_report": [_edge]}, _wants(["shop/api -> emojivoto/web"]), {_missing("shop/api -> emojivoto/web")})
}

test_an_edge_that_is_not_mtls_is_not_there if {
	every change in [
		{"client_id": ""},
		{"client_id": null},
		{"client_id": 1},
		{"server_id": ""},
		{"server_id": null},
		{"server_id": {}},
		{"no_tls_reason": "Loopback"},
		{"no_tls_reason": null},
	] {
		_finds({"edge_report": [object.union(_edge, change)]}, _wants([_wanted]), {_missing(_wanted)})
	}
}

test_a_row_without_a_field_is_not_there if {
	every key in object.keys(_edge) {
		_finds({"edge_report": [object.remove(_edge, {key}), null, "x", []]}, _wants([_wanted]), {_missing(_wanted)})
	}
}

test_finds_all_without_a_report if {
	every evidence in [{}, {"edge_report": null}, {"edge_report": []}, {"edge_report": {"a": _edge}}] {
		_finds(evidence, _wants([_wanted]), {_missing(_wanted)})
	}
}

test_finds_what_is_badly_written if {
	every edge in ["", "/ -> /", "web -> api", "emojivoto/web->shop/api", "a/b/c -> d/e", "emojivoto/web -> shop/api "] {
		_finds({"edge_report": [_edge]}, _wants([edge]), {_odd(edge)})
	}
	_finds({"edge_report": [_edge]}, _wants([7]), {_odd("7")})
	_finds({"edge_report": [_edge]}, _wants([null, _wanted]), {_odd("null")})
}

test_finds_that_none_is_named if {
	every parameters in [{}, _wants([]), _wants(null), _wants(_wanted), _wants({}), null] {
		_finds({"edge_report": [_edge]}, parameters, {_nobody})
	}
	required_edges.deny == {_nobody} with input as {"edge_report": [_edge]}
}
