# METADATA
# title: The exit codes agree with the reports
# description: >-
#   Denies a report that its own command disowned: linkerd prints a whole core report and still exits 1 where it could
#   not look for extensions. The shell ends with the code of the edges command; that of check is known where the
#   capture was traced.
# custom:
#   code: MESH013
package collection.exit_codes

import rego.v1

# METADATA
# description: Of the floor, which no configuration lowers.
level := "floor"

_trace_states := {"on", "off", "unavailable"}

# METADATA
# description: One message for each exit code that does not go with what was printed, and for each gap in the trace.
# scope: document
deny contains msg if {
	input.linkerd_check.edges_summary
	_shell_code != 0
	msg := sprintf("the capture ended with exit code %v, and yet an edges report was read", [_shell_code])
}

deny contains msg if {
	some process in _executed("linkerd viz edges ")
	input.linkerd_check.edges_summary
	_code(process) != 0
	msg := sprintf("linkerd viz edges ended with exit code %v, and yet an edges report was read", [_code(process)])
}

deny contains msg if {
	some process in _executed("linkerd check -o json")
	not _goes_with_report(process)
	msg := sprintf("linkerd check ended with exit code %v, and its report says success %v", [_code(process), _success])
}

deny contains msg if {
	not _foreign
	not _trace_state in _trace_states
	msg := sprintf("the capture does not say whether it was traced: its trace state is %v", [_trace_state])
}

deny contains msg if {
	_trace_state == "on"
	some command in {"linkerd check -o json", "linkerd viz edges "}
	count(_executed(command)) == 0
	msg := sprintf("the capture was traced, and %q was not executed in it", [trim_space(command)])
}

# One that cannot be read may be the one that failed.
deny contains msg if {
	not _foreign
	unreadable := count([1 | some process in _processes; not _is_readable(process)])
	unreadable > 0
	msg := sprintf("%d recorded processes have no command line", [unreadable])
}

# Evidence that cilock made has no capture. A capture that is there and is null or false is none of cilock's.
_foreign if {
	is_array(input.command_run.cmd)
	not "capture" in object.keys(input.command_run)
}

default _trace_state := "unknown"

_trace_state := input.command_run.capture.trace.state

default _shell_code := "unknown"

_shell_code := input.command_run.exitcode

_shell_code := 0 if _zero_left_out(input.command_run)

# Of an object as well, which is no list but may name the one that failed.
_processes := [process | some process in input.command_run.processes]

_executed(prefix) := [process |
	some process in _processes
	_is_readable(process)
	startswith(process.cmdline, prefix)
]

_is_readable(process) if is_string(process.cmdline)

_goes_with_report(process) if {
	_success == true
	_code(process) == 0
}

_goes_with_report(process) if {
	_success == false
	_code(process) == 1
}

_code(process) := value if {
	value := process.exitcode
} else := 0 if _zero_left_out(process)

else := "unknown"

# Go leaves a zero out of what cilock writes; this program writes it.
_zero_left_out(ended) if {
	_foreign
	not "exitcode" in object.keys(ended)
}

default _success := "nothing"

_success := input.linkerd_check.check_summary.overall_success
