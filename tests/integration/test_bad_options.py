"""The command line: what is not understood is refused by name, and everything that is wrong is said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from attestor.capture import strace
from tests.conftest import Program
from tests.integration.conftest import Attempt, Fake
from tests.integration.test_recordings import predicate

WRONG_NAMES = ["a;reboot", "$(id)", "`id`", "a>b", "a'b", "*", "-A", "ä", "Emojivoto", "a-", "a.b", "a" * 64]


@pytest.mark.parametrize("name", WRONG_NAMES)
def test_a_namespace_that_none_can_be(attempt: Attempt, name: str) -> None:
    """A name becomes part of a shell command, so only what Kubernetes itself takes is let near it."""
    said = attempt.refused(f"--namespaces=linkerd,{name}")
    assert "namespaces holds what no namespace can be called: " in said
    assert "linkerd," not in said


def test_every_wrong_namespace_is_named(attempt: Attempt) -> None:
    """One complaint lists all the wrong names, and cuts long ones."""
    said = attempt.refused(namespaces=f"a;b fine {'x' * 64},C")
    assert f"'a;b', '{'x' * 39}…', 'C'\n" in said


@pytest.mark.parametrize("name", ["a" * 63, "0"])
def test_a_namespace_that_is_one(attempt: Attempt, name: str) -> None:
    """Every DNS-1123 label is taken, and asked for."""
    assert attempt(namespaces=name).code in {0, 1}
    assert attempt.asked()[-1] == f"viz edges deploy -n {name} -o json"


@pytest.mark.parametrize(
    ("word", "shown", "near"),
    [
        ("--signing-kye", "--signing-kye", "--signing-key"),
        ("--namespace=a", "--namespace", "--namespaces"),
        ("--signing_key", "an option", "--signing-key"),
        ("--WAIT", "an option", ""),
        ("--quux", "--quux", ""),
    ],
)
def test_an_unknown_option(attempt: Attempt, word: str, shown: str, near: str) -> None:
    """An unknown option is refused, and one that is spelt like it is suggested."""
    said = attempt.refused(word)
    assert f"{shown} is not an option of this command" in said
    assert (f"did you mean {near}?" if near else "see --help") in said


@pytest.mark.parametrize("spelling", ["yes", "off", "1", "tRUE", "maybe"])
def test_an_unknown_boolean(attempt: Attempt, spelling: str) -> None:
    """Only the spellings of YAML 1.2 are booleans: `yes` is a word, and no guess is made about it."""
    said = attempt.refused(f"--allow-replay={spelling}", allow_replay=None)
    assert "allow-replay is not a boolean" in said
    assert "write true or false" in said


def test_an_unknown_boolean_as_a_word_of_its_own(attempt: Attempt) -> None:
    """A word behind a boolean that looks like one is taken as its value, and refused."""
    assert "allow-replay is not a boolean" in attempt.refused("--allow-replay", "yes", allow_replay=None)


@pytest.mark.parametrize("words", [["--allow-replay"], ["--allow-replay", "TRUE"], ["--allow-replay=True"]])
def test_a_boolean(attempt: Attempt, words: list[str]) -> None:
    """A boolean without a value is true, and the three spellings of true are."""
    assert attempt(*words, allow_replay=None).code == 0


def test_an_option_given_twice(attempt: Attempt) -> None:
    """Two values for one option are one too many, also where they agree."""
    assert "--step was given twice" in attempt.refused("--step", "a", "--step=a")


@pytest.mark.parametrize("words", [["--step"], ["--step", "--cluster-name", "prod"]])
def test_an_option_without_its_value(attempt: Attempt, words: list[str]) -> None:
    """An option does not take the next option for its value."""
    said = attempt.refused(*words)
    assert "--step has no value" in said
    assert "write --step TEXT" in said


@pytest.mark.parametrize("word", ["-k", "-n=prod", "stray"])
def test_what_is_no_option(attempt: Attempt, word: str) -> None:
    """Short options and stray words are refused."""
    said = attempt.refused(word)
    assert "short options are not known here" in said or "run takes options only" in said


@pytest.mark.parametrize("value", ["20", "0s", "-1s", "25h", "1d", "1e3s", "\u0661s"])
def test_a_bad_duration(attempt: Attempt, value: str) -> None:
    """A limit is a number with its unit, above nothing and at most a day."""
    assert "timeout is not a duration above 0 and up to 24h" in attempt.refused(f"--timeout={value}")


@pytest.mark.parametrize("value", ["30", "-1s", "1m; reboot", "$(id)", "1s\n"])
def test_a_bad_wait(attempt: Attempt, value: str) -> None:
    """What becomes part of the command is a duration and nothing else."""
    assert "wait is not a duration" in attempt.refused(f"--wait={value}")


def test_a_wait_becomes_part_of_the_command(attempt: Attempt) -> None:
    """A duration for linkerd's own retrying stands in the recorded command."""
    assert attempt(wait="1m30s").code == 0
    assert predicate(attempt.tree, "command-run")["cmd"][2].startswith("linkerd check -o json --wait 1m30s > ")


