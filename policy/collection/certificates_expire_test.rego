package collection.certificates_expire_test

import data.collection.certificates_expire
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
	denied := certificates_expire.deny with input as evidence with data.parameters as {"collection.certificates_expire": parameters}
	denied == messages
	findings := certificates_expire.findings with input as evidence with data.parameters as {"collection.certificates_expire": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := certificates_expire.findings with input as evidence with data.parameters as {"collection.certificates_expire": parameters}
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
	message := "the part identity is not complete, so that it is not known how long its certificates last"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/identity/complete", complete), {}, {message})
	}
	_finds(_without("coverage/identity/complete"), {}, {message})
	_abouts(_without("coverage/identity/complete"), {}) == {{"check": "identity"}}
	every list in [null, "x", {}, true] {
		odd_anchors := certificates_expire.deny with input as _set("coverage/identity/anchors", list) with data.parameters as {"collection.certificates_expire": {}}
		message in odd_anchors
	}
	no_anchors := certificates_expire.deny with input as _without("coverage/identity/anchors") with data.parameters as {"collection.certificates_expire": {}}
	message in no_anchors
	every list in [null, "x", {}, true] {
		odd_config_anchors := certificates_expire.deny with input as _set("coverage/identity/config_anchors", list) with data.parameters as {"collection.certificates_expire": {}}
		message in odd_config_anchors
	}
	no_config_anchors := certificates_expire.deny with input as _without("coverage/identity/config_anchors") with data.parameters as {"collection.certificates_expire": {}}
	message in no_config_anchors
	every part in [null, "x", [], {}, true] {
		found := certificates_expire.deny with input as _set("coverage/identity", part) with data.parameters as {"collection.certificates_expire": {}}
		message in found
	}
}

# The three places of a certificate, and what each is called.
_places := {
	"coverage/identity/anchors/0": "the trust anchor CN=root.linkerd.cluster.local (aaaaaaaaaaaaaaaa)",
	"coverage/identity/config_anchors/0": "the trust anchor of linkerd-config CN=root.linkerd.cluster.local (aaaaaaaaaaaaaaaa)",
	"coverage/identity/issuer": "the issuer certificate CN=identity.linkerd.cluster.local (bbbbbbbbbbbbbbbb)",
}

_ends(told, date, days) := sprintf("%v ends on %v, in less than %v days", [told, date, days])

test_finds_a_certificate_that_ends_soon if {
	every place, told in _places {
		path := sprintf("%v/not_after", [place])
		_finds(_set(path, "2026-12-21T11:59:59Z"), {}, {_ends(told, "2026-12-21T11:59:59Z", 30)})
		_finds(_set(path, "2026-12-21T12:00:00Z"), {}, set())
		_finds(_set(path, "2026-12-21T12:00:00Z"), {"days": 31}, {_ends(told, "2026-12-21T12:00:00Z", 31)})
		_finds(_set(path, "2020-01-01T00:00:00Z"), {"days": 0}, {_ends(told, "2020-01-01T00:00:00Z", 0)})
	}
	_abouts(_set("coverage/identity/anchors/0/not_after", "2026-12-01T00:00:00Z"), {}) == {{"check": "CN=root.linkerd.cluster.local"}}
}

test_as_many_days_as_anybody_asks_for if {
	_finds(_clean, {"days": 40}, set())
	_finds(_clean, {"days": 99999999999}, {_ends(told, "2027-01-01T00:00:00Z", 99999999999) | some told in _places})
}

test_without_a_number_it_is_thirty_days if {
	evidence := _set("coverage/identity/anchors/0/not_after", "2026-12-21T11:59:59Z")
	told := _places["coverage/identity/anchors/0"]
	every parameters in [{}, {"days": null}, {"days": "9"}, {"days": true}, {"days": []}, null] {
		_finds(evidence, parameters, {_ends(told, "2026-12-21T11:59:59Z", 30)})
	}
	certificates_expire.deny == {_ends(told, "2026-12-21T11:59:59Z", 30)} with input as evidence
}

test_finds_a_time_that_is_not_understood if {
	every date in [null, 7, "soon", "2099-01-01", "2099-01-01T00:00:00+02:00"] {
		_finds(_set("coverage/identity/issuer/not_after", date), {}, {_ends(_places["coverage/identity/issuer"], date, 30)})
	}
	every row in [null, "x", 7, {}] {
		_finds(_set("coverage/identity/anchors/0", row), {}, {"the trust anchor ? (?) ends on ?, in less than 30 days"})
		_abouts(_set("coverage/identity/anchors/0", row), {}) == {{}}
	}
	_finds(_without("coverage/identity/issuer/not_after"), {}, {_ends(_places["coverage/identity/issuer"], "?", 30)})
}

test_finds_every_certificate_without_a_time_of_the_judgement if {
	every run in [null, {}, {"now": "soon"}] {
		_finds(_set("run", run), {}, {_ends(told, "2027-01-01T00:00:00Z", 30) | some told in _places})
	}
}

test_silent_about_an_issuer_that_is_not_there if {
	_finds(_without("coverage/identity/issuer"), {}, set())
}
