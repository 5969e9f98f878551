package collection.certificates_valid_test

import data.collection.certificates_valid
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
		"workloads": {"pods": [
			{"namespace": "shop", "name": "web-1", "owner": {"kind": "Deployment", "name": "web"}},
			{"namespace": "shop", "name": "web-2", "owner": {"kind": "Deployment", "name": "web"}},
			{"namespace": "shop", "name": "odd-1", "owner": {"kind": "Deployment", "name": 7}},
		]},
		"traffic": {
			"observed": {"started": "2026-11-20T12:00:00Z"},
			"certificates": [{"namespace": "shop", "pod": "web-1", "expires": "2026-11-20T12:00:00Z"}],
		},
	},
}

_root := {"subject": "CN=root.linkerd.cluster.local", "sha256": "aaaaaaaaaaaaaaaaaaaa", "not_before": "2026-01-01T00:00:00Z", "not_after": "2027-01-01T00:00:00Z", "key": "ECDSA P-256", "signature": "SHA256", "ca": true}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := certificates_valid.deny with input as evidence with data.parameters as {"collection.certificates_valid": parameters}
	denied == messages
	findings := certificates_valid.findings with input as evidence with data.parameters as {"collection.certificates_valid": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := certificates_valid.findings with input as evidence with data.parameters as {"collection.certificates_valid": parameters}
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
	message := "the part identity is not complete, so that it is not known whether its certificates are valid"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/identity/complete", complete), {}, {message})
	}
	_finds(_without("coverage/identity/complete"), {}, {message})
	_abouts(_without("coverage/identity/complete"), {}) == {{"check": "identity"}}
	every list in [null, "x", {}, true] {
		odd_anchors := certificates_valid.deny with input as _set("coverage/identity/anchors", list) with data.parameters as {"collection.certificates_valid": {}}
		message in odd_anchors
	}
	no_anchors := certificates_valid.deny with input as _without("coverage/identity/anchors") with data.parameters as {"collection.certificates_valid": {}}
	message in no_anchors
	every list in [null, "x", {}, true] {
		odd_config_anchors := certificates_valid.deny with input as _set("coverage/identity/config_anchors", list) with data.parameters as {"collection.certificates_valid": {}}
		message in odd_config_anchors
	}
	no_config_anchors := certificates_valid.deny with input as _without("coverage/identity/config_anchors") with data.parameters as {"collection.certificates_valid": {}}
	message in no_config_anchors
	every part in [null, "x", [], {}, true] {
		found := certificates_valid.deny with input as _set("coverage/identity", part) with data.parameters as {"collection.certificates_valid": {}}
		message in found
	}
}

# The three places of a certificate, and what each is called.
_places := {
	"coverage/identity/anchors/0": "the trust anchor CN=root.linkerd.cluster.local (aaaaaaaaaaaaaaaa)",
	"coverage/identity/config_anchors/0": "the trust anchor of linkerd-config CN=root.linkerd.cluster.local (aaaaaaaaaaaaaaaa)",
	"coverage/identity/issuer": "the issuer certificate CN=identity.linkerd.cluster.local (bbbbbbbbbbbbbbbb)",
}

test_finds_a_certificate_that_has_ended if {
	every place, told in _places {
		every date in ["2026-11-21T11:59:59Z", "2025-01-01T00:00:00.999Z"] {
			path := sprintf("%v/not_after", [place])
			_finds(_set(path, date), {}, {sprintf("%v ended on %v: rotate it", [told, date])})
		}
		_finds(_set(sprintf("%v/not_after", [place]), "2026-11-21T12:00:00Z"), {}, set())
	}
	_abouts(_set("coverage/identity/anchors/0/not_after", "2025-01-01T00:00:00Z"), {}) == {{"check": "CN=root.linkerd.cluster.local"}}
}

test_finds_a_certificate_that_is_not_valid_yet if {
	every place, told in _places {
		path := sprintf("%v/not_before", [place])
		_finds(_set(path, "2026-11-21T12:00:01Z"), {}, {sprintf("%v is not valid before 2026-11-21T12:00:01Z", [told])})
		_finds(_set(path, "2026-11-21T12:00:00Z"), {}, set())
	}
	_abouts(_set("coverage/identity/anchors/0/not_before", "2028-01-01T00:00:00Z"), {}) == {{"check": "CN=root.linkerd.cluster.local"}}
}

test_finds_a_time_that_is_not_understood if {
	every place, told in _places {
		every date in [null, 7, "soon", "2099-01-01", "2099-01-01T00:00:00+02:00", "x2099-01-01T00:00:00Z"] {
			_finds(_set(sprintf("%v/not_after", [place]), date), {}, {sprintf("%v ended on %v: rotate it", [told, date])})
		}
		_finds(_without(sprintf("%v/not_after", [place])), {}, {sprintf("%v ended on ?: rotate it", [told])})
		_finds(_set(sprintf("%v/not_before", [place]), "2001-01-01"), {}, {sprintf("%v is not valid before 2001-01-01", [told])})
		_finds(_without(sprintf("%v/not_before", [place])), {}, {sprintf("%v is not valid before ?", [told])})
	}
	_abouts(_set("coverage/identity/anchors/0", {"sha256": 7, "subject": 8}), {}) == {{}}
}

