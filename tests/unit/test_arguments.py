"""The command line: every complaint at once, and no value echoed that could be a secret."""

from __future__ import annotations

import base64

import pytest

from attestor import options
from attestor.arguments import BOOLEANS, Arguments, looks_secret, parse, usage
from attestor.errors import AttestorError
from attestor.options import Kind, Option

OPTIONS = (
    Option(name="key", kind=Kind.PATH, text="A key.", repeatable=True),
    Option(name="context", kind=Kind.TEXT, text="A context.", default="current"),
    Option(name="mode", kind=Kind.CHOICE, text="A mode.", choices=("a", "b")),
    Option(name="allow-replay", kind=Kind.BOOLEAN, text="A switch."),
)
PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHt2SECRETSECRETSECRETSECRETSECRET\n-----END PRIVATE KEY-----\n"
KUBECONFIG = "apiVersion: v1\nkind: Config\nusers:\n- name: x\n  user: {token: SECRETSECRETSECRET}\n"
SECRETS = [
    PEM,
    PEM.replace("\n", ""),
    base64.b64encode(PEM.encode()).decode(),
    base64.encodebytes(PEM.encode()).decode(),
    base64.urlsafe_b64encode(PEM.encode()).decode().rstrip("="),
    KUBECONFIG,
    base64.b64encode(KUBECONFIG.encode()).decode(),
    '{"apiVersion": "v1", "users": []}',
]


def parsed(*argv: str) -> tuple[Arguments, list[AttestorError]]:
    complaints: list[AttestorError] = []
    return parse(argv, OPTIONS, complaints), complaints


def read(*argv: str) -> Arguments:
    found, complaints = parsed(*argv)
    assert complaints == []
    return found


def complaint(*argv: str) -> str:
    _, complaints = parsed(*argv)
    assert len(complaints) == 1
    return "\n".join(complaints[0].lines())


def test_values_follow_an_option_or_an_equals_sign() -> None:
    """Both spellings, empty values, and values with an equals sign in them."""
    found = read("--key", "a", "--key=b=c", "--context=", "envelope", "-")
    assert found.values == {"key": ["a", "b=c"], "context": [""]}
    assert found.positionals == ["envelope", "-"]
    assert (found.one("key"), found.one("context"), found.one("mode")) == ("b=c", "", None)


@pytest.mark.parametrize(
    ("argv", "value", "positionals"),
    [
        (["--allow-replay"], "true", []),
        (["--allow-replay", "false"], "false", []),
        (["--allow-replay", "yes"], "yes", []),
        (["--allow-replay=maybe"], "maybe", []),
        (["--allow-replay", "envelope.json"], "true", ["envelope.json"]),
        (["--allow-replay", "--key=x"], "true", []),
    ],
)
def test_a_boolean_needs_no_value(argv: list[str], value: str, positionals: list[str]) -> None:
    """It takes the next word only where that looks like one; whether it is one is said later."""
    found = read(*argv)
    assert (found.one("allow-replay"), found.positionals) == (value, positionals)


def test_booleans_are_yamls() -> None:
    """The core schema's spellings and no others."""
    assert {spelling: value for spelling, value in BOOLEANS.items() if value} == dict.fromkeys(
        ["true", "True", "TRUE"], True
    )
    assert [spelling for spelling, value in BOOLEANS.items() if not value] == ["false", "False", "FALSE"]


def test_behind_two_hyphens_nothing_is_an_option() -> None:
    """A file may have any name."""
    assert read("--key=a", "--", "--key", "-x", "--").positionals == ["--key", "-x", "--"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--context"], "--context has no value\ndo:  write --context TEXT"),
        (["--context", "--key=a"], "--context has no value\ndo:  write --context TEXT"),
        (["--context=a", "--context=b"], "--context was given twice\ndo:  give it once"),
        (["--contex", "x"], "--contex is not an option of this command\ndo:  did you mean --context?"),
        (["--zzzzzz=x"], "--zzzzzz is not an option of this command\ndo:  see --help"),
        (["--Foo\x1b[2J"], "an option is not an option of this command\ndo:  see --help"),
        (["-k", "x"], "short options are not known here\ndo:  see --help"),
    ],
)
def test_what_is_wrong_is_named(argv: list[str], said: str) -> None:
    """And what is near is proposed."""
    assert complaint(*argv) == said


