"""opa comes from the cache, the release page, Go, or the user's own hand; and only as the program of the lock."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from attestor.errors import SettingsError
from attestor.install import cache, opa
from attestor.install.capabilities import FILE_NAME
from attestor.install.download import Unreachable, WrongContent
from attestor.install.lock import Asset, Opa
from attestor.process import Completed, NotStarted

VERSION = "1.19.0"
RELEASED = b"#!/bin/sh\n# released\n"
BUILT = b"#!/bin/sh\n# built\n"
CAPABILITIES = {"builtins": [{"name": "abs"}, {"name": "http.send", "nondeterministic": True}]}
LOCK = Opa(
    version=VERSION,
    module="host.example/some/opa",
    platforms={
        "linux-amd64": Asset(url="https://host.example/opa", sha256=hashlib.sha256(RELEASED).hexdigest()),
    },
)


class Outside:
    """The world of one installation: a release page, Go, and opa itself, each of which may be missing or broken."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "cache"
        self.go_env: bytes | None = None
        self.settings = {"GOSUMDB": "sum.example", "GOPROXY": "https://mirror.example", "GOMODCACHE": "/mods"}
        self.release: bytes | Exception = RELEASED
        self.build: bytes | None = BUILT
        self.version = VERSION
        self.calls: list[tuple[list[str], dict[str, str]]] = []
        self.said: list[str] = []
        self._bin = folder / "bin"
        self._bin.mkdir()
        self.env = {"PATH": str(self._bin), "HOME": str(folder), "GOFLAGS": "-insecure", "SECRET": "s3cret"}

    def with_go(self) -> None:
        (self._bin / "go").write_bytes(b"#!/bin/sh\n")
        (self._bin / "go").chmod(0o755)

    def fetch(self, url: str, sha256: str, destination: Path, *, executable: bool = False) -> None:
        self.calls.append((["fetch", url], {}))
        if isinstance(self.release, Exception):
            raise self.release
        destination.write_bytes(self.release)

    def run(self, argv: Sequence[str], *, env: Mapping[str, str], timeout: float, cwd: Path | None = None) -> Completed:
        name, verb = Path(argv[0]).name, argv[1]
        self.calls.append(([name, *argv[1:]], dict(env)))
        if (name, verb) == ("go", "install"):
            return self._install(Path(env["GOBIN"]))
        answers = {
            ("go", "env"): json.dumps(self.settings).encode() if self.go_env is None else self.go_env,
            ("opa", "version"): f"Version: {self.version}\nBuild Commit: \n".encode(),
            ("opa", "capabilities"): json.dumps(CAPABILITIES).encode(),
        }
        return Completed(pid=1, exit_code=0, stdout=answers[name, verb], stderr=b"")

    def _install(self, place: Path) -> Completed:
        if self.build is None:
            return Completed(pid=1, exit_code=1, stdout=b"", stderr=b"go: a\ngo: module lookup disabled\n")
        (place / "opa").write_bytes(self.build)
        return Completed(pid=1, exit_code=0, stdout=b"", stderr=b"")

    def install(self, lock: Opa = LOCK, *, platform: str = "linux-amd64", given: Path | None = None) -> Path:
        world = opa.World(env=self.env, platform=platform, say=self.said.append, run=self.run, fetch=self.fetch)
        return opa.install(lock, self.home, world, given=given)

    def names(self) -> list[str]:
        return [" ".join(argv[:2]) for argv, _ in self.calls]

    def env_of(self, call: str) -> dict[str, str]:
        return next(env for argv, env in self.calls if " ".join(argv[:2]) == call)


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    return Outside(tmp_path)


@pytest.fixture
def offline(outside: Outside) -> Outside:
    outside.release = Unreachable("https://host.example/opa could not be downloaded: no connection")
    return outside


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def drafts(program: Path) -> list[str]:
    return [name for name in names_in(program.parent) if name.startswith(".") and name != ".lock"]


def test_the_release_is_taken_where_it_can_be_had(outside: Outside) -> None:
    """The program stands in the folder of its version and platform; Go is not asked."""
    outside.with_go()
    program = outside.install()
    assert program == outside.home / "opa" / "1.19.0-linux-amd64" / "opa"
    assert program.read_bytes() == RELEASED
    assert "go install" not in outside.names()
    assert drafts(program) == []


