package collection.live_mesh_test

import data.collection.live_mesh
import rego.v1

_with(linkerd, allowed) := {
	"command_run": {"cmd": ["sh"], "capture": {"linkerd": linkerd}},
	"config": {"allow_replay": allowed},
}

_replay := {"version": "replay of edge-26.8.3", "replay": true}

_replayed := concat("", [
	`the reports were replayed by a linkerd that calls itself "replay of edge-26.8.3", `,
	"and no mesh was looked at",
])

_unsaid := "the capture does not say whether a mesh was looked at or reports were replayed"

_denies(evidence, messages) if {
	denied := live_mesh.deny with input as evidence
	denied == messages
}

test_silent_where_a_mesh_was_looked_at if {
	_denies(_with({"version": "edge-26.8.3", "replay": false}, false), set())
}

test_silent_about_evidence_of_cilock_which_has_no_capture if {
	_denies({"command_run": {"cmd": ["sh"]}, "config": {"allow_replay": false}}, set())
}

test_denies_a_replay if {
	_denies(_with(_replay, false), {_replayed})
}

test_silent_about_a_replay_where_it_was_allowed if {
	_denies(_with(_replay, true), set())
}

test_denies_a_replay_when_config_is_missing if {
	_denies(object.remove(_with(_replay, true), {"config"}), {_replayed})
}

test_denies_a_replay_when_allow_replay_is_missing if {
	_denies(object.union(_with(_replay, false), {"config": {"allow_replay": null}}), {_replayed})
}

test_denies_a_replay_when_allow_replay_is_a_string if {
	_denies(_with(_replay, "true"), {_replayed})
}

test_denies_a_replay_whose_version_is_missing if {
	_denies(
		_with({"replay": true}, false),
		{"the reports were replayed by a linkerd that calls itself something unknown, and no mesh was looked at"},
	)
}

test_denies_a_replay_whose_version_is_no_text if {
	_denies(
		_with({"version": null, "replay": true}, false),
		{"the reports were replayed by a linkerd that calls itself null, and no mesh was looked at"},
	)
}

test_denies_when_replay_is_missing if {
	_denies(_with({"version": "edge-26.8.3"}, false), {_unsaid})
}

# What may be a replay is not what was allowed.
test_denies_when_replay_is_missing_and_replays_are_allowed if {
	_denies(_with({"version": "edge-26.8.3"}, true), {_unsaid})
}

test_denies_when_replay_is_null if {
	_denies(_with({"version": "edge-26.8.3", "replay": null}, true), {_unsaid})
}

test_denies_when_replay_is_a_string if {
	_denies(_with({"version": "edge-26.8.3", "replay": "false"}, false), {_unsaid})
}

test_denies_when_linkerd_is_missing if {
	_denies({"command_run": {"cmd": ["sh"], "capture": {}}}, {_unsaid})
}

test_denies_when_linkerd_is_null if {
	_denies(_with(null, false), {_unsaid})
}

test_denies_when_capture_is_null if {
	_denies({"command_run": {"cmd": ["sh"], "capture": null}}, {_unsaid})
}

test_denies_when_capture_is_false if {
	_denies({"command_run": {"cmd": ["sh"], "capture": false}}, {_unsaid})
}

test_denies_when_capture_is_a_string if {
	_denies({"command_run": {"cmd": ["sh"], "capture": "none"}}, {_unsaid})
}

test_denies_when_command_run_is_missing if {
	_denies({}, {_unsaid})
}

test_denies_when_command_run_is_null if {
	_denies({"command_run": null}, {_unsaid})
}

# A record without a command is no record of cilock's either.
test_denies_when_command_run_is_empty if {
	_denies({"command_run": {}}, {_unsaid})
}

# That of cilock is a list.
test_denies_when_the_command_is_no_list_and_there_is_no_capture if {
	_denies({"command_run": {"cmd": "sh"}}, {_unsaid})
}