def test_the_value_of_an_unknown_option_is_nothing_else() -> None:
    """It does not turn into the envelope."""
    found, complaints = parsed("--unknown", "value", "envelope")
    assert (found.positionals, len(complaints)) == (["envelope"], 1)


def test_every_complaint_comes_at_once() -> None:
    """In the order of the command line, with the rest still read."""
    found, complaints = parsed("-x", "--what", "--context", "--key=a", "--key", PEM, "envelope")
    assert len(complaints) == 4
    assert (found.values, found.positionals) == ({"context": [""], "key": ["a"]}, ["envelope"])


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("argv", [["--key", "{}"], ["--key={}"], ["--unknown={}"], ["{}"], ["--", "{}"], ["--{}"]])
def test_a_secret_is_refused_without_being_echoed(argv: list[str], secret: str) -> None:
    """As a value, as an unknown option, standing alone, or behind two hyphens."""
    found, complaints = parsed(*(word.format(secret) for word in argv))
    said = "\n".join(line for error in complaints for line in error.lines())
    assert complaints
    assert "SECRET" not in said
    assert not any(part in said for part in secret.split("\n") if len(part) > 20)
    assert secret not in found.positionals
    assert not any(secret in values for values in found.values.values())


def test_the_option_that_got_a_secret_is_named() -> None:
    """Both spellings; a word that is no option's name is not repeated."""
    assert complaint("--key", PEM).startswith("the value of --key looks like")
    assert complaint(f"--key={PEM}").startswith("the value of --key looks like")
    assert complaint(PEM).startswith("the value of an argument looks like")
    assert complaint(f"--{PEM}").startswith("the value of an argument looks like")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "signing.key",
        "/home/someone/.kube/config",
        "a" * 64,
        "/very/long/path/of/forty/characters/and/some/more/in/it",
        base64.b64encode(b"nothing that anybody would hide, but long enough").decode(),
        "A" * 41,
        "gke_project_europe-west1_cluster-name-that-is-rather-long",
    ],
)
def test_names_and_paths_are_no_secrets(value: str) -> None:
    """Long words, paths and digests are what options are given."""
    assert not looks_secret(value)


def test_help_names_every_option_its_default_and_its_choices() -> None:
    """With the exit codes below."""
    text = usage("verify", "Checks.", "ENVELOPE", OPTIONS)
    assert text.splitlines()[:3] == ["usage: mesh-attestor verify [options] ENVELOPE", "", "Checks."]
    assert "  --context TEXT (default: current)\n      A context." in text
    assert "  --mode a|b\n" in text
    assert "  --allow-replay true|false\n" in text
    assert text.splitlines()[-1].startswith("Exit codes: 0 allowed, 1 denied, 2 settings")
    assert usage("run", "Runs.", "", ()).startswith("usage: mesh-attestor run [options]\n")


@pytest.mark.parametrize("table", [options.RUN, options.VERIFY, options.SHOW, options.KEYGEN])
def test_every_option_of_the_program_is_kebab_case_with_a_sentence(table: tuple[Option, ...]) -> None:
    """The names are the action's inputs too; a choice has its default among its words."""
    names = [option.name for option in table]
    assert len(names) == len(set(names))
    for option in table:
        assert option.name == option.name.lower().replace("_", "-")
        assert option.text.endswith(".")
        assert (option.kind is Kind.CHOICE) == bool(option.choices)
        assert not option.choices or option.default in option.choices


@pytest.mark.parametrize("size", [60, 200, 300])
def test_a_key_without_its_pem_lines_is_refused(size: int) -> None:
    """DER in base64, with lengths of one, two and three bytes."""
    length = bytes([size]) if size < 128 else bytes([0x81, size]) if size < 256 else b"\x82" + size.to_bytes(2, "big")
    der = b"\x30" + length + bytes(size)
    assert looks_secret(base64.b64encode(der).decode())
    assert not looks_secret(base64.b64encode(der + b"x").decode())
