"""The ways of the commands beside ``run``."""

from __future__ import annotations

import base64
import json

from attestor.commands import NAMES
from tests.conftest import Done
from tests.secrets.ground import Ground, report
from tests.secrets.runs import INSECURE, login
from tests.secrets.ways import everything, opa, run, way

ENVELOPE = "attestation.json"
EXPORT = ["policy", "export", "--expires", "2999-06-30T00:00:00Z"]


def verify(on: Ground, *more: str) -> Done:
    """Verify what a run left, with its own key and a good engine, but for ``more``."""
    return on.call(["verify", ENVELOPE, "--key", str(on.public), "--allow-replay", *more])


def engine(on: Ground) -> list[str]:
    return ["--opa", str(on.programs.folder / "opa")]


def left_by_a_run(on: Ground, **bodies: str) -> None:
    """Leave the envelope of a run in which linkerd told everything."""
    run(on, {"check": f"{everything(on)}; {report('check')}", **bodies})


@way(0)
def verify_allows(on: Ground) -> Done:
    left_by_a_run(on)
    return verify(on, *engine(on))


@way(1)
def verify_denies(on: Ground) -> Done:
    left_by_a_run(on, **INSECURE)
    return verify(on, *engine(on), "--format", "json")


@way(2)
def verify_with_the_private_key(on: Ground) -> Done:
    left_by_a_run(on)
    return on.call(["verify", ENVELOPE, "--key", str(on.planted.files["key"]), *engine(on)])


@way(4)
def verify_what_was_changed(on: Ground) -> Done:
    left_by_a_run(on)
    path = on.tree / ENVELOPE
    envelope = json.loads(path.read_bytes())
    envelope["payload"] = base64.b64encode(
        base64.b64decode(envelope["payload"]).replace(b"success", b"succeed")
    ).decode()
    path.write_text(json.dumps(envelope), encoding="utf-8")
    return verify(on, *engine(on))


@way(4)
def verify_a_kubeconfig(on: Ground) -> Done:
    return on.call(["verify", str(on.planted.files["kubeconfig"]), "--key", str(on.public), *engine(on)])


@way(5)
def verify_with_an_engine_that_tells_its_input(on: Ground) -> Done:
    left_by_a_run(on)
    return verify(on, "--opa", opa(on, '/bin/cat "$note.stdin" "$note.environ" >&2; exit 2'))


@way(0)
def show(on: Ground) -> Done:
    left_by_a_run(on, **INSECURE)
    return on.call(["show", ENVELOPE])


@way(4)
def show_a_key(on: Ground) -> Done:
    return on.call(["show", str(on.planted.files["key"])])


@way(0)
def policy_export(on: Ground) -> Done:
    return on.call([*EXPORT, "--key", str(on.public)])


@way(2)
def policy_export_with_a_wrong_passphrase(on: Ground) -> Done:
    return on.call([*EXPORT, "--key", str(on.public)], {"MESH_ATTESTOR_SIGNING_KEY_PASSPHRASE": "wrong"})


@way(2)
def policy_export_for_a_private_key(on: Ground) -> Done:
    return on.call([*EXPORT, "--key", str(on.planted.files["key"])])


@way(4)
def policy_export_into_a_folder(on: Ground) -> Done:
    return on.call([*EXPORT, "--key", str(on.public), "--out", ".git"])


@way(0)
def keygen(on: Ground) -> Done:
    return on.call(["keygen", "--out", "new.key", "--passphrase-file", str(on.planted.files["passphrase"])])


@way(2)
def keygen_over_a_key(on: Ground) -> Done:
    return on.call(["keygen", "--out", str(on.planted.files["key"])])


@way(2)
def keygen_without_its_passphrase(on: Ground) -> Done:
    return on.call(["keygen", "--out", "new.key", "--passphrase-file", on.planted.text("passphrase")])


def doctor(on: Ground, context: str) -> Done:
    login(on)
    config = str(on.planted.files["kubeconfig"])
    return on.call(["doctor", "--kubeconfig", config, "--context", context, *engine(on)])


@way(2, 3)
def doctor_with_a_token(on: Ground) -> Done:
    return doctor(on, "bearer")


@way(2, 3)
def doctor_behind_a_proxy_with_a_password(on: Ground) -> Done:
    return doctor(on, "bearer-proxied")


@way(2, 3)
def doctor_with_files(on: Ground) -> Done:
    return doctor(on, "files-proxied")


@way(2, 3)
def doctor_with_a_login_program(on: Ground) -> Done:
    return doctor(on, "plugin")


@way(2, 3)
def doctor_with_an_auth_provider(on: Ground) -> Done:
    return doctor(on, "provider")


@way(2, 3)
def doctor_in_a_container(on: Ground) -> Done:
    config = ["--kubeconfig", str(on.planted.files["kubeconfig"]), "--context", "files"]
    return on.call(["doctor", *config, *engine(on)], {"GITHUB_WORKSPACE": "/github/workspace"})


@way(0)
def every_help(on: Ground) -> Done:
    calls = [on.call([*command, "--help"]) for command in ([], *([name] for name in NAMES))]
    assert {call.code for call in calls} == {0}
    return Done(code=0, out="".join(call.out for call in calls), err="".join(call.err for call in calls))