def test_the_capabilities_stand_beside_the_program(outside: Outside) -> None:
    """They are those of the installed program, restricted."""
    found = json.loads((outside.install().parent / FILE_NAME).read_bytes())
    assert found == {"allow_net": [], "builtins": [{"name": "abs"}]}


def test_opa_sees_no_environment_but_the_fixed_three(outside: Outside) -> None:
    """PATH, HOME and TMPDIR, and nothing else of the user's."""
    outside.install()
    assert outside.env_of("opa capabilities").keys() <= {"PATH", "HOME", "TMPDIR"}


def test_go_builds_it_where_the_release_is_unreachable(offline: Outside) -> None:
    """The same version of the module; its digest is recorded, since no lock can know it."""
    offline.with_go()
    program = offline.install()
    assert program.read_bytes() == BUILT
    assert ["go", "install", "host.example/some/opa@v1.19.0"] in [argv for argv, _ in offline.calls]
    assert (program.parent / opa.RECORD).read_text() == f"{hashlib.sha256(BUILT).hexdigest()}  opa\n"
    assert drafts(program) == []


def test_go_builds_it_where_the_lock_has_no_file_for_the_platform(outside: Outside) -> None:
    """A machine without a release file still has the second way."""
    outside.with_go()
    program = outside.install(platform="darwin-arm64")
    assert program.read_bytes() == BUILT
    assert outside.names()[0] == "go env"


def test_the_build_cannot_be_talked_out_of_the_checksum_database(offline: Outside) -> None:
    """The user's flags and exemptions stay behind, where modules come from and who vouches for them is kept."""
    offline.with_go()
    offline.env |= {"GONOSUMDB": "*", "GOPRIVATE": "*", "GOINSECURE": "*", "GOSUMDB": "sum.example"}
    offline.install()
    env = offline.env_of("go install")
    assert env["GOSUMDB"] == "sum.example"
    assert env["GOPROXY"] == "https://mirror.example"
    assert (env["GONOSUMDB"], env["GOPRIVATE"], env["GOENV"], env["CGO_ENABLED"]) == ("none", "none", "off", "0")
    assert env["GOFLAGS"] == "-mod=mod -trimpath"
    assert env.keys().isdisjoint({"GOINSECURE", "GONOSUMCHECK", "SECRET"})


def test_a_checksum_database_that_is_off_is_refused(offline: Outside) -> None:
    """Nothing is built that nobody vouches for."""
    offline.with_go()
    offline.settings["GOSUMDB"] = "off"
    with pytest.raises(SettingsError, match="neither") as caught:
        offline.install()
    assert "GOSUMDB=off" in caught.value.cause
    assert "Unset GOSUMDB" in caught.value.remedy
    assert "go install" not in offline.names()


def test_a_build_of_another_version_is_refused(offline: Outside) -> None:
    """A registry that answers with something else is found out before the program gets its name."""
    offline.with_go()
    offline.version = "1.18.0"
    with pytest.raises(SettingsError, match="neither") as caught:
        offline.install()
    assert "Version: 1.18.0" in caught.value.cause
    assert not list(offline.home.rglob("opa*"))[1:], "only the folder is left"


def test_neither_way_is_one_message_that_names_both_and_the_third(offline: Outside) -> None:
    """Why each way failed, and what to do, `--opa PATH` among it."""
    with pytest.raises(SettingsError) as caught:
        offline.install()
    text = "\n".join(caught.value.lines())
    assert caught.value.exit_code == 2
    assert len(caught.value.complaints) == 1
    assert "https://host.example/opa could not be downloaded: no connection" in text
    assert "there is no `go` on PATH" in text
    assert "host.example/some/opa" in text
    assert "`--opa PATH`" in text


def test_a_build_that_fails_shows_what_go_said(offline: Outside) -> None:
    """The last lines of Go's own words say why."""
    offline.with_go()
    offline.build = None
    with pytest.raises(SettingsError, match="neither") as caught:
        offline.install()
    assert "module lookup disabled" in caught.value.cause


@pytest.mark.parametrize("answer", [b"", b"GOSUMDB=sum.example", b"[]", b'{"GOSUMDB": null}', b"{}"])
def test_a_go_that_does_not_say_how_it_is_set_up_is_not_used(answer: bytes, offline: Outside) -> None:
    """Whether the checksum database is on must be known, not assumed."""
    offline.with_go()
    offline.go_env = answer
    with pytest.raises(SettingsError, match="neither"):
        offline.install()
    assert "go install" not in offline.names()


