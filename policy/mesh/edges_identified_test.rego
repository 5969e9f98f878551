package mesh.edges_identified_test

import data.mesh.edges_identified
import rego.v1

_edge := {
	"src": "web",
	"src_namespace": "emojivoto",
	"dst": "voting",
	"dst_namespace": "emojivoto",
	"client_id": "web.emojivoto",
	"server_id": "voting.emojivoto",
}

_with(change) := {"edge_report": [_edge, object.union(_edge, change)]}

_denies(evidence, messages) if {
	denied := edges_identified.deny with input as evidence
	denied == messages
}

_odd(identity) := sprintf("the identity %q of an edge is not of the form <service account>.<namespace>", [identity])

test_silent_where_every_identity_is_of_the_form if {
	_denies({"edge_report": [_edge]}, set())
}

test_silent_about_digits_hyphens_and_single_letters if {
	_denies(_with({"client_id": "0.a", "server_id": "tap-injector.linkerd-viz2"}), set())
}

test_denies_another_form if {
	every identity in {
		" ",
		"\t",
		"\u00a0",
		"\u200b",
		"web emojivoto",
		"web.emojivoto ",
		"web.emojivoto\n",
		"web.emojivoto\nother.emojivoto",
		"web",
		".",
		"web.",
		".emojivoto",
		"web.emojivoto.serviceaccount",
		"-web.emojivoto",
		"web.emojivoto-",
		"Web.emojivoto",
		"wéb.emojivoto",
		"web_1.emojivoto",
		"spiffe://root.linkerd",
	} {
		_denies(_with({"client_id": identity}), {_odd(identity)})
		_denies(_with({"server_id": identity}), {_odd(identity)})
	}
}

test_names_each_identity_once if {
	_denies(
		{"edge_report": [object.union(_edge, {"client_id": name, "server_id": "x"}) | some name in ["x", "y", "y"]]},
		{_odd("x"), _odd("y")},
	)
}

test_names_no_more_than_a_hundred_identities if {
	edges := [object.union(_edge, {"client_id": sprintf("web-%d", [i])}) | some i in numbers.range(1, 101)]
	denied := edges_identified.deny with input as {"edge_report": edges}
	count(denied) == 100
}

test_denies_when_the_identity_is_null if {
	_denies(_with({"server_id": null}), {_odd("null")})
}

test_denies_when_the_identity_is_a_number if {
	_denies(_with({"client_id": 1}), {_odd("1")})
}

test_denies_when_the_identity_is_a_list if {
	_denies(_with({"client_id": ["web.emojivoto"]}), {_odd(`["web.emojivoto"]`)})
}

# edges_mtls denies these four.
test_silent_when_client_id_is_missing if {
	_denies({"edge_report": [object.remove(_edge, {"client_id"})]}, set())
}

test_silent_when_server_id_is_missing if {
	_denies({"edge_report": [object.remove(_edge, {"server_id"})]}, set())
}

test_silent_when_an_identity_is_empty if {
	_denies(_with({"client_id": "", "server_id": ""}), set())
}

test_silent_about_an_edge_that_is_no_object if {
	_denies({"edge_report": [_edge, null, "web.emojivoto"]}, set())
}

# edges_captured, edges_present and report_consistent deny these.
test_silent_when_the_edges_report_is_missing if {
	_denies({}, set())
}

test_silent_when_the_edges_report_is_an_object if {
	_denies({"edge_report": {"a": object.union(_edge, {"client_id": "x"})}}, set())
}