test_finds_every_certificate_without_a_time_of_the_judgement if {
	every run in [null, {}, {"now": "soon"}, {"now": 7}] {
		found := certificates_valid.deny with input as _set("run", run)
		{sprintf("%v ended on 2027-01-01T00:00:00Z: rotate it", [told]) | some told in _places} - found == set()
	}
}

test_finds_rows_that_are_none if {
	every row in [null, "x", 7, {}] {
		_finds(_set("coverage/identity/config_anchors/0", row), {}, {
			"the trust anchor of linkerd-config ? (?) is not valid before ?",
			"the trust anchor of linkerd-config ? (?) ended on ?: rotate it",
		})
	}
}

test_finds_that_there_is_no_anchor if {
	_finds(_set("coverage/identity/anchors", []), {}, {"there is no trust anchor in the ConfigMap linkerd-identity-trust-roots"})
	_abouts(_set("coverage/identity/anchors", []), {}) == {{}}
}

_no_issuer := "there is no issuer certificate, and it is not said why"

test_an_issuer_may_be_unseen_for_a_reason if {
	unseen := json.patch(_without("coverage/identity/issuer"), [{"op": "add", "path": "coverage/identity/issuer_unseen", "value": "in a Secret"}])
	_finds(unseen, {}, set())
	_finds(_without("coverage/identity/issuer"), {}, {_no_issuer})
	_abouts(_without("coverage/identity/issuer"), {}) == {{}}
	every why in ["", null, 7, true] {
		_finds(json.patch(unseen, [{"op": "replace", "path": "coverage/identity/issuer_unseen", "value": why}]), {}, {_no_issuer})
	}
	_finds(_set("coverage/identity/issuer", null), {}, {
		_no_issuer,
		"the issuer certificate ? (?) is not valid before ?",
		"the issuer certificate ? (?) ended on ?: rotate it",
	})
}

_leaf(who) := sprintf("%v: they get no new ones; look at the identity service, and start them again", [who])

_leaves(rows) := _set("coverage/traffic/certificates", rows)

test_finds_a_leaf_that_had_ended_when_it_was_seen if {
	row := {"namespace": "shop", "pod": "web-1", "expires": "2026-11-20T11:59:59Z"}
	_finds(_leaves([row]), {}, {_leaf("shop/web: the certificates of its proxies had ended (1 pod, web-1)")})
	_abouts(_leaves([row]), {}) == {{"namespace": "shop", "src_namespace": "shop", "src": "web", "dst_namespace": "shop", "dst": "web"}}
	_finds(_leaves([row, object.union(row, {"pod": "web-2"})]), {}, {_leaf("shop/web: the certificates of its proxies had ended (2 pods, such as web-1)")})
	every pod in ["gone-1", "odd-1"] {
		_finds(_leaves([object.union(row, {"pod": pod})]), {}, {_leaf(sprintf("shop/%[1]v: the certificates of its proxies had ended (1 pod, %[1]v)", [pod]))})
	}
}

test_finds_a_leaf_of_which_it_is_not_known if {
	every row in [null, "x", 7, {}] {
		_finds(_leaves([row]), {}, {_leaf("?/?: the certificates of its proxies had ended (1 pod, ?)")})
		_abouts(_leaves([row]), {}) == {{}}
	}
	_finds(_without("coverage/traffic/observed"), {}, {_leaf("shop/web: the certificates of its proxies had ended (1 pod, web-1)")})
	_finds(_set("coverage/traffic/certificates/0/expires", "2099"), {}, {_leaf("shop/web: the certificates of its proxies had ended (1 pod, web-1)")})
}

# traffic_observed speaks of it.
test_silent_about_counters_that_nobody_read if {
	_finds(_without("coverage/traffic"), {}, set())
}

test_without_pods_a_leaf_is_of_its_pod if {
	evidence := json.patch(_set("coverage/traffic/certificates/0/expires", "2026-01-01T00:00:00Z"), [{"op": "remove", "path": "coverage/workloads"}])
	_finds(evidence, {}, {_leaf("shop/web-1: the certificates of its proxies had ended (1 pod, web-1)")})
}

test_finds_counters_that_do_not_list_them if {
	message := "the counters do not list when the certificates of the proxies end"
	whole := _set("coverage/traffic", object.union(_clean.coverage.traffic, {"complete": true}))
	_finds(whole, {}, set())
	every list in [null, "x", 7] {
		_finds(json.patch(whole, [{"op": "replace", "path": "coverage/traffic/certificates", "value": list}]), {}, {message})
	}
	_finds(json.patch(whole, [{"op": "remove", "path": "coverage/traffic/certificates"}]), {}, {message})
	_abouts(json.patch(whole, [{"op": "remove", "path": "coverage/traffic/certificates"}]), {}) == {{"check": "traffic"}}
	_finds(_without("coverage/traffic/certificates"), {}, set())
}
