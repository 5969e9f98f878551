"""A team's policy through the command: what is wrong with it ends in 2 before anything is run, and the floor stays."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from attestor.policies import catalogue
from tests.conftest import Done, KeyPair
from tests.integration.conftest import Ask, Attempt

FLOOR = sorted(name for name, rule in catalogue.rules().items() if rule.of_the_floor)
WAIVER = """- rule: {rule}
  selector: {{source: emojivoto/web, destination: emojivoto/voting}}
  owner: team-voting
  reason: it is moved in January
  expires: {expires}
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def envelope(attempt: Attempt) -> Path:
    """An envelope of a healthy mesh."""
    assert attempt(cluster_name="prod").code == 0
    return attempt.tree / "attestation.json"


@pytest.mark.parametrize("level", ["warn", "off"])
def test_the_floor_takes_no_level(level: str, attempt: Attempt, tmp_path: Path) -> None:
    """Each rule of it is named in one refusal."""
    rules = "".join(f"  {rule}: {{level: {level}}}\n" for rule in FLOOR)
    said = attempt.refused(policy_config=written(tmp_path, "config.yaml", f"rules:\n{rules}"))
    assert len(FLOOR) == 16
    for rule in FLOOR:
        assert f"config.yaml: {rule} is of the floor, and has no level\n" in said


def test_the_floor_takes_no_waiver_but_of_an_insecure_edge(attempt: Attempt, tmp_path: Path) -> None:
    """Each of the others is named with its line."""
    waivers = "".join(WAIVER.format(rule=rule, expires="2099-01-31") for rule in FLOOR)
    said = attempt.refused(waivers=written(tmp_path, "waivers.yaml", waivers))
    for number, rule in enumerate(FLOOR):
        complaint = f"waivers.yaml, line {5 * number + 1}: {rule} is of the floor, which nothing waives\n"
        assert (complaint in said) is (rule != "mesh.edges_mtls")


@pytest.mark.parametrize(
    "text",
    [
        "rules: {mesh.edges_mtls: {exempt: true}}",
        "rules: {mesh.edges_mtls: {exempt: {namespaces: [emojivoto]}}}",
        "rules: {mesh.checks_pass: {namespaces: [emojivoto]}}",
    ],
)
def test_the_floor_takes_no_exemption(text: str, attempt: Attempt, tmp_path: Path) -> None:
    """Not as a key of one of its rules; what is exempt in general never holds for it."""
    assert "take it out" in attempt.refused(policy_config=written(tmp_path, "config.yaml", text))


def test_everything_wrong_with_both_files_and_the_options_is_said_at_once(attempt: Attempt, tmp_path: Path) -> None:
    """And nothing was run."""
    said = attempt.refused(
        policy_config=written(tmp_path, "config.yaml", "rules: {mesh.edge_mtls: {}}\nexempts: {}"),
        waivers=written(tmp_path, "waivers.yaml", "- {rule: mesh.checks_pas}"),
        trace="perhaps",
    )
    for part in (
        "no rule 'mesh.edge_mtls'",
        "did you mean mesh.edges_mtls?",
        "there is no exempts",
        "did you mean exempt?",
    ):
        assert part in said
    for part in ("line 1: it does not say its owner", "no rule 'mesh.checks_pas'", "did you mean mesh.checks_pass?"):
        assert part in said
    assert "trace" in said


@pytest.mark.parametrize("text", ["rules: {}\nrules: {}", "a: [", "[]", "", "rules: &a {}\nexempt: *a"])
def test_a_configuration_that_is_none(text: str, attempt: Attempt, tmp_path: Path) -> None:
    """Strict YAML, one mapping."""
    assert "config.yaml" in attempt.refused(policy_config=written(tmp_path, "config.yaml", text))


