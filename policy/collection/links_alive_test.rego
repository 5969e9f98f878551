package collection.links_alive_test

import data.collection.links_alive
import rego.v1

_clean := {"coverage": {"links": {"complete": true, "installed": true, "links": [
	{"namespace": "linkerd-multicluster", "name": "east", "cluster": "east", "alive": true},
]}}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := links_alive.deny with input as evidence with data.parameters as {"collection.links_alive": parameters}
	denied == messages
	findings := links_alive.findings with input as evidence with data.parameters as {"collection.links_alive": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := links_alive.findings with input as evidence with data.parameters as {"collection.links_alive": parameters}
}

_set(path, value) := json.patch(_clean, [{"op": "replace", "path": path, "value": value}])

_without(path) := json.patch(_clean, [{"op": "remove", "path": path}])

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

test_finds_that_the_part_links_is_not_complete if {
	message := "the part links is not complete, so that it is not known which other clusters there are"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/links/complete", complete), {}, {message})
	}
	_finds(_without("coverage/links/complete"), {}, {message})
	_abouts(_without("coverage/links/complete"), {}) == {{"check": "links"}}
	every list in [null, "x", {}, true] {
		found := links_alive.deny with input as _set("coverage/links/links", list) with data.parameters as {"collection.links_alive": {}}
		message in found
	}
	absent := links_alive.deny with input as _without("coverage/links/links") with data.parameters as {"collection.links_alive": {}}
	message in absent
	every part in [null, "x", [], {}, true] {
		found := links_alive.deny with input as _set("coverage/links", part) with data.parameters as {"collection.links_alive": {}}
		message in found
	}
}

_said(what) := sprintf("the link linkerd-multicluster/east to the cluster east %v: linkerd multicluster gateways", [what])

test_finds_a_link_that_is_not_alive if {
	_finds(_set("coverage/links/links/0/alive", false), {}, {_said("is not alive")})
	_abouts(_set("coverage/links/links/0/alive", false), {}) == {{"namespace": "linkerd-multicluster", "check": "east"}}
	links_alive.deny == {_said("is not alive")} with input as _set("coverage/links/links/0/alive", false)
}

test_finds_a_link_of_which_it_is_not_known if {
	every alive in [null, "true", 1] {
		_finds(_set("coverage/links/links/0/alive", alive), {}, {_said("is not known to be alive")})
	}
	_finds(_without("coverage/links/links/0/alive"), {}, {_said("is not known to be alive")})
	every row in [null, "x", 7, {}] {
		_finds(_set("coverage/links/links/0", row), {}, {"the link ?/? to the cluster ? is not known to be alive: linkerd multicluster gateways"})
		_abouts(_set("coverage/links/links/0", row), {}) == {{}}
	}
	_abouts(_set("coverage/links/links/0", {"namespace": 7, "name": 8}), {}) == {{}}
}

test_silent_where_there_are_none if {
	_finds({"coverage": {"links": {"complete": true, "installed": false, "links": []}}}, {}, set())
	_finds({"coverage": {"links": {"complete": true, "installed": true, "links": []}}}, {}, set())
}

test_finds_that_it_is_not_known_whether_there_are_any if {
	every installed in [null, "false", 0] {
		_finds(_set("coverage/links/installed", installed), {}, {"it is not known whether there are links at all"})
	}
	_finds(_without("coverage/links/installed"), {}, {"it is not known whether there are links at all"})
	_abouts(_without("coverage/links/installed"), {}) == {{"check": "multicluster"}}
}
