package gate_test

import data.gate
import rego.v1

_rules := {
	"collection.anchors_agree",
	"collection.authorization_matches",
	"collection.baseline_checks",
	"collection.baseline_edges",
	"collection.baseline_identities",
	"collection.baseline_mtls",
	"collection.capture_clean",
	"collection.certificates_expire",
	"collection.certificates_last",
	"collection.certificates_strong",
	"collection.certificates_valid",
	"collection.coverage_complete",
	"collection.exit_codes",
	"collection.host_network",
	"collection.identities_valid",
	"collection.inbound_policy",
	"collection.injection_enforced",
	"collection.links_alive",
	"collection.live_mesh",
	"collection.namespaces_covered",
	"collection.pod_edges_mtls",
	"collection.ports_authenticated",
	"collection.ports_skipped",
	"collection.proxy_checks_pass",
	"collection.traffic_encrypted",
	"collection.traffic_identified",
	"collection.traffic_observed",
	"collection.waivers_sound",
	"collection.waivers_used",
	"collection.workloads_covered",
	"collection.workloads_opted_out",
	"mesh.categories_present",
	"mesh.checks_pass",
	"mesh.edges_captured",
	"mesh.edges_consistent",
	"mesh.edges_identified",
	"mesh.edges_mtls",
	"mesh.edges_present",
	"mesh.identity_namespaces",
	"mesh.known_reasons",
	"mesh.known_results",
	"mesh.own_service_accounts",
	"mesh.report_complete",
	"mesh.report_consistent",
	"mesh.versions_match",
}