def test_files_that_are_not_there(attempt: Attempt, tmp_path: Path) -> None:
    """Each is named: without it the run would be judged by something else than was meant."""
    said = attempt.refused(policy_config=tmp_path / "no-config.yaml", waivers=tmp_path / "no-waivers.yaml")
    assert "no-config.yaml cannot be read: No such file" in said
    assert "no-waivers.yaml cannot be read: No such file" in said


def test_a_waiver_that_has_expired_denies(attempt: Attempt, tmp_path: Path) -> None:
    """It is no fault of the file: yesterday it held."""
    waivers = WAIVER.format(rule="mesh.edges_mtls", expires="2020-01-31")
    done = attempt(waivers=written(tmp_path, "waivers.yaml", waivers))
    assert done.code == 1, done.said
    assert "the waiver of team-voting for mesh.edges_mtls expired on 2020-01-31" in done.said


def test_a_rule_that_a_team_switched_on_denies(attempt: Attempt, tmp_path: Path) -> None:
    """For the clusters that it is for."""
    text = "clusters: {prod-*: {rules: {mesh.required_namespaces: {namespaces: [no-such]}}}}"
    config = written(tmp_path, "config.yaml", text)
    done = attempt(policy_config=config, cluster_name="prod-eu")
    assert done.code == 1, done.said
    assert "the namespace no-such has to have edges, and none touches it" in done.said
    assert attempt(policy_config=config, cluster_name="dev").code == 0


def verified(ask: Ask, envelope: Path, key: KeyPair, opa: Path, *more: str | Path) -> Done:
    words = ("verify", envelope, "--key", key.public, "--opa", opa, "--allow-replay", "--format", "json")
    return ask(*words, *more, cwd=envelope.parent)


def test_verify_judges_by_the_same_files(ask: Ask, envelope: Path, key: KeyPair, opa: Path, tmp_path: Path) -> None:
    """A rule that is switched on denies, and pins of both files hold."""
    text = "rules: {mesh.required_namespaces: {namespaces: [no-such]}}"
    config, waivers = written(tmp_path, "config.yaml", text), written(tmp_path, "waivers.yaml", "[]\n")
    pins = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (config, waivers)]
    done = verified(
        ask, envelope, key, opa, "--policy-config", config, "--waivers", waivers,
        "--policy-config-sha256", pins[0].upper(), "--waivers-sha256", pins[1],
    )  # fmt: skip
    assert done.code == 1, done.said
    assert [reason["rule"] for reason in json.loads(done.out)["violations"]] == ["mesh.required_namespaces"]
    assert verified(ask, envelope, key, opa).code == 0


def test_verify_refuses_files_that_are_not_the_pinned_ones(
    ask: Ask, envelope: Path, key: KeyPair, opa: Path, tmp_path: Path
) -> None:
    """Another digest, and a pin without a file: both are said."""
    config = written(tmp_path, "config.yaml", "{}")
    pin = hashlib.sha256(b"{} ").hexdigest()
    done = verified(
        ask, envelope, key, opa, "--policy-config", config, "--policy-config-sha256", pin, "--waivers-sha256", pin
    )
    assert done.code == 2, done.said
    assert f"policy-config has the digest {hashlib.sha256(b'{}').hexdigest()}, and another is pinned" in done.err
    assert "waivers has the digest (there is none), and another is pinned" in done.err
    assert "do:  name it with --waivers" in done.err


def test_verify_refuses_the_same_files(ask: Ask, envelope: Path, key: KeyPair, opa: Path, tmp_path: Path) -> None:
    """The floor is that of `run`."""
    config = written(tmp_path, "config.yaml", "rules: {mesh.edges_mtls: {level: off}}")
    waivers = written(tmp_path, "waivers.yaml", WAIVER.format(rule="mesh.checks_pass", expires="2099-01-31"))
    done = verified(ask, envelope, key, opa, "--policy-config", config, "--waivers", waivers)
    assert done.code == 2, done.said
    assert "mesh.edges_mtls is of the floor, and has no level" in done.err
    assert "mesh.checks_pass is of the floor, which nothing waives" in done.err
