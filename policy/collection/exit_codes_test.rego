package collection.exit_codes_test

import data.collection.exit_codes
import rego.v1

_shell := {"cmdline": "sh -c 'linkerd check -o json > linkerd-check.json'", "exitcode": 0}

_check(code) := {"cmdline": "linkerd check -o json", "exitcode": code}

_edges(code) := {"cmdline": "linkerd viz edges deploy -A -o json", "exitcode": code}

_report := {"check_summary": {"overall_success": true}, "edges_summary": {"total_edges": 1}}

_untraced := {
	"linkerd_check": _report,
	"command_run": {"cmd": ["sh"], "exitcode": 0, "capture": {"trace": {"state": "off"}}},
}

_with_processes(processes) := object.union(
	_untraced,
	{"command_run": {"processes": processes, "capture": {"trace": {"state": "on"}}}},
)

_traced := _with_processes([_shell, _check(0), _edges(0)])

_with_state(state) := object.union(_untraced, {"command_run": {"capture": {"trace": {"state": state}}}})

_cilock := {"linkerd_check": _report, "command_run": {"cmd": ["sh"], "processes": []}}

_stateless := "the capture does not say whether it was traced: its trace state is unknown"

_codeless := "the capture ended with exit code unknown, and yet an edges report was read"

_no_check := `the capture was traced, and "linkerd check -o json" was not executed in it`

_no_edges := `the capture was traced, and "linkerd viz edges" was not executed in it`

_denies(evidence, messages) if {
	denied := exit_codes.deny with input as evidence
	denied == messages
}

test_silent_where_everything_succeeded if {
	_denies(_traced, set())
}

test_silent_where_the_capture_was_not_traced if {
	_denies(_untraced, set())
}

test_silent_where_tracing_was_unavailable if {
	_denies(_with_state("unavailable"), set())
}

test_silent_where_linkerd_was_told_to_wait if {
	check := {"cmdline": "linkerd check -o json --wait 30s", "exitcode": 0}
	_denies(_with_processes([check, _edges(0)]), set())
}

test_silent_where_check_failed_and_its_report_says_so if {
	evidence := object.union(
		_with_processes([_check(1), _edges(0)]),
		{"linkerd_check": {"check_summary": {"overall_success": false}}},
	)
	_denies(evidence, set())
}

# Without an edges report, edges_captured denies.
test_silent_where_the_edges_command_failed_and_printed_nothing if {
	evidence := json.patch(_with_processes([_check(0), _edges(1)]), [
		{"op": "replace", "path": "command_run/exitcode", "value": 1},
		{"op": "remove", "path": "linkerd_check/edges_summary"},
	])
	_denies(evidence, set())
}

# Go leaves a zero out, and cilock knows no capture.
test_silent_about_evidence_of_cilock if {
	_denies(_cilock, set())
}

test_silent_about_traced_evidence_of_cilock if {
	processes := [object.remove(_check(0), {"exitcode"}), object.remove(_edges(0), {"exitcode"}), {"cmdlineId": 1}]
	_denies(object.union(_cilock, {"command_run": {"processes": processes}}), set())
}

test_denies_a_failed_shell_in_evidence_of_cilock if {
	_denies(
		object.union(_cilock, {"command_run": {"exitcode": 1}}),
		{"the capture ended with exit code 1, and yet an edges report was read"},
	)
}

test_denies_a_failed_check_in_evidence_of_cilock if {
	_denies(
		object.union(_cilock, {"command_run": {"processes": [_check(1)]}}),
		{"linkerd check ended with exit code 1, and its report says success true"},
	)
}

test_denies_an_edges_report_of_a_failed_capture if {
	_denies(
		object.union(_untraced, {"command_run": {"exitcode": 1}}),
		{"the capture ended with exit code 1, and yet an edges report was read"},
	)
}

test_denies_an_edges_report_of_a_failed_edges_command if {
	_denies(
		_with_processes([_check(0), _edges(0), _edges(1)]),
		{"linkerd viz edges ended with exit code 1, and yet an edges report was read"},
	)
}

test_denies_a_success_that_its_exit_code_disowns if {
	_denies(
		_with_processes([_check(1), _edges(0)]),
		{"linkerd check ended with exit code 1, and its report says success true"},
	)
}

test_denies_a_failure_that_its_exit_code_disowns if {
	evidence := object.union(_traced, {"linkerd_check": {"check_summary": {"overall_success": false}}})
	_denies(evidence, {"linkerd check ended with exit code 0, and its report says success false"})
}

test_denies_a_failure_that_was_killed if {
	evidence := object.union(
		_with_processes([_check(137), _edges(0)]),
		{"linkerd_check": {"check_summary": {"overall_success": false}}},
	)
	_denies(evidence, {"linkerd check ended with exit code 137, and its report says success false"})
}

test_denies_when_exitcode_is_missing if {
	_denies(json.remove(_untraced, {"command_run/exitcode"}), {_codeless})
}

test_denies_when_exitcode_is_a_string if {
	_denies(
		object.union(_untraced, {"command_run": {"exitcode": "0"}}),
		{"the capture ended with exit code 0, and yet an edges report was read"},
	)
}

test_denies_when_exitcode_is_null if {
	_denies(
		object.union(_untraced, {"command_run": {"exitcode": null}}),
		{"the capture ended with exit code null, and yet an edges report was read"},
	)
}

