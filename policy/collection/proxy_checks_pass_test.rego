package collection.proxy_checks_pass_test

import data.collection.proxy_checks_pass
import rego.v1

_clean := {"coverage": {"linkerd": {"complete": true, "check_proxy": {"success": true, "categories": [{
	"categoryName": "linkerd-data-plane",
	"checks": [
		{"description": "data plane proxies are ready", "result": "success"},
		{"description": "data plane is up-to-date", "result": "warning", "error": "old"},
	],
}]}}}}

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := proxy_checks_pass.deny with input as evidence with data.parameters as {"collection.proxy_checks_pass": parameters}
	denied == messages
	findings := proxy_checks_pass.findings with input as evidence with data.parameters as {"collection.proxy_checks_pass": parameters}
	{finding.msg | some finding in findings} == messages
}

_abouts(evidence, parameters) := {finding.about | some finding in findings} if {
	findings := proxy_checks_pass.findings with input as evidence with data.parameters as {"collection.proxy_checks_pass": parameters}
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

test_finds_that_the_part_linkerd_is_not_complete if {
	message := "the part linkerd is not complete, so that it is not known how its proxies are"
	every complete in [false, null, "true", 1, [], {}] {
		_finds(_set("coverage/linkerd/complete", complete), {}, {message})
	}
	_finds(_without("coverage/linkerd/complete"), {}, {message})
	_abouts(_without("coverage/linkerd/complete"), {}) == {{"check": "linkerd"}}
	every part in [null, "x", [], {}, true] {
		found := proxy_checks_pass.deny with input as _set("coverage/linkerd", part) with data.parameters as {"collection.proxy_checks_pass": {}}
		message in found
	}
}

_check(result, description) := _set("coverage/linkerd/check_proxy/categories/0/checks/0", {"description": description, "result": result, "error": "web-1 is not", "hint": "https://linkerd.io/x"})

_said(result, description) := sprintf("linkerd-data-plane: %v (%v): web-1 is not - see https://linkerd.io/x", [description, result])

test_finds_a_check_that_failed if {
	evidence := _check("error", "data plane proxies are ready")
	_finds(evidence, {}, {_said("error", "data plane proxies are ready")})
	_abouts(evidence, {}) == {{"category": "linkerd-data-plane", "check": "data plane proxies are ready"}}
	proxy_checks_pass.deny == {_said("error", "data plane proxies are ready")} with input as evidence
}

test_finds_a_result_that_nobody_knows if {
	every result in ["skipped", "", "Success", null, 7, true] {
		_finds(_check(result, "x"), {}, {_said(result, "x")})
	}
	_finds(_without("coverage/linkerd/check_proxy/categories/0/checks/0/result"), {}, {"linkerd-data-plane: data plane proxies are ready (?): ?"})
	every check in [null, "x", 7, {}] {
		_finds(_set("coverage/linkerd/check_proxy/categories/0/checks/0", check), {}, {"linkerd-data-plane: ? (?): ?"})
	}
}

test_finds_proxies_that_believe_other_anchors if {
	ca := "data plane proxies certificate match CA"
	_finds(_check("warning", ca), {}, {_said("warning", ca)})
	_finds(_check("success", ca), {}, set())
	_finds(_check("warning", "x"), {}, set())
	_finds(_check("warning", null), {}, {_said("warning", "null")})
}

test_silent_about_a_hint_that_is_none if {
	every hint in ["", null, 7] {
		evidence := json.patch(_check("error", "x"), [{"op": "replace", "path": "coverage/linkerd/check_proxy/categories/0/checks/0/hint", "value": hint}])
		_finds(evidence, {}, {"linkerd-data-plane: x (error): web-1 is not"})
	}
}

test_finds_that_it_is_no_success if {
	every success in [false, null, "true", 1] {
		_finds(_set("coverage/linkerd/check_proxy/success", success), {}, {sprintf("linkerd check --proxy is no success: it says %v", [success])})
		_abouts(_set("coverage/linkerd/check_proxy/success", success), {}) == {{"check": "linkerd check --proxy"}}
	}
	_finds(_without("coverage/linkerd/check_proxy/success"), {}, {"linkerd check --proxy is no success: it says nothing"})
	_finds(_without("coverage/linkerd/check_proxy"), {}, {"linkerd check --proxy is no success: it says nothing"})
	every report in [null, [], "x", {}] {
		_finds(_set("coverage/linkerd/check_proxy", report), {}, {"linkerd check --proxy is no success: it says nothing"})
	}
}

test_finds_that_nothing_was_checked if {
	every categories in [null, [], "x", {}] {
		_finds(_set("coverage/linkerd/check_proxy/categories", categories), {}, {"linkerd check --proxy holds no checks"})
		_abouts(_set("coverage/linkerd/check_proxy/categories", categories), {}) == {{"check": "linkerd check --proxy"}}
	}
	_finds(_without("coverage/linkerd/check_proxy/categories"), {}, {"linkerd check --proxy holds no checks"})
}

test_finds_a_category_without_checks if {
	message := "the category linkerd-data-plane of linkerd check --proxy holds no checks"
	every checks in [null, [], "x", {}] {
		_finds(_set("coverage/linkerd/check_proxy/categories/0/checks", checks), {}, {message})
		_abouts(_set("coverage/linkerd/check_proxy/categories/0/checks", checks), {}) == {{"category": "linkerd-data-plane"}}
	}
	_finds(_without("coverage/linkerd/check_proxy/categories/0/checks"), {}, {message})
	every category in [null, "x", 7, {}] {
		_finds(_set("coverage/linkerd/check_proxy/categories/0", category), {}, {"the category ? of linkerd check --proxy holds no checks"})
	}
}
