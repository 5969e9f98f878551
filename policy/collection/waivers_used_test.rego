package collection.waivers_used_test

import data.collection.waivers_used
import rego.v1

_evidence := {"waivers": [{"rule": "a", "owner": "x"}, {"rule": "b", "owner": "y"}, null]}

_said(owner, rule) := sprintf("the waiver of %v for %v covers nothing that was found", [owner, rule])

test_silent_where_each_is_used if {
	waivers_used.deny == set() with input as object.union(_evidence, {"unused": set()})
}

test_denies_each_that_is_not if {
	waivers_used.deny == {_said("y", "b")} with input as object.union(_evidence, {"unused": {1}})
	waivers_used.deny == {_said("x", "a"), _said("y", "b")} with input as object.union(_evidence, {"unused": {0, 1}})
}

test_says_which_waiver_it_is_about if {
	found := waivers_used.findings with input as object.union(_evidence, {"unused": {0, 1}})
	{finding.about | some finding in found} == {{"waiver": "0"}, {"waiver": "1"}}
}

test_says_what_it_can_of_one_without_its_fields if {
	waivers_used.deny == {_said("?", "?")} with input as {"waivers": [{}], "unused": {0}}
	waivers_used.deny == {_said("?", "?")} with input as object.union(_evidence, {"unused": {2}})
}

# Before the gate has asked all others, nothing is known to be unused.
test_silent_where_nothing_is_known if {
	waivers_used.deny == set() with input as _evidence
	waivers_used.deny == set() with input as {}
}
