package collection.cluster_bound_test

import data.collection.cluster_bound
import rego.v1

_clean := {"coverage": {"cluster": {"complete": true, "uid": "b-2"}}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := cluster_bound.deny with input as evidence with data.parameters as {"collection.cluster_bound": parameters}
	denied == messages
	findings := cluster_bound.findings with input as evidence with data.parameters as {"collection.cluster_bound": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := cluster_bound.findings with input as evidence with data.parameters as {"collection.cluster_bound": parameters}
}

_set(path, value) := json.patch(_clean, [{"op": "replace", "path": path, "value": value}])

_without(path) := json.patch(_clean, [{"op": "remove", "path": path}])

test_silent_where_all_is_well if {
	_finds(_clean, {"uids": ["a-1", "b-2"]}, set())
}

test_finds_that_there_is_no_evidence if {
	nothing := {"there is no coverage evidence: run with coverage: true"}
	every evidence in [{}, null, {"coverage": null}, {"coverage": []}, {"coverage": "x"}, {"coverage": false}] {
		_finds(evidence, {"uids": ["a-1", "b-2"]}, nothing)
		_abouts(evidence, {"uids": ["a-1", "b-2"]}) == {{}}
	}
	_finds({}, {}, nothing)
}

test_finds_that_the_part_cluster_is_not_complete if {
	message := "the part cluster is not complete, so that it is not known which cluster it is"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/cluster/complete", complete), {"uids": ["a-1", "b-2"]}, {message})
	}
	_finds(_without("coverage/cluster/complete"), {"uids": ["a-1", "b-2"]}, {message})
	_abouts(_without("coverage/cluster/complete"), {"uids": ["a-1", "b-2"]}) == {{"check": "cluster"}}
	every part in [null, "x", [], {}, true] {
		found := cluster_bound.deny with input as _set("coverage/cluster", part) with data.parameters as {"collection.cluster_bound": {"uids": ["a-1", "b-2"]}}
		message in found
	}
}

_other(uid, uids) := sprintf("the evidence is of the cluster %v, and not of one of %v", [uid, uids])

test_finds_another if {
	_finds(_set("coverage/cluster/uid", "c-3"), {"uids": ["a-1", "b-2"]}, {_other("c-3", "a-1, b-2")})
	_finds(_clean, {"uids": ["b"]}, {_other("b-2", "b")})
	_abouts(_clean, {"uids": ["b"]}) == {{}}
}

test_finds_that_it_is_not_known if {
	_finds(_without("coverage/cluster/uid"), {"uids": ["a-1"]}, {_other("(none)", "a-1")})
	_finds(_set("coverage/cluster/uid", ""), {"uids": [""]}, {_other("", "")})
	_finds(_set("coverage/cluster/uid", null), {"uids": ["a-1"]}, {_other("null", "a-1")})
	_finds(_set("coverage/cluster/uid", 7), {"uids": ["7"]}, {_other("7", "7")})
}

test_finds_that_none_is_named if {
	every parameters in [{}, {"uids": []}, {"uids": [7]}, {"uids": null}, {"uids": "b-2"}, {"uids": {"b-2": "b-2"}}, null] {
		_finds(_clean, parameters, {"a cluster is required, and no UID is named"})
		_abouts(_clean, parameters) == {{}}
	}
	cluster_bound.deny == {"a cluster is required, and no UID is named"} with input as _clean
}
