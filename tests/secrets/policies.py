"""The ways of what a team gives to be judged by: configuration, waivers, rules of its own, a baseline, a verdict."""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta
from pathlib import Path

from tests.conftest import Done
from tests.secrets.ground import Ground, report
from tests.secrets.others import engine, left_by_a_run, verify
from tests.secrets.runs import INSECURE
from tests.secrets.ways import everything, opa, run, step, way

RULE = """package acme.edges

deny contains "no edges" if not input.edge_report
"""
TELLING = """package collection.acme_telling

deny contains {"msg": sprintf("%v", [input.command_run]), "about": {"namespace": sprintf("%v", [input.environment])}}

warn contains sprintf("%v %v", [input.git, input.linkerd_check])
"""
TEST = """package acme.edges_test

import data.acme.edges

test_no_edges if count(edges.deny) == 1 with input as {}
"""
VERDICT = "attestation.verdict.json"


def laid(on: Ground, name: str, text: str) -> str:
    """Return the path of a file of a team's policy with this text."""
    path = on.planted.folder / "policy" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def waivers(on: Ground, rule: str = "mesh.edges_mtls") -> str:
    """Return the path of a file with one waiver, of a ``rule``, that is good for some days."""
    expires = date.today() + timedelta(days=20)  # noqa: DTZ011 - any day soon
    entry = {
        "rule": rule,
        "selector": {"source": "emojivoto/vote-bot", "destination": "emojivoto/web"},
        "owner": "team",
        "reason": "so",
        "expires": "",
    }
    return laid(on, "waivers.yaml", json.dumps([entry | {"expires": str(expires)}]))


def configuration(on: Ground, text: str = "rules: {mesh.warning_budget: {max: 1000}}") -> str:
    return laid(on, "config.yaml", text)


def controls(**change: object) -> dict[str, object]:
    """Return a control of a team's own as a document, with other words in it where some are given."""
    one = {"id": "A-1", "title": "a", "statement": "a", "rules": ["mesh.edges_mtls", "acme.edges"]}
    return {"frameworks": [{"id": "acme", "title": "a", "controls": [one | change]}]}


def baseline(on: Ground) -> str:
    """Return the path of an earlier envelope, of a run in which linkerd told everything."""
    left_by_a_run(on)
    path = on.planted.folder / "policy" / "baseline.json"
    path.parent.mkdir(exist_ok=True)
    (on.tree / "attestation.json").rename(path)
    return str(path)


def given(on: Ground) -> dict[str, str]:
    """Return every option of a policy, all of it good."""
    return {
        "policy_config": configuration(on),
        "waivers": waivers(on),
        "policy": laid(on, "rule.rego", RULE),
        "controls": laid(on, "controls.yaml", json.dumps(controls())),
        "baseline": baseline(on),
        "baseline_key": str(on.public),
    }


def words(options: dict[str, str]) -> list[str]:
    return [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]


@way(0)
def allow_by_a_policy_of_ones_own(on: Ground) -> Done:
    return run(on, {"check": f"{everything(on)}; {report('check')}"}, **given(on))


@way(1)
def deny_by_a_rule_that_tells_its_input(on: Ground) -> Done:
    return run(on, {"check": f"{everything(on)}; {report('check')}"}, policy=laid(on, "telling.rego", TELLING))


@way(1)
def deny_what_got_worse_since_the_baseline(on: Ground) -> Done:
    return run(on, INSECURE, **given(on))


@way(2)
def a_baseline_that_is_a_kubeconfig(on: Ground) -> Done:
    return run(on, baseline=str(on.planted.files["kubeconfig"]), baseline_key=str(on.public))


@way(2)
def a_baseline_key_that_is_the_private_one(on: Ground) -> Done:
    return run(on, baseline=baseline(on), baseline_key=str(on.planted.files["key"]))


@way(2)
def a_configuration_that_is_a_kubeconfig(on: Ground) -> Done:
    return run(on, policy_config=str(on.planted.files["kubeconfig"]), waivers=str(on.planted.files["kubeconfig"]))


@way(2)
def a_configuration_that_is_a_key(on: Ground) -> Done:
    return run(on, policy_config=str(on.planted.files["key"]), waivers=str(on.planted.files["encrypted"]))


@way(2)
def a_configuration_that_is_a_token(on: Ground) -> Done:
    return run(on, policy_config=str(on.planted.files["token"]), waivers=str(on.planted.files["passphrase"]))


@way(2)
def a_configuration_with_secrets_for_words(on: Ground) -> Done:
    """As a rule, a key, a level and a parameter, and in every field of a waiver."""
    token = on.planted.text("GitHub's token")
    rules = {token: {}, "mesh.warning_budget": {"level": token, token: 1}, "mesh.versions_match": token}
    config = configuration(on, json.dumps({token: 1, "rules": rules, "exempt": {token: [token]}}))
    entry = dict.fromkeys(("rule", "owner", "reason", "expires", "ticket", token), token)
    path = laid(on, "waivers.yaml", json.dumps([entry | {"selector": {token: token, "source": f"[{token}]"}}]))
    return run(on, policy_config=config, waivers=path)


@way(2)
def controls_that_are_a_kubeconfig(on: Ground) -> Done:
    return run(on, controls=str(on.planted.files["kubeconfig"]))


