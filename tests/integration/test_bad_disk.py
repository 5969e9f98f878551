"""Folders that cannot be written to, a disk that is full, and outputs in places where no file belongs.

A limit on the size of files stands in for a full disk: the system refuses the same writes, and it needs no root.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Done, KeyPair
from tests.conftest import git as run_git
from tests.integration.conftest import Attempt, Fake
from tests.integration.test_recordings import predicate

BLOCK = 512
"""Bytes of one block of ``ulimit -f`` (POSIX)."""


def full(attempt: Attempt, room: int, **options: str | Path | None) -> Done:
    """Run the program where no file can be longer than ``room`` bytes."""
    done = subprocess.run(
        [
            "sh",
            "-c",
            f'ulimit -f {room // BLOCK}; exec "$@"',
            "sh",
            sys.executable,
            "-m",
            "attestor",
            "run",
            *attempt.argv(options),
        ],
        cwd=attempt.tree,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        | attempt.surroundings({}),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert list(attempt.scratch.iterdir()) == []
    return Done(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())


def drafts(attempt: Attempt) -> list[str]:
    """Return what a broken-off write would have left."""
    return [path.name for path in attempt.tree.iterdir() if path.name.startswith((".attestation", ".mesh-attestor"))]


def test_no_room_for_the_envelope(attempt: Attempt) -> None:
    """An envelope that cannot be written is exit 4: nothing is judged, and no part of it is left."""
    done = full(attempt, 16 * 1024)
    assert done.code == 4, done.said
    assert "attestation.json cannot be written: File too large" in done.err
    assert "without its envelope nothing was judged" in done.err
    assert "ALLOW" not in done.said
    assert (drafts(attempt), (attempt.tree / "attestation.json").exists()) == ([], False)


def test_no_room_for_the_reports(attempt: Attempt, linkerd: Fake) -> None:
    """A check report that the disk cut is no observation, and what was seen of it is signed."""
    done = full(attempt, 16 * 1024, linkerd_path=linkerd(check="head -c 20000 /dev/zero | tr '\\0' '['"))
    assert done.code == 3, done.said
    assert "linkerd left no check report that could be read" in done.err


def test_no_room_for_the_private_folder(attempt: Attempt) -> None:
    """Without a place for what is private nothing is begun."""
    done = full(attempt, 0)
    assert done.code == 2, done.said
    assert "no private folder can be made for this run: No usable temporary directory found" in done.err
    assert attempt.asked() == []


def test_no_room_for_the_kubeconfig(attempt: Attempt, tmp_path: Path) -> None:
    """A kubeconfig that cannot be handed on in private is known before the capture."""
    path = tmp_path / "kubeconfig"
    entry = f"{{name: a, cluster: {{server: 'https://{'a' * BLOCK}'}}}}"
    path.write_text(f"{{current-context: a, contexts: [{{name: a, context: {{cluster: a}}}}], clusters: [{entry}]}}")
    done = full(attempt, BLOCK, kubeconfig=path)
    assert done.code == 2, done.said
    assert "cannot be used: File too large" in done.err
    assert attempt.asked() == []


@pytest.mark.parametrize("stream", ["1", "2"])
def test_a_full_disk_behind_the_log(attempt: Attempt, stream: str) -> None:
    """A log that takes no more changes neither the verdict nor the code of a refusal."""
    command = ["sh", "-c", f'exec "$@" {stream}>/dev/full', "sh", sys.executable, "-m", "attestor", "run"]
    for options, code in (({}, 0), ({"trace": "perhaps"}, 2)):
        argv = attempt.argv(dict(options))
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [*command, *argv], cwd=attempt.tree, env=env, capture_output=True, timeout=60, check=False
        )
        assert done.returncode == code, done


@pytest.mark.parametrize("stream", ["0<", "1>", "2>"])
def test_a_closed_stream(attempt: Attempt, stream: str) -> None:
    """A stream that was closed before the start gets no file's text, and changes no verdict."""
    command = ["sh", "-c", f'exec "$@" {stream}&-', "sh", sys.executable, "-m", "attestor", "run", *attempt.argv({})]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=attempt.tree, env=env, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done
    assert predicate(attempt.tree, "command-run")["exitcode"] == 0


@pytest.mark.parametrize("place", ["/proc", "/proc/sys", "/sys"])
def test_a_working_directory_that_cannot_be_written_to(attempt: Attempt, place: str) -> None:
    """A read-only working directory is named with the system's reason, and with both options that move it."""
    said = attempt.refused(working_directory=place)
    assert f"{place} cannot be written to: " in said
    assert "--working-directory and --outfile" in said


def test_an_outfile_whose_folder_cannot_be_written_to(attempt: Attempt) -> None:
    """A read-only folder is found before the capture, also where only the envelope goes there."""
    assert "/proc cannot be written to: " in attempt.refused(outfile="/proc/attestation.json")


