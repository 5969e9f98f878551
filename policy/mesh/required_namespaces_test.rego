package mesh.required_namespaces_test

import data.mesh.required_namespaces
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
	denied := required_namespaces.deny with input as evidence with data.parameters as {"mesh.required_namespaces": parameters}
	denied == messages
	findings := required_namespaces.findings with input as evidence with data.parameters as {"mesh.required_namespaces": parameters}
	{finding.msg | some finding in findings} == messages
}

_wants(names) := {"namespaces": names}

_idle(name) := sprintf("the namespace %v has to have edges, and none touches it: linkerd viz edges deploy -n %v", [name, name])

_nobody := "namespaces with edges are required, and none is named"

test_silent_where_each_is_an_end_of_an_edge if {
	_finds({"edge_report": [_edge]}, _wants(["emojivoto", "shop"]), set())
}

test_finds_each_that_no_edge_touches if {
	_finds({"edge_report": [_edge]}, _wants(["shop", "idle", "shpo"]), {_idle("idle"), _idle("shpo")})
}

test_says_which_namespace_it_is_about if {
	found := required_namespaces.findings with input as {"edge_report": [_edge]}
		with data.parameters as {"mesh.required_namespaces": _wants(["idle"])}
	{finding.about | some finding in found} == {{"namespace": "idle"}}
}

test_a_row_without_its_namespaces_touches_none if {
	evidence := {"edge_report": [object.remove(_edge, {"src_namespace", "dst_namespace"}), null, "shop", []]}
	_finds(evidence, _wants(["shop"]), {_idle("shop")})
}

test_a_row_without_one_touches_the_other if {
	_finds({"edge_report": [object.remove(_edge, {"src_namespace"})]}, _wants(["shop"]), set())
	_finds({"edge_report": [object.remove(_edge, {"dst_namespace"})]}, _wants(["emojivoto"]), set())
}

test_finds_all_without_a_report if {
	every evidence in [{}, {"edge_report": null}, {"edge_report": []}, {"edge_report": {"a": _edge}}] {
		_finds(evidence, _wants(["shop"]), {_idle("shop")})
	}
}

test_finds_that_none_is_named if {
	every parameters in [{}, _wants([]), _wants(null), _wants("shop"), _wants(7), _wants({"shop": 1}), "shop", null] {
		_finds({"edge_report": [_edge]}, parameters, {_nobody})
	}
	required_namespaces.deny == {_nobody} with input as {"edge_report": [_edge]}
}

test_a_name_of_another_type_is_no_namespace if {
	_finds({"edge_report": [_edge]}, _wants([7, null]), {_idle("7"), _idle("null")})
}
