package collection.tree_clean_test

import data.collection.tree_clean
import rego.v1

_commit := "0123456789abcdef0123456789abcdef01234567"

# Who reads deny alone hears what findings say.
_finds(evidence, messages) if {
	denied := tree_clean.deny with input as evidence
	denied == messages
	findings := tree_clean.findings with input as evidence
	{finding.msg | some finding in findings} == messages
}

_unknown := "the evidence holds no commit, so nothing is known to be as committed"

_unreadable := "the state of the working tree cannot be read"

test_silent_where_it_is_clean if {
	_finds({"git": {"commithash": _commit, "status": {}}}, set())
	_finds({"git": {"commithash": _commit}}, set())
}

test_finds_each_path_that_is_not_as_committed if {
	status := {"a.yml": {"staging": "unmodified", "worktree": "modified"}, "b": null}
	_finds({"git": {"commithash": _commit, "status": status}}, {
		`a.yml is not as it was committed: {"staging":"unmodified","worktree":"modified"}`,
		"b is not as it was committed: null",
	})
}

test_finds_a_state_that_is_none if {
	every status in ["clean", null, 7, []] {
		_finds({"git": {"commithash": _commit, "status": status}}, {_unreadable})
	}
}

test_finds_that_there_is_no_commit if {
	every git in [{}, {"commithash": ""}, {"commithash": null}, {"commithash": 7}] {
		_finds({"git": git}, {_unknown})
	}
	every evidence in [{}, {"git": "x"}] {
		_finds(evidence, {_unknown})
	}
}
