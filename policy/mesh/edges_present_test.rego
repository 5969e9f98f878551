package mesh.edges_present_test

import data.mesh.edges_present
import rego.v1

_edge := {"src": "web", "src_namespace": "emojivoto", "dst": "voting", "dst_namespace": "shop"}

_healthy := {"edges_summary": {"total_edges": 2}, "edge_report": [_edge, _edge]}

_with_edge(edge) := object.union(_healthy, {"edge_report": [_edge, edge]})

_with_total(total) := object.union(_healthy, {"edges_summary": {"total_edges": total}})

_denies(evidence, message) if {
	denied := edges_present.deny with input as evidence
	denied == {message}
}

test_silent_where_there_are_edges if {
	edges_present.deny == set() with input as _healthy
}

test_denies_an_empty_report if {
	_denies(
		{"edges_summary": {"total_edges": 0}, "edge_report": []},
		"the edges report holds 0 edges and its summary counts 0: that proves nothing",
	)
}

# So it is written: no edge_report where there is no edge.
test_denies_when_the_report_is_missing if {
	_denies(
		{"edges_summary": {"total_edges": 0}},
		"the edges report holds 0 edges and its summary counts 0: that proves nothing",
	)
}

test_denies_when_the_summary_counts_edges_that_the_report_does_not_hold if {
	_denies(
		object.remove(_healthy, {"edge_report"}),
		"the edges report holds 0 edges and its summary counts 2: that proves nothing",
	)
}

test_denies_when_only_the_summary_counts_none if {
	_denies(_with_total(0), "the edges report holds 2 edges and its summary counts 0: that proves nothing")
}

test_denies_when_the_summary_counts_less_than_none if {
	_denies(_with_total(-2), "the edges report holds 2 edges and its summary counts -2: that proves nothing")
}

test_denies_when_total_edges_is_missing if {
	_denies(
		json.remove(_healthy, {"edges_summary/total_edges"}),
		"the edges report holds 2 edges and its summary counts no: that proves nothing",
	)
}

# A string is greater than every number.
test_denies_when_total_edges_is_a_string if {
	_denies(_with_total("0"), "the edges report holds 2 edges and its summary counts 0: that proves nothing")
}

test_denies_when_total_edges_is_null if {
	_denies(_with_total(null), "the edges report holds 2 edges and its summary counts null: that proves nothing")
}

test_denies_when_summary_is_no_object if {
	_denies(
		object.union(_healthy, {"edges_summary": "x"}),
		"the edges report holds 2 edges and its summary counts no: that proves nothing",
	)
}

# Without a report, edges_captured denies.
test_silent_when_summary_is_missing if {
	edges_present.deny == set() with input as object.remove(_healthy, {"edges_summary"})
}

test_silent_when_everything_is_missing if {
	edges_present.deny == set() with input as {}
}

# A string and an object have a count, too.
test_denies_when_the_report_is_a_string if {
	_denies(
		object.union(_healthy, {"edge_report": "ab"}),
		"the edges report holds 0 edges and its summary counts 2: that proves nothing",
	)
}

test_denies_when_the_report_is_an_object if {
	_denies(
		object.union(_healthy, {"edge_report": {"a": _edge, "b": _edge}}),
		"the edges report holds 0 edges and its summary counts 2: that proves nothing",
	)
}

test_denies_when_the_report_is_null if {
	_denies(
		object.union(_healthy, {"edge_report": null}),
		"the edges report holds 0 edges and its summary counts 2: that proves nothing",
	)
}

test_denies_when_src_is_missing if {
	_denies(_with_edge(object.remove(_edge, {"src"})), "the edges report holds edges that do not say their src")
}

test_denies_when_src_namespace_is_missing if {
	_denies(
		_with_edge(object.remove(_edge, {"src_namespace"})),
		"the edges report holds edges that do not say their src_namespace",
	)
}

test_denies_when_dst_is_missing if {
	_denies(_with_edge(object.remove(_edge, {"dst"})), "the edges report holds edges that do not say their dst")
}

test_denies_when_dst_namespace_is_missing if {
	_denies(
		_with_edge(object.remove(_edge, {"dst_namespace"})),
		"the edges report holds edges that do not say their dst_namespace",
	)
}

test_denies_when_a_name_is_empty if {
	_denies(_with_edge(object.union(_edge, {"dst": ""})), "the edges report holds edges that do not say their dst")
}

# Both sides of the order of types: null sorts before every string, a list after it.
test_denies_when_a_name_is_null if {
	_denies(_with_edge(object.union(_edge, {"dst": null})), "the edges report holds edges that do not say their dst")
}

test_denies_when_a_name_is_a_list if {
	_denies(_with_edge(object.union(_edge, {"dst": []})), "the edges report holds edges that do not say their dst")
}

test_denies_when_a_name_is_an_object if {
	_denies(_with_edge(object.union(_edge, {"dst": {}})), "the edges report holds edges that do not say their dst")
}

test_denies_an_edge_that_is_a_string if {
	denied := edges_present.deny with input as _with_edge("emojivoto/web -> shop/voting")
	denied == {
		"the edges report holds edges that do not say their src",
		"the edges report holds edges that do not say their src_namespace",
		"the edges report holds edges that do not say their dst",
		"the edges report holds edges that do not say their dst_namespace",
	}
}

test_silent_where_there_is_one_edge if {
	edges_present.deny == set() with input as {"edges_summary": {"total_edges": 1}, "edge_report": [_edge]}
}
