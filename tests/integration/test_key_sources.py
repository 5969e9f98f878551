"""Where a signing key may come from, and that it is never repeated where it may not."""

from __future__ import annotations

import base64

import pytest

from tests.conftest import KeyPair
from tests.integration.conftest import Attempt

KUBECONFIG = "apiVersion: v1\nkind: Config\nusers:\n- name: u\n  user: {token: tok-5c1e77aa90}\n"
VARIABLE = "MESH_ATTESTOR_SIGNING_KEY"


def body(key: KeyPair) -> str:
    """Return the key's base64 without its first and last line, which is the DER in base64."""
    return "".join(key.private.read_text(encoding="ascii").splitlines()[1:-1])


def test_standard_input(attempt: Attempt, key: KeyPair) -> None:
    """A key is read from standard input where the option is a hyphen."""
    done = attempt(signing_key="-", stdin=key.private.read_bytes())
    assert (done.code, body(key) in done.said) == (0, False)


def test_standard_input_that_holds_none(attempt: Attempt) -> None:
    """An empty standard input is no key."""
    assert "the signing key is not a PEM private key" in attempt.refused(signing_key="-")


@pytest.mark.parametrize("form", ["path", "PEM", "one line", "base64", "wrapped base64"])
def test_the_variable_is_a_path_or_the_content(attempt: Attempt, key: KeyPair, form: str) -> None:
    """The variable holds a path, the PEM text, or its base64 with or without line breaks."""
    pem = key.private.read_bytes()
    value = {
        "path": str(key.private),
        "PEM": pem.decode(),
        "one line": pem.decode().strip(),
        "base64": base64.b64encode(pem).decode(),
        "wrapped base64": base64.encodebytes(pem).decode(),
    }[form]
    done = attempt(signing_key=None, env={VARIABLE: value})
    assert done.code == 0, done.said
    assert body(key) not in done.said


@pytest.mark.parametrize("cut", [0, 1])
def test_a_variable_that_holds_only_part_of_a_key_is_not_repeated(attempt: Attempt, key: KeyPair, cut: int) -> None:
    """What the variable holds may be a secret in any form, so it is not shown as a path either."""
    value = body(key)[cut:]
    said = attempt.refused(signing_key=None, env={VARIABLE: value})
    assert "the signing key ($MESH_ATTESTOR_SIGNING_KEY) cannot be read" in said
    assert value not in said


def forms(text: str) -> dict[str, str]:
    encoded = base64.b64encode(text.encode()).decode()
    return {
        "plain": text,
        "base64": encoded,
        "URL-safe base64": base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
        "wrapped base64": base64.encodebytes(text.encode()).decode(),
    }


@pytest.mark.parametrize("option", ["--signing-key", "--kubeconfig", "--cluster-name=", "--unknown-option", ""])
@pytest.mark.parametrize("form", ["plain", "wrapped base64"])
def test_a_key_on_the_command_line_is_not_repeated(attempt: Attempt, key: KeyPair, option: str, form: str) -> None:
    """A key as a value or alone, in any form, ends the run in 2 without one character of it."""
    value = forms(key.private.read_text(encoding="ascii"))[form]
    words = [option + value] if option.endswith("=") else [*filter(None, [option]), value]
    said = attempt.refused(*words, signing_key=None)
    assert "looks like a key or a kubeconfig itself" in said or "--unknown-option is not an option" in said
    assert not any(part in said for part in (value[30:50], body(key)[:20]))


@pytest.mark.parametrize("option", ["--signing-key", "--kubeconfig"])
def test_a_kubeconfig_or_a_bare_key_on_the_command_line_is_not_repeated(
    attempt: Attempt, key: KeyPair, option: str
) -> None:
    """A kubeconfig in any form, and a key without its first and last line, are told from a path as well."""
    for value in (*forms(KUBECONFIG).values(), '{"apiVersion": "v1", "users": []}', body(key)):
        said = attempt.refused(option, value, signing_key=None)
        assert f"the value of {option} looks like a key or a kubeconfig itself" in said
        assert not any(part in said for part in ("tok-5c1e77aa90", value[10:30]))