def test_a_wrong_digest_does_not_fall_back_to_go(outside: Outside) -> None:
    """Somebody may be at work; another way would only hide it."""
    outside.with_go()
    outside.release = WrongContent("it is not the file of the lock")
    with pytest.raises(WrongContent):
        outside.install()
    assert outside.names() == ["fetch https://host.example/opa"]
    assert not (outside.home / "opa" / "1.19.0-linux-amd64" / "opa").exists()


@pytest.mark.parametrize("reachable", [True, False])
def test_a_second_set_up_reuses_the_cache(reachable: bool, outside: Outside) -> None:
    """A digest of the lock, or the one recorded after a build, is enough; nothing is fetched or built again."""
    outside.with_go()
    if not reachable:
        outside.release = Unreachable("no connection")
    first = outside.install()
    outside.calls.clear()
    assert outside.install() == first
    assert outside.names() == ["opa capabilities"]


@pytest.mark.parametrize("reachable", [True, False])
def test_a_corrupt_program_in_the_cache_is_replaced(reachable: bool, outside: Outside) -> None:
    """Neither digest fits: the program and its record go, and both ways start anew."""
    outside.with_go()
    if not reachable:
        outside.release = Unreachable("no connection")
    program = outside.install()
    whole = program.read_bytes()
    program.write_bytes(whole[:-1])
    (program.parent / ".opa-left-by-a-killed-one").write_bytes(b"half")
    assert outside.install().read_bytes() == whole
    assert drafts(program) == []


def test_a_program_without_a_record_is_not_trusted(outside: Outside) -> None:
    """A file that is merely there is nobody's word for anything."""
    place = outside.home / "opa" / "1.19.0-linux-amd64"
    place.mkdir(parents=True)
    (place / "opa").write_bytes(b"planted")
    assert outside.install().read_bytes() == RELEASED


def test_an_opa_of_ones_own_is_copied_into_the_cache(offline: Outside, tmp_path: Path) -> None:
    """Neither way is needed then, and the next set-up finds it."""
    (tmp_path / "mine").write_bytes(b"mine")
    # It is asked for its version under the name that it gets.
    program = offline.install(given=tmp_path / "mine")
    assert program.read_bytes() == b"mine"
    assert offline.install() == program
    assert offline.names() == ["opa version", "opa capabilities", "opa capabilities"]


def test_an_opa_of_ones_own_in_another_version_is_refused(offline: Outside, tmp_path: Path) -> None:
    """Policies are tested with one version."""
    (tmp_path / "mine").write_bytes(b"mine")
    offline.version = "0.70.0"
    with pytest.raises(SettingsError, match=r"not opa 1\.19\.0: it says 'Version: 0\.70\.0'"):
        offline.install(given=tmp_path / "mine")


def test_an_opa_of_ones_own_that_does_not_run_is_refused(
    offline: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program for another processor says so here, not at the gate."""

    def run(argv: Sequence[str], *, env: Mapping[str, str], timeout: float, cwd: Path | None = None) -> Completed:
        raise NotStarted(f"{argv[0]} could not be started: Exec format error")

    monkeypatch.setattr(offline, "run", run)
    (tmp_path / "mine").write_bytes(b"mine")
    with pytest.raises(SettingsError, match="Exec format error"):
        offline.install(given=tmp_path / "mine")


def test_an_opa_of_ones_own_that_is_missing_is_refused(offline: Outside, tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(SettingsError, match="nowhere cannot be read: No such file"):
        offline.install(given=tmp_path / "nowhere")


def test_a_cache_that_cannot_be_written_is_an_error_of_the_settings(outside: Outside) -> None:
    """A file where the folder should be stands for every reason."""
    outside.home.write_bytes(b"")
    with pytest.raises(SettingsError, match="could not be put into"):
        outside.install()


def test_two_set_ups_at_once_build_once(offline: Outside) -> None:
    """The second waits for the first, and finds its work done."""
    offline.with_go()
    both = [threading.Thread(target=offline.install) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert offline.names().count("go install") == 1


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/mesh-attestor"),
        ({"HOME": "/h"}, "/h/.cache/mesh-attestor"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache/mesh-attestor"),
        ({"XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache/mesh-attestor"),
    ],
)
def test_the_cache_is_where_the_user_keeps_caches(env: dict[str, str], expected: str) -> None:
    """XDG first, where it is an absolute path."""
    assert cache.folder(env) == Path(expected)


def test_without_a_home_there_is_no_cache() -> None:
    """The working directory is not taken for one."""
    with pytest.raises(SettingsError, match="no folder for downloaded programs"):
        cache.folder({})


def test_the_link_replaces_what_was_there(tmp_path: Path) -> None:
    """A dangling link of a cache that was emptied is no hindrance."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "opa").symlink_to(tmp_path / "gone")
    (tmp_path / "opa").write_bytes(b"x")
    assert cache.link(tmp_path / "opa", tmp_path / "bin").resolve() == tmp_path / "opa"
    assert names_in(tmp_path / "bin") == ["opa"]


def on_the_command_line(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "attestor.install", *arguments],
        capture_output=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)},
        text=True,
        timeout=60,
    )