@way(2)
def controls_that_are_a_key(on: Ground) -> Done:
    return run(on, controls=str(on.planted.files["key"]))


@way(2)
def controls_with_secrets_for_words(on: Ground) -> Done:
    """As a rule, a key, a part, a parameter and an id."""
    token = on.planted.text("GitHub's token")
    words = controls(id=token, rules=[token], parts=[token], parameters={token: {token: token}}, **{token: token})
    return run(on, controls=laid(on, "controls.yaml", json.dumps(words)))


@way(2)
def rules_that_are_a_kubeconfig(on: Ground) -> Done:
    return run(on, policy=str(on.planted.files["kubeconfig"]))


@way(5)
def rules_that_are_a_key(on: Ground) -> Done:
    return run(on, policy=laid(on, "key.rego", on.planted.text("key")))


@way(5)
def rules_that_are_a_token(on: Ground) -> Done:
    token = on.planted.text("GitHub's token")
    return run(on, policy=laid(on, "token.rego", f"package {token}\n"))


@way(5)
def an_engine_that_tells_its_environment_of_a_rule(on: Ground) -> Done:
    telling = opa(on, '/bin/cat "$note.environ" "$note.cmdline" "$note.stdin" >&2; exit 2')
    return run(on, policy=laid(on, "rule.rego", RULE), opa=telling)


@way(4)
def the_verdict_cannot_be_written(on: Ground) -> Done:
    return run(on, {"check": f"/bin/mkdir {VERDICT}; {everything(on)}; {report('check')}"})


@way(0)
def verify_a_verdict(on: Ground) -> Done:
    options = given(on)
    assert run(on, {}, **options).code == 0
    return verify(on, *engine(on), *words(options), "--verdict", VERDICT)


@way(1)
def verify_the_verdict_of_a_denial(on: Ground) -> Done:
    left_by_a_run(on, **INSECURE)
    return verify(on, *engine(on), "--verdict", VERDICT, "--format", "json")


@way(4)
def verify_a_verdict_that_was_changed(on: Ground) -> Done:
    left_by_a_run(on, **INSECURE)
    path = on.tree / VERDICT
    envelope = json.loads(path.read_bytes())
    changed = base64.b64decode(envelope["payload"]).replace(b"FAILED", b"PASSED")
    path.write_text(json.dumps(envelope | {"payload": base64.b64encode(changed).decode()}), encoding="utf-8")
    return verify(on, *engine(on), "--verdict", VERDICT)


@way(4)
def verify_a_verdict_that_is_a_kubeconfig(on: Ground) -> Done:
    left_by_a_run(on)
    return verify(on, *engine(on), "--verdict", str(on.planted.files["kubeconfig"]))


@way(2)
def verify_against_other_pins(on: Ground) -> Done:
    left_by_a_run(on)
    options = {name: value for name, value in given(on).items() if not name.startswith("baseline")}
    pins = [word for name in options for word in (f"--{name.replace('_', '-')}-sha256", "0" * 64)]
    return verify(on, *engine(on), *words(options), *pins)


@way(0)
def policy_list(on: Ground) -> Done:
    return on.call(["policy", "list", "--policy-config", configuration(on), "--format", "json"])


@way(2)
def policy_list_by_a_kubeconfig(on: Ground) -> Done:
    return on.call(["policy", "list", "--policy-config", str(on.planted.files["kubeconfig"])])


@way(0)
def policy_test(on: Ground) -> Done:
    folder = Path(laid(on, "edges.rego", RULE)).parent / "tried"
    folder.mkdir(exist_ok=True)
    (folder / "edges.rego").write_text(RULE, encoding="utf-8")
    (folder / "edges_test.rego").write_text(TEST, encoding="utf-8")
    return on.call(["policy", "test", str(folder), *engine(on)])


@way(5)
def policy_test_of_a_key(on: Ground) -> Done:
    return on.call(["policy", "test", laid(on, "key.rego", on.planted.text("key")), *engine(on)])


@way(2)
def policy_test_of_a_kubeconfig(on: Ground) -> Done:
    return on.call(["policy", "test", str(on.planted.files["kubeconfig"]), *engine(on)])


@way(1)
def diff(on: Ground) -> Done:
    earlier = baseline(on)
    left_by_a_run(on, **INSECURE)
    return on.call(["diff", earlier, "attestation.json", "--key", str(on.public)])


@way(4)
def diff_of_a_key_and_a_kubeconfig(on: Ground) -> Done:
    files = on.planted.files
    return on.call(["diff", str(files["key"]), str(files["kubeconfig"]), "--key", str(on.public)])


@way(0, steps=True)
def step_allows_by_a_policy_of_ones_own(on: Ground) -> Done:
    options = given(on) | {"cluster-name": ""}
    inputs = {f"INPUT_{name.replace('_', '-').upper()}": value for name, value in options.items()}
    return step(on, {"check": f"{everything(on)}; {report('check')}"}, env=inputs)


@way(2, steps=True)
def step_with_a_secret_in_every_input_of_its_policy(on: Ground) -> Done:
    token = on.planted.text("GitHub's token")
    names = ("policy", "policy-config", "waivers", "controls", "baseline", "baseline-key", "rego-version")
    return step(on, env={f"INPUT_{name.upper()}": token for name in names})
