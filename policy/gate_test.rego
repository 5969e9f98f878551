package gate_test

import data.gate
import rego.v1

_rules := {
	"collection.capture_clean",
	"collection.exit_codes",
	"collection.live_mesh",
	"collection.namespaces_covered",
	"collection.waivers_sound",
	"collection.waivers_used",
	"mesh.categories_present",
	"mesh.checks_pass",
	"mesh.edges_captured",
	"mesh.edges_consistent",
	"mesh.edges_identified",
	"mesh.edges_mtls",
	"mesh.edges_present",
	"mesh.known_reasons",
	"mesh.known_results",
	"mesh.report_complete",
	"mesh.report_consistent",
}

_categories := [
	"kubernetes-api",
	"kubernetes-version",
	"linkerd-existence",
	"linkerd-config",
	"linkerd-identity",
	"linkerd-webhooks-and-apisvc-tls",
	"linkerd-version",
	"control-plane-version",
	"linkerd-control-plane-proxy",
	"linkerd-viz",
]

_healthy := {
	"linkerd_check": {
		"check_summary": {
			"pass": 10,
			"warn": 0,
			"error": 0,
			"distinct_categories": 10,
			"overall_success": true,
			"categories": [{"category": name, "pass": 1, "warn": 0, "error": 0} | some name in _categories],
		},
		"check_report": {"success": true, "categories": [category |
			some name in _categories
			category := {"categoryName": name, "checks": [{"description": "is well", "result": "success"}]}
		]},
		"edges_summary": {
			"total_edges": 1,
			"secured": 1,
			"insecure": 0,
			"distinct_src_namespaces": ["emojivoto"],
			"distinct_dst_namespaces": ["shop"],
		},
		"edge_report": [{
			"src": "web",
			"src_namespace": "emojivoto",
			"dst": "voting",
			"dst_namespace": "shop",
			"client_id": "web.emojivoto",
			"server_id": "voting.shop",
		}],
	},
	"command_run": {
		"cmd": ["sh"],
		"exitcode": 0,
		"capture": {"defects": [], "namespaces": [], "linkerd": {"replay": false}, "trace": {"state": "off"}},
	},
	"config": {"allow_replay": false},
}

_replay := object.union(_healthy, {"command_run": {"capture": {"linkerd": {"version": "replay", "replay": true}}}})

# What a decision says of the rules, without what each finding is about.
_plain(decision) := {
	"allow": decision.allow,
	"checked": decision.checked,
	"violations": {{"rule": entry.rule, "message": entry.message} | some entry in decision.violations},
}

_rules_that_deny(evidence) := {violation.rule | some violation in decision.violations} if {
	decision := gate.decision with input as evidence
	decision.allow == false
	decision.checked == _rules
}

test_allows_healthy_evidence_and_names_every_rule if {
	decision := gate.decision with input as _healthy
	_plain(decision) == {"allow": true, "checked": _rules, "violations": set()}
}

test_denies_an_insecure_edge if {
	evidence := json.patch(_healthy, [
		{"op": "remove", "path": "linkerd_check/edge_report/0/server_id"},
		{"op": "replace", "path": "linkerd_check/edges_summary/secured", "value": 0},
		{"op": "replace", "path": "linkerd_check/edges_summary/insecure", "value": 1},
	])
	decision := gate.decision with input as evidence
	_plain(decision) == {"allow": false, "checked": _rules, "violations": {
		{"rule": "mesh.edges_mtls", "message": "1 of 1 edges are not mTLS, 0 are"},
		{"rule": "mesh.edges_mtls", "message": concat(" ", [
			"emojivoto/web -> shop/voting is not mTLS: client identity web.emojivoto,",
			"server identity none, linkerd's reason none",
		])},
	}}
}

_without_evidence := {
	"collection.capture_clean",
	"collection.exit_codes",
	"collection.live_mesh",
	"collection.namespaces_covered",
	"mesh.categories_present",
	"mesh.checks_pass",
	"mesh.edges_captured",
	"mesh.report_complete",
	"mesh.report_consistent",
}

_without_a_report := {
	"mesh.categories_present",
	"mesh.checks_pass",
	"mesh.edges_captured",
	"mesh.report_complete",
	"mesh.report_consistent",
}

test_denies_when_everything_is_missing if {
	_rules_that_deny({}) == _without_evidence
}

test_denies_when_the_input_is_null if {
	_rules_that_deny(null) == _without_evidence
}

test_denies_when_linkerd_check_is_missing if {
	_rules_that_deny(object.remove(_healthy, {"linkerd_check"})) == _without_a_report
}

test_denies_when_linkerd_check_is_null if {
	_rules_that_deny(object.union(_healthy, {"linkerd_check": null})) == _without_a_report
}

test_denies_when_linkerd_check_is_false if {
	_rules_that_deny(object.union(_healthy, {"linkerd_check": false})) == _without_a_report
}

test_denies_when_linkerd_check_is_a_list if {
	_rules_that_deny(object.union(_healthy, {"linkerd_check": []})) == _without_a_report
}

