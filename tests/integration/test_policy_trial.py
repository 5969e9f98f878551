"""`mesh-attestor policy test`: a team's unit tests, by the engine that judges, with what they cover."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from attestor.engine import find
from attestor.policies.load import load
from attestor.policies.own import compiled
from tests.conftest import ROOT, Done
from tests.integration.conftest import Ask

EXAMPLE = ROOT / "examples" / "policy"
RULE = (
    'package acme.a\n\ndeny contains "x" if input.cluster_name == "prod"\n\nwarn contains "y" if input.hostname == ""\n'
)
GOOD = 'package acme.a_test\n\nimport data.acme.a\n\ntest_x if a.deny == {"x"} with input as {"cluster_name": "prod"}\n'


@pytest.fixture
def trial(ask: Ask, opa: Path, tmp_path: Path) -> Trial:
    """Write files, test them, and give further words to the command."""
    return Trial(ask, opa, tmp_path)


class Trial:
    def __init__(self, ask: Ask, opa: Path, folder: Path) -> None:
        self.ask, self.opa, self.folder = ask, opa, folder

    def __call__(self, *words: str | Path, **files: str) -> Done:
        rules = self.folder / "rules"
        rules.mkdir(exist_ok=True)
        for name, text in files.items():
            (rules / f"{name}.rego").write_text(text, encoding="utf-8")
        return self.ask("policy", "test", "--opa", self.opa, *(words or ("rules",)), cwd=self.folder)


def test_the_example_passes_and_covers_itself(trial: Trial) -> None:
    """What a team starts from is tested whole."""
    done = trial(EXAMPLE)
    assert done.code == 0, done.said
    assert "4 of 4 passed" in done.out
    assert "policy/payments.rego  100 %" in done.out


def test_the_example_judges_evidence(trial: Trial, ask: Ask) -> None:
    """In a run it would be taken as it stands."""
    policy = compiled(load(None, None, [], rules=[EXAMPLE]), find(trial.opa, trial.folder))
    assert [(rule.id, rule.names) for rule in policy.own_rules] == [("acme.payments", ("deny", "warn"))]


def test_a_shell_can_say_the_digest_over_all_modules() -> None:
    """The command of the page gives what the program pins."""
    page = (ROOT / "docs" / "own-rules.md").read_text(encoding="utf-8")
    (command,) = [line for line in page.splitlines() if line.startswith("find examples/policy")]
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == load(None, None, [], rules=[EXAMPLE]).own_sha256


def test_lines_that_no_test_ran_are_told(trial: Trial) -> None:
    """They are no failure: a team decides how much it covers."""
    done = trial(a=RULE, a_test=GOOD)
    assert done.code == 0, done.said
    assert "acme.a_test.test_x  passed" in done.out
    assert "rules/a.rego  50 %     5" in done.out


def test_a_test_that_fails(trial: Trial) -> None:
    """Exit 1, and the test is named."""
    done = trial(a=RULE, a_test=GOOD + '\ntest_y if a.deny == set() with input as {"cluster_name": "prod"}\n')
    assert done.code == 1
    assert "acme.a_test.test_y  failed" in done.out
    assert "1 of 2 passed" in done.out


def test_a_test_that_is_skipped(trial: Trial) -> None:
    """Exit 1: it shows nothing."""
    done = trial(a=RULE, a_test=GOOD + "\ntodo_test_y if false\n")
    assert done.code == 1
    assert "acme.a_test.todo_test_y  skipped" in done.out


def test_without_a_test_nothing_was_shown(trial: Trial) -> None:
    """Exit 1: a rule that nobody has seen deny may never do so."""
    done = trial(a=RULE)
    assert (done.code, "there is no test: nothing was shown" in done.out) == (1, True)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a": RULE, "a_test": GOOD + "\nx y"}, "rules/a_test.rego:7: rego_parse_error"),
        ({"a": RULE.replace("cluster_name", "cluster"), "a_test": GOOD}, "there is no input.cluster in what"),
        (
            {"a": RULE.replace("hostname", "check_summary.failed")},
            "rules/a.rego:5: undefined ref: input.check_summary.failed",
        ),
        ({"a": RULE, "a_test": GOOD + "\ntest_y if time.now_ns() > 0\n"}, "undefined function time.now_ns"),
        ({"a": 'package acme.a\n\ndeny[msg] { msg := "x" }\n'}, "Rego v0 is read with rego-version: v0 only"),
    ],
)
def test_what_does_not_compile(trial: Trial, files: dict[str, str], says: str) -> None:
    """Exit 5, as in a run: rules against their schema, tests with no more built-in functions than rules."""
    done = trial(**files)
    assert (done.code, done.out) == (5, "")
    assert says in done.err


def test_the_older_rego(trial: Trial) -> None:
    """Where it is asked for."""
    older = 'package acme.a\n\ndeny[msg] { input.cluster_name == "prod"; msg := "x" }\n'
    test = 'package acme.a_test\n\ntest_x { data.acme.a.deny == {"x"} with input as {"cluster_name": "prod"} }\n'
    done = trial("rules", "--rego-version", "v0", a=older, a_test=test)
    assert (done.code, "1 of 1 passed" in done.out) == (0, True), done.said


def test_nothing_of_the_users_environment(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that would set opa's own flags reaches no test."""
    for name, value in {"OPA_TEST_RUN": "nothing", "OPA_TEST_V0_COMPATIBLE": "true"}.items():
        monkeypatch.setenv(name, value)
    done = trial(a=RULE, a_test=GOOD)
    assert (done.code, "1 of 1 passed" in done.out) == (0, True), done.said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "no rules are named"),
        (("gone",), "cannot be read: No such file or directory"),
        ((EXAMPLE, "--rego-version", "v2"), "rego-version is neither v1 nor v0"),
        ((EXAMPLE, "--key", "k"), "--key is not an option of policy test"),
    ],
)
def test_a_wrong_question(ask: Ask, opa: Path, tmp_path: Path, words: tuple[str | Path, ...], says: str) -> None:
    """Exit 2, by name."""
    done = ask("policy", "test", *words, "--opa", opa, cwd=tmp_path)
    assert (done.code, says in done.err) == (2, True), done.said


def test_export_takes_no_option_of_test(ask: Ask, tmp_path: Path) -> None:
    """What an option would not do is not passed over."""
    done = ask("policy", "export", "--rego-version", "v0", cwd=tmp_path)
    assert (done.code, "--rego-version is not an option of policy export" in done.err) == (2, True)
