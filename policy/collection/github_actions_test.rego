package collection.github_actions_test

import data.collection.github_actions
import rego.v1

_ran(variables) := {"environment": {"variables": variables}}

_good := {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "owner/name"}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := github_actions.deny with input as evidence with data.parameters as {"collection.github_actions": parameters}
	denied == messages
	findings := github_actions.findings with input as evidence with data.parameters as {"collection.github_actions": parameters}
	{finding.msg | some finding in findings} == messages
}

_wants(repository) := {"repository": repository}

_says(name, found, wanted) := sprintf("the environment says %v=%v, and not %v", [name, found, wanted])

_nobody := "a repository is required, and none is named"

test_silent_in_the_repository if {
	_finds(_ran(_good), _wants("owner/name"), set())
}

test_finds_another_repository if {
	_finds(_ran(_good), _wants("owner/other"), {_says("GITHUB_REPOSITORY", "owner/name", "owner/other")})
	_finds(_ran(_good), _wants("owner/na"), {_says("GITHUB_REPOSITORY", "owner/name", "owner/na")})
}

test_finds_each_variable_that_is_missing if {
	_finds(_ran(object.remove(_good, {"GITHUB_ACTIONS"})), _wants("owner/name"), {_says("GITHUB_ACTIONS", "(nothing)", "true")})
	_finds(_ran(object.remove(_good, {"GITHUB_REPOSITORY"})), _wants("owner/name"), {_says(
		"GITHUB_REPOSITORY",
		"(nothing)",
		"owner/name",
	)})
}

test_finds_a_variable_of_another_type if {
	_finds(_ran(object.union(_good, {"GITHUB_ACTIONS": true})), _wants("owner/name"), {_says("GITHUB_ACTIONS", "true", "true")})
}

test_finds_both_without_an_environment if {
	every evidence in [{}, {"environment": null}, _ran(null), _ran("x")] {
		_finds(evidence, _wants("owner/name"), {
			_says("GITHUB_ACTIONS", "(nothing)", "true"),
			_says("GITHUB_REPOSITORY", "(nothing)", "owner/name"),
		})
	}
}

test_finds_that_none_is_named if {
	every parameters in [{}, _wants(""), _wants(null), _wants(7), _wants(["owner/name"]), null] {
		_finds(_ran(_good), parameters, {_nobody})
	}
	github_actions.deny == {_nobody} with input as _ran(_good)
}