test_denies_when_command_run_is_missing if {
	_rules_that_deny(object.remove(_healthy, {"command_run"})) == {
		"collection.capture_clean",
		"collection.exit_codes",
		"collection.live_mesh",
		"collection.namespaces_covered",
	}
}

test_denies_a_replay if {
	_rules_that_deny(_replay) == {"collection.live_mesh"}
}

test_allows_a_replay_where_the_config_does if {
	decision := gate.decision with input as object.union(_replay, {"config": {"allow_replay": true}})
	_plain(decision) == {"allow": true, "checked": _rules, "violations": set()}
}

test_denies_a_replay_when_config_is_missing if {
	_rules_that_deny(object.remove(_replay, {"config"})) == {"collection.live_mesh"}
}

# The rules themselves are replaced from here on.

_decision(mesh, collection) := decision if {
	decision := gate.decision with data.mesh as mesh with data.collection as collection
}

_silent := {"level": "floor", "deny": set()}

test_an_empty_policy_allows_nothing if {
	_plain(_decision({}, {})) == {"allow": false, "checked": set(), "violations": set()}
}

test_a_silent_rule_allows if {
	_plain(_decision({"silent": _silent}, {})) == {"allow": true, "checked": {"mesh.silent"}, "violations": set()}
}

test_a_rule_of_each_family_is_heard if {
	_plain(_decision({"loud": {"level": "floor", "deny": {"no", "never"}}}, {"loud": {"level": "floor", "deny": {"no"}}})) == {
		"allow": false,
		"checked": {"mesh.loud", "collection.loud"},
		"violations": {
			{"rule": "mesh.loud", "message": "no"},
			{"rule": "mesh.loud", "message": "never"},
			{"rule": "collection.loud", "message": "no"},
		},
	}
}

test_a_test_is_no_rule if {
	decision := _decision({"silent": _silent, "silent_test": {}}, {"silent": _silent, "silent_test": {}})
	decision.checked == {"mesh.silent", "collection.silent"}
	decision.allow
}

_denies_as_no_set(mesh, collection, rule) if {
	decision := _decision(mesh, collection)
	not decision.allow
	{"rule": rule, "message": "the rule has no set named deny", "about": {}} in decision.violations
}

test_a_mesh_rule_without_deny_is_a_violation if {
	_denies_as_no_set({"silent": _silent, "mute": {"level": "floor", "warn": set()}}, {"silent": _silent}, "mesh.mute")
}

test_a_collection_rule_without_deny_is_a_violation if {
	_denies_as_no_set({"silent": _silent}, {"silent": _silent, "mute": {"level": "floor"}}, "collection.mute")
}

test_a_list_of_reasons_is_a_violation if {
	_denies_as_no_set({"mute": {"level": "floor", "deny": []}}, {"silent": _silent}, "mesh.mute")
}

test_a_deny_that_is_false_is_a_violation if {
	_denies_as_no_set({"silent": _silent}, {"mute": {"level": "floor", "deny": false}}, "collection.mute")
}

test_a_deny_that_is_null_is_a_violation if {
	_denies_as_no_set({"mute": {"level": "floor", "deny": null}}, {"silent": _silent}, "mesh.mute")
}

test_a_reason_that_is_no_sentence_is_a_violation if {
	decision := _decision({"odd": {"level": "floor", "deny": {7}}}, {"odd": {"level": "floor", "deny": {{"msg": 1}, false}}})
	_plain(decision) == {"allow": false, "checked": {"mesh.odd", "collection.odd"}, "violations": {
		{"rule": "mesh.odd", "message": "the rule gave a reason that is no sentence: 7"},
		{"rule": "collection.odd", "message": `the rule gave a reason that is no sentence: {"msg": 1}`},
		{"rule": "collection.odd", "message": "the rule gave a reason that is no sentence: false"},
	}}
}

# The program refuses an empty message, so the reason must not stay one.
test_an_empty_reason_is_a_violation if {
	decision := _decision({"odd": {"level": "floor", "deny": {""}}}, {})
	_plain(decision).violations == {{"rule": "mesh.odd", "message": "the rule gave a reason that is no sentence: "}}
}

_with_results(n) := object.union(
	_healthy,
	{"linkerd_check": {"check_report": {"categories": [{
		"categoryName": "kubernetes-api",
		"checks": [{"description": "is well", "result": sprintf("%05d", [i])} |
			some i in numbers.range(1, n)
		],
	}]}}},
)

test_a_rule_tells_no_more_than_a_hundred_reasons_and_how_many_there_are if {
	told := {violation.message |
		some violation in gate.decision.violations with input as _with_results(250)
		violation.rule == "mesh.known_results"
	}
	count(told) == 101
	"and 150 more findings of this kind" in told
	"1 checks have the unknown result \"00001\"" in told
	not "1 checks have the unknown result \"00101\"" in told
}

test_one_reason_above_a_hundred_is_told_itself if {
	told := {violation.message |
		some violation in gate.decision.violations with input as _with_results(101)
		violation.rule == "mesh.known_results"
	}
	count(told) == 101
	"1 checks have the unknown result \"00101\"" in told
}