test_denies_when_the_exit_code_of_check_is_missing if {
	_denies(
		_with_processes([object.remove(_check(0), {"exitcode"}), _edges(0)]),
		{"linkerd check ended with exit code unknown, and its report says success true"},
	)
}

test_denies_when_the_exit_code_of_edges_is_missing if {
	_denies(
		_with_processes([_check(0), object.remove(_edges(0), {"exitcode"})]),
		{"linkerd viz edges ended with exit code unknown, and yet an edges report was read"},
	)
}

test_denies_when_the_report_is_missing if {
	_denies(
		object.remove(_traced, {"linkerd_check"}),
		{"linkerd check ended with exit code 0, and its report says success nothing"},
	)
}

test_denies_when_overall_success_is_missing if {
	_denies(
		json.remove(_traced, {"linkerd_check/check_summary/overall_success"}),
		{"linkerd check ended with exit code 0, and its report says success nothing"},
	)
}

test_denies_when_overall_success_is_a_string if {
	_denies(
		object.union(_traced, {"linkerd_check": {"check_summary": {"overall_success": "true"}}}),
		{"linkerd check ended with exit code 0, and its report says success true"},
	)
}

test_denies_a_trace_without_check if {
	_denies(_with_processes([_shell, _edges(0)]), {_no_check})
}

test_denies_a_trace_without_edges if {
	_denies(_with_processes([_shell, _check(0)]), {_no_edges})
}

test_denies_when_processes_is_missing if {
	_denies(json.remove(_traced, {"command_run/processes"}), {_no_check, _no_edges})
}

test_denies_when_processes_is_null if {
	_denies(_with_processes(null), {_no_check, _no_edges})
}

test_denies_when_processes_is_an_object_and_one_of_them_failed if {
	_denies(
		_with_processes({"a": _check(1), "b": _edges(0)}),
		{"linkerd check ended with exit code 1, and its report says success true"},
	)
}

test_denies_a_recorded_failure_whatever_the_trace_state if {
	evidence := object.union(_with_processes([_check(1)]), {"command_run": {"capture": {"trace": {"state": "off"}}}})
	_denies(evidence, {"linkerd check ended with exit code 1, and its report says success true"})
}

test_denies_when_a_command_line_is_missing if {
	_denies(
		_with_processes([{"exitcode": 1}, _check(0), _edges(0)]),
		{"1 recorded processes have no command line"},
	)
}

test_denies_when_command_lines_are_lists if {
	_denies(
		_with_processes([{"cmdline": ["linkerd", "check"]}, _check(0), _edges(0), {"cmdline": null}]),
		{"2 recorded processes have no command line"},
	)
}

test_denies_a_process_that_is_a_string if {
	_denies(
		_with_processes(["linkerd check -o json", _check(0), _edges(0)]),
		{"1 recorded processes have no command line"},
	)
}

test_denies_when_the_trace_state_is_missing if {
	_denies(json.remove(_untraced, {"command_run/capture/trace/state"}), {_stateless})
}

test_denies_when_the_trace_state_is_an_unknown_word if {
	_denies(
		_with_state("On"),
		{"the capture does not say whether it was traced: its trace state is On"},
	)
}

test_denies_when_the_trace_state_is_null if {
	_denies(
		_with_state(null),
		{"the capture does not say whether it was traced: its trace state is null"},
	)
}

test_denies_when_the_trace_is_missing if {
	_denies(json.remove(_untraced, {"command_run/capture/trace"}), {_stateless})
}

test_denies_when_capture_is_null if {
	_denies(object.union(_untraced, {"command_run": {"capture": null}}), {_stateless})
}

test_denies_when_capture_is_false if {
	_denies(object.union(_untraced, {"command_run": {"capture": false}}), {_stateless})
}

test_denies_when_command_run_is_missing if {
	_denies({"linkerd_check": _report}, {_codeless, _stateless})
}

test_denies_when_command_run_is_null if {
	_denies({"linkerd_check": _report, "command_run": null}, {_codeless, _stateless})
}

# A record without a command is no record of cilock's either.
test_denies_when_command_run_is_empty if {
	_denies({"linkerd_check": _report, "command_run": {}}, {_codeless, _stateless})
}

test_denies_when_everything_is_missing if {
	_denies({}, {_stateless})
}

test_denies_an_edges_report_of_a_failed_edges_command_for_one_namespace if {
	failed := {"cmdline": "linkerd viz edges deploy -n shop -o json", "exitcode": 1}
	_denies(
		_with_processes([_check(0), _edges(0), failed]),
		{"linkerd viz edges ended with exit code 1, and yet an edges report was read"},
	)
}

# That of cilock is a list.
test_denies_when_the_command_is_no_list_and_there_is_no_capture if {
	_denies(
		object.union(_cilock, {"command_run": {"cmd": "sh"}}),
		{_codeless, _stateless},
	)
}

# Go leaves out a zero, and writes no false for it.
test_denies_a_false_exit_code_in_evidence_of_cilock if {
	_denies(
		object.union(_cilock, {"command_run": {"processes": [_check(false)]}}),
		{"linkerd check ended with exit code false, and its report says success true"},
	)
	_denies(
		object.union(_cilock, {"command_run": {"exitcode": false}}),
		{"the capture ended with exit code false, and yet an edges report was read"},
	)
}
