package mesh.report_complete_test

import data.mesh.report_complete
import rego.v1

_category(name) := {"categoryName": name, "checks": [{"result": "success"}]}

_core := [_category(name) |
	some name in [
		"kubernetes-api",
		"kubernetes-version",
		"linkerd-existence",
		"linkerd-config",
		"linkerd-identity",
		"linkerd-webhooks-and-apisvc-tls",
		"linkerd-version",
		"control-plane-version",
		"linkerd-control-plane-proxy",
	]
]

_with_categories(categories) := {"edges_summary": {"total_edges": 1}, "check_report": {"categories": categories}}

_healthy := _with_categories(array.concat(_core, [_category("linkerd-viz")]))

_with(category) := _with_categories(array.concat(_core, [_category("linkerd-viz"), category]))

_unnamed := "the category at 10 of the check report has no name"

_everything := concat(" ", [
	"the check report lacks 9 of the 9 categories of a full run:",
	"control-plane-version, kubernetes-api, kubernetes-version, linkerd-config, linkerd-control-plane-proxy,",
	"linkerd-existence, linkerd-identity, linkerd-version, linkerd-webhooks-and-apisvc-tls",
])

_viz := "edges were captured and the viz extension they come from was not checked: the check report ended early"

_denies(evidence, messages) if {
	denied := report_complete.deny with input as evidence
	denied == messages
}

test_silent_where_every_category_was_checked if {
	_denies(_healthy, set())
}

test_silent_without_viz_where_there_are_no_edges if {
	_denies({"check_report": {"categories": _core}}, set())
}

test_denies_and_names_what_is_missing if {
	_denies(
		_with_categories([category |
			some category in _healthy.check_report.categories
			not category.categoryName in {"linkerd-identity", "linkerd-config"}
		]),
		{"the check report lacks 2 of the 9 categories of a full run: linkerd-config, linkerd-identity"},
	)
}

test_denies_when_viz_was_not_checked_and_edges_were_captured if {
	_denies(_with_categories(_core), {_viz})
}

test_denies_when_viz_holds_no_check_and_edges_were_captured if {
	_denies(_with_categories(array.concat(_core, [{"categoryName": "linkerd-viz", "checks": []}])), {
		_viz,
		"the category linkerd-viz of the check report holds 0 checks",
	})
}

test_denies_a_required_category_without_checks if {
	categories := [object.union(category, {"checks": []}) |
		some category in _healthy.check_report.categories
		category.categoryName == "linkerd-identity"
	]
	others := [category |
		some category in _healthy.check_report.categories
		category.categoryName != "linkerd-identity"
	]
	_denies(_with_categories(array.concat(others, categories)), {
		"the check report lacks 1 of the 9 categories of a full run: linkerd-identity",
		"the category linkerd-identity of the check report holds 0 checks",
	})
}

test_denies_when_report_is_missing if {
	_denies({"edges_summary": {"total_edges": 1}}, {_everything, _viz})
}

test_denies_when_everything_is_missing if {
	_denies({}, {_everything})
}

test_denies_when_report_is_no_object if {
	_denies({"check_report": "x"}, {_everything})
}

test_denies_when_categories_is_missing if {
	_denies({"check_report": {"success": true}}, {_everything})
}

test_denies_when_categories_is_null if {
	_denies({"check_report": {"categories": null}}, {_everything})
}

test_denies_when_checks_is_missing if {
	_denies(_with({"categoryName": "linkerd-x"}), {"the category linkerd-x of the check report holds 0 checks"})
}

test_denies_when_checks_is_null if {
	_denies(
		_with({"categoryName": "linkerd-x", "checks": null}),
		{"the category linkerd-x of the check report holds 0 checks"},
	)
}

# A string and an object have a count, too.
test_denies_when_checks_is_a_string if {
	_denies(
		_with({"categoryName": "linkerd-x", "checks": "abc"}),
		{"the category linkerd-x of the check report holds 0 checks"},
	)
}

test_denies_when_checks_is_an_object if {
	_denies(
		_with({"categoryName": "linkerd-x", "checks": {"a": {"result": "success"}}}),
		{"the category linkerd-x of the check report holds 0 checks"},
	)
}

test_denies_when_the_name_is_missing if {
	_denies(_with({"checks": [{"result": "success"}]}), {_unnamed})
}

test_denies_when_the_name_is_empty if {
	_denies(_with(_category("")), {_unnamed})
}

test_denies_when_the_name_is_null if {
	_denies(_with(_category(null)), {_unnamed})
}

test_denies_a_category_that_is_a_string if {
	_denies(_with("linkerd-viz"), {_unnamed, "the category without a name of the check report holds 0 checks"})
}

test_denies_a_category_that_is_null if {
	_denies(_with(null), {_unnamed, "the category without a name of the check report holds 0 checks"})
}
