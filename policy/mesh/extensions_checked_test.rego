package mesh.extensions_checked_test

import data.mesh.extensions_checked
import rego.v1

_check := {"description": "is well", "result": "success"}

_report(name, checks) := {"check_report": {"categories": [{"categoryName": name, "checks": checks}]}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := extensions_checked.deny with input as evidence with data.parameters as {"mesh.extensions_checked": parameters}
	denied == messages
	findings := extensions_checked.findings with input as evidence with data.parameters as {"mesh.extensions_checked": parameters}
	{finding.msg | some finding in findings} == messages
}

_wants(names) := {"extensions": names}

_absent(name) := sprintf("the extension %v has to be checked, and was not: linkerd %v check", [name, name])

_nobody := "extensions are required, and none is named"

test_silent_where_it_was_checked if {
	_finds(_report("linkerd-viz", [{"description": "x", "result": "warning"}, _check]), _wants(["viz"]), set())
}

test_finds_each_that_was_not if {
	_finds(_report("linkerd-viz", [_check]), _wants(["viz", "jaeger"]), {_absent("jaeger")})
	_finds(_report("linkerd-viz", [_check]), _wants([7]), {_absent("7")})
}

test_says_which_it_is_about if {
	found := extensions_checked.findings with input as {}
		with data.parameters as {"mesh.extensions_checked": _wants(["viz"])}
	{finding.about | some finding in found} == {{"category": "linkerd-viz"}}
}

# What linkerd writes where the extension's command is not there.
test_a_command_that_is_not_there_checked_nothing if {
	every result in ["warning", "success"] {
		check := {"description": "Linkerd extension command linkerd-viz exists", "result": result}
		_finds(_report("linkerd-viz", [check]), _wants(["viz"]), {_absent("viz")})
	}
}

test_only_a_success_is_a_check_of_it if {
	every result in ["warning", "error", "", null] {
		_finds(_report("linkerd-viz", [{"description": "x", "result": result}]), _wants(["viz"]), {_absent("viz")})
	}
}

test_a_check_of_another_shape_checked_nothing if {
	every check in [null, "is well", {}, {"result": "success"}, {"description": 7, "result": "success"}, {"description": "x"}] {
		_finds(_report("linkerd-viz", [check]), _wants(["viz"]), {_absent("viz")})
	}
	_finds(_report(7, [_check]), _wants(["viz"]), {_absent("viz")})
	_finds({"check_report": {"categories": [{"checks": [_check]}]}}, _wants(["viz"]), {_absent("viz")})
}

test_finds_all_without_a_report if {
	every evidence in [{}, {"check_report": null}, {"check_report": {"categories": "x"}}] {
		_finds(evidence, _wants(["viz"]), {_absent("viz")})
	}
}

test_finds_that_none_is_named if {
	every parameters in [{}, _wants([]), _wants(null), _wants("viz"), _wants({}), null] {
		_finds(_report("linkerd-viz", [_check]), parameters, {_nobody})
	}
	extensions_checked.deny == {_nobody} with input as _report("linkerd-viz", [_check])
}
