"""Secrets: canaries in every place where a run is given one turn up in no output, no evidence and no child."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from tests.conftest import Done
from tests.integration.conftest import CHECK, Attempt, Fake
from tests.integration.test_recordings import predicate

PASSPHRASE = "canary-passphrase-31c8"
TOKEN = "canary-token-9d40aa7e"
OTHER = "canary-token-of-another-user-51"
PASSWORD = "canary-password-6e02"
RUNTIME = "canary-runtime-token-c4"
INPUT = "canary-input-value-77"
PEM = ed25519.Ed25519PrivateKey.generate().private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE.encode())
)
ENCODED = base64.b64encode(PEM).decode()
BODY = "".join(PEM.decode().splitlines()[1:-1])
KUBECONFIG = f"""
apiVersion: v1
current-context: prod
contexts: [{{name: prod, context: {{cluster: prod, user: prod}}}}]
clusters: [{{name: prod, cluster: {{server: https://prod.example.org}}}}]
users:
- {{name: prod, user: {{token: {TOKEN}, password: {PASSWORD}}}}}
- {{name: other, user: {{token: {OTHER}}}}}
"""

ENVIRONMENT = {
    "MESH_ATTESTOR_SIGNING_KEY": PEM.decode(),
    "MESH_ATTESTOR_SIGNING_KEY_PASSPHRASE": PASSPHRASE,
    "ACTIONS_RUNTIME_TOKEN": RUNTIME,
    "ACTIONS_CACHE_URL": "https://canary-cache-url",
    "INPUT_CLUSTER-NAME": INPUT,
    "INPUT_KUBECONFIG": KUBECONFIG,
}
# The same values under names that no list of names could know.
COPIES = {
    "PLAIN": PEM.decode(),
    "PLAIN_LINE": PEM.decode().splitlines()[1],
    "PLAIN_BASE64": ENCODED,
    "WORDS": f"say {PASSPHRASE} to open",
    "SCRIPT": f"curl -H 'Authorization: Bearer {TOKEN}'",
    "WHATEVER": OTHER,
    "NOTE": PASSWORD,
    "URL": f"https://runner/?t={RUNTIME}",
    "CONFIG": KUBECONFIG,
}
CANARIES = (PASSPHRASE, TOKEN, OTHER, PASSWORD, RUNTIME, INPUT, BODY[:48], BODY[64:100], ENCODED[20:80], "canary")


@pytest.fixture
def guarded(attempt: Attempt, linkerd: Fake, tmp_path: Path) -> Attempt:
    """A run with every secret, over a linkerd that keeps what it was handed and says what it knows."""
    (tmp_path / "kubeconfig").write_text(KUBECONFIG, encoding="utf-8")
    keep = f'env > {tmp_path}/env; tr "\\0" " " < /proc/$$/cmdline > {tmp_path}/argv; echo "$PATH" > {tmp_path}/path'
    tell = f"echo 'unauthorized: {TOKEN}, {PASSPHRASE}, {ENCODED}' >&2"
    attempt.options["linkerd-path"] = linkerd(check=f"{keep}; {tell}; {CHECK}")
    attempt.options["kubeconfig"] = tmp_path / "kubeconfig"
    del attempt.options["signing-key"]
    return attempt


def handed(attempt: Attempt) -> dict[str, str]:
    """Return the environment that linkerd got, without what a shell adds."""
    text = (attempt.tree.parent / "env").read_text(encoding="utf-8")
    found = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {name: value for name, value in found.items() if name not in {"PWD", "OLDPWD", "SHLVL", "_"}}


def assert_silent(*texts: str) -> None:
    for text in texts:
        assert [canary for canary in CANARIES if canary in text] == []
        assert [
            canary for canary in CANARIES if base64.b64encode(canary.encode()).decode().rstrip("=")[:-1] in text
        ] == []


def envelope(attempt: Attempt) -> tuple[str, str]:
    """Return the envelope's text and its payload's."""
    text = (attempt.tree / "attestation.json").read_text(encoding="utf-8")
    return text, base64.b64decode(json.loads(text)["payload"]).decode()


@pytest.mark.parametrize("trace", ["off", "auto"])
def test_no_secret_in_what_is_written_or_shown(guarded: Attempt, trace: str) -> None:
    """No canary is in stdout, stderr, the envelope or its payload, in clear or in base64, under any name."""
    done = guarded(env=ENVIRONMENT | COPIES, trace=trace)
    assert done.code == 0, done.said
    assert_silent(done.out, done.err, *envelope(guarded))
    variables = predicate(guarded.tree, "environment")["variables"]
    assert {variables[name] for name in (*ENVIRONMENT, *COPIES)} == {"******"}


def test_no_secret_in_what_a_failure_shows(guarded: Attempt, linkerd: Fake) -> None:
    """The last words of linkerd are shown where it failed, without the secrets in them."""
    words = f"token {TOKEN} and {PASSWORD} refused; {PASSPHRASE}"
    done = guarded(linkerd_path=linkerd(check=f"echo '{words}' >&2; exit 1"), env=ENVIRONMENT | COPIES)
    assert done.code == 3, done.said
    assert "linkerd: token [REDACTED] and [REDACTED] refused; [REDACTED]" in done.err
    assert_silent(done.err, *envelope(guarded))


def test_no_secret_in_a_child(guarded: Attempt) -> None:
    """No canary is in linkerd's environment or argv; the kubeconfig reaches it as a private file only."""
    assert guarded(env=ENVIRONMENT | COPIES).code == 0
    assert_silent(
        *handed(guarded).values(), *handed(guarded), (guarded.tree.parent / "argv").read_text(encoding="utf-8")
    )


def test_the_whole_environment_of_linkerd(guarded: Attempt) -> None:
    """The capture sees the variables of the contract and no others."""
    passed = {
        "LANG": "C.UTF-8",
        "LINKERD_CLUSTER_NAME": "prod",
        "SSL_CERT_FILE": "/etc/ssl/cert.pem",
        "SSL_CERT_DIR": "/etc/ssl/certs",
        **dict.fromkeys(("HTTP_PROXY", "https_proxy", "NO_PROXY", "all_proxy"), "http://proxy:3128"),
    }
    others = {"HOME": "/root", "USER": "ada", "LD_PRELOAD_": "x", "KUBERNETES_SERVICE_HOST": "10.0.0.1", "FOO": "bar"}
    assert guarded(env=ENVIRONMENT | passed | others).code == 0
    found = handed(guarded)
    assert {name: found.pop(name) for name in passed} == passed
    assert set(found) == {"PATH", "HOME", "TMPDIR", "KUBECONFIG"}
    for name in ("HOME", "TMPDIR", "KUBECONFIG"):
        assert Path(found[name]).is_relative_to(guarded.scratch)


def test_pass_environment(guarded: Attempt) -> None:
    """A variable that is named is passed on, and those beside it are not."""
    done = guarded(pass_environment="AWS_PROFILE,ABSENT", env=ENVIRONMENT | {"AWS_PROFILE": "ci", "AWS_REGION": "eu"})
    assert done.code == 0, done.said
    found = handed(guarded)
    assert (found["AWS_PROFILE"], "AWS_REGION" in found, "ABSENT" in found) == ("ci", False, False)


def test_evidence_stays_readable(guarded: Attempt) -> None:
    """PATH, PWD and other names that the globs would catch are evidence, and so is what holds no secret."""
    readable = {"PWD": "/work", "GOPATH": "/go", "GIT_AUTHOR_NAME": "Ada", "GITHUB_RUN_ID": "17", "LANG": "C"}
    assert guarded(env=ENVIRONMENT | readable).code == 0
    variables = predicate(guarded.tree, "environment")["variables"]
    assert {name: variables[name] for name in readable} == readable
    assert "/bin" in variables["PATH"]


def test_no_other_linkerd_on_the_path(guarded: Attempt, tmp_path: Path) -> None:
    """The CLI runs every linkerd-… that it finds, so it finds those that were named and no others."""
    stray = tmp_path / "stray"
    stray.mkdir()
    for name in ("linkerd", "linkerd-evil", "linkerd-viz", "helper"):
        (stray / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (stray / name).chmod(0o755)
    (tmp_path / "linkerd-smi").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "linkerd-smi").chmod(0o755)
    look = 'for d in $(echo "$PATH" | tr : " "); do ls "$d" | grep -e "^linkerd" -e "^helper"; done'
    guarded.options["linkerd-path"] = look_around = Path(str(guarded.options["linkerd-path"]))
    script = look_around.read_text(encoding="utf-8").replace("env >", f"{look} > {tmp_path}/found; env >")
    look_around.write_text(script, encoding="utf-8")
    done = guarded(
        linkerd_extensions=tmp_path / "linkerd-smi", env=ENVIRONMENT | {"PATH": f"{stray}:/usr/local/bin:/usr/bin:/bin"}
    )
    assert done.code == 0, done.said
    assert (tmp_path / "found").read_text(encoding="utf-8").split() == ["linkerd", "linkerd-smi", "helper"]


@pytest.mark.parametrize("broken", ["--opa=/nowhere", "--context=staging", "--trace=perhaps"])
def test_no_secret_in_a_refusal(guarded: Attempt, broken: str) -> None:
    """What is wrong beside the secrets is said without them."""
    said = guarded.refused(broken, opa=None, trace=None, env=ENVIRONMENT | COPIES)
    assert_silent(said)


def test_private_files_are_left_out_of_the_tree(guarded: Attempt, tmp_path: Path) -> None:
    """A key, a passphrase and a kubeconfig in the working tree are not hashed, and their absence is recorded."""
    names = {"k.pem": PEM.decode(), "passphrase": PASSPHRASE, "config": KUBECONFIG, "other": "hello"}
    for name, text in names.items():
        (guarded.tree / name).write_text(text, encoding="utf-8")
    done: Done = guarded(signing_key="k.pem", signing_key_passphrase_file="passphrase", kubeconfig="config")
    assert done.code == 0, done.said
    excluded = {item["path"] for item in predicate(guarded.tree, "command-run")["capture"]["excluded"]}
    assert {"k.pem", "passphrase", "config"} <= excluded
    assert [name for name in names if name in json.dumps(predicate(guarded.tree, "material"))] == ["other"]
