package mesh.minimum_edges_test

import data.mesh.minimum_edges
import rego.v1

_edge := {
	"src": "web",
	"src_namespace": "emojivoto",
	"dst": "api",
	"dst_namespace": "shop",
	"client_id": "web.emojivoto",
	"server_id": "api.shop",
}

_without(key) := {"edge_report": [_edge, object.remove(_edge, {key})]}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := minimum_edges.deny with input as evidence with data.parameters as {"mesh.minimum_edges": parameters}
	denied == messages
	findings := minimum_edges.findings with input as evidence with data.parameters as {"mesh.minimum_edges": parameters}
	{finding.msg | some finding in findings} == messages
}

_wants(numbers) := {"namespaces": numbers}

_few(found, name, least) := sprintf("%d edges touch the namespace %v, and at least %v have to", [found, name, least])

_nobody := "a number of edges is required, and no namespace is named"

test_silent_where_there_are_enough if {
	evidence := {"edge_report": [_edge, object.union(_edge, {"dst": "db"})]}
	_finds(evidence, _wants({"shop": 2, "emojivoto": 1, "idle": 0}), set())
}

test_an_edge_within_a_namespace_touches_it_once if {
	evidence := {"edge_report": [object.union(_edge, {"src_namespace": "shop"})]}
	_finds(evidence, _wants({"shop": 2}), {_few(1, "shop", 2)})
}

test_finds_each_with_too_few if {
	_finds({"edge_report": [_edge]}, _wants({"shop": 1, "emojivoto": 2, "idle": 1}), {
		_few(1, "emojivoto", 2),
		_few(0, "idle", 1),
	})
}

test_says_which_namespace_it_is_about if {
	found := minimum_edges.findings with input as {}
		with data.parameters as {"mesh.minimum_edges": _wants({"shop": 1})}
	{finding.about | some finding in found} == {{"namespace": "shop"}}
}

test_a_row_without_a_namespace_is_counted_for_the_other if {
	_finds(_without("src_namespace"), _wants({"shop": 2}), set())
	_finds(_without("dst_namespace"), _wants({"shop": 2}), {_few(1, "shop", 2)})
	_finds({"edge_report": [null, "shop", [], {}]}, _wants({"shop": 1}), {_few(0, "shop", 1)})
}

test_finds_all_without_a_report if {
	every evidence in [{}, {"edge_report": null}, {"edge_report": []}, {"edge_report": {"a": _edge}}] {
		_finds(evidence, _wants({"shop": 1}), {_few(0, "shop", 1)})
	}
}

test_a_number_of_another_type_is_never_reached if {
	_finds({"edge_report": [_edge]}, _wants({"shop": "1"}), {_few(1, "shop", "1")})
	_finds({"edge_report": [_edge]}, _wants({"shop": null}), {_few(1, "shop", null)})
	_finds({"edge_report": [_edge]}, _wants({"shop": false}), {_few(1, "shop", false)})
}

test_finds_that_none_is_named if {
	every parameters in [{}, _wants({}), _wants(null), _wants("shop"), _wants(["shop"]), null] {
		_finds({"edge_report": [_edge]}, parameters, {_nobody})
	}
	minimum_edges.deny == {_nobody} with input as {"edge_report": [_edge]}
}
