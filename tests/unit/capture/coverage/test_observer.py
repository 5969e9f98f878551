"""Three threads beside the capture: what they do not bring in time, or cannot bring, is a part that is not complete."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from attestor.capture import coverage
from attestor.capture.coverage import Observer
from attestor.clock import Clock
from attestor.cluster.client import Unauthorized
from attestor.cluster.credentials import Credentials, NoAccess
from attestor.coverage.part import PARTS, Coverage
from attestor.verification import coverage as verification
from attestor.verification.finding import State
from tests import covered
from tests.conftest import RECORDINGS
from tests.worlds import Counters, World, served

NO_PROXY = ("NO_PROXY", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NO_PROXY:
        monkeypatch.setenv(name, "127.0.0.1")


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert [thread.name for thread in threading.enumerate() if thread not in before and not thread.daemon] == []


def observer(
    tmp_path: Path,
    access: Credentials | NoAccess,
    prometheus: str = "",
    timeout: float = 30.0,
    credentials: tuple[str, ...] = (),
) -> Observer:
    """An observer over a folder with a linkerd of recorded answers."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "linkerd").symlink_to(RECORDINGS / "healthy" / "linkerd")
    env = {"PATH": f"{folder}:/usr/bin:/bin"}
    surroundings = SimpleNamespace(environment=env, private=tmp_path, user=None)
    settings = SimpleNamespace(namespaces=(), wait="", timeout=timeout, prometheus_url=prometheus)
    prepared = SimpleNamespace(surroundings=surroundings, credentials=credentials)
    return Observer(cast("Any", settings), cast("Any", prepared), access, Clock())


def assert_verifies(found: Coverage) -> None:
    """What is not whole is no contradiction."""
    finding = verification.examine(covered.opened(found).bodies["coverage"])
    assert finding.state is State.OK, finding.detail


def codes(found: Coverage) -> dict[str, set[str]]:
    return {name: {reason.code for reason in part.reasons} for name, part in found.parts.items()}


def test_all_is_gathered_at_once(tmp_path: Path) -> None:
    """From the API server, from Prometheus and from linkerd, which has no recording of its checks of proxies here."""
    counters = Counters(world=World())
    with served(counters.world, counters) as address, observer(tmp_path, Credentials(server=address), address) as asked:
        found = asked.finish()
    assert tuple(found.parts) == PARTS
    assert codes(found) == {name: set() for name in PARTS} | {"linkerd": {"failed"}}
    assert found.parts["traffic"].body["prometheus"]
    assert found.span.started <= found.span.finished


def test_without_a_way_to_the_cluster_every_part_says_so(tmp_path: Path) -> None:
    """By the word for what is in the way."""
    with observer(tmp_path, Unauthorized("the token has expired")) as asked:
        found = asked.finish()
    assert all("unauthorized" in codes(found)[name] for name in PARTS if name != "linkerd")
    assert_verifies(found)


def test_what_is_late_is_not_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The capture's limit is that of the coverage; what never came is empty, and says why."""
    monkeypatch.setattr(coverage, "_LAST_MOMENT", 0.05)
    release = threading.Event()
    monkeypatch.setattr(coverage, "WORK", ((("cluster",), lambda *_: release.wait(20)),))
    with observer(tmp_path, NoAccess("x"), timeout=0.1) as asked:
        found = asked.finish()
    release.set()
    assert codes(found) == {name: {"timed-out"} for name in PARTS}
    assert found.parts["workloads"].body == {"namespaces": [], "workloads": [], "pods": []}
    assert_verifies(found)


def test_a_fault_in_the_end_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is put together from two threads cannot break the run, either."""

    def broken(*_: object) -> None:
        raise KeyError

    monkeypatch.setattr(coverage, "build_traffic", broken)
    counters = Counters(world=World())
    with served(counters.world, counters) as address, observer(tmp_path, Credentials(server=address), address) as asked:
        found = asked.finish()
    assert codes(found)["traffic"] == {"failed"}
    assert codes(found)["workloads"] == set()
    assert_verifies(found)


def test_a_fault_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every part that it kept from being looked at, and of no other; no text of it is told, which may hold anything."""

    def broken(*_: object) -> None:
        message = "canary-in-a-fault"
        raise RuntimeError(message)

    monkeypatch.setattr(coverage, "WORK", ((("cluster", "links"), broken),))
    with observer(tmp_path, NoAccess("x"), timeout=1.0) as asked:
        found = asked.finish()
    assert codes(found)["cluster"] == codes(found)["links"] == {"failed"}
    assert codes(found)["linkerd"] == {"timed-out"}
    assert_verifies(found)
    told = [reason.detail for part in found.parts.values() for reason in part.reasons]
    assert any("RuntimeError" in detail for detail in told)
    assert not any("canary" in detail for detail in told)


def interrupted(asked: Observer, pid: Path) -> None:
    """Be interrupted once linkerd runs."""
    with asked:
        while not pid.exists() or not pid.read_text(encoding="ascii").strip():
            time.sleep(0.01)
        raise KeyboardInterrupt


def test_an_interrupted_run_leaves_no_linkerd_behind(tmp_path: Path) -> None:
    """The context ends what works in it, at once."""
    folder = tmp_path / "bin"
    asked = observer(tmp_path, NoAccess("x"), timeout=60.0)
    (folder / "linkerd").unlink()
    (folder / "linkerd").write_text(f"#!/bin/sh\necho $$ > '{tmp_path}/pid'\nexec sleep 60\n", encoding="utf-8")
    (folder / "linkerd").chmod(0o755)
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted(asked, tmp_path / "pid")
    assert time.monotonic() - begun < 30
    pid = int((tmp_path / "pid").read_text(encoding="ascii"))
    assert not Path(f"/proc/{pid}").exists()


def test_a_part_that_repeats_a_credential_is_not_taken_over(tmp_path: Path) -> None:
    """Somebody wrote the token into a label; what was concluded from the pods falls with them, the links stand."""
    counters = Counters(world=World())
    counters.world.pod("emojivoto", "web")["metadata"]["labels"]["note"] = "canary-of-a-token"
    with (
        served(counters.world, counters) as address,
        observer(tmp_path, Credentials(server=address), address, credentials=("canary-of-a-token",)) as asked,
    ):
        found = asked.finish()
    assert {name for name in PARTS if codes(found)[name]} == set(PARTS) - {"links"}
    assert codes(found)["workloads"] == {"failed"}
    assert found.parts["workloads"].body["pods"] == []
    assert_verifies(found)
    assert not any("canary" in str(part.to_dict()) for part in found.parts.values())
