package mesh.own_service_accounts_test

import data.mesh.own_service_accounts
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
_finds(evidence, messages) if {
	denied := own_service_accounts.deny with input as evidence
	denied == messages
	findings := own_service_accounts.findings with input as evidence
	{finding.msg | some finding in findings} == messages
}

_default(workload) := sprintf("%v uses the default service account of its namespace", [workload])

test_silent_where_each_has_its_own if {
	_finds(_with({"client_id": "not-default.emojivoto", "server_id": "defaults.shop"}), set())
}

test_finds_each_that_has_none if {
	_finds(_with({"client_id": "default.emojivoto"}), {_default("emojivoto/web")})
	_finds(_with({"client_id": "default.emojivoto", "server_id": "default.shop"}), {
		_default("emojivoto/web"),
		_default("shop/api"),
	})
}

test_another_account_beside_one_is_its_own if {
	every other in ["defaults.shop", "not-default.shop", "default"] {
		_finds(_with({"client_id": "default.emojivoto", "server_id": other}), {_default("emojivoto/web")})
	}
}

test_finds_each_once_and_says_what_it_is_about if {
	edges := [object.union(_edge, {"dst": name, "client_id": "default.emojivoto"}) | some name in ["a", "b"]]
	_finds({"edge_report": edges}, {_default("emojivoto/web")})
	found := own_service_accounts.findings with input as {"edge_report": edges}
	{finding.about | some finding in found} == {{"src_namespace": "emojivoto", "src": "web"}}
}

test_finds_it_in_a_row_without_a_name if {
	row := object.union(_edge, {"client_id": "default.emojivoto"})
	_finds({"edge_report": [object.remove(row, {"src"})]}, {_default("emojivoto/?")})
	_finds({"edge_report": [object.remove(row, {"src_namespace"})]}, {_default("?/web")})
	_finds({"edge_report": [object.union(row, {"src": 7})]}, {_default("emojivoto/7")})
	_finds({"edge_report": [object.union(row, {"server_id": null})]}, {_default("emojivoto/web")})
	_finds({"edge_report": [object.union(row, {"server_id": []}), null, "default.x"]}, {_default("emojivoto/web")})
	_finds({"edge_report": [object.remove(row, {"server_id"})]}, {_default("emojivoto/web")})
}

test_a_name_that_is_no_text_is_not_what_it_is_about if {
	row := object.union(_edge, {"client_id": "default.emojivoto", "src": 7})
	found := own_service_accounts.findings with input as {"edge_report": [row]}
	{finding.about | some finding in found} == {{"src_namespace": "emojivoto"}}
}

# edges_mtls and edges_identified deny these.
test_silent_about_identities_of_another_type if {
	_finds(_without("client_id"), set())
	_finds(_without("server_id"), set())
	_finds(_with({"client_id": null, "server_id": 7}), set())
	_finds(_with({"client_id": ["default.shop"]}), set())
}

# edges_captured and edges_present deny these.
test_silent_without_a_report if {
	every evidence in [{}, {"edge_report": null}, {"edge_report": []}, {"edge_report": {"a": object.union(_edge, {"client_id": "default.x"})}}] {
		_finds(evidence, set())
	}
}
