package mesh.categories_present_test

import data.mesh.categories_present
import rego.v1

_healthy := {
	"check_summary": {"distinct_categories": 1},
	"check_report": {"categories": [{"categoryName": "kubernetes-api", "checks": []}]},
}

_denial(held, counted) := sprintf(
	"the check report holds %d categories and its summary counts %v: nothing is known to be healthy",
	[held, counted],
)

_denies(evidence, held, counted) if {
	denied := categories_present.deny with input as evidence
	denied == {_denial(held, counted)}
}

test_silent_where_there_is_a_category if {
	categories_present.deny == set() with input as _healthy
}

test_denies_a_report_without_categories if {
	denied := categories_present.deny with input as {
		"check_summary": {"distinct_categories": 0},
		"check_report": {"categories": []},
	}
	denied == {"the check report holds 0 categories and its summary counts 0: nothing is known to be healthy"}
}

test_denies_when_only_the_report_holds_none if {
	_denies(object.union(_healthy, {"check_report": {"categories": []}}), 0, 1)
}

test_denies_when_only_the_summary_counts_none if {
	_denies(object.union(_healthy, {"check_summary": {"distinct_categories": 0}}), 1, 0)
}

test_denies_when_the_summary_counts_less_than_none if {
	_denies(object.union(_healthy, {"check_summary": {"distinct_categories": -1}}), 1, -1)
}

test_denies_when_everything_is_missing if {
	_denies({}, 0, "no")
}

test_denies_when_the_evidence_is_null if {
	_denies(null, 0, "no")
}

test_denies_when_summary_is_missing if {
	_denies(object.remove(_healthy, {"check_summary"}), 1, "no")
}

test_denies_when_summary_is_no_object if {
	_denies(object.union(_healthy, {"check_summary": "x"}), 1, "no")
}

test_denies_when_distinct_categories_is_missing if {
	_denies(json.remove(_healthy, {"check_summary/distinct_categories"}), 1, "no")
}

# A string is greater than every number.
test_denies_when_distinct_categories_is_a_string if {
	_denies(object.union(_healthy, {"check_summary": {"distinct_categories": "1"}}), 1, "1")
}

test_denies_when_report_is_missing if {
	_denies(object.remove(_healthy, {"check_report"}), 0, 1)
}

test_denies_when_categories_is_missing if {
	_denies(json.remove(_healthy, {"check_report/categories"}), 0, 1)
}

test_denies_when_categories_is_null if {
	_denies(object.union(_healthy, {"check_report": {"categories": null}}), 0, 1)
}

# A string and an object have a count, too.
test_denies_when_categories_is_a_string if {
	_denies(object.union(_healthy, {"check_report": {"categories": "abc"}}), 0, 1)
}

test_denies_when_categories_is_an_object if {
	_denies(object.union(_healthy, {"check_report": {"categories": {"a": {"checks": []}}}}), 0, 1)
}
