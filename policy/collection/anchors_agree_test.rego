package collection.anchors_agree_test

import data.collection.anchors_agree
import rego.v1

_clean := {"coverage": {"identity": {
	"complete": true,
	"anchors": [{"sha256": "aa"}, {"sha256": "bb"}],
	"config_anchors": [{"sha256": "bb"}, {"sha256": "aa"}],
	"copies": [{"sha256": "cc", "anchors": ["aa", "bb"], "pods": 3, "example": "shop/web-1", "agrees": true}],
	"issuer": {"sha256": "dd"},
	"issuer_chains": true,
}}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := anchors_agree.deny with input as evidence with data.parameters as {"collection.anchors_agree": parameters}
	denied == messages
	findings := anchors_agree.findings with input as evidence with data.parameters as {"collection.anchors_agree": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := anchors_agree.findings with input as evidence with data.parameters as {"collection.anchors_agree": parameters}
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

test_finds_that_the_part_identity_is_not_complete if {
	message := "the part identity is not complete, so that it is not known whether everybody believes the same anchors"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/identity/complete", complete), {}, {message})
	}
	_finds(_without("coverage/identity/complete"), {}, {message})
	_abouts(_without("coverage/identity/complete"), {}) == {{"check": "identity"}}
	every list in [null, "x", {}, true] {
		odd_anchors := anchors_agree.deny with input as _set("coverage/identity/anchors", list) with data.parameters as {"collection.anchors_agree": {}}
		message in odd_anchors
	}
	no_anchors := anchors_agree.deny with input as _without("coverage/identity/anchors") with data.parameters as {"collection.anchors_agree": {}}
	message in no_anchors
	every list in [null, "x", {}, true] {
		odd_config_anchors := anchors_agree.deny with input as _set("coverage/identity/config_anchors", list) with data.parameters as {"collection.anchors_agree": {}}
		message in odd_config_anchors
	}
	no_config_anchors := anchors_agree.deny with input as _without("coverage/identity/config_anchors") with data.parameters as {"collection.anchors_agree": {}}
	message in no_config_anchors
	every list in [null, "x", {}, true] {
		odd_copies := anchors_agree.deny with input as _set("coverage/identity/copies", list) with data.parameters as {"collection.anchors_agree": {}}
		message in odd_copies
	}
	no_copies := anchors_agree.deny with input as _without("coverage/identity/copies") with data.parameters as {"collection.anchors_agree": {}}
	message in no_copies
	every part in [null, "x", [], {}, true] {
		found := anchors_agree.deny with input as _set("coverage/identity", part) with data.parameters as {"collection.anchors_agree": {}}
		message in found
	}
}

_copied := "3 pods, such as shop/web-1, were started with other trust anchors than the ConfigMap has: start them again, kubectl rollout restart"

_configured := "linkerd-config has other trust anchors than the ConfigMap linkerd-identity-trust-roots: linkerd upgrade with both"

_chained := "none of the trust anchors signed the issuer certificate: proxies believe nothing that it signs"

_none := "there is no trust anchor in the ConfigMap linkerd-identity-trust-roots"

_undigested := "a trust anchor of the ConfigMap has no digest, so that none can be compared with it"

test_finds_copies_that_are_others if {
	every agrees in [false, null, "true", 1] {
		_finds(_set("coverage/identity/copies/0/agrees", agrees), {}, {_copied})
	}
	_finds(_without("coverage/identity/copies/0/agrees"), {}, {_copied})
	every anchors in [["aa"], ["aa", "bb", "cc"], ["aa", "cc"], [], null, {"a": "aa", "b": "bb"}] {
		_finds(_set("coverage/identity/copies/0/anchors", anchors), {}, {_copied})
	}
	_finds(_without("coverage/identity/copies/0/anchors"), {}, {_copied})
	_abouts(_set("coverage/identity/copies/0/agrees", false), {}) == {{"check": "cc"}}
}

test_finds_a_copy_that_is_not_understood if {
	every row in [null, "x", 7, {}] {
		_finds(_set("coverage/identity/copies/0", row), {}, {replace(_copied, "3 pods, such as shop/web-1", "? pods, such as ?")})
		_abouts(_set("coverage/identity/copies/0", row), {}) == {{}}
	}
	_finds(_set("coverage/identity/copies", []), {}, set())
}

test_finds_that_the_configuration_has_others if {
	every anchors in [["aa"], ["aa", "bb", "cc"], ["cc"]] {
		evidence := _set("coverage/identity/config_anchors", [{"sha256": anchor} | some anchor in anchors])
		_finds(evidence, {}, {_configured})
		_abouts(evidence, {}) == {{"check": "linkerd-config"}}
	}
	_finds(_set("coverage/identity/config_anchors/0", null), {}, {_configured})
	_finds(_set("coverage/identity/config_anchors", []), {}, set())
}

test_finds_an_issuer_that_nobody_signed if {
	every chains in [false, null, "true", 1] {
		_finds(_set("coverage/identity/issuer_chains", chains), {}, {_chained})
		_finds(json.patch(_set("coverage/identity/issuer_chains", chains), [{"op": "remove", "path": "coverage/identity/issuer"}]), {}, {_chained})
	}
	_finds(_without("coverage/identity/issuer_chains"), {}, {_chained})
	_abouts(_without("coverage/identity/issuer_chains"), {}) == {{"check": "issuer"}}
	_finds(json.patch(_without("coverage/identity/issuer_chains"), [{"op": "remove", "path": "coverage/identity/issuer"}]), {}, set())
}

test_finds_that_there_is_no_anchor if {
	evidence := json.patch(_set("coverage/identity/anchors", []), [{"op": "replace", "path": "coverage/identity/config_anchors", "value": []}])
	_finds(evidence, {}, {_none, _copied})
	{} in _abouts(evidence, {})
	empty := json.patch(evidence, [{"op": "replace", "path": "coverage/identity/copies/0/anchors", "value": []}])
	_finds(empty, {}, {_none})
}

test_finds_an_anchor_without_a_digest if {
	every anchor in [null, "aa", {}, {"sha256": null}, {"sha256": 7}] {
		odd := json.patch(_set("coverage/identity/anchors/0", anchor), [
			{"op": "replace", "path": "coverage/identity/config_anchors", "value": []},
			{"op": "replace", "path": "coverage/identity/copies", "value": []},
		])
		_finds(odd, {}, {_undigested})
		_abouts(odd, {}) == {{}}
	}
}
