package collection.capture_clean_test

import data.collection.capture_clean
import rego.v1

_with_defects(defects) := {"command_run": {"cmd": ["sh"], "capture": {"defects": defects}}}

_unlisted := "the capture does not say which defects it has"

_denies(evidence, messages) if {
	denied := capture_clean.deny with input as evidence
	denied == messages
}

test_silent_where_there_are_no_defects if {
	_denies(_with_defects([]), set())
}

test_silent_about_evidence_of_cilock_which_has_no_capture if {
	_denies({"command_run": {"cmd": ["sh"]}}, set())
}

test_denies_each_defect_with_its_place if {
	defects := [
		{"code": "check-not-json", "file": "linkerd-check.json", "offset": 7, "detail": "Expecting value"},
		{"code": "capture-stopped", "file": "", "offset": 0, "detail": "killed"},
	]
	_denies(_with_defects(defects), {
		"the capture has the defect check-not-json in linkerd-check.json at byte 7: Expecting value",
		"the capture has the defect capture-stopped: killed",
	})
}

test_denies_a_defect_without_a_code if {
	_denies(
		_with_defects([{"file": "a", "offset": 1, "detail": "b"}]),
		{"the capture has the defect without a code in a at byte 1: b"},
	)
}

test_denies_a_defect_without_a_file if {
	_denies(_with_defects([{"code": "a", "offset": 1, "detail": "b"}]), {"the capture has the defect a: b"})
}

test_denies_a_defect_without_an_offset if {
	_denies(
		_with_defects([{"code": "a", "file": "b", "detail": "c"}]),
		{"the capture has the defect a in b at byte ?: c"},
	)
}

test_denies_a_defect_without_a_detail if {
	_denies(
		_with_defects([{"code": "a", "file": "b", "offset": 1}]),
		{"the capture has the defect a in b at byte 1: no detail"},
	)
}

test_denies_a_defect_that_is_a_string if {
	_denies(_with_defects(["truncated"]), {"the capture has the defect without a code: no detail"})
}

test_denies_a_defect_that_is_null if {
	_denies(_with_defects([null]), {"the capture has the defect without a code: no detail"})
}

test_denies_when_defects_is_missing if {
	_denies({"command_run": {"cmd": ["sh"], "capture": {}}}, {_unlisted})
}

test_denies_when_defects_is_null if {
	_denies(_with_defects(null), {_unlisted})
}

test_denies_when_defects_is_an_object if {
	_denies(_with_defects({}), {_unlisted})
}

test_denies_when_capture_is_null if {
	_denies({"command_run": {"cmd": ["sh"], "capture": null}}, {_unlisted})
}

test_denies_when_capture_is_false if {
	_denies({"command_run": {"cmd": ["sh"], "capture": false}}, {_unlisted})
}

test_denies_when_capture_is_a_list if {
	_denies({"command_run": {"cmd": ["sh"], "capture": []}}, {_unlisted})
}

test_denies_when_command_run_is_missing if {
	_denies({}, {_unlisted})
}

test_denies_when_command_run_is_null if {
	_denies({"command_run": null}, {_unlisted})
}

# A record without a command is no record of cilock's either.
test_denies_when_command_run_is_empty if {
	_denies({"command_run": {}}, {_unlisted})
}

# That of cilock is a list.
test_denies_when_the_command_is_no_list_and_there_is_no_capture if {
	_denies({"command_run": {"cmd": "sh"}}, {_unlisted})
}
