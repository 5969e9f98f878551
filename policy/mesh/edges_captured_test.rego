package mesh.edges_captured_test

import data.mesh.edges_captured
import rego.v1

_denial := concat("", [
	"no edges report was captured, so 0 edges are known to be mTLS: ",
	"the viz extension is missing, not reachable, or did not answer",
])

_denies(evidence) if {
	denied := edges_captured.deny with input as evidence
	denied == {_denial}
}

test_silent_where_edges_were_captured if {
	edges_captured.deny == set() with input as {"edges_summary": {"total_edges": 1}}
}

# An empty report is a report; edges_present denies it.
test_silent_where_the_report_is_empty if {
	edges_captured.deny == set() with input as {"edges_summary": {"total_edges": 0}}
}

test_denies_when_summary_is_missing if {
	_denies({"check_summary": {"error": 0}, "edge_report": []})
}

test_denies_when_everything_is_missing if {
	_denies({})
}

test_denies_when_the_evidence_is_null if {
	_denies(null)
}

test_denies_when_summary_is_null if {
	_denies({"edges_summary": null})
}

test_denies_when_summary_is_false if {
	_denies({"edges_summary": false})
}

test_denies_when_summary_is_a_string if {
	_denies({"edges_summary": "15 edges"})
}

test_denies_when_summary_is_a_list if {
	_denies({"edges_summary": [{"total_edges": 1}]})
}