def test_an_outfile_in_a_folder_that_is_not_there(attempt: Attempt) -> None:
    """No folder is made on the way to the envelope: a misspelt path is refused."""
    assert "out cannot be written to: No such file or directory" in attempt.refused(outfile="out/attestation.json")


@pytest.mark.parametrize("place", ["nowhere", "README"])
def test_a_working_directory_that_is_none(attempt: Attempt, place: str) -> None:
    """A working directory that is absent, or a file, is called what it is not."""
    said = attempt.refused(working_directory=attempt.tree / place)
    assert f"{place} is not a folder" in said


@pytest.mark.parametrize("place", [".", "folder", "link"])
def test_an_outfile_that_is_a_folder(attempt: Attempt, place: str) -> None:
    """A folder, or a link to one, is not replaced by the envelope."""
    (attempt.tree / "folder").mkdir()
    (attempt.tree / "link").symlink_to("folder")
    assert "is a folder" in attempt.refused(outfile=place)


@pytest.mark.parametrize("place", ["/dev/mesh-attestor-test.json", "fifo", "link to a fifo", "link to a device"])
def test_an_outfile_that_is_a_device(attempt: Attempt, place: str) -> None:
    """A device or a pipe is not unlinked, as an earlier envelope would be, and nothing is made among devices."""
    os.mkfifo(attempt.tree / "fifo")
    (attempt.tree / "link to a fifo").symlink_to("fifo")
    (attempt.tree / "link to a device").symlink_to("/dev/null")
    assert f"{place} is not a regular file" in attempt.refused(outfile=place)


@pytest.mark.parametrize("outfile", ["linkerd-check.json", "./linkerd-edges.json"])
def test_an_outfile_that_is_a_report(attempt: Attempt, outfile: str) -> None:
    """The envelope cannot have the name of what it speaks about."""
    assert f"outfile may not be {Path(outfile).name}, which is a report" in attempt.refused(outfile=outfile)


@pytest.mark.parametrize("name", ["attestation.json", "linkerd-check.json"])
def test_a_key_with_the_name_of_an_output(attempt: Attempt, key: KeyPair, name: str) -> None:
    """The key is not unlinked because an output would have its name."""
    place = attempt.tree / name
    place.write_bytes(key.private.read_bytes())
    done = attempt(signing_key=place)
    assert (done.code, place.read_bytes()) == (2, key.private.read_bytes())
    assert f"{place} would be overwritten" in done.err


@pytest.mark.parametrize("name", ["linkerd-check.json", "linkerd-edges.json"])
def test_a_report_name_tracked_by_git(attempt: Attempt, name: str) -> None:
    """A report that was committed would be deleted and rewritten here: the command that ends this is named."""
    (attempt.tree / name).write_text("[]", encoding="utf-8")
    run_git(attempt.tree, "add", name)
    said = attempt.refused()
    assert f"{name} is tracked by git" in said
    assert f"git rm --cached {name}" in said
    assert (attempt.tree / name).read_text(encoding="utf-8") == "[]"


@pytest.mark.parametrize("name", ["linkerd-check.json", "linkerd-edges.json"])
def test_a_report_name_that_is_a_folder(attempt: Attempt, name: str) -> None:
    """A folder where a report goes is left alone and named."""
    (attempt.tree / name).mkdir()
    assert f"{name} is a folder, and linkerd's report goes there" in attempt.refused()


def test_links_with_the_names_of_outputs_are_replaced(attempt: Attempt, tmp_path: Path) -> None:
    """Nothing is written through a link that lay in the tree."""
    outside = tmp_path / "outside"
    outside.write_text("mine", encoding="utf-8")
    for name in ("linkerd-check.json", "linkerd-edges.json", "attestation.json"):
        (attempt.tree / name).symlink_to(outside)
    assert attempt().code == 0
    assert outside.read_text(encoding="utf-8") == "mine"
    assert not (attempt.tree / "attestation.json").is_symlink()


def test_a_file_of_the_tree_that_cannot_be_read(attempt: Attempt) -> None:
    """What should have been seen and was not denies, by its name. A name too long for a path stops root, too."""
    here = os.open(attempt.tree, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=here)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    os.close(here)
    done = attempt()
    subprocess.run(["rm", "-rf", attempt.tree / ("d" * 250)], check=True)
    assert done.code == 1, done.said
    assert "the capture has the defect tree-unreadable in dddd" in done.out
    assert "File name too long" in done.out


def test_a_current_folder_that_was_removed(attempt: Attempt, tmp_path: Path) -> None:
    """A relative path would mean nothing there: the reason is named, and no traceback."""
    gone = tmp_path / "gone"
    gone.mkdir()
    command = ["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", sys.executable, "-m", "attestor", "run"]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, *attempt.argv({})], cwd=gone, env=env, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"the current folder cannot be found: No such file or directory" in done.stderr
