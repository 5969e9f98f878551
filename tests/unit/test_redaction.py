"""Secrets stay out of the evidence, by name and by value; what is no secret stays readable."""

from __future__ import annotations

import base64
import json
import os
import shlex
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest

from attestor import redaction
from attestor.errors import SettingsError
from attestor.redaction import MASK, REDACTED

LISTED = json.loads(
    (Path(__file__).parent.parent / "fixtures" / "rookery-recorded" / "sensitive-env-keys.json").read_bytes()
)
PEM = b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFirstLineOfTheKey\nc2Vjb25k\n-----END PRIVATE KEY-----\n"


def test_a_list_that_cannot_be_read_is_an_error_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nobody knows what to hide, so that nothing is begun."""

    def refused(*_: object, **__: object) -> str:
        raise OSError(24, "Too many open files")

    redaction._sensitive.cache_clear()
    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(SettingsError, match="the list of the names that secrets have cannot be read: Too many"):
        redaction.prepare()


def test_every_name_of_the_peers_list_is_masked() -> None:
    """The peer's exact names and globs all hold, in any case."""
    data = json.loads((Path(redaction.__file__).parent / "sensitive_names.json").read_bytes())
    for kind in ("globs", "exact"):
        assert set(LISTED[kind]) <= set(data[kind])
    names = [*LISTED["exact"], *(glob.replace("*", "x") for glob in LISTED["globs"])]
    assert len(names) == 108
    for name in names:
        assert redaction.is_sensitive(name), name
        assert redaction.is_sensitive(name.lower()), name


@pytest.mark.parametrize("name", ["INPUT_SIGNING-KEY", "INPUT_CONTEXT", "input_x", "ACTIONS_RUNTIME_URL", "MY_PAT"])
def test_inputs_and_what_the_runner_gives_to_actions_are_masked(name: str) -> None:
    """Every INPUT_* and ACTIONS_* is, whatever it is called."""
    assert redaction.is_sensitive(name)


@pytest.mark.parametrize("name", ["PATH", "PWD", "OLDPWD", "GITHUB_PATH", "GIT_AUTHOR_NAME", "LD_LIBRARY_PATH"])
def test_harmless_names_that_the_globs_would_catch_stay_readable(name: str) -> None:
    """A search path is evidence, not a secret; another spelling of its name is not known to be one."""
    assert not redaction.is_sensitive(name)
    assert redaction.is_sensitive(name.lower())


@pytest.mark.parametrize("name", ["HOME", "USER", "LANG", "KUBECONFIG", "LINKERD_CLUSTER_NAME", "CI", ""])
def test_other_names_are_not_masked(name: str) -> None:
    """What nothing on the list speaks of is evidence."""
    assert not redaction.is_sensitive(name)


def test_a_masked_value_keeps_its_name() -> None:
    """Six asterisks stand for the value, and names are sorted."""
    found = redaction.variables({"TOKEN": "x", "HOME": "/root", "A": ""}, [])
    assert list(found.items()) == [("A", ""), ("HOME", "/root"), ("TOKEN", MASK)]
    assert MASK == "******"


def test_a_known_secret_is_masked_under_any_name() -> None:
    """Equal to a secret, or containing one, is enough; also under a harmless name."""
    secrets = ["hunter2-and-more", "abc", "sixsix"]
    environment = {
        "PATH": "/opt/hunter2-and-more/bin",
        "NOTES": "hunter2-and-more",
        "URL": "x=hunter2-and-more&y",
        "SHORT": "abc",
        "ALPHABET": "abcdef",
        "SIX": "xsixsixx",
    }
    assert redaction.variables(environment, secrets) == {
        "ALPHABET": "abcdef",
        "NOTES": MASK,
        "PATH": MASK,
        "SHORT": MASK,
        "SIX": MASK,
        "URL": MASK,
    }


