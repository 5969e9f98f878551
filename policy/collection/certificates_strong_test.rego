package collection.certificates_strong_test

import data.collection.certificates_strong
import rego.v1

_clean := {
	"run": {"now": "2026-11-21T12:00:00.5Z"},
	"coverage": {
		"identity": {
			"complete": true,
			"anchors": [_root],
			"config_anchors": [_root],
			"issuer": object.union(_root, {"subject": "CN=identity.linkerd.cluster.local", "sha256": "bbbbbbbbbbbbbbbbbbbb"}),
			"issuer_chains": true,
			"copies": [],
		},
	},
}

_root := {"subject": "CN=root.linkerd.cluster.local", "sha256": "aaaaaaaaaaaaaaaaaaaa", "not_before": "2026-01-01T00:00:00Z", "not_after": "2027-01-01T00:00:00Z", "key": "ECDSA P-256", "signature": "SHA256", "ca": true}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := certificates_strong.deny with input as evidence with data.parameters as {"collection.certificates_strong": parameters}
	denied == messages
	findings := certificates_strong.findings with input as evidence with data.parameters as {"collection.certificates_strong": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := certificates_strong.findings with input as evidence with data.parameters as {"collection.certificates_strong": parameters}
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
	message := "the part identity is not complete, so that it is not known how strong its certificates are"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/identity/complete", complete), {}, {message})
	}
	_finds(_without("coverage/identity/complete"), {}, {message})
	_abouts(_without("coverage/identity/complete"), {}) == {{"check": "identity"}}
	every list in [null, "x", {}, true] {
		odd_anchors := certificates_strong.deny with input as _set("coverage/identity/anchors", list) with data.parameters as {"collection.certificates_strong": {}}
		message in odd_anchors
	}
	no_anchors := certificates_strong.deny with input as _without("coverage/identity/anchors") with data.parameters as {"collection.certificates_strong": {}}
	message in no_anchors
	every list in [null, "x", {}, true] {
		odd_config_anchors := certificates_strong.deny with input as _set("coverage/identity/config_anchors", list) with data.parameters as {"collection.certificates_strong": {}}
		message in odd_config_anchors
	}
	no_config_anchors := certificates_strong.deny with input as _without("coverage/identity/config_anchors") with data.parameters as {"collection.certificates_strong": {}}
	message in no_config_anchors
	every part in [null, "x", [], {}, true] {
		found := certificates_strong.deny with input as _set("coverage/identity", part) with data.parameters as {"collection.certificates_strong": {}}
		message in found
	}
}

# The three places of a certificate, and what each is called.
_places := {
	"coverage/identity/anchors/0": "the trust anchor CN=root.linkerd.cluster.local (aaaaaaaaaaaaaaaa)",
	"coverage/identity/config_anchors/0": "the trust anchor of linkerd-config CN=root.linkerd.cluster.local (aaaaaaaaaaaaaaaa)",
	"coverage/identity/issuer": "the issuer certificate CN=identity.linkerd.cluster.local (bbbbbbbbbbbbbbbb)",
}

_weak(place, key) := sprintf("%v has a key that is not strong enough, or not known: %v", [_places[place], key])

_signed(place, signature) := sprintf("%v has a signature that is not strong enough, or not known: %v", [_places[place], signature])

_leaf(place) := sprintf("%v may not sign other certificates", [_places[place]])

test_finds_a_weak_key if {
	every place, _ in _places {
		every key in ["RSA 1024", "RSA 2047", "ECDSA P-224", "DSA 2048", "", "RSA", "RSA 999999", "xRSA 4096", "RSA 4096 bits", null, 2048] {
			_finds(_set(sprintf("%v/key", [place]), key), {}, {_weak(place, key)})
		}
		_finds(_without(sprintf("%v/key", [place])), {}, {_weak(place, "?")})
		_abouts(_without(sprintf("%v/key", [place])), {}) != {{}}
	}
}

test_silent_about_a_strong_key if {
	every key in ["ECDSA P-256", "ECDSA P-384", "ECDSA P-521", "Ed25519", "RSA 2048", "RSA 3072", "RSA 16384"] {
		_finds(_set("coverage/identity/issuer/key", key), {}, set())
	}
}

test_finds_a_weak_signature if {
	every place, _ in _places {
		every signature in ["SHA1", "MD5", "", "sha256", null, 256] {
			_finds(_set(sprintf("%v/signature", [place]), signature), {}, {_signed(place, signature)})
		}
		_finds(_without(sprintf("%v/signature", [place])), {}, {_signed(place, "?")})
		_abouts(_without(sprintf("%v/signature", [place])), {}) != {{}}
	}
	every signature in ["SHA256", "SHA384", "SHA512", "ED25519"] {
		_finds(_set("coverage/identity/anchors/0/signature", signature), {}, set())
	}
}

test_finds_what_may_not_sign if {
	every place, _ in _places {
		every ca in [false, null, "true", 1] {
			_finds(_set(sprintf("%v/ca", [place]), ca), {}, {_leaf(place)})
		}
		_finds(_without(sprintf("%v/ca", [place])), {}, {_leaf(place)})
	}
	_abouts(_set("coverage/identity/issuer/ca", false), {}) == {{"check": "CN=identity.linkerd.cluster.local"}}
}

test_finds_rows_that_are_none if {
	every row in [null, "x", 7, {}] {
		_finds(_set("coverage/identity/anchors/0", row), {}, {
			"the trust anchor ? (?) has a key that is not strong enough, or not known: ?",
			"the trust anchor ? (?) has a signature that is not strong enough, or not known: ?",
			"the trust anchor ? (?) may not sign other certificates",
		})
		_abouts(_set("coverage/identity/anchors/0", row), {}) == {{}}
	}
}

test_silent_about_an_issuer_that_is_not_there if {
	_finds(_without("coverage/identity/issuer"), {}, set())
}
