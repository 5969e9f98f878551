package collection.identities_valid_test

import data.collection.identities_valid
import rego.v1

_clean := {"coverage": {
	"scope": {"control_plane": "linkerd"},
	"cluster": {"linkerd": {"trust_domain": "cluster.local"}},
	"identity": {
		"complete": true,
		"identities": [{"identity": _web, "namespace": "shop", "service_account": "web", "valid": true}],
		"external_workloads": [{"namespace": "shop", "name": "vm", "identity": _web}],
	},
	"traffic": {
		"clients": [{"labels": {"client_id": _web}, "value": 1}],
		"servers": [{"labels": {"server_id": "a.b.shop.serviceaccount.identity.linkerd.cluster.local"}, "value": 1}],
	},
}}

_web := "web.shop.serviceaccount.identity.linkerd.cluster.local"

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := identities_valid.deny with input as evidence with data.parameters as {"collection.identities_valid": parameters}
	denied == messages
	findings := identities_valid.findings with input as evidence with data.parameters as {"collection.identities_valid": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := identities_valid.findings with input as evidence with data.parameters as {"collection.identities_valid": parameters}
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
	message := "the part identity is not complete, so that it is not known which identities there are"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/identity/complete", complete), {}, {message})
	}
	_finds(_without("coverage/identity/complete"), {}, {message})
	_abouts(_without("coverage/identity/complete"), {}) == {{"check": "identity"}}
	every list in [null, "x", {}, true] {
		odd_identities := identities_valid.deny with input as _set("coverage/identity/identities", list) with data.parameters as {"collection.identities_valid": {}}
		message in odd_identities
	}
	no_identities := identities_valid.deny with input as _without("coverage/identity/identities") with data.parameters as {"collection.identities_valid": {}}
	message in no_identities
	every list in [null, "x", {}, true] {
		odd_external_workloads := identities_valid.deny with input as _set("coverage/identity/external_workloads", list) with data.parameters as {"collection.identities_valid": {}}
		message in odd_external_workloads
	}
	no_external_workloads := identities_valid.deny with input as _without("coverage/identity/external_workloads") with data.parameters as {"collection.identities_valid": {}}
	message in no_external_workloads
	every part in [null, "x", [], {}, true] {
		found := identities_valid.deny with input as _set("coverage/identity", part) with data.parameters as {"collection.identities_valid": {}}
		message in found
	}
}

_asked(identity) := sprintf("the pods of the account web in shop ask for the identity %v, which is not theirs: look at how they were injected", [identity])

_showed(what, identity) := sprintf("a %v showed the identity %v, which is not of this mesh: name it in trusted, if it may", [what, identity])

_outside(identity) := sprintf("the external workload shop/vm has the identity %v, which is not of this mesh: name it in trusted, if it may", [identity])

_strangers := [
	"web.shop.serviceaccount.identity.linkerd.other.example",
	"web.shop.serviceaccount.identity.mesh-2.cluster.local",
	".serviceaccount.identity.linkerd.cluster.local",
	"web.serviceaccount.identity.linkerd.cluster.local",
	"web..serviceaccount.identity.linkerd.cluster.local",
	".web.serviceaccount.identity.linkerd.cluster.local",
	"web.shop.serviceaccount.identity.linkerd.cluster.local.evil.example",
	"spiffe://root.linkerd.cluster.local/vm",
	"",
	null,
	7,
]

test_finds_a_client_of_somewhere_else if {
	every identity in _strangers {
		_finds(_set("coverage/traffic/clients/0/labels/client_id", identity), {}, {_showed("client", identity)})
	}
	_abouts(_set("coverage/traffic/clients/0/labels/client_id", "x"), {}) == {{"check": "x"}}
	_abouts(_set("coverage/traffic/clients/0/labels/client_id", 7), {}) == {{}}
}

test_finds_a_server_of_somewhere_else if {
	every identity in _strangers {
		_finds(_set("coverage/traffic/servers/0/labels/server_id", identity), {}, {_showed("server", identity)})
	}
}

test_finds_a_series_without_an_identity if {
	every row in [null, "x", 7, {}, {"labels": null}, {"labels": {}}] {
		_finds(_set("coverage/traffic/clients/0", row), {}, {_showed("client", "?")})
		_finds(_set("coverage/traffic/servers/0", row), {}, {_showed("server", "?")})
	}
}

