package collection.coverage_required_test

import data.collection.coverage_required
import rego.v1

_clean := {"coverage": {}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := coverage_required.deny with input as evidence with data.parameters as {"collection.coverage_required": parameters}
	denied == messages
	findings := coverage_required.findings with input as evidence with data.parameters as {"collection.coverage_required": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := coverage_required.findings with input as evidence with data.parameters as {"collection.coverage_required": parameters}
}

test_silent_where_all_is_well if {
	_finds(_clean, {}, set())
}

test_finds_that_there_is_no_evidence if {
	nothing := {"there is no coverage evidence: run with coverage: true"}
	every evidence in [{}, null, {"coverage": null}, {"coverage": []}, {"coverage": "x"}, {"coverage": false}] {
		_finds(evidence, {}, nothing)
		_abouts(evidence, {}) == {{}}
	}
	_finds({}, {}, nothing)
}

test_silent_whatever_it_says if {
	_finds({"coverage": {"cluster": null}}, {}, set())
}

test_asked_of_the_whole_evidence if {
	coverage_required.deny == {"there is no coverage evidence: run with coverage: true"} with input as {"scope": {}, "cluster": {}}
	coverage_required.deny == set() with input as {"coverage": {}, "linkerd_check": null}
}