def stand_in(place: Path, version: str) -> Path:
    place.write_text(f"""#!/bin/sh
case "$1" in
version) echo "Version: {version}" ;;
capabilities) echo '{json.dumps(CAPABILITIES)}' ;;
esac
""")
    place.chmod(0o755)
    return place


def test_the_command_installs_and_links(tmp_path: Path) -> None:
    """`make setup OPA=PATH` end to end, with a program that only looks like opa."""
    (tmp_path / "bin").mkdir()
    mine = stand_in(tmp_path / "mine", VERSION)
    ended = on_the_command_line("opa", "--opa", str(mine), "--link", str(tmp_path / "bin"), home=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    program = (tmp_path / "bin" / "opa").resolve()
    assert program.is_relative_to(tmp_path / ".cache" / "mesh-attestor")
    assert (program.parent / FILE_NAME).is_file()


def test_the_command_ends_in_two_with_the_reason_and_the_remedy(tmp_path: Path) -> None:
    """An error of the settings is three lines on stderr, not a traceback."""
    mine = stand_in(tmp_path / "mine", "1.0.0")
    ended = on_the_command_line("opa", "--opa", str(mine), home=tmp_path)
    assert ended.returncode == 2
    assert [line[:4] for line in ended.stderr.splitlines()] == ["the ", "why:", "do: "]


def test_without_a_mirror_the_lock_is_what_it_was() -> None:
    """And no file is adopted."""
    assert opa.from_mirror(LOCK, "linux-amd64", "", "") == (LOCK, None)


def test_a_mirror_takes_the_place_of_the_release() -> None:
    """With the lock's digest, or one of its own; other platforms stay as they are."""
    released = LOCK.platforms["linux-amd64"].sha256
    found, _ = opa.from_mirror(LOCK, "linux-amd64", "https://mirror.example/opa", "")
    assert found.platforms["linux-amd64"] == Asset(url="https://mirror.example/opa", sha256=released)
    found, _ = opa.from_mirror(LOCK, "linux-arm64", "https://mirror.example/opa", "0" * 64)
    assert found.platforms["linux-arm64"] == Asset(url="https://mirror.example/opa", sha256="0" * 64)
    assert found.platforms["linux-amd64"] == LOCK.platforms["linux-amd64"]


@pytest.mark.parametrize(
    ("url", "sha256"), [("http://mirror.example/opa", ""), ("", "0" * 64), ("opa", ""), ("file://x/o", "")]
)
def test_a_mirror_is_https_or_a_file(url: str, sha256: str) -> None:
    """A digest alone says nothing about where."""
    with pytest.raises(SettingsError):
        opa.from_mirror(LOCK, "linux-amd64", url, sha256)


def test_a_file_of_this_machine_must_have_its_digest(tmp_path: Path) -> None:
    """The one given, or the lock's."""
    file = tmp_path / "an opa"
    file.write_bytes(RELEASED)
    url = file.as_uri()
    assert opa.from_mirror(LOCK, "linux-amd64", url, "") == (LOCK, file)
    assert opa.from_mirror(LOCK, "linux-arm64", url, hashlib.sha256(RELEASED).hexdigest()) == (LOCK, file)
    for platform, wrong in (("linux-amd64", "0" * 64), ("linux-arm64", "")):
        with pytest.raises(SettingsError, match="sha256"):
            opa.from_mirror(LOCK, platform, url, wrong)
    with pytest.raises(SettingsError, match="cannot be read"):
        opa.from_mirror(LOCK, "linux-amd64", (tmp_path / "none").as_uri(), "0" * 64)
