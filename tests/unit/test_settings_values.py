"""Values that settings take, and the complaint about each that they do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attestor.errors import AttestorError
from attestor.settings import parse, seconds
from tests.unit.test_settings import HERE, complaints, read


@pytest.mark.parametrize(
    ("listed", "namespaces"),
    [
        ("b,a", ("a", "b")),
        (" a\n b ,, a\t", ("a", "b")),
        ("0-9", ("0-9",)),
        ("x" * 63, ("x" * 63,)),
        (",", ()),
    ],
)
def test_namespaces_are_sorted_and_each_stands_once(listed: str, namespaces: tuple[str, ...]) -> None:
    """Separated by commas or white space."""
    assert read({"namespaces": listed}).namespaces == namespaces


@pytest.mark.parametrize(
    "name",
    [
        "A",
        "a_b",
        "-a",
        "a-",
        "a.b",
        "x" * 64,
        "a;id",
        "$(id)",
        "`id`",
        "a|b",
        "a>b",
        "'a'",
        "a\\",
        "ä",
        "a\x00b",
        "-A",
        "*",
    ],
)
def test_no_other_word_comes_near_the_shell(name: str) -> None:
    """It is refused, named in quotes, and not kept."""
    found: list[AttestorError] = []
    settings = parse({"signing-key": "k", "namespaces": f"ok,{name}"}, {}, HERE, found)
    assert settings.namespaces == ("ok",)
    assert "what no namespace can be called" in found[0].problem
    assert found[0].problem.isprintable()


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("90s", 90),
        ("20m", 1200),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("250ms", 0.25),
        ("1m1s1ms", 61.001),
        ("0s", 0),
        ("", None),
        ("5", None),
        ("s", None),
        ("-5s", None),
        ("5 s", None),
        ("5d", None),
        ("5S", None),
        ("1e3s", None),
        (".5s", None),
        ("5s;id", None),
        ("5s\n", None),
        ("\N{ARABIC-INDIC DIGIT FIVE}s", None),
        ("1" * 10 + "s", None),
    ],
)
def test_durations_are_gos(duration: str, expected: float | None) -> None:
    """Hours, minutes, seconds and milliseconds, in figures of this alphabet only."""
    assert seconds(duration) == expected


@pytest.mark.parametrize("wait", ["30s", "0s", "2m"])
def test_a_wait_is_handed_on_as_it_was_written(wait: str) -> None:
    """It becomes a part of the recorded argv."""
    assert read({"wait": wait}).wait == wait


@pytest.mark.parametrize(("timeout", "expected"), [("24h", 86400.0), ("1ms", 0.001), ("", 1200.0)])
def test_a_limit_may_be_as_long_as_a_day(timeout: str, expected: float) -> None:
    """And as short as anybody likes."""
    assert read({"timeout": timeout}).timeout == expected


def test_names_may_be_as_long_as_a_hosts() -> None:
    """And hold any printable letter; they go into the evidence, and near no shell."""
    name = "é ; $(id) " + "x" * 243
    found = read({"cluster-name": name, "step": name})
    assert (len(name), found.cluster, found.step) == (253, name, name)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"wait": "5s; id"}, "wait is not a duration"),
        ({"wait": "\N{ARABIC-INDIC DIGIT FIVE}s"}, "wait is not a duration"),
        ({"timeout": "0s"}, "timeout is not a duration above 0 and up to 24h"),
        ({"timeout": "25h"}, "timeout is not a duration above 0 and up to 24h"),
        ({"timeout": "soon"}, "timeout is not a duration above 0 and up to 24h"),
        ({"mode": "warn"}, "mode is none of enforce, report"),
        ({"trace": "ON"}, "trace is none of auto, on, off"),
        ({"allow-replay": "yes"}, "allow-replay is not a boolean"),
        ({"allow-replay": "1"}, "allow-replay is not a boolean"),
        ({"in-cluster": "tRue"}, "in-cluster is not a boolean"),
        ({"cluster-name": "a\nb"}, "cluster-name is not a name"),
        ({"cluster-name": "x" * 254}, "cluster-name is not a name"),
        ({"step": "a\x1b[2J"}, "step is not a name"),
        ({"pass-environment": "A=b"}, "pass-environment holds what no variable can be called: 'A=b'"),
        ({"pass-environment": "1A"}, "pass-environment holds what no variable can be called: '1A'"),
        ({"signing-key": "-", "kubeconfig": "-"}, "only one option can read standard input"),
    ],
)
def test_a_wrong_value_is_named_once(given: dict[str, str], problem: str) -> None:
    """And replaced by its default, so that the rest can be looked at too."""
    assert complaints(given) == [problem]


def test_a_wrong_value_is_not_repeated_at_length() -> None:
    """A pasted secret of a form that nobody knows ends after forty letters."""
    (problem,) = complaints({"namespaces": "X" * 500})
    assert len(problem) < 120


def test_several_wrong_values_are_reported_together() -> None:
    """One run, every complaint."""
    given = {"mode": "x", "timeout": "x", "wait": "x", "namespaces": "X", "trace": "x", "signing-key": ""}
    assert len(complaints(given)) == 6


@pytest.mark.parametrize("name", ["cluster-name", "step", "context", "working-directory", "opa", "pass-environment"])
def test_a_secret_of_the_environment_is_no_name(name: str) -> None:
    """What is given there is shown, recorded and handed to children: it is refused, not repeated, and not used."""
    secret = "ghs_16C7e42F292c6912E7710c838347Ae178B4a"
    wrong: list[AttestorError] = []
    found = parse({name: f"x/{secret}"}, {"GITHUB_TOKEN": secret}, HERE, wrong)
    said = [line for complaint in wrong for line in complaint.lines()]
    assert any(line == f"the value of {name} holds a secret of the environment" for line in said)
    assert secret not in repr(replace(found, environment={})) + "".join(said)


def test_a_name_that_a_variable_holds_too_is_a_name() -> None:
    """A variable that calls itself a secret may hold its name."""
    wrong: list[AttestorError] = []
    env = {"SECRET_NAME": "prod-east", "INPUT_LINKERD-SHA256": "ab" * 32, "MESH_ATTESTOR_SIGNING_KEY": "keys/mesh.key"}
    given = {"cluster-name": "prod-east", "linkerd-sha256": "ab" * 32, "signing-key": "keys/mesh.key"}
    assert parse(given, env, HERE, wrong).cluster == "prod-east"
    assert wrong == []
