"""The ways of the action's step: the secrets are inputs, and a runner reads along."""

from __future__ import annotations

import base64

from tests.conftest import Done
from tests.secrets.ground import Ground, report
from tests.secrets.runs import INSECURE, tells_in_report
from tests.secrets.ways import TELLS_ITS_OWN, everything, opa, step, upwards, way, words

DEBUG = {
    "PYTHONFAULTHANDLER": "1",
    "PYTHONDEVMODE": "1",
    "PYTHONVERBOSE": "1",
    "PYTHONTRACEMALLOC": "5",
    "RUNNER_DEBUG": "1",
    "ACTIONS_STEP_DEBUG": "true",
}
"""Variables that make Python, or a runner, talk."""


@way(0, steps=True)
def step_allows(on: Ground) -> Done:
    return step(on)


@way(0, steps=True)
def step_allows_with_everything_in_base64(on: Ground) -> Done:
    config = base64.b64encode(on.planted.files["kubeconfig"].read_bytes()).decode()
    return step(on, {"check": f"{everything(on)}; {report('check')}"}, env={"INPUT_KUBECONFIG": config})


@way(0)
def step_allows_where_no_runner_listens(on: Ground) -> Done:
    return step(on, env={"GITHUB_ACTIONS": ""})


@way(1, steps=True)
def step_denies_while_linkerd_tells_everything(on: Ground) -> Done:
    return step(on, {"check": f"{everything(on)}; {report('check')}", **INSECURE})


@way(1, steps=True)
def step_denies_a_report_with_a_secret(on: Ground) -> Done:
    done = step(on, {"edges": tells_in_report(on, "edges")})
    (on.tree / "linkerd-edges.json").unlink()
    return done


@way(2, steps=True)
def step_with_a_wrong_passphrase(on: Ground) -> Done:
    return step(on, env={"INPUT_SIGNING-KEY-PASSPHRASE": on.planted.text("token")})


@way(2, steps=True)
def step_with_a_broken_kubeconfig(on: Ground) -> Done:
    return step(on, env={"INPUT_KUBECONFIG": "apiVersion: [" + on.planted.text("token")})


@way(2, steps=True)
def step_with_a_secret_in_every_input(on: Ground) -> Done:
    token = on.planted.text("GitHub's token")
    names = ("context", "namespaces", "trace", "mode", "timeout", "wait", "opa", "linkerd-path", "linkerd-version")
    return step(on, env={f"INPUT_{name.upper()}": token for name in names} | {f"INPUT_{token}": token})


@way(2, steps=True)
def step_with_its_secrets_as_paths(on: Ground) -> Done:
    token = on.planted.text("GitHub's token")
    return step(on, env={"INPUT_SIGNING-KEY": token, "INPUT_KUBECONFIG": f"/nowhere/{token}"})


@way(3, steps=True)
def step_while_linkerd_tells_its_own_and_fails(on: Ground) -> Done:
    return step(on, {"check": TELLS_ITS_OWN})


@way(3, steps=True)
def step_while_linkerd_tells_everything_and_fails(on: Ground) -> Done:
    return step(on, {"check": f"{everything(on)}; exit 1"})


@way(4, steps=True)
def step_whose_envelope_cannot_be_written(on: Ground) -> Done:
    return step(on, {"check": f"/bin/mkdir attestation.json; {report('check')}"})


@way(5, steps=True)
def step_with_an_engine_that_tells_its_input(on: Ground) -> Done:
    return step(on, opa=opa(on, '/bin/cat "$note.stdin" "$note.environ" >&2; exit 2'))


@way(3, steps=True)
def step_is_cancelled(on: Ground) -> Done:
    return step(on, upwards("TERM"))


@way(0, steps=True)
def step_in_debug(on: Ground) -> Done:
    return step(on, env=DEBUG, cold=True)


@way(3)
def run_in_debug(on: Ground) -> Done:
    return on.call(words(on, {"check": TELLS_ITS_OWN}), DEBUG, cold=True)


@way(3, steps=True)
def step_without_a_place_for_its_outputs(on: Ground) -> Done:
    (on.root / "runner" / "GITHUB_OUTPUT").mkdir()
    return step(on)
