package collection.anchors_pinned_test

import data.collection.anchors_pinned
import rego.v1

_clean := {"coverage": {"identity": {
	"complete": true,
	"anchors": [{"subject": "CN=root", "sha256": "aabb"}, {"subject": "CN=next", "sha256": "ccdd"}],
	"config_anchors": [{"subject": "CN=root", "sha256": "aabb"}],
	"copies": [{"sha256": "ff", "anchors": ["aabb", "ccdd"], "pods": 3, "example": "shop/web-1"}],
}}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := anchors_pinned.deny with input as evidence with data.parameters as {"collection.anchors_pinned": parameters}
	denied == messages
	findings := anchors_pinned.findings with input as evidence with data.parameters as {"collection.anchors_pinned": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := anchors_pinned.findings with input as evidence with data.parameters as {"collection.anchors_pinned": parameters}
}

_set(path, value) := json.patch(_clean, [{"op": "replace", "path": path, "value": value}])

_without(path) := json.patch(_clean, [{"op": "remove", "path": path}])

test_silent_where_all_is_well if {
	_finds(_clean, {"sha256": ["AA:BB", "ccdd"]}, set())
}

test_finds_that_there_is_no_evidence if {
	nothing := {"there is no coverage evidence: run with coverage: true"}
	every evidence in [{}, null, {"coverage": null}, {"coverage": []}, {"coverage": "x"}, {"coverage": false}] {
		_finds(evidence, {"sha256": ["AA:BB", "ccdd"]}, nothing)
		_abouts(evidence, {"sha256": ["AA:BB", "ccdd"]}) == {{}}
	}
	_finds({}, {}, nothing)
}

test_finds_that_the_part_identity_is_not_complete if {
	message := "the part identity is not complete, so that it is not known whom the mesh believes"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/identity/complete", complete), {"sha256": ["AA:BB", "ccdd"]}, {message})
	}
	_finds(_without("coverage/identity/complete"), {"sha256": ["AA:BB", "ccdd"]}, {message})
	_abouts(_without("coverage/identity/complete"), {"sha256": ["AA:BB", "ccdd"]}) == {{"check": "identity"}}
	every list in [null, "x", {}, true] {
		odd_anchors := anchors_pinned.deny with input as _set("coverage/identity/anchors", list) with data.parameters as {"collection.anchors_pinned": {"sha256": ["AA:BB", "ccdd"]}}
		message in odd_anchors
	}
	no_anchors := anchors_pinned.deny with input as _without("coverage/identity/anchors") with data.parameters as {"collection.anchors_pinned": {"sha256": ["AA:BB", "ccdd"]}}
	message in no_anchors
	every list in [null, "x", {}, true] {
		odd_config_anchors := anchors_pinned.deny with input as _set("coverage/identity/config_anchors", list) with data.parameters as {"collection.anchors_pinned": {"sha256": ["AA:BB", "ccdd"]}}
		message in odd_config_anchors
	}
	no_config_anchors := anchors_pinned.deny with input as _without("coverage/identity/config_anchors") with data.parameters as {"collection.anchors_pinned": {"sha256": ["AA:BB", "ccdd"]}}
	message in no_config_anchors
	every part in [null, "x", [], {}, true] {
		found := anchors_pinned.deny with input as _set("coverage/identity", part) with data.parameters as {"collection.anchors_pinned": {"sha256": ["AA:BB", "ccdd"]}}
		message in found
	}
}

_other(subject, digest) := sprintf("the trust anchor %v with the digest %v is none of those that are pinned", [subject, digest])

_copied := "3 pods, such as shop/web-1, believe a trust anchor that is none of those that are pinned"

_both := {"sha256": ["aabb", "ccdd"]}

test_finds_an_anchor_that_is_not_pinned if {
	_finds(_clean, {"sha256": ["aabb"]}, {_other("CN=next", "ccdd"), _copied})
	_abouts(_clean, {"sha256": ["aabb"]}) == {{"check": "CN=next"}, {"check": "ff"}}
	_finds(_set("coverage/identity/config_anchors/0", {"subject": "CN=x", "sha256": "ee"}), _both, {_other("CN=x", "ee")})
}

test_finds_an_anchor_that_is_not_known if {
	every row in [null, "aabb", 7, {}] {
		_finds(_set("coverage/identity/anchors/1", row), _both, {_other("?", "?")})
	}
	_finds(_set("coverage/identity/anchors/1/sha256", null), _both, {_other("CN=next", "null")})
}

test_finds_copies_that_are_not_pinned if {
	every anchors in [["aabb", "ee"], null, {"a": "aabb"}, [null]] {
		_finds(_set("coverage/identity/copies/0/anchors", anchors), _both, {_copied})
	}
	_finds(_without("coverage/identity/copies/0/anchors"), _both, {_copied})
	_finds(_set("coverage/identity/copies/0", null), _both, {replace(_copied, "3 pods, such as shop/web-1", "? pods, such as ?")})
	_finds(_without("coverage/identity/copies"), _both, set())
}

test_finds_that_there_is_none if {
	_finds(_set("coverage/identity/anchors", []), _both, {"there is no trust anchor, and one that is pinned has to be there"})
	_abouts(_set("coverage/identity/anchors", []), _both) == {{}}
}

test_finds_that_none_is_named if {
	every parameters in [{}, {"sha256": []}, {"sha256": [7]}, {"sha256": null}, {"sha256": "aabb"}, {"sha256": {"a": "aabb"}}, null] {
		_finds(_clean, parameters, {"trust anchors are to be pinned, and none is named"})
		_abouts(_clean, parameters) == {{}}
		_finds(_set("coverage/identity/anchors", []), parameters, {"trust anchors are to be pinned, and none is named"})
	}
	anchors_pinned.deny == {"trust anchors are to be pinned, and none is named"} with input as _clean
}

test_a_copy_without_a_digest_has_no_name if {
	every digest in [null, 7] {
		odd := json.patch(_set("coverage/identity/copies/0/sha256", digest), [{"op": "replace", "path": "coverage/identity/copies/0/anchors", "value": ["ee"]}])
		_abouts(odd, _both) == {{}}
	}
}
