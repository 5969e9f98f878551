package collection.coverage_complete_test

import data.collection.coverage_complete
import rego.v1

_clean := {"coverage": {name: {"complete": true, "reasons": []} |
	some name in ["cluster", "workloads", "identity", "authorization", "traffic", "links", "linkerd"]
}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := coverage_complete.deny with input as evidence with data.parameters as {"collection.coverage_complete": parameters}
	denied == messages
	findings := coverage_complete.findings with input as evidence with data.parameters as {"collection.coverage_complete": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := coverage_complete.findings with input as evidence with data.parameters as {"collection.coverage_complete": parameters}
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

_refused := {"code": "forbidden", "source": "GET /api/v1/pods", "detail": "pods is forbidden"}

_stopped := {"complete": false, "reasons": [_refused, object.union(_refused, {"code": "changed", "detail": "410"})]}

_says := {
	"the part workloads is not complete: GET /api/v1/pods said forbidden (pods is forbidden)",
	"the part workloads is not complete: GET /api/v1/pods said changed (410)",
}

_wants(parts) := {"parts": parts}

test_finds_each_reason if {
	_finds(_set("coverage/workloads", _stopped), {}, _says)
	_finds(_set("coverage/workloads", _stopped), _wants(["cluster", "workloads"]), _says)
	_abouts(_set("coverage/workloads", _stopped), {}) == {{"check": "workloads"}}
}

test_a_part_with_a_reason_is_not_complete if {
	_finds(_set("coverage/workloads/reasons", [_refused]), {}, {
		"the part workloads is not complete: GET /api/v1/pods said forbidden (pods is forbidden)",
	})
}

test_silent_about_a_part_that_nobody_asks_for if {
	_finds(_set("coverage/traffic", _stopped), _wants(["cluster", "workloads"]), set())
	_finds(_without("coverage/traffic"), _wants(["cluster", "workloads"]), set())
}

test_finds_each_of_the_seven if {
	every name in ["cluster", "workloads", "identity", "authorization", "traffic", "links", "linkerd"] {
		message := sprintf("the part %v is missing", [name])
		_finds(_without(sprintf("coverage/%v", [name])), {}, {message})
		every part in [null, [], "x", true] {
			_finds(_set(sprintf("coverage/%v", [name]), part), {}, {message})
			_abouts(_set(sprintf("coverage/%v", [name]), part), {}) == {{"check": name}}
		}
		_finds({"coverage": {}}, _wants([name]), {message})
	}
}

test_finds_what_gives_no_reason if {
	message := "the part links is not complete, and no reason is given"
	every part in [
		{},
		{"complete": false},
		{"complete": true},
		{"complete": false, "reasons": []},
		{"complete": "true", "reasons": []},
		{"complete": true, "reasons": {}},
		{"complete": true, "reasons": null},
		{"complete": true, "reasons": "x"},
	] {
		_finds(_set("coverage/links", part), {}, {message})
		_abouts(_set("coverage/links", part), {}) == {{"check": "links"}}
	}
}

test_finds_a_reason_that_is_not_understood if {
	every reason in [null, {}, "x", 7] {
		_finds(_set("coverage/links", {"complete": true, "reasons": [reason]}), {}, {"the part links is not complete: ? said ? (?)"})
	}
}

test_finds_a_name_that_is_no_part if {
	message := "there is no part scope: the parts are authorization, cluster, identity, linkerd, links, traffic, workloads"
	_finds(_clean, _wants(["scope", "links"]), {message})
	_abouts(_clean, _wants(["scope", "links"])) == {{"check": "scope"}}
}

test_finds_that_none_is_named if {
	every parts in [[], [7]] {
		_finds(_clean, _wants(parts), {"parts are required, and none is named"})
		_abouts(_clean, _wants(parts)) == {{}}
	}
}

test_without_a_list_it_is_all_of_them if {
	every parameters in [{}, _wants(null), _wants("links"), _wants({"a": "links"}), null] {
		_finds(_set("coverage/workloads", _stopped), parameters, _says)
		_finds({"coverage": {}}, parameters, {sprintf("the part %v is missing", [name]) | some name in coverage_complete._names})
	}
	coverage_complete.deny == set() with input as _clean
}
