package mesh.identity_namespaces_test

import data.mesh.identity_namespaces
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
	denied := identity_namespaces.deny with input as evidence
	denied == messages
	findings := identity_namespaces.findings with input as evidence
	{finding.msg | some finding in findings} == messages
}

_stranger(workload, identity, namespace) := sprintf("%v shows the identity %v, which is not of the namespace %v", [
	workload,
	identity,
	namespace,
])

test_silent_where_all_belong if {
	_finds(_with({"client_id": "other.emojivoto", "server_id": "api.shop.more"}), set())
}

test_finds_each_end_that_does_not_belong if {
	_finds(_with({"client_id": "web.shop"}), {_stranger("emojivoto/web", "web.shop", "emojivoto")})
	_finds(_with({"server_id": "linkerd-gateway.linkerd-multicluster"}), {_stranger(
		"shop/api",
		"linkerd-gateway.linkerd-multicluster",
		"shop",
	)})
	_finds(_with({"client_id": "web.x", "server_id": "api.y"}), {
		_stranger("emojivoto/web", "web.x", "emojivoto"),
		_stranger("shop/api", "api.y", "shop"),
	})
}

test_says_which_edge_it_is_about if {
	found := identity_namespaces.findings with input as {"edge_report": [object.union(_edge, {"client_id": "web.x"})]}
	{finding.about | some finding in found} == {object.filter(_edge, {"src", "src_namespace", "dst", "dst_namespace"})}
}

test_a_name_that_is_no_text_is_not_what_it_is_about if {
	found := identity_namespaces.findings with input as {"edge_report": [object.union(_edge, {"client_id": "web.x", "src": 7})]}
	{finding.about | some finding in found} == {object.filter(_edge, {"src_namespace", "dst", "dst_namespace"})}
}

test_each_end_belongs_to_its_own_namespace if {
	_finds({"edge_report": [object.union(_edge, {"client_id": "web.shop"})]}, {_stranger("emojivoto/web", "web.shop", "emojivoto")})
	within := object.union(_edge, {"dst_namespace": "emojivoto", "server_id": "api.x"})
	_finds({"edge_report": [within]}, {_stranger("emojivoto/api", "api.x", "emojivoto")})
}

# Nor by a row that has no identity and one that has no namespace.
test_a_gap_hides_nobody if {
	evidence := {"edge_report": [
		{"src": "gap", "src_namespace": "b"},
		object.union(_edge, {"src_namespace": "a", "client_id": "web.b"}),
		{"src": "gap", "client_id": "web.a"},
	]}
	_finds(evidence, {_stranger("a/web", "web.b", "a")})
}

test_two_that_were_exchanged_do_not_belong if {
	evidence := {"edge_report": [
		object.union(_edge, {"src_namespace": "a", "client_id": "web.b"}),
		object.union(_edge, {"src_namespace": "b", "client_id": "web.a"}),
	]}
	_finds(evidence, {_stranger("a/web", "web.b", "a"), _stranger("b/web", "web.a", "b")})
}

# What is compared all at once cannot be shifted by who holds the space that parts them.
test_a_space_hides_nobody if {
	evidence := {"edge_report": [
		object.union(_edge, {"src_namespace": "a b", "client_id": "web.a"}),
		object.union(_edge, {"src_namespace": "c", "client_id": "web.b web.c"}),
	]}
	_finds(evidence, {_stranger("a b/web", "web.a", "a b"), _stranger("c/web", "web.b web.c", "c")})
}

# edges_identified denies these.
test_silent_about_an_identity_without_a_namespace if {
	every identity in ["web", "", null, 7, ["web.x"]] {
		_finds(_with({"client_id": identity, "server_id": identity}), set())
	}
	_finds(_without("client_id"), set())
	_finds(_without("server_id"), set())
}

test_finds_the_strangers_beside_them if {
	every odd in [null, 7, {}, "x", "", {"client_id": 7, "src_namespace": 7}] {
		evidence := {"edge_report": [odd, object.union(_edge, {"client_id": "web.x"})]}
		_finds(evidence, {_stranger("emojivoto/web", "web.x", "emojivoto")})
	}
}

# edges_present denies these two.
test_silent_where_the_row_claims_no_namespace if {
	_finds(_without("src_namespace"), set())
	_finds(_without("dst_namespace"), set())
}

test_finds_where_the_claim_is_no_text if {
	_finds(_with({"src_namespace": 7}), {_stranger("7/web", "web.emojivoto", "7")})
	_finds(_with({"dst_namespace": null}), {_stranger("null/api", "api.shop", "null")})
}

test_finds_where_the_workload_has_no_name if {
	evidence := {"edge_report": [object.remove(object.union(_edge, {"client_id": "web.x"}), {"src"})]}
	_finds(evidence, {_stranger("emojivoto/?", "web.x", "emojivoto")})
}

# edges_captured and edges_present deny these.
test_silent_without_a_report if {
	every evidence in [{}, {"edge_report": null}, {"edge_report": []}, {"edge_report": {"a": object.union(_edge, {"client_id": "web.x"})}}] {
		_finds(evidence, set())
	}
}