@pytest.mark.parametrize("option", ["trace", "mode"])
@pytest.mark.parametrize("word", ["always", "On", ""])
def test_a_bad_word(attempt: Attempt, option: str, word: str) -> None:
    """An option with a few words takes those and lists them; an empty value is its default."""
    if not word:
        assert attempt(f"--{option}=", mode=None, trace=None).code == 0
        return
    said = attempt.refused(f"--{option}={word}", mode=None, trace=None)
    assert f"{option} is none of " in said
    assert "write one of them (default: " in said


@pytest.mark.parametrize("option", ["step", "cluster-name"])
@pytest.mark.parametrize("value", ["a" * 254, "a\nb", "a\x1b[2J"])
def test_a_bad_name(attempt: Attempt, option: str, value: str) -> None:
    """A name is short and printable: it is signed and shown."""
    said = attempt.refused(f"--{option}={value}")
    assert f"{option} is not a name" in said
    assert "\x1b" not in said


@pytest.mark.parametrize("value", ["A-B", "1A", "HOME=/root", "A$B"])
def test_a_variable_that_none_can_be(attempt: Attempt, value: str) -> None:
    """pass-environment takes names; what is not one is named."""
    assert "pass-environment holds what no variable can be called" in attempt.refused(pass_environment=value)


@pytest.mark.parametrize("name", ["MESH_ATTESTOR_SIGNING_KEY", "INPUT_KUBECONFIG", "ACTIONS_RUNTIME_TOKEN"])
def test_a_variable_that_nobody_may_see(attempt: Attempt, name: str) -> None:
    """The program's own secrets and the runner's are not passed on by any option."""
    assert f"pass-environment may not name {name}" in attempt.refused(pass_environment=name)


def test_tracing_where_it_cannot_be(attempt: Attempt, fake: Fake) -> None:
    """Where strace may not trace, `on` is refused; `auto` goes on, says so, and signs the reason."""
    env = {"PATH": f"{fake('exit 1', name='strace').parent}:/usr/bin:/bin"}
    said = attempt.refused(trace="on", env=env)
    assert "trace is on, and the capture cannot be traced: strace may not trace here" in said
    assert "set trace to auto" in said
    done = attempt(trace="auto", env=env)
    assert done.code == 0, done.said
    assert "not traced: strace may not trace here" in done.out
    assert predicate(attempt.tree, "command-run")["capture"]["trace"]["state"] == "unavailable"


def test_tracing_without_strace(tmp_path: Path) -> None:
    """Without strace there is a reason; the system's folders are always searched, so this is asked in-process."""
    tracer = strace.find(str(tmp_path), {}, wanted=True)
    assert (tracer.binary, tracer.reason) == ("", "strace is not installed")


def test_everything_wrong_is_said_at_once(attempt: Attempt, tmp_path: Path) -> None:
    """One run names every wrong setting, each with what to do, rather than the first of them."""
    said = attempt.refused(
        "--sing-key=x",
        signing_key="/nowhere/key",
        kubeconfig="/nowhere/config",
        linkerd_path="/nowhere/linkerd",
        opa="/nowhere/opa",
        namespaces="A;B",
        timeout="soon",
        wait="1",
        trace="perhaps",
        mode="kind",
        outfile=tmp_path,
        in_cluster="yes",
        pass_environment="MESH_ATTESTOR_SIGNING_KEY",
        linkerd_extensions="viz",
    )
    complaints = (
        "--sing-key is not an option",
        "/nowhere/key cannot be read",
        "/nowhere/config cannot be read",
        "no program at /nowhere/linkerd",
        "no opa at /nowhere/opa",
        "namespaces holds",
        "timeout is not",
        "wait is not",
        "trace is none of",
        "mode is none of",
        "is a folder",
        "in-cluster is not a boolean",
        "pass-environment may not name",
        "viz is not named linkerd-",
    )
    assert [complaint for complaint in complaints if said.count(complaint) != 1] == []
    assert said.count("  do:  ") == len(complaints)


@pytest.mark.parametrize("argv", [["attest"], ["Run"], ["--nope"], [""]])
def test_an_unknown_command(program: Program, argv: list[str]) -> None:
    """A command that is none is refused with those that there are."""
    done = program(*argv)
    assert (done.code, done.out) == (2, "")
    assert "there is no such command" in done.err
    assert "run, verify, show, keygen" in done.err