test_finds_an_external_workload_of_another_issuer if {
	every identity in _strangers {
		_finds(_set("coverage/identity/external_workloads/0/identity", identity), {}, {_outside(identity)})
	}
	_finds(_without("coverage/identity/external_workloads/0/identity"), {}, {_outside("?")})
	_abouts(_set("coverage/identity/external_workloads/0/identity", "x"), {}) == {{"namespace": "shop", "check": "x"}}
	_finds(_set("coverage/identity/external_workloads/0", null), {}, {replace(_outside("?"), "shop/vm", "?/?")})
}

test_finds_pods_that_ask_for_another_identity if {
	every identity in array.concat(_strangers, ["api.shop.serviceaccount.identity.linkerd.cluster.local"]) {
		_finds(_set("coverage/identity/identities/0/identity", identity), {}, {_asked(identity)})
	}
	_abouts(_set("coverage/identity/identities/0/identity", "x"), {}) == {{"namespace": "shop", "check": "x"}}
	_finds(_without("coverage/identity/identities/0/identity"), {}, {_asked("?")})
}

test_finds_pods_that_are_said_to_ask_for_another_identity if {
	every valid in [false, null, "true", 1] {
		_finds(_set("coverage/identity/identities/0/valid", valid), {}, {_asked(_web)})
	}
	_finds(_without("coverage/identity/identities/0/valid"), {}, {_asked(_web)})
	every row in [null, "x", 7, {}] {
		_finds(_set("coverage/identity/identities/0", row), {}, {replace(replace(_asked("?"), "account web", "account ?"), "in shop", "in ?")})
	}
	_finds(_without("coverage/identity/identities/0/service_account"), {}, {replace(_asked(_web), "account web", "account ?")})
}

test_identities_can_be_trusted if {
	spiffe := "spiffe://root.linkerd.cluster.local/vm"
	trusted := {"trusted": ["*.identity.linkerd.other.example", "spiffe://root.linkerd.cluster.local/*"]}
	every path in ["traffic/clients/0/labels/client_id", "traffic/servers/0/labels/server_id", "identity/identities/0/identity", "identity/external_workloads/0/identity"] {
		_finds(_set(sprintf("coverage/%v", [path]), spiffe), trusted, set())
		_finds(_set(sprintf("coverage/%v", [path]), "web.shop.serviceaccount.identity.linkerd.other.example"), trusted, set())
	}
	deep := "spiffe://root.linkerd.cluster.local/a/b"
	_finds(_set("coverage/traffic/clients/0/labels/client_id", deep), trusted, {_showed("client", deep)})
	every parameters in [{"trusted": null}, {"trusted": "**"}, {"trusted": [7]}, {"trusted": {"a": "**"}}, null] {
		_finds(_set("coverage/traffic/clients/0/labels/client_id", spiffe), parameters, {_showed("client", spiffe)})
	}
}

test_finds_that_the_mesh_has_no_name if {
	message := "the trust domain or the control plane is not known, so that no identity can be compared with it"
	every name in [null, "", 7] {
		_finds(_set("coverage/scope/control_plane", name), {}, {message})
		_finds(_set("coverage/cluster/linkerd/trust_domain", name), {}, {message})
		_abouts(_set("coverage/cluster/linkerd/trust_domain", name), {}) == {{}}
	}
	_finds(_without("coverage/scope"), {}, {message})
	_finds(_without("coverage/cluster"), {}, {message})
}

# traffic_observed speaks of it.
test_silent_about_counters_that_nobody_read if {
	_finds(_without("coverage/traffic"), {}, set())
}

test_finds_counters_that_do_not_list_them if {
	message := "the counters do not list which identities were shown"
	whole := _set("coverage/traffic", object.union(_clean.coverage.traffic, {"complete": true}))
	_finds(whole, {}, set())
	every name in ["clients", "servers"] {
		path := sprintf("coverage/traffic/%v", [name])
		every list in [null, "x", 7, {}] {
			_finds(json.patch(whole, [{"op": "replace", "path": path, "value": list}]), {}, {message})
		}
		_finds(json.patch(whole, [{"op": "remove", "path": path}]), {}, {message})
		_abouts(json.patch(whole, [{"op": "remove", "path": path}]), {}) == {{"check": "traffic"}}
		_finds(_without(path), {}, set())
	}
}