def test_two_names_that_are_not_text_become_one() -> None:
    """An object with a key twice could not be read back: the later one wins, as with the peer's duplicates."""
    environment = {os.fsdecode(b"N\x80"): "a", os.fsdecode(b"N\x81"): "b"}
    assert redaction.variables(environment, []) == {"N\ufffd": "b"}


def test_secrets_are_cut_out_of_text_longest_first() -> None:
    """A secret within a secret leaves nothing of the longer one; what is too short to be told apart stays."""
    printed = "token=secret-and-more, secret, abc"
    assert redaction.text(printed, ["secret", "secret-and-more", "abc"]) == f"token={REDACTED}, {REDACTED}, abc"


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("MY_TOKEN", "12345678", True),
        ("my_password", "12345678", True),
        ("SSH_KEY_FILE", "12345678", True),
        ("MY_TOKEN", "1234567", False),
        ("KEYBOARD", "12345678", False),
        ("HOME", "12345678", False),
    ],
)
def test_values_of_variables_that_call_themselves_secret_are_known(name: str, value: str, is_secret: bool) -> None:
    """The peer's words, from eight characters on."""
    assert redaction.named_secrets({name: value}) == ({value} if is_secret else set())


def test_a_key_is_known_by_its_text_its_lines_and_its_base64() -> None:
    """Each of these forms in a variable or in output is the key; the armour's own lines are not."""
    found = redaction.spellings(PEM)
    assert PEM.decode().strip() in found
    assert {"MC4CAQAwBQYDK2VwBCIEIFirstLineOfTheKey", "c2Vjb25k"} <= found
    assert {base64.b64encode(PEM).decode(), base64.b64encode(PEM.strip()).decode()} <= found
    assert not any(form.startswith("-----END") for form in found)


@pytest.mark.parametrize("secret", [b"", b"\n", b"  \r\n"])
def test_nothing_is_no_secret(secret: bytes) -> None:
    """An empty form would mask every empty value."""
    assert "" not in redaction.spellings(secret)


def test_a_key_in_a_variable_of_another_name_is_masked() -> None:
    """The whole key, one line of it, and its base64 are all recognised."""
    secrets = redaction.spellings(PEM)
    environment = {
        "A": PEM.decode(),
        "B": "x MC4CAQAwBQYDK2VwBCIEIFirstLineOfTheKey y",
        "C": base64.b64encode(PEM).decode(),
        "D": "-----END PRIVATE KEY-----",
    }
    assert redaction.variables(environment, secrets) == {"A": MASK, "B": MASK, "C": MASK, "D": environment["D"]}


def test_a_password_in_a_proxys_address_is_masked_and_hidden_elsewhere() -> None:
    """`HTTPS_PROXY=http://user:password@proxy` is a secret, though no name says so; an address without one is not."""
    environment = {
        "HTTPS_PROXY": "http://ada:hunter22@proxy:3128",
        "NO_PROXY": "localhost",
        "ALL_PROXY": "http://proxy:1",
    }
    masked = redaction.variables(environment, ())
    assert masked == {"HTTPS_PROXY": "******", "NO_PROXY": "localhost", "ALL_PROXY": "http://proxy:1"}
    assert redaction.named_secrets(environment) == {"hunter22"}


ENCODERS: dict[str, Callable[[bytes], str]] = {
    "base64 behind one byte": lambda data: base64.b64encode(b"x" + data).decode(),
    "base64 behind two bytes": lambda data: base64.b64encode(b"xy" + data).decode(),
    "base64url": lambda data: base64.urlsafe_b64encode(data).decode(),
    "base64 twice": lambda data: base64.b64encode(base64.b64encode(data)).decode(),
    "hex": lambda data: data.hex(),
    "JSON": lambda data: json.dumps(data.decode()),
    "JSON twice": lambda data: json.dumps(json.dumps(data.decode())),
    "an address": urllib.parse.quote,
    "a shell": lambda data: shlex.quote(data.decode()),
    "two lines": lambda data: data.decode()[:9] + "\n" + data.decode()[9:],
    "escaped lines": lambda data: data.decode()[:9] + "\\n" + data.decode()[9:],
    "words": lambda data: " ".join(data.decode()),
}


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_secret_is_known_in_every_usual_encoding(encoder: str) -> None:
    """In what a program prints, and in a variable; nothing of it that could be put together again stays."""
    secret = 'p>w\'a\\b/c+d "0815" \u00e4 zz'
    printed = f"before {ENCODERS[encoder](secret.encode())} after"
    shown = redaction.text(printed, redaction.spellings(secret.encode()))
    assert REDACTED in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    assert len(shown) <= len("before  after") + len(REDACTED) + 6
    assert redaction.variables({"NOTE": printed}, redaction.spellings(secret.encode())) == {"NOTE": MASK}


