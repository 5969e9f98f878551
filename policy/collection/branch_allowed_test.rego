package collection.branch_allowed_test

import data.collection.branch_allowed
import rego.v1

# Who reads deny alone hears what findings say.
_finds(evidence, parameters, messages) if {
	denied := branch_allowed.deny with input as evidence with data.parameters as {"collection.branch_allowed": parameters}
	denied == messages
	findings := branch_allowed.findings with input as evidence with data.parameters as {"collection.branch_allowed": parameters}
	{finding.msg | some finding in findings} == messages
}

_on(branch) := {"git": {"branch": branch}}

_wants(branches) := {"branches": branches}

_other(branch, branches) := sprintf("the evidence was made on the branch %v, and not on one of %v", [branch, branches])

_nobody := "branches are required, and none is named"

test_silent_on_an_allowed_branch if {
	_finds(_on("main"), _wants(["main"]), set())
	_finds(_on("release/1.2.3"), _wants(["main", "release/*"]), set())
	_finds(_on("a/b/c"), _wants(["a/**"]), set())
}

test_finds_another if {
	_finds(_on("feature"), _wants(["main", "release/*"]), {_other("feature", "main, release/*")})
	_finds(_on("release/1/2"), _wants(["release/*"]), {_other("release/1/2", "release/*")})
	_finds(_on("mainx"), _wants(["main"]), {_other("mainx", "main")})
}

test_a_detached_head_is_no_branch if {
	_finds(_on(""), _wants(["main", "*"]), {_other("", "main, *")})
}

test_finds_that_the_branch_is_not_known if {
	every evidence in [{}, {"git": null}, {"git": {}}, {"git": "main"}] {
		_finds(evidence, _wants(["*"]), {_other("(none)", "*")})
	}
	_finds(_on(null), _wants(["*"]), {_other("null", "*")})
	_finds(_on(7), _wants(["7"]), {_other("7", "7")})
	_finds(_on(["main"]), _wants(["main"]), {_other(`["main"]`, "main")})
}

test_finds_that_none_is_named if {
	every parameters in [{}, _wants([]), _wants([7]), _wants(null), _wants("main"), _wants({"main": "main"}), null] {
		_finds(_on("main"), parameters, {_nobody})
	}
	branch_allowed.deny == {_nobody} with input as _on("main")
}
