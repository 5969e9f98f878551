"""No secret anywhere, whichever way a command goes: its words, its files, its folders and its children."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.secrets.figures import FEW, went
from tests.secrets.ground import ALLOWED, Ground, prepare
from tests.secrets.ways import WAYS


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    made = prepare(tmp_path_factory.mktemp("ground"))
    yield made
    made.server.close()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in FEW else pytest.mark.assurance) for name in WAYS]
)
def test_no_secret_is_left_or_shown(ground: Ground, name: str) -> None:
    """The way ends as it must, and a search of everything finds nothing."""
    done, leaks = went(ground, name)
    assert done.code in WAYS[name].codes, done.said
    assert leaks == []
    assert list((ground.root / "tmp").iterdir()) == [], "a temporary folder was left"


def test_the_search_of_a_run_can_find(ground: Ground) -> None:
    """A secret in any of the places that a run leaves is found there, or the table would prove nothing."""
    ground.clean()
    secret = ground.planted.secrets["token"]
    done = ground.call(["show", "nowhere"])
    assert ground.leaks(done) == []
    places = [ground.root / name / "file" for name in ("tree", "home", "tmp", "runner")]
    places += [ground.programs.log / name for name in ("sh.1.environ", "opa.1.stdin", "git.1.cmdline")]
    for path in places:
        path.write_bytes(b"x" + secret)
    (ground.tree / "attestation.json").write_bytes(b'{"payload": "' + _envelope(secret) + b'"}')
    said = type(done)(code=0, out=secret.decode(), err=secret.decode())
    found = {Path(leak.place).name for leak in ground.leaks(said)}
    expected = {"stdout", "stderr", "file", "attestation.json", "the payload of attestation.json"}
    assert found == expected | {path.name for path in places}
    ground.count.found = 0
    ground.clean()


def _envelope(secret: bytes) -> bytes:
    return base64.b64encode(b'{"stderr": "' + secret + b'"}')


def test_each_child_is_recorded(ground: Ground) -> None:
    """Each program that a run starts has noted what it was handed; what is not looked at could hold anything."""
    ground.clean()
    assert WAYS["allow"].act(ground).code == 0
    notes = ground.programs.notes()
    programs = {name.partition(".")[0] for name in notes}
    assert programs == {"sh", "git", "linkerd", "opa"}
    for program in programs:
        kinds = {name.rpartition(".")[2] for name in notes if name.startswith(f"{program}.")}
        assert kinds == {"environ", "cmdline", "fd", "stdin"}
    planted = str(ground.planted.folder).encode()
    assert [name for name, text in notes.items() if name.endswith(".fd") and planted in text] == []
    assert any(b"KUBECONFIG=" in text for name, text in notes.items() if name.startswith("linkerd."))


def test_every_exception_of_the_table_has_a_reason() -> None:
    """And names one kind of place and of secret: no exception is for everything."""
    for place, canary, why in ALLOWED:
        assert why
        assert canary.strip("*")
        assert place.strip("*").strip("./")