def test_a_short_secret_is_cut_out_where_it_is_a_word() -> None:
    """Of four characters on; in the middle of other words it is not the secret."""
    assert redaction.text("horse, horses and a horse", ["horse"]) == f"{REDACTED}, horses and a {REDACTED}"


@pytest.mark.parametrize(
    "secret",
    [
        PEM.decode(),
        "eyJhbGciOiJSUzI1NiIsImtpZCI6IiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQifQ.c2lnbmF0dXJl",
        "ghs_16C7e42F292c6912E7710c838347Ae178B4a",
    ],
)
def test_what_is_a_secret_by_its_looks_is_hidden_though_nobody_told(secret: str) -> None:
    """A private key, a web token and a token of GitHub; linkerd's login program got it from elsewhere."""
    assert redaction.text(f"got {secret} from it", []).split() == ["got", REDACTED, "from", "it"]
    assert redaction.variables({"NOTE": f"see {secret}"}, []) == {"NOTE": MASK}


def test_a_long_text_is_looked_at_only_as_far_as_it_is_kept() -> None:
    """And a secret that the cut goes through is in neither part."""
    secret = "s3cret-" * 40
    for at in (990, 1000, 1010):
        printed = "x" * at + secret + "y" * 200_000
        assert "s3c" not in redaction.beginning(printed, [secret], 1000)
        assert "s3c" not in redaction.end(printed[::-1].replace(secret[::-1], secret), [secret], 1000)
    assert redaction.beginning("x" * 2000, [], 1000) == redaction.end("x" * 2000, [], 1000) == "x" * 1000
    assert len(redaction.beginning("x" * 200_000, [], 1000)) == len(redaction.end("x" * 200_000, [], 1000)) == 1000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ghs_16C7e42F292c6912E7710c838347Ae178B4a", True),
        ("AKIAIOSFODNN7EXAMPLE", True),
        ("production-eu-central-1", False),
        ("6dae42f8-4368-4678-94ff-3960e28e3630", False),
        ("1234567890123456789", False),
        ("/usr/local/share/ca-certificates", False),
    ],
)
def test_what_looks_random(value: str, expected: bool) -> None:
    """Letters and figures in one run, as no person writes them."""
    assert redaction.looks_random(value) is expected


def test_secrets_of_the_environment_are_known_encoded_and_inside_of_json() -> None:
    """A cloud's credentials hold a key; its other lines are words that anybody may use."""
    credentials = json.dumps({"type": "service_account", "private_key": PEM.decode()}, indent=1)
    forms = redaction.named_forms(
        {"GOOGLE_CREDENTIALS": credentials, "CI_JOB_JWT": "a7K0123456789abcdef", "HOME": "/x"}
    )
    assert "MC4CAQAwBQYDK2VwBCIEIFirstLineOfTheKey" in forms
    assert base64.b64encode(b"a7K0123456789abcdef").decode()[:25] in forms
    assert "/x" not in forms
    assert '"type": "service_account",' not in forms


def test_a_report_holds_a_secret_only_if_that_is_no_coincidence() -> None:
    """A password may be a word of the report."""
    assert redaction.holds(b'{"error": "Bearer a7K0123456789"}', ["a7K0123456789"])
    assert not redaction.holds(b'{"error": "linkerd-viz"}', ["linkerd-viz"])
