package collection.namespaces_covered_test

import data.collection.namespaces_covered
import rego.v1

_edge := {"src": "web", "src_namespace": "emojivoto", "dst": "voting", "dst_namespace": "shop"}

_other := {"src": "prometheus", "src_namespace": "linkerd-viz", "dst": "web", "dst_namespace": "emojivoto"}

_asked(namespaces) := _capture({"namespaces": namespaces})

_capture(capture) := {
	"command_run": {"cmd": ["sh"], "capture": capture},
	"linkerd_check": {"edges_summary": {"total_edges": 2}, "edge_report": [_edge, _other]},
}

_denies(evidence, messages) if {
	denied := namespaces_covered.deny with input as evidence
	denied == messages
}

_idle(namespace) := sprintf("the namespace %s was asked for, and no edge touches it", [namespace])

_unsaid := "the capture does not say which namespaces were asked for"

_outside := {
	"emojivoto/web -> shop/voting touches no namespace that was asked for",
	"linkerd-viz/prometheus -> emojivoto/web touches no namespace that was asked for",
}

test_silent_where_the_whole_mesh_was_asked_for if {
	_denies(_asked([]), set())
}

test_silent_where_every_edge_touches_a_requested_namespace if {
	_denies(_asked(["emojivoto"]), set())
	_denies(_asked(["linkerd-viz", "shop"]), set())
}

test_denies_a_requested_namespace_without_an_edge if {
	_denies(_asked(["emojivoto", "idle"]), {_idle("idle")})
}

test_denies_an_edge_outside_the_requested_namespaces if {
	_denies(_asked(["shop"]), {"linkerd-viz/prometheus -> emojivoto/web touches no namespace that was asked for"})
}

test_denies_where_no_edge_is_inside if {
	_denies(_asked(["idle"]), _outside | {_idle("idle")})
}

test_does_not_take_a_part_of_a_name_for_it if {
	_denies(_asked(["emoji"]), _outside | {_idle("emoji")})
}

test_names_no_more_than_a_hundred_edges if {
	edges := [{"src": sprintf("web-%d", [i]), "src_namespace": "a", "dst_namespace": "b"} | some i in numbers.range(1, 101)]
	evidence := object.union(_asked(["shop"]), {"linkerd_check": {"edge_report": array.concat([_edge], edges)}})
	denied := namespaces_covered.deny with input as evidence
	count(denied) == 100
}

test_denies_an_edge_that_does_not_say_its_ends if {
	evidence := object.union(_asked(["shop"]), {"linkerd_check": {"edge_report": [_edge, {}, null]}})
	_denies(evidence, {"?/? -> ?/? touches no namespace that was asked for"})
}

test_an_edge_may_lack_the_other_namespace if {
	change := {"linkerd_check": {"edge_report": [
		object.remove(_edge, {"src_namespace"}),
		object.remove(_other, {"dst_namespace"}),
	]}}
	_denies(object.union(_asked(["shop", "linkerd-viz"]), change), set())
}

test_denies_when_the_edges_report_is_missing if {
	_denies(json.patch(_asked(["shop"]), [{"op": "remove", "path": "linkerd_check/edge_report"}]), {_idle("shop")})
}

test_denies_when_the_edges_report_is_an_object if {
	evidence := json.patch(_asked(["shop"]), [
		{"op": "replace", "path": "linkerd_check/edge_report", "value": {"a": _edge}},
	])
	_denies(evidence, {_idle("shop")})
}

# edges_captured denies.
test_silent_about_edges_when_edges_summary_is_missing if {
	evidence := json.patch(_asked(["shop"]), [{"op": "replace", "path": "linkerd_check", "value": {}}])
	_denies(evidence, set())
}

test_silent_about_edges_when_the_report_is_missing if {
	_denies(object.remove(_asked(["shop"]), {"linkerd_check"}), set())
}

test_denies_when_namespaces_is_missing if {
	_denies(_capture({"defects": []}), {_unsaid})
}

test_denies_when_namespaces_is_null if {
	_denies(_asked(null), {_unsaid})
}

test_denies_when_namespaces_is_a_string if {
	_denies(_asked("emojivoto"), {_unsaid})
}

test_denies_when_namespaces_is_an_object if {
	_denies(_asked({"a": "emojivoto"}), {_unsaid})
}

test_denies_when_a_namespace_is_empty if {
	_denies(_asked(["emojivoto", ""]), {_unsaid, _idle("")})
}

test_denies_when_a_namespace_is_no_text if {
	_denies(_asked(["emojivoto", null]), {_unsaid, _idle("null")})
}

test_denies_when_capture_is_null if {
	_denies(_capture(null), {_unsaid})
}

test_denies_when_capture_is_false if {
	_denies(_capture(false), {_unsaid})
}

test_denies_when_command_run_is_missing if {
	_denies(object.remove(_asked([]), {"command_run"}), {_unsaid})
}

test_denies_when_everything_is_missing if {
	_denies({}, {_unsaid})
}

test_denies_when_cmd_and_capture_are_missing if {
	_denies({"command_run": {}}, {_unsaid})
}

# Evidence that cilock made.
test_silent_where_there_is_no_capture if {
	_denies({"command_run": {"cmd": ["sh"]}}, set())
}

# That of cilock is a list.
test_denies_when_the_command_is_no_list_and_there_is_no_capture if {
	_denies({"command_run": {"cmd": "sh"}}, {_unsaid})
}

test_denies_an_edge_that_is_null if {
	evidence := object.union(_asked(["shop"]), {"linkerd_check": {"edge_report": [_edge, null]}})
	_denies(evidence, {"?/? -> ?/? touches no namespace that was asked for"})
}
