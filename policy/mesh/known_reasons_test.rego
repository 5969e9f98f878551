package mesh.known_reasons_test

import data.mesh.known_reasons
import rego.v1

_edge := {"src": "web", "src_namespace": "emojivoto", "dst": "voting", "dst_namespace": "emojivoto"}

_with(reason) := {"edge_report": [_edge, object.union(_edge, {"no_tls_reason": reason})]}

_denies(evidence, messages) if {
	denied := known_reasons.deny with input as evidence
	denied == messages
}

_unknown(reason) := sprintf("the reason %q for missing TLS is none of linkerd's", [reason])

test_silent_about_the_words_of_linkerd if {
	every reason in [
		"Disabled",
		"Loopback",
		"No Authority In HTTP Request",
		"Not HTTP",
		"Not Provided By Remote",
		"Not Provided By Service Discovery",
	] {
		_denies(_with(reason), set())
	}
}

test_denies_an_unknown_word if {
	every reason in {"Port Skipped", "loopback", "Loopback ", " ", "\u200b", "not_provided_by_remote", "none"} {
		_denies(_with(reason), {_unknown(reason)})
	}
}

test_names_each_word_once if {
	_denies(
		{"edge_report": [object.union(_edge, {"no_tls_reason": word}) | some word in ["x", "Disabled", "y", "y"]]},
		{_unknown("x"), _unknown("y")},
	)
}

test_names_no_more_than_a_hundred_words if {
	edges := [{"no_tls_reason": sprintf("reason %d", [i])} | some i in numbers.range(1, 101)]
	denied := known_reasons.deny with input as {"edge_report": edges}
	count(denied) == 100
}

test_denies_when_the_reason_is_null if {
	_denies(_with(null), {_unknown("null")})
}

test_denies_when_the_reason_is_false if {
	_denies(_with(false), {_unknown("false")})
}

test_denies_when_the_reason_is_a_list if {
	_denies(_with(["Disabled"]), {_unknown(`["Disabled"]`)})
}

# The signed predicate leaves an empty reason out.
test_silent_when_the_reason_is_empty if {
	_denies(_with(""), set())
}

test_silent_when_the_reason_is_missing if {
	_denies({"edge_report": [_edge]}, set())
}

test_silent_about_an_edge_that_is_no_object if {
	_denies({"edge_report": [_edge, null, "x"]}, set())
}

# edges_captured, edges_present and report_consistent deny these.
test_silent_when_the_edges_report_is_missing if {
	_denies({}, set())
}

test_silent_when_the_edges_report_is_an_object if {
	_denies({"edge_report": {"a": {"no_tls_reason": "x"}}}, set())
}
