"""Two captures of a mesh: what `diff` says of them, and what a run and `verify` make of a baseline."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attestor import signing, trust
from tests.conftest import RECORDINGS, Done, KeyPair, Program, Run
from tests.integration.conftest import Attempt

OLD = "old.json"


@pytest.fixture
def baseline(run: Run, tree: Path, tmp_path: Path) -> Path:
    """The envelope of an earlier run over a healthy mesh, outside the tree."""
    assert run("healthy", "--cluster-name", "prod").code == 0
    return Path(shutil.move(tree / "attestation.json", tmp_path / OLD))


@pytest.fixture
def plaintext(replay: Callable[..., Path]) -> Path:
    """A mesh in which one edge that was mTLS is not any more, and another one vanished."""
    edges: list[dict[str, Any]] = json.loads((RECORDINGS / "healthy" / "edges.json").read_bytes())
    first, *rest = [edge for edge in edges if edge["client_id"]]
    first |= {"server_id": "", "no_tls_reason": "Not Provided By Remote"}
    return replay(check="healthy/check", edges=json.dumps([first, *rest[1:]]).encode())


@pytest.fixture
def diff(program: Program, key: KeyPair, tmp_path: Path) -> Callable[..., Done]:
    return lambda *arguments: program("diff", *arguments, "--key", key.public, cwd=tmp_path)


def test_the_same_mesh_is_the_same(baseline: Path, diff: Callable[..., Done], run: Run, tree: Path) -> None:
    """Exit 0, whenever it was captured."""
    assert run("healthy", "--cluster-name", "prod").code == 0
    done = diff(baseline, tree / "attestation.json")
    assert (done.code, "nothing changed" in done.out) == (0, True), done.said


def test_a_change_is_told(baseline: Path, plaintext: Path, diff: Callable[..., Done], run: Run, tree: Path) -> None:
    """Exit 1; as a table, and as JSON with every list."""
    assert run(plaintext, "--cluster-name", "prod").code == 1
    done = diff(baseline, tree / "attestation.json")
    assert done.code == 1
    assert "lost its mTLS" in done.out
    found = json.loads(diff(baseline, tree / "attestation.json", "--format", "json").out)
    assert found["changed"] is True
    assert [len(found[name]) for name in ("downgraded", "lost", "gained", "secured")] == [1, 1, 0, 0]
    back = json.loads(diff(tree / "attestation.json", baseline, "--format", "json").out)
    assert (back["secured"], back["gained"]) == (found["downgraded"], found["lost"])


def test_what_cannot_be_compared(baseline: Path, diff: Callable[..., Done], tmp_path: Path) -> None:
    """One envelope, or one that is not there: 2. One that was changed, or that another key signed: 4."""
    assert diff(baseline).code == 2
    assert diff(baseline, baseline, baseline).code == 2
    assert diff(baseline, "nothing.json").code == 2
    (tmp_path / "cut.json").write_bytes(baseline.read_bytes()[:-1])
    done = diff(baseline, "cut.json")
    assert (done.code, "cut.json: " in done.err) == (4, True)
    (tmp_path / "forged.json").write_bytes(baseline.read_bytes().replace(b'"sig":"', b'"sig":"AAAA'))
    assert diff("forged.json", baseline).code == 4


def test_an_edge_that_lost_its_mtls_is_denied_by_its_own_rule(
    baseline: Path, plaintext: Path, run: Run, tree: Path, program: Program, key: KeyPair
) -> None:
    """The run, its report, its verdict and `verify` say the same; without the baseline that rule finds nothing."""
    done = run(plaintext, "--cluster-name", "prod", "--baseline", baseline)
    assert done.code == 1
    assert "was mTLS in the baseline, and is not now" in done.out
    assert "[collection.baseline_mtls]" in done.out
    assert "(collection.baseline_edges)" in done.out, "a vanished edge is a warning"
    assert "[collection.baseline_edges]" not in done.out
    assert "== Since the baseline ==" in done.out
    assert "Since the baseline: 2 differences" in (tree / "attestation.report.md").read_text(encoding="utf-8")
    argv = ("attestation.json", "--key", key.public, "--allow-replay", "--verdict", "attestation.verdict.json")
    again = program("verify", *argv, "--baseline", baseline, cwd=tree)
    assert again.code == 1
    assert "FAILED, with the reasons that it names" in again.out
    assert "baseline_mtls" in again.out
    told = json.loads(program("verify", *argv, "--baseline", baseline, "--format", "json", cwd=tree).out)
    assert (len(told["drift"]["downgraded"]), len(told["drift"]["lost"])) == (1, 1)
    without = program("verify", *argv, cwd=tree)
    assert "it was judged with a baseline, and none was given" in without.out
    assert "baseline_mtls" not in without.out


def test_a_baseline_may_lie_where_the_envelope_goes(run: Run, tree: Path) -> None:
    """It is read before an earlier run's envelope is removed."""
    assert run("healthy").code == 0
    done = run("healthy", "--baseline", "attestation.json")
    assert done.code == 0, done.said
    assert "0 differences" in done.out


def test_a_baseline_by_another_key_needs_that_key(
    baseline: Path, run: Run, tmp_path: Path, tree: Path, key: KeyPair
) -> None:
    """The run's own key vouches for what it signed; for another's word, that key must be named."""
    pem, other = signing.generate(None)
    (tmp_path / "other.key").write_bytes(pem)
    (tmp_path / "other.pub").write_bytes(trust.public_pem(other.public.key))
    options = ["--cluster-name", "prod", "--baseline", baseline]
    refused = run("healthy", *options, "--baseline-key", tmp_path / "other.pub")
    assert refused.code == 2
    assert "old.json is not what it claims: no signature of the envelope is by a trusted key" in refused.err
    assert run("healthy", *options, "--baseline-key", key.public).code == 0


@pytest.mark.parametrize("command", ["run", "verify"])
def test_a_bad_baseline_is_refused_before_anything_else(
    command: str, baseline: Path, attempt: Attempt, program: Program, key: KeyPair, tmp_path: Path
) -> None:
    """Not there, cut, edited, no envelope, or a key without one: exit 2."""
    text = baseline.read_bytes()
    files = {"cut.json": text[:-1], "none.json": b"{}", "edited.json": text.replace(b'"payload":"e', b'"payload":"f')}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)

    def refused(*more: str | Path) -> str:
        if command == "run":
            return attempt.refused(*more, cluster_name="prod")
        done = program("verify", baseline, "--key", key.public, "--allow-replay", *more, cwd=tmp_path)
        assert done.code == 2, done.said
        return done.err

    for name in files:
        assert "is not what it claims" in refused("--baseline", tmp_path / name)
    assert "cannot be read" in refused("--baseline", tmp_path / "nothing.json")
    assert "there is a baseline-key and no baseline" in refused("--baseline-key", key.public)


def test_a_baseline_of_another_mesh_is_none(
    baseline: Path, attempt: Attempt, run: Run, tree: Path, program: Program, key: KeyPair
) -> None:
    """Every edge would be a change, or none: the run says so before the capture, `verify` as a pin."""
    said = attempt.refused("--baseline", baseline, cluster_name="staging")
    assert "the baseline is of the cluster 'prod', and this is 'staging'" in said
    assert run("healthy", "--cluster-name", "staging").code == 0
    argv = ("attestation.json", "--key", key.public, "--allow-replay", "--baseline")
    done = program("verify", *argv, baseline, cwd=tree)
    assert (done.code, "it is of the cluster 'prod'" in done.out) == (1, True)
    assert "it is not earlier than the evidence" in program("verify", *argv, "attestation.json", cwd=tree).out
