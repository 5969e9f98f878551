package mesh.edges_consistent_test

import data.mesh.edges_consistent
import rego.v1

_edge := {
	"src": "web",
	"src_namespace": "emojivoto",
	"dst": "voting",
	"dst_namespace": "emojivoto",
	"client_id": "web.emojivoto",
	"server_id": "voting.emojivoto",
}

_loopback := object.union(object.remove(_edge, {"server_id"}), {"dst": "web", "no_tls_reason": "Loopback"})

_with(edge) := {"edge_report": [_edge, edge]}

_denies(evidence, messages) if {
	denied := edges_consistent.deny with input as evidence
	denied == messages
}

_disagree := "the edges report holds rows that disagree about emojivoto/web -> emojivoto/voting"

_no_loopback(ends) := sprintf("%s is called a loopback and does not connect a workload with itself", [ends])

test_silent_where_each_pair_stands_once if {
	_denies(_with(object.union(_edge, {"dst": "emoji", "server_id": "emoji.emojivoto"})), set())
}

test_silent_about_identical_rows if {
	_denies(_with(_edge), set())
}

# The signed predicate leaves an empty field out.
test_silent_about_rows_that_differ_in_an_empty_field if {
	_denies(_with(object.union(_edge, {"no_tls_reason": ""})), set())
}

test_silent_about_the_same_names_in_other_namespaces if {
	_denies(_with(object.union(_edge, {"dst_namespace": "shop", "server_id": "voting.shop"})), set())
	_denies(_with(object.union(_edge, {"src_namespace": "shop", "client_id": "web.shop"})), set())
}

test_denies_rows_that_disagree if {
	every change in [{"client_id": "x.emojivoto"}, {"server_id": "x.emojivoto"}, {"no_tls_reason": "Disabled"}] {
		_denies(_with(object.union(_edge, change)), {_disagree})
	}
}

test_denies_rows_of_which_one_lacks_client_id if {
	_denies(_with(object.remove(_edge, {"client_id"})), {_disagree})
}

test_denies_rows_of_which_one_lacks_server_id if {
	_denies(_with(object.remove(_edge, {"server_id"})), {_disagree})
}

test_names_a_pair_once if {
	_denies({"edge_report": [object.union(_edge, {"client_id": id}) | some id in ["a.b", "c.d", "e.f"]]}, {_disagree})
}

test_names_no_more_than_a_hundred_pairs if {
	edges := [object.union(_edge, {"src": sprintf("web-%d", [i]), "client_id": id}) |
		some i in numbers.range(1, 101)
		some id in ["a.b", "c.d"]
	]
	denied := edges_consistent.deny with input as {"edge_report": edges}
	count(denied) == 100
}

test_silent_about_a_loopback_of_one_workload if {
	_denies(_with(_loopback), set())
}

test_denies_a_loopback_between_workloads if {
	_denies(_with(object.union(_loopback, {"dst": "emoji"})), {_no_loopback("emojivoto/web -> emojivoto/emoji")})
}

test_denies_a_loopback_between_namespaces if {
	_denies(_with(object.union(_loopback, {"dst_namespace": "shop"})), {_no_loopback("emojivoto/web -> shop/web")})
}

test_denies_a_loopback_with_a_server_identity_between_workloads if {
	edge := object.union(_loopback, {"dst": "emoji", "server_id": "emoji.emojivoto"})
	_denies(_with(edge), {_no_loopback("emojivoto/web -> emojivoto/emoji")})
}

test_names_no_more_than_a_hundred_loopbacks if {
	edges := [object.union(_loopback, {"dst": sprintf("web-%d", [i])}) | some i in numbers.range(1, 101)]
	denied := edges_consistent.deny with input as {"edge_report": edges}
	count(denied) == 100
}

test_denies_a_loopback_when_src_is_missing if {
	_denies(_with(object.remove(_loopback, {"src"})), {_no_loopback("emojivoto/? -> emojivoto/web")})
}

test_denies_a_loopback_when_dst_is_missing if {
	_denies(_with(object.remove(_loopback, {"dst"})), {_no_loopback("emojivoto/web -> emojivoto/?")})
}

test_denies_a_loopback_when_src_namespace_is_missing if {
	_denies(_with(object.remove(_loopback, {"src_namespace"})), {_no_loopback("?/web -> emojivoto/web")})
}

test_denies_a_loopback_when_dst_namespace_is_missing if {
	_denies(_with(object.remove(_loopback, {"dst_namespace"})), {_no_loopback("emojivoto/web -> ?/web")})
}

test_denies_a_loopback_without_any_name if {
	_denies({"edge_report": [{"no_tls_reason": "Loopback"}]}, {_no_loopback("?/? -> ?/?")})
}

# edges_present denies an edge that is none, or has no name.
test_silent_about_an_edge_that_is_no_object if {
	_denies(_with(null), set())
	_denies(_with("x"), set())
}

test_silent_about_an_edge_without_a_name if {
	_denies(_with(object.remove(_edge, {"src"})), set())
}

# edges_captured, edges_present and report_consistent deny these.
test_silent_when_the_edges_report_is_missing if {
	_denies({}, set())
}

test_silent_when_the_edges_report_is_an_object if {
	_denies({"edge_report": {"a": _edge, "b": object.union(_loopback, {"dst": "x"})}}, set())
}

test_silent_about_rows_of_which_one_leaves_out_what_is_empty_in_the_other if {
	bare := object.remove(_edge, {"client_id", "server_id"})
	empty := {"client_id": "", "server_id": "", "no_tls_reason": ""}
	_denies({"edge_report": [bare, object.union(_edge, empty)]}, set())
}