# Who switches none of these on is not asked by them.
_off := {
	"collection.anchors_pinned",
	"collection.branch_allowed",
	"collection.cluster_bound",
	"collection.commit_signed",
	"collection.coverage_required",
	"collection.github_actions",
	"collection.network_policies",
	"collection.tracing_on",
	"collection.tree_clean",
	"mesh.allowed_pairs",
	"mesh.extensions_checked",
	"mesh.minimum_edges",
	"mesh.required_checks",
	"mesh.required_edges",
	"mesh.required_namespaces",
	"mesh.warning_budget",
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

_anchor := {
	"sha256": "aa",
	"subject": "CN=root.linkerd.cluster.local",
	"not_before": "2020-01-01T00:00:00Z",
	"not_after": "2099-01-01T00:00:00Z",
	"key": "ECDSA P-256",
	"signature": "SHA256",
	"ca": true,
}

_pod := {
	"namespace": "shop",
	"name": "voting-1",
	"owner": {"kind": "Deployment", "name": "voting"},
	"state": "covered",
	"control_plane": "linkerd",
	"host_network": false,
	"skip_inbound_ports": ["4567", "4568"],
	"skip_outbound_ports": ["4567", "4568"],
	"default_inbound_policy": "all-authenticated",
}

_whole(part) := object.union({"complete": true, "reasons": []}, part)

_voting := "voting.shop.serviceaccount.identity.linkerd.cluster.local"

_coverage := {
	"scope": {"namespaces": [], "control_plane": "linkerd", "viz": "linkerd-viz"},
	"cluster": _whole({"uid": "u-1", "linkerd": {"trust_domain": "cluster.local"}}),
	"workloads": _whole({
		"namespaces": [{"name": "shop", "inject": "enabled", "takes_part": true}],
		"workloads": [{"namespace": "shop", "kind": "Deployment", "name": "voting", "inject": "", "misplaced": false}],
		"pods": [_pod],
	}),
	"identity": _whole({
		"anchors": [_anchor],
		"config_anchors": [],
		"copies": [{"sha256": "cc", "anchors": ["aa"], "pods": 1, "example": "shop/voting-1", "agrees": true}],
		"issuer": _anchor,
		"issuer_chains": true,
		"identities": [{
			"identity": _voting,
			"namespace": "shop",
			"service_account": "voting",
			"pods": 1,
			"valid": true,
		}],
		"external_workloads": [],
	}),
	"authorization": _whole({
		"ports": [{
			"namespace": "shop",
			"workload": "Deployment/voting",
			"port": 8080,
			"policy": "all-authenticated",
			"unauthenticated": "denied",
		}],
		"unmatched": [],
		"injector": {"found": true, "failure_policy": "Fail", "exempt_namespaces": []},
		"network_policies": [],
	}),
	"traffic": _whole({
		"observed": {"started": "2026-11-21T12:00:00Z"},
		"inbound_plaintext": [],
		"outbound_plaintext": [],
		"opaque": [],
		"unauthenticated": [],
		"denied": [],
		"clients": [{"labels": {"client_id": _voting}, "value": 1}],
		"servers": [{"labels": {"server_id": _voting}, "value": 1}],
		"certificates": [{"namespace": "shop", "pod": "voting-1", "expires": "2026-11-22T12:00:00Z"}],
		"silent": [],
	}),
	"links": _whole({"installed": false, "links": []}),
	"linkerd": _whole({
		"edges_pod": [{
			"src": "web-1",
			"src_namespace": "emojivoto",
			"dst": "voting-1",
			"dst_namespace": "shop",
			"client_id": "web.emojivoto",
			"server_id": "voting.shop",
			"no_tls_reason": "",
		}],
		"defects": [],
		"check_proxy": {"success": true, "categories": [{
			"categoryName": "linkerd-data-plane",
			"checks": [{"description": "is well", "result": "success"}],
		}]},
	}),
}

_healthy := {
	"coverage": _coverage,
	"run": {"now": "2026-11-21T12:00:00Z"},
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
	object.remove(decision, {"allow", "checked", "violations"}) == {
		"off": _off,
		"warnings": set(),
		"waived": set(),
		"exempt": set(),
	}
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

_without_coverage := {
	"collection.anchors_agree",
	"collection.certificates_strong",
	"collection.certificates_valid",
	"collection.coverage_complete",
	"collection.identities_valid",
	"collection.pod_edges_mtls",
	"collection.ports_skipped",
	"collection.proxy_checks_pass",
	"collection.traffic_encrypted",
	"collection.workloads_covered",
	"collection.workloads_opted_out",
}

_that_warn_without_coverage := {
	"collection.authorization_matches",
	"collection.certificates_expire",
	"collection.host_network",
	"collection.inbound_policy",
	"collection.injection_enforced",
	"collection.links_alive",
	"collection.ports_authenticated",
	"collection.traffic_identified",
	"collection.traffic_observed",
}

test_denies_when_everything_is_missing if {
	_rules_that_deny({}) == _without_evidence | _without_coverage
}

test_denies_when_the_input_is_null if {
	_rules_that_deny(null) == _without_evidence | _without_coverage
}

test_denies_when_coverage_is_missing if {
	_rules_that_deny(object.remove(_healthy, {"coverage"})) == _without_coverage
}

test_allows_what_was_taken_without_coverage_where_its_rules_are_off if {
	ours := _without_coverage | _that_warn_without_coverage
	decision := _judged(object.remove(_healthy, {"coverage"}), {"levels": {rule: "off" | some rule in ours}}, [])
	decision.allow
	decision.warnings == set()
	decision.off == _off | ours
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

# --- levels ----------------------------------------------------------------------------------------------------

_odd_edge := json.patch(_healthy, [
	{"op": "replace", "path": "linkerd_check/edge_report/0/client_id", "value": "default.elsewhere"},
	{"op": "add", "path": "run", "value": {"now": "2026-11-21T12:00:00Z"}},
])

_default := "emojivoto/web uses the default service account of its namespace"

_elsewhere := "emojivoto/web shows the identity default.elsewhere, which is not of the namespace emojivoto"

_edge := {"src_namespace": "emojivoto", "src": "web", "dst_namespace": "shop", "dst": "voting"}

_workload := {"src_namespace": "emojivoto", "src": "web"}

_of_default := {"rule": "mesh.own_service_accounts", "message": _default, "about": _workload}

_of_elsewhere := {"rule": "mesh.identity_namespaces", "message": _elsewhere, "about": _edge}

_quiet := _without_coverage | _that_warn_without_coverage

# Rules over the coverage are off here, as in a run that gathered none: each of them costs every one of these tests.
_judged(evidence, config, waivers) := decision if {
	levels := {rule: "off" | some rule in (_without_coverage | _that_warn_without_coverage)}
	known := object.union({"allow_replay": false, "levels": levels}, config)
	patched := object.union(evidence, {"config": known, "waivers": waivers})
	decision := gate.decision with input as patched
}

_levels(level) := {"levels": {"mesh.own_service_accounts": level, "mesh.identity_namespaces": "off"}}

test_what_warns_does_not_deny if {
	decision := _judged(_odd_edge, {}, [])
	decision.allow
	decision.violations == set()
	decision.warnings == {_of_default, _of_elsewhere}
}

test_a_rule_can_be_made_to_deny if {
	decision := _judged(_odd_edge, _levels("deny"), [])
	not decision.allow
	decision.violations == {_of_default}
	decision.warnings == set()
	decision.off == (_off | _quiet) | {"mesh.identity_namespaces"}
	decision.checked == (_rules - _quiet) - {"mesh.identity_namespaces"}
}

test_a_rule_can_be_made_to_warn if {
	decision := _judged(_odd_edge, _levels("warn"), [])
	decision.allow
	decision.warnings == {_of_default}
}

test_a_rule_can_be_switched_off if {
	decision := _judged(_odd_edge, _levels("off"), [])
	decision.allow
	decision.violations == set()
	decision.warnings == set()
	decision.off == (_off | _quiet) | {"mesh.own_service_accounts", "mesh.identity_namespaces"}
}

test_an_unknown_level_denies if {
	every level in ["", "none", "DENY", "Off", "floor", null, false, 0, ["off"]] {
		decision := _judged(_odd_edge, _levels(level), [])
		not decision.allow
		decision.violations == {_of_default}
	}
}

_wants_idle(level) := {
	"levels": {"mesh.required_namespaces": level},
	"parameters": {"mesh.required_namespaces": {"namespaces": ["idle"]}},
}

test_a_rule_that_is_off_can_be_switched_on if {
	strict := _judged(_healthy, _wants_idle("deny"), [])
	not strict.allow
	{entry.rule | some entry in strict.violations} == {"mesh.required_namespaces"}
	lenient := _judged(_healthy, _wants_idle("warn"), [])
	lenient.allow
	{entry.rule | some entry in lenient.warnings} == {"mesh.required_namespaces"}
	strict.checked == (_rules - _quiet) | {"mesh.required_namespaces"}
}

_insecure := json.patch(_healthy, [
	{"op": "remove", "path": "linkerd_check/edge_report/0/server_id"},
	{"op": "replace", "path": "linkerd_check/edges_summary/secured", "value": 0},
	{"op": "replace", "path": "linkerd_check/edges_summary/insecure", "value": 1},
	{"op": "add", "path": "run", "value": {"now": "2026-11-21T12:00:00Z"}},
])

_floor := {rule | some rule, level in gate._own_levels; level == "floor"}

test_no_level_lowers_the_floor if {
	floor := _floor
	count(floor) == 16
	every level in ["off", "warn", "deny", null] {
		decision := _judged(_insecure, {"levels": {rule: level | some rule in floor}}, [])
		not decision.allow
		floor - decision.checked == set()
		{entry.rule | some entry in decision.violations} == {"mesh.edges_mtls"}
	}
}

test_every_rule_says_its_level if {
	levels := {level | level := data.mesh[_].level} | {level | level := data.collection[_].level}
	levels == {"floor", "deny", "warn", "off"}

	# Not `some name, _ in data.mesh`, which evaluates every package with its tests.
	modules := {sprintf("mesh.%v", [name]) | data.mesh[name].level}
	others := {sprintf("collection.%v", [name]) | data.collection[name].level}
	modules | others == _rules | _off
}

test_a_rule_is_asked_with_its_parameters if {
	evidence := object.union(_odd_edge, {"linkerd_check": {"check_report": {"categories": [
	{"categoryName": name, "checks": [{"description": "is well", "result": "warning", "error": "2026-11-25T00:00:00Z"}]} |
		some name in _categories
	]}}})
	every days, n in {3: 0, 4: 10} {
		decision := _judged(evidence, {"parameters": {"collection.certificates_last": {"days": days}}}, [])
		count({entry | some entry in decision.warnings; entry.rule == "collection.certificates_last"}) == n
	}
}

# --- exemptions ------------------------------------------------------------------------------------------------

_exempts(exempt) if {
	decision := _judged(_odd_edge, {"levels": {"mesh.own_service_accounts": "deny"}, "exempt": exempt}, [])
	decision.allow
	decision.violations == set()
	decision.warnings == set()
	decision.exempt == {_of_default, _of_elsewhere}
	decision.checked == _rules - _quiet
}

_exempts_none(exempt) if {
	decision := _judged(_odd_edge, {"levels": {"mesh.own_service_accounts": "deny"}, "exempt": exempt}, [])
	decision.violations == {_of_default}
	decision.warnings == {_of_elsewhere}
	decision.exempt == set()
}

test_a_namespace_is_exempt_by_its_name_or_a_pattern if {
	every pattern in ["emojivoto", "emoji*", "?mojivoto", "*"] {
		_exempts({"namespaces": [pattern], "workloads": []})
		_exempts({"namespaces": ["other", pattern]})
	}
}

test_another_namespace_is_not_exempt if {
	every pattern in ["emoji", "mojivoto", "Emojivoto", "web", "emojivoto/web", ""] {
		_exempts_none({"namespaces": [pattern], "workloads": []})
	}
	_exempts_none({})
	_exempts_none({"namespaces": null, "workloads": "emojivoto/web"})
}

test_a_workload_is_exempt_by_its_name_or_a_pattern if {
	every pattern in ["emojivoto/web", "emojivoto/*", "emojivoto/we?", "*/web"] {
		_exempts({"workloads": [pattern]})
	}
}

test_another_workload_is_not_exempt if {
	every pattern in ["web", "*", "shop/web", "emojivoto/webb", "emojivoto"] {
		_exempts_none({"workloads": [pattern]})
	}
}

test_an_edge_is_exempt_by_either_end if {
	every exempt in [{"workloads": ["shop/voting"]}, {"namespaces": ["shop"]}] {
		decision := _judged(_odd_edge, {"exempt": exempt}, [])
		decision.warnings == {_of_default}
		decision.exempt == {_of_elsewhere}
	}
}

test_nobody_is_exempt_from_the_floor if {
	decision := _judged(_insecure, {"exempt": {"namespaces": ["*"], "workloads": ["*/*"]}}, [])
	not decision.allow
	decision.exempt == set()
	count(decision.violations) == 2
}

# --- waivers ---------------------------------------------------------------------------------------------------

_waiver := {
	"rule": "mesh.edges_mtls",
	"selector": {"source": "emojivoto/web", "destination": "shop/voting"},
	"owner": "team-shop",
	"reason": "the port is moved in December",
	"expires": "2026-12-01",
}

_count(insecure, total) := sprintf("%d of %d edges are not mTLS, %d are", [insecure, total, total - insecure])

_plaintext(source) := sprintf("emojivoto/%s -> shop/voting is not mTLS: %s", [
	source,
	"client identity web.emojivoto, server identity none, linkerd's reason none",
])

_messages(entries) := {entry.message | some entry in entries}

test_a_named_edge_is_waived_and_the_count_with_it if {
	decision := _judged(_insecure, {}, [_waiver])
	decision.allow
	decision.violations == set()
	decision.warnings == set()
	decision.waived == {
		{"rule": "mesh.edges_mtls", "message": _plaintext("web"), "about": _edge, "waivers": [0]},
		{"rule": "mesh.edges_mtls", "message": _count(1, 1), "about": {"sums": 1}, "waivers": [0]},
	}
}

_two_insecure := json.patch(_insecure, [
	{"op": "add", "path": "linkerd_check/edge_report/-", "value": {
		"src": "bot",
		"src_namespace": "emojivoto",
		"dst": "voting",
		"dst_namespace": "shop",
		"client_id": "web.emojivoto",
	}},
	{"op": "replace", "path": "linkerd_check/edges_summary/total_edges", "value": 2},
	{"op": "replace", "path": "linkerd_check/edges_summary/insecure", "value": 2},
])

test_the_count_is_waived_with_the_last_of_its_edges if {
	decision := _judged(_two_insecure, {}, [_waiver])
	not decision.allow
	_messages(decision.violations) == {_count(2, 2), _plaintext("bot")}
	_messages(decision.waived) == {_plaintext("web")}
	other := object.union(_waiver, {"selector": {"source": "emojivoto/bot"}})
	both := _judged(_two_insecure, {}, [_waiver, other])
	both.allow
	{[entry.message, entry.waivers] | some entry in both.waived} == {
		[_plaintext("web"), [0]],
		[_plaintext("bot"), [1]],
		[_count(2, 2), [0, 1]],
	}
}

# A count of more than the report holds is no sum of what was waived.
test_a_count_without_its_edges_is_not_waived if {
	evidence := json.patch(_insecure, [{"op": "replace", "path": "linkerd_check/edge_report", "value": []}])
	decision := _judged(evidence, {}, [_waiver])
	not decision.allow
	{"mesh.edges_mtls", "mesh.edges_present", "mesh.report_consistent"} == {entry.rule | some entry in decision.violations}
	decision.waived == set()
}

test_several_waivers_of_one_finding_are_all_named if {
	decision := _judged(_insecure, {}, [_waiver, _waiver])
	{entry.waivers | some entry in decision.waived} == {[0, 1]}
	decision.warnings == set()
}

_waives_nothing(waivers, reasons) if {
	decision := _judged(_insecure, {}, waivers)
	not decision.allow
	decision.waived == set()
	{_count(1, 1), _plaintext("web")} - _messages(decision.violations) == set()
	of_waivers := {entry.message | some entry in decision.violations; entry.rule == "collection.waivers_sound"}
	count(of_waivers) == reasons
}

test_a_waiver_that_is_not_sound_waives_nothing_and_denies if {
	every change in [
		{"expires": "2026-11-20"},
		{"expires": "2027-06-01"},
		{"expires": "soon"},
		{"owner": ""},
		{"reason": " "},
		{"selector": {"source": "*/*"}},
		{"selector": {"destination": "shop/*"}},
	] {
		_waives_nothing([object.union(_waiver, change)], 1)
	}
	_waives_nothing([null], 5)
}

test_a_waiver_that_is_not_sound_is_not_called_unused if {
	decision := _judged(_insecure, {}, [object.union(_waiver, {"expires": "2026-11-20"})])
	decision.warnings == set()
}

test_a_sound_waiver_beside_another_holds if {
	decision := _judged(_insecure, {}, [object.union(_waiver, {"owner": ""}), _waiver])
	{entry.rule | some entry in decision.violations} == {"collection.waivers_sound"}
	{entry.waivers | some entry in decision.waived} == {[1]}
}

test_without_the_rule_on_waivers_none_holds if {
	collection := {name: {"level": level, "deny": set()} |
		level := data.collection[name].level
		name != "waivers_sound"
	}
	decision := _judged(_insecure, {}, [_waiver]) with data.collection as collection
	not decision.allow
	decision.waived == set()
}

test_how_long_a_waiver_may_last_can_be_configured if {
	config := {"parameters": {"collection.waivers_sound": {"max_days": 5}}}
	decision := _judged(_insecure, config, [_waiver])
	decision.waived == set()
	"collection.waivers_sound" in {entry.rule | some entry in decision.violations}
}

_unused := "the waiver of team-shop for mesh.edges_mtls covers nothing that was found"

test_an_unused_waiver_warns if {
	decision := _judged(object.union(_healthy, {"run": _insecure.run}), {}, [_waiver])
	decision.allow
	decision.warnings == {{"rule": "collection.waivers_used", "message": _unused, "about": {"waiver": "0"}}}
}

test_an_unused_waiver_can_be_made_to_deny_or_be_left_alone if {
	evidence := object.union(_healthy, {"run": _insecure.run})
	strict := _judged(evidence, {"levels": {"collection.waivers_used": "deny"}}, [_waiver])
	_messages(strict.violations) == {_unused}
	lenient := _judged(evidence, {"levels": {"collection.waivers_used": "off"}}, [_waiver])
	lenient.allow
	lenient.warnings == set()
}

test_nothing_else_of_the_floor_is_waived if {
	floor := _floor - {"mesh.edges_mtls"}
	waivers := [object.union(object.remove(_waiver, {"selector"}), {"rule": rule, "selector": {"check": "is*"}}) | some rule in sort(floor)]
	evidence := object.union(_with_results(1), {"run": _insecure.run})
	plain := _judged(evidence, {}, [])
	decision := _judged(evidence, {}, waivers)
	count(plain.violations) > 0
	decision.violations == plain.violations
	decision.waived == set()
	count(decision.warnings) == count(floor)
}

# Nor would it be, if such a rule said what its findings are about.
test_a_finding_of_the_floor_is_not_waived_whatever_it_is_about if {
	about := {"src_namespace": "emojivoto", "src": "web", "dst_namespace": "shop", "dst": "voting"}
	loud := {"loud": {"level": "floor", "findings": {{"msg": "no", "about": about}}}}
	waiver := object.union(_waiver, {"rule": "mesh.loud"})
	decision := gate.decision with input as {"waivers": [waiver], "config": {"exempt": {"namespaces": ["*"]}}}
		with data.mesh as loud
		with data.collection as {"waivers_sound": {"level": "floor", "deny": set(), "problems": set()}}
	_messages(decision.violations) == {"no"}
	decision.waived == set()
	decision.exempt == set()
}

_of_rule(selector) := object.union(
	object.remove(_waiver, {"selector"}),
	{"rule": "mesh.identity_namespaces", "selector": selector},
)

test_every_part_of_a_selector_must_fit if {
	every selector in [
		{"source": "emojivoto/web"},
		{"source": "emojivoto/*"},
		{"destination": "shop/vot?ng"},
		{"namespace": "emojivoto"},
		{"namespace": "shop"},
		{"namespace": "sh*", "source": "emojivoto/web"},
	] {
		decision := _judged(_odd_edge, {}, [_of_rule(selector)])
		_messages(decision.waived) == {_elsewhere}
		_messages(decision.warnings) == {_default}
	}
	every selector in [
		{"source": "shop/voting"},
		{"destination": "emojivoto/web"},
		{"namespace": "other"},
		{"check": "emojivoto"},
		{"source": "emojivoto/web", "destination": "shop/web"},
		{"source": "emojivoto/web", "nothing": "shop"},
	] {
		decision := _judged(_odd_edge, {}, [_of_rule(selector)])
		decision.waived == set()
		{_default, _elsewhere} - _messages(decision.warnings) == set()
	}
}

test_a_check_is_selected_by_its_name_its_category_or_its_hint if {
	parameters := {"mesh.required_checks": {"categories": ["linkerd-jaeger"], "checks": ["is new"]}}
	config := {"levels": {"mesh.required_checks": "deny"}, "parameters": parameters}
	waivers := [
		object.union(_of_rule({"check": "linkerd-jaeger"}), {"rule": "mesh.required_checks"}),
		object.union(_of_rule({"check": "is ne*"}), {"rule": "mesh.required_checks"}),
	]
	evidence := object.union(_healthy, {"run": _insecure.run})
	plain := _judged(evidence, config, [])
	count(plain.violations) == 2
	decision := _judged(evidence, config, waivers)
	decision.allow
	{entry.waivers | some entry in decision.waived} == {[0], [1]}
}

test_a_check_is_selected_by_its_hint if {
	parameters := {"mesh.required_checks": {"anchors": ["l5d-soon"]}}
	config := {"levels": {"mesh.required_checks": "deny"}, "parameters": parameters}
	check := {"description": "lasts", "result": "warning", "hint": "https://linkerd.io/2/checks/#l5d-soon"}
	evidence := json.patch(object.union(_healthy, {"run": _insecure.run}), [
		{"op": "add", "path": "linkerd_check/check_report/categories/0/checks/-", "value": check},
	])
	waiver := object.union(_of_rule({"check": "l5d-*"}), {"rule": "mesh.required_checks"})
	decision := _judged(evidence, config, [waiver])
	_messages(decision.waived) == {"the check with the hint #l5d-soon has to succeed, and did not"}
}

test_what_is_about_a_namespace_is_waived_or_exempt_by_it if {
	evidence := object.union(_healthy, {"run": _insecure.run})
	waiver := object.union(_of_rule({"namespace": "idle"}), {"rule": "mesh.required_namespaces"})
	waived := _judged(evidence, _wants_idle("deny"), [waiver])
	waived.allow
	{entry.about | some entry in waived.waived} == {{"namespace": "idle"}}
	exempt := _judged(evidence, object.union(_wants_idle("deny"), {"exempt": {"namespaces": ["idle"]}}), [])
	exempt.allow
	{entry.about | some entry in exempt.exempt} == {{"namespace": "idle"}}
}

test_what_a_rule_under_collection_finds_can_be_waived if {
	check := {"description": "lasts", "result": "success", "error": "2026-11-25T00:00:00Z"}
	evidence := json.patch(object.union(_healthy, {"run": _insecure.run}), [
		{"op": "add", "path": "linkerd_check/check_report/categories/0/checks/-", "value": check},
	])
	waiver := object.union(_of_rule({"check": "lasts"}), {"rule": "collection.certificates_last"})
	decision := _judged(evidence, {}, [waiver])
	{entry.rule | some entry in decision.waived} == {"collection.certificates_last"}
}

# Neither its waiver is used, nor is anything exempt.
test_a_rule_that_is_off_finds_nothing if {
	config := {"levels": {"mesh.identity_namespaces": "off"}, "exempt": {"workloads": ["shop/voting"]}}
	decision := _judged(_odd_edge, config, [_of_rule({"source": "emojivoto/web"})])
	decision.waived == set()
	decision.exempt == set()
	"collection.waivers_used" in {entry.rule | some entry in decision.warnings}
}

# Whatever the rule on waivers takes for sound.
test_an_empty_selector_selects_nothing if {
	decision := _judged(_odd_edge, {}, [_of_rule({})]) with data.collection.waivers_sound.problems as set()
	decision.waived == set()
	held := _judged(_odd_edge, {}, [_of_rule({"source": "emojivoto/web"})]) with data.collection.waivers_sound.problems as set()
	_messages(held.waived) == {_elsewhere}
}

test_problems_of_another_shape_let_no_waiver_hold if {
	every problems in [[], {}, "", null, 7, true] {
		decision := _judged(_insecure, {}, [_waiver]) with data.collection.waivers_sound.problems as problems
		not decision.allow
		decision.waived == set()
	}
}

test_a_hundred_and_more_waived_findings_are_told_as_such if {
	edges := [object.union(_edge, {"src": sprintf("web-%03d", [i]), "client_id": "web.elsewhere", "server_id": "voting.shop"}) |
		some i in numbers.range(1, 150)
	]
	evidence := json.patch(_odd_edge, [
		{"op": "replace", "path": "linkerd_check/edge_report", "value": edges},
		{"op": "replace", "path": "linkerd_check/edges_summary/total_edges", "value": 150},
		{"op": "replace", "path": "linkerd_check/edges_summary/secured", "value": 150},
	])
	decision := _judged(evidence, {}, [_of_rule({"source": "emojivoto/*"})])
	decision.allow
	count(decision.waived) == 101
	"and 50 more findings of this kind" in _messages(decision.waived)
	decision.warnings == set()
	exempt := _judged(evidence, {"exempt": {"namespaces": ["emojivoto"]}}, [])
	count(exempt.exempt) == 101
}

# --- rules of one's own ----------------------------------------------------------------------------------------

_none := {"deny": set(), "violation": set(), "warn": set()}

_own(results, config, waivers) := decision if {
	evidence := object.union(_healthy, {"run": _insecure.run})
	decision := _judged(evidence, config, waivers) with data.gate_own.results as results
}

test_silent_rules_of_ones_own_allow_and_are_named if {
	decision := _own({"team.a": _none, "collection.b": _none}, {}, [])
	_plain(decision) == {"allow": true, "checked": ((_rules - _quiet) | {"team.a", "collection.b"}), "violations": set()}
}

test_rules_of_ones_own_deny_by_deny_and_by_violation if {
	decision := _own({"team.a": {"deny": {"no"}, "violation": {"never", {"msg": "not so"}}, "warn": set()}}, {}, [])
	not decision.allow
	decision.violations == {{"rule": "team.a", "message": message, "about": {}} | some message in {"no", "never", "not so"}}
}

test_rules_of_ones_own_warn if {
	reasons := {"hm", {"msg": "well", "about": _workload}}
	decision := _own({"team.a": object.union(_none, {"warn": reasons})}, {}, [])
	decision.allow
	decision.warnings == {
		{"rule": "team.a", "message": "hm", "about": {}},
		{"rule": "team.a", "message": "well", "about": _workload},
	}
}

test_a_reason_of_ones_own_that_is_no_sentence_denies_or_warns_with_a_sentence if {
	odd := "the rule gave a reason that is no sentence: "
	every reason, told in {7: "7", "": "", {"msg": ""}: `{"msg": ""}`, {"text": "x"}: `{"text": "x"}`, null: "null", false: "false"} {
		denied := _own({"team.a": object.union(_none, {"deny": {reason}})}, {}, [])
		denied.violations == {{"rule": "team.a", "message": concat("", [odd, told]), "about": {}}}
		warned := _own({"team.a": object.union(_none, {"warn": {reason}})}, {}, [])
		warned.allow
		warned.warnings == {{"rule": "team.a", "message": concat("", [odd, told]), "about": {}}}
	}
}

test_results_of_another_shape_deny if {
	every result in [{}, {"deny": set()}, {"deny": [], "violation": [], "warn": set()}, null, "x"] {
		decision := _own({"team.a": result}, {}, [])
		not decision.allow
		decision.violations == {{"rule": "team.a", "message": "the rule has no set named deny", "about": {}}}
	}
}

test_a_finding_of_ones_own_can_be_waived_or_exempt if {
	results := {"team.a": object.union(_none, {"deny": {{"msg": "no", "about": _workload}}})}
	waived := _own(results, {}, [object.union(_of_rule({"source": "emojivoto/web"}), {"rule": "team.a"})])
	waived.allow
	_messages(waived.waived) == {"no"}
	exempt := _own(results, {"exempt": {"workloads": ["emojivoto/web"]}}, [])
	exempt.allow
	exempt.exempt == {{"rule": "team.a", "message": "no", "about": _workload}}
}

test_what_a_finding_of_ones_own_is_about_may_be_of_any_type if {
	every about in [{"namespace": 7}, {"src_namespace": null, "src": []}, {"check": {}}, "x", null, 7] {
		results := {"team.a": object.union(_none, {"deny": {{"msg": "no", "about": about}}})}
		config := {"exempt": {"namespaces": ["emojivoto"], "workloads": ["emojivoto/*"]}}
		waiver := object.union(_of_rule({"namespace": "emojivoto"}), {"rule": "team.a"})
		decision := _own(results, config, [waiver])
		_messages(decision.violations) == {"no"}
	}
}

test_a_finding_that_is_about_no_object_is_about_nothing if {
	every about in ["x", ["emojivoto"], 7, null, true] {
		decision := _own({"team.a": object.union(_none, {"deny": {{"msg": "no", "about": about}}})}, {}, [])
		decision.violations == {{"rule": "team.a", "message": "no", "about": {}}}
	}
}

test_rules_of_ones_own_are_told_by_a_hundred_findings_too if {
	reasons := {sprintf("%03d", [i]) | some i in numbers.range(1, 150)}
	decision := _own({"team.a": {"deny": reasons, "violation": set(), "warn": reasons}}, {}, [])
	count(decision.violations) == 101
	count(decision.warnings) == 101
	"and 50 more findings of this kind" in _messages(decision.warnings)
}

# --- nothing of this is a way around the rules themselves ---------------------------------------------------------

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
