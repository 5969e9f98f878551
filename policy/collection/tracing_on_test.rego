package collection.tracing_on_test

import data.collection.tracing_on
import rego.v1

_clean := {"coverage": {"cluster": {"complete": true, "linkerd": {"tracing": {"enabled": true}}}}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := tracing_on.deny with input as evidence with data.parameters as {"collection.tracing_on": parameters}
	denied == messages
	findings := tracing_on.findings with input as evidence with data.parameters as {"collection.tracing_on": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := tracing_on.findings with input as evidence with data.parameters as {"collection.tracing_on": parameters}
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

test_finds_that_the_part_cluster_is_not_complete if {
	message := "the part cluster is not complete, so that it is not known whether its proxies send traces"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/cluster/complete", complete), {}, {message})
	}
	_finds(_without("coverage/cluster/complete"), {}, {message})
	_abouts(_without("coverage/cluster/complete"), {}) == {{"check": "cluster"}}
	every part in [null, "x", [], {}, true] {
		found := tracing_on.deny with input as _set("coverage/cluster", part) with data.parameters as {"collection.tracing_on": {}}
		message in found
	}
}

_said(enabled) := sprintf("the proxies send no traces: proxy.tracing.enabled is %v", [enabled])

test_finds_that_they_send_none if {
	every enabled in [false, null, "true", 1] {
		_finds(_set("coverage/cluster/linkerd/tracing/enabled", enabled), {}, {_said(enabled)})
		_abouts(_set("coverage/cluster/linkerd/tracing/enabled", enabled), {}) == {{}}
	}
	tracing_on.deny == {_said(false)} with input as _set("coverage/cluster/linkerd/tracing/enabled", false)
}

test_finds_that_it_is_not_known if {
	every path in ["", "/tracing", "/tracing/enabled"] {
		_finds(_without(sprintf("coverage/cluster/linkerd%v", [path])), {}, {_said("not known")})
	}
	_finds(_set("coverage/cluster/linkerd", null), {}, {_said("not known")})
}
