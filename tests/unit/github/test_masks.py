"""What is secret is masked, line by line; what is merely long, or short, is not."""

from __future__ import annotations

import base64
from pathlib import Path

from attestor import settings
from attestor.errors import AttestorError
from attestor.github import masks

PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\nshort\n-----END PRIVATE KEY-----\n"
CONFIG = f"""apiVersion: v1
clusters: [{{name: prod, cluster: {{server: https://prod.example.org, certificate-authority-data: QUFBQUFBQUFBQUFB}}}}]
users:
- name: alice-of-prod
  user:
    token: hunter2-token
    password: hunter2-password
    client-certificate-data: Q0VSVElGSUNBVEVDRVJU
    client-key-data: {base64.b64encode(PEM.encode()).decode()}
- name: bob
  user: {{auth-provider: {{config: {{refresh-token: refresh-me-not}}}}, token: tiny}}
"""


def found(given: dict[str, str], env: dict[str, str] | None = None) -> list[str]:
    complaints: list[AttestorError] = []
    return masks.find(settings.parse(given, env or {}, Path("/"), complaints, inline=True))


def test_a_keys_body_lines_are_masked() -> None:
    """Neither its first and last line, which every key has, nor lines that ordinary text could hold."""
    assert found({"signing-key": PEM}) == ["MC4CAQAwBQYDK2Vw"]
    assert found({"signing-key": base64.b64encode(PEM.encode()).decode()}) == ["MC4CAQAwBQYDK2Vw"]


def test_a_passphrase_is_masked() -> None:
    """Of the input and of the variable, if it is long enough not to hide words."""
    assert found({"signing-key-passphrase": "correct horse"}) == ["correct horse"]
    assert found({}, {"MESH_ATTESTOR_SIGNING_KEY_PASSPHRASE": "correct horse"}) == ["correct horse"]
    assert found({"signing-key-passphrase": "horse"}) == []


def test_only_the_secrets_of_a_kubeconfig_are_masked(tmp_path: Path) -> None:
    """Tokens, passwords and keys of every user; no names, addresses or certificates. Given as text or as a path."""
    encoded = base64.b64encode(PEM.encode()).decode()
    expected = sorted({"hunter2-token", "hunter2-password", "refresh-me-not", encoded, "MC4CAQAwBQYDK2Vw"})
    assert found({"kubeconfig": CONFIG}) == expected
    path = tmp_path / "config"
    path.write_text(CONFIG, encoding="utf-8")
    assert found({"kubeconfig": str(path)}) == expected
    assert found({}, {"KUBECONFIG": f"{tmp_path}/none:{path}"}) == expected


def test_what_cannot_be_read_masks_nothing(tmp_path: Path) -> None:
    """It is complained about where it is used."""
    assert found({"kubeconfig": str(tmp_path), "signing-key": "no\0path"}) == []
    assert found({"kubeconfig": "apiVersion: [\n"}) == []
    assert found({"kubeconfig": "-"}) == []


def test_a_login_programs_secrets_and_named_files_are_masked(tmp_path: Path) -> None:
    """Line by line, and addresses' passwords as well."""
    (tmp_path / "token").write_text("token-in-a-file\nsecond-line\n", encoding="utf-8")
    config = """apiVersion: v1
clusters: [{cluster: {server: https://a.example, proxy-url: "http://ada:proxy-password@p:1"}}]
users:
- user: {exec: {command: x, args: [--client-secret, argument-secret], env: [{name: A_TOKEN, value: variable-secret}]}}
- user: {tokenFile: token, password: "first-line\\nother-line"}
"""
    path = tmp_path / "config"
    path.write_text(config, encoding="utf-8")
    expected = ["argument-secret", "first-line", "other-line", "proxy-password", "second-line", "token-in-a-file"]
    assert found({"kubeconfig": str(path)}) == [*expected, "variable-secret"]
