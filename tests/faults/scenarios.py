"""Runs that go well, which together come by every place of a run: `elsewhere.json` says why the rest is not come by.

Each is a folder that is made anew for every attempt, and one call. Nothing in it needs a cluster, a network or root.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from attestor import engine, signing, trust
from attestor.install import capabilities
from attestor.preflight.folder import REPORTS
from tests.conftest import RECORDINGS, git
from tests.faults import children
from tests.faults.planted import PASSPHRASE, TOKEN, TOKEN_OF_A_FILE, VARIABLE
from tests.faults.server import Call, Ended

OLD = b"an envelope of an earlier run"
READ_ONLY = "read-only"
LEFT = "mesh-attestor-private-of-an-earlier-run"

RULES_TEST = """package acme.first_test

import data.acme.first

test_no_edges_are_denied if count(first.deny) == 1 with input as {}
"""

CONTROLS = """frameworks:
- id: acme
  title: Ours
  controls:
  - {id: A-1, title: Edges, statement: Edges are mTLS., rules: [mesh.edges_mtls, acme.first]}
"""
UNUSED_WAIVER = """- rule: mesh.edges_mtls
  selector: {{source: emojivoto/vote-bot, destination: emojivoto/web}}
  owner: team-voting
  reason: the bot is retired
  expires: {expires}
"""

LINKERD = """#!/bin/sh
# A linkerd over a healthy mesh, which does at each of its calls what a file beside it says, and else answers.
here='{folder}'
answer() {{
	case "$*" in
	version*) echo '{version}' ;;
	check*) cat '{recording}/check.json' ;;
	*) cat '{recording}/edges.json' ;;
	esac
}}
case "$*" in version*) call=version ;; check*) call=check ;; *) call=edges ;; esac
[ ! -f "$here/at-$call" ] || . "$here/at-$call"
answer "$@"
"""


@dataclass(frozen=True)
class Place:
    """The folder of one attempt and what is in it."""

    folder: Path

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    @property
    def envelope(self) -> Path:
        return self.tree / "attestation.json"

    @property
    def signed_verdict(self) -> Path:
        return self.tree / "attestation.verdict.json"

    @property
    def is_read_only(self) -> bool:
        """Whether what is there is of an earlier run, which this one only reads."""
        return (self.folder / READ_ONLY).exists()

    @property
    def temporary(self) -> tuple[Path, Path]:
        return self.folder / "tmp", self.folder / "tmp-2"

    @property
    def public_key(self) -> Path:
        return self.folder / "keys" / "signing.pub"

    @property
    def told(self) -> str:
        """What the runner was told in its two files."""
        files = (self.folder / "output", self.folder / "summary")
        return "".join(file.read_text(encoding="utf-8") for file in files if file.is_file())


@dataclass(frozen=True)
class Scenario:
    """A way to run the program: its name, what is laid into its folder beside the common, and its call."""

    name: str
    lay: Callable[[Place], None]
    call: Callable[[Place], Call]
    judges: bool = True
    needs: str = ""


def common(folder: Path) -> Place:
    """Make the folder that every scenario begins with."""
    place = Place(folder)
    for name in ("tree", "tmp", "tmp-2", "keys", "linkerd", "programs"):
        (folder / name).mkdir(parents=True)
    children.prepare(folder / "fakes")
    _key(folder / "keys")
    _linkerd(folder)
    opa = engine.installed().resolve()
    (folder / "programs" / "opa").symlink_to(opa)
    _tree(place.tree)
    place.envelope.write_bytes(OLD)
    (folder / "kubeconfig").write_text(json.dumps(_kubeconfig()), encoding="utf-8")
    (folder / "token").write_text(TOKEN_OF_A_FILE, encoding="utf-8")
    return place


def _key(folder: Path) -> None:
    pem, signer = signing.generate(PASSPHRASE.encode())
    plain, _ = signing.generate(None)
    (folder / "encrypted.key").write_bytes(pem)
    (folder / "passphrase").write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    (folder / "plain.key").write_bytes(plain)
    (folder / "signing.pub").write_bytes(trust.public_pem(signer.public.key))
    public = signing.load(plain, None, name="the key").public.key
    (folder / "plain.pub").write_bytes(trust.public_pem(public))


def _linkerd(folder: Path) -> None:
    program = folder / "linkerd" / "linkerd"
    text = LINKERD.format(folder=folder / "linkerd", version="edge-25.5.2", recording=RECORDINGS / "healthy")
    program.write_text(text, encoding="utf-8")
    program.chmod(0o755)
    extension = folder / "linkerd" / "linkerd-extension"
    extension.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    extension.chmod(0o755)
    (folder / "linkerd" / "another-program").symlink_to("/bin/true")


def _tree(root: Path) -> None:
    (root / "src").mkdir()
    for name in ("README", "src/program", ".gitignore"):
        (root / name).write_text(f"{name}\n", encoding="utf-8")
    (root / "link").symlink_to("README")
    (root / "folder").symlink_to("src")
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "filter.f.clean", "cat")
    git(root, "config", "remote.origin.url", "https://example.org/mesh.git")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    git(root, "tag", "-a", "-m", "a tag", "v1")
    credentials = root / "gha-creds-1.json"
    credentials.write_text("{}", encoding="utf-8")
    credentials.chmod(0o600)


def _kubeconfig() -> dict[str, object]:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "true", "interactiveMode": "Never"}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "mesh",
        "contexts": [{"name": "mesh", "context": {"cluster": "mesh", "user": "mesh"}}],
        "clusters": [{"name": "mesh", "cluster": {"server": "https://mesh.example.org"}}],
        "users": [{"name": "mesh", "user": {"token": TOKEN, "tokenFile": "token", "exec": plugin}}],
    }


def _environment(place: Place) -> dict[str, str]:
    first, second = place.temporary
    return {
        "PATH": f"{place.folder / 'programs'}:{place.folder / 'linkerd'}:{os.environ['PATH']}",
        "HOME": "/nonexistent",
        "TMPDIR": str(first),
        "TMPDIR_2": str(second),
        "DEPLOY_TOKEN": VARIABLE,
    }


def _options(place: Place, **changed: str | Path | None) -> tuple[str, ...]:
    options: dict[str, str | Path | None] = {
        "working-directory": place.tree,
        "signing-key": place.folder / "keys" / "encrypted.key",
        "signing-key-passphrase-file": place.folder / "keys" / "passphrase",
        "kubeconfig": place.folder / "kubeconfig",
        "linkerd-path": place.folder / "linkerd" / "linkerd",
        "opa": place.folder / "programs" / "opa",
        "trace": "off",
    }
    options |= {name.replace("_", "-"): value for name, value in changed.items()}
    return tuple(word for name, value in options.items() if value is not None for word in (f"--{name}", str(value)))


def _run(place: Place, stdin: bytes = b"", **changed: str | Path | None) -> Call:
    argv = ("mesh-attestor", "run", *_options(place, **changed))
    return Call(argv=argv, folder=place.tree, env=_environment(place), stdin=stdin)


def _nothing(place: Place) -> None:
    pass


def _lay_links(place: Place) -> None:
    """Links to folders where the reports go, which are replaced, not written through; what a killed run left."""
    for name in ("linkerd-check.json", "attestation.report.md"):
        (place.tree / name).symlink_to("src")
    left = place.temporary[0] / LEFT
    left.mkdir(mode=0o700)
    (left / "kubeconfig").write_text("", encoding="utf-8")
    os.utime(left, (0, 0))


def _live(place: Place) -> Call:
    """A live mesh by its kubeconfig, an encrypted key, an extension, a shadowed folder on PATH."""
    return _run(place, linkerd_extensions=place.folder / "linkerd" / "linkerd-extension")


def _lay_replay(place: Place) -> None:
    """An opa of one's own, with no file of what it may do beside it; a replay, found on PATH; no repository."""
    (place.folder / "programs" / "opa").unlink()
    shutil.copy(engine.installed().resolve(), place.folder / "programs" / "opa")
    program = place.folder / "linkerd" / "linkerd"
    program.write_text(
        program.read_text(encoding="utf-8").replace("edge-25.5.2", "replay of edge-25.5.2"), encoding="utf-8"
    )
    shutil.rmtree(place.tree / ".git")
    shutil.copy(place.folder / "keys" / "plain.pub", place.public_key)


def _replay(place: Place) -> Call:
    key = (place.folder / "keys" / "plain.key").read_bytes()
    return _run(
        place,
        stdin=key,
        signing_key="-",
        signing_key_passphrase_file=None,
        kubeconfig=None,
        linkerd_path=None,
        allow_replay="true",
    )


def _lay_detached(place: Place) -> None:
    """A detached HEAD, and the working directory below the repository's root."""
    git(place.tree, "checkout", "-q", "--detach")


def _detached(place: Place) -> Call:
    return _run(place, outfile=place.tree / "attestation.json", working_directory=place.tree / "src")


def _traced(place: Place) -> Call:
    return _run(place, trace="on")


def _lay_action(place: Place) -> None:
    """A runner's files; as root, a workspace of somebody else."""
    for name in ("output", "summary"):
        (place.folder / name).write_text("", encoding="utf-8")
    event = {"pull_request": {side: {"repo": {"full_name": f"{side}/it"}} for side in ("head", "base")}}
    (place.folder / "event.json").write_text(json.dumps(event), encoding="utf-8")
    if os.geteuid() == 0:
        for path in (place.tree, *place.tree.rglob("*")):
            os.lchown(path, 1001, 1001)
        place.tree.chmod(0o555)
        _open_opa(place)


def _open_opa(place: Place) -> None:
    """Put opa where children that are not root can reach it: a home is none of theirs. Once, as it is large."""
    opa, shared = engine.installed().resolve(), place.folder.parent / "opa"
    shared.mkdir()
    for file in (opa, opa.with_name(capabilities.FILE_NAME)):
        shutil.copy(file, shared)
    (place.folder / "programs" / "opa").unlink()
    (place.folder / "programs" / "opa").symlink_to(shared / opa.name)


def _action(place: Place) -> Call:
    key = (place.folder / "keys" / "encrypted.key").read_bytes()
    inputs = {
        "signing-key": base64.b64encode(key).decode("ascii"),
        "signing-key-passphrase": PASSPHRASE,
        "kubeconfig": str(place.folder / "kubeconfig"),
        "linkerd-path": str(place.folder / "linkerd" / "linkerd"),
        "opa": str(place.folder / "programs" / "opa"),
        "trace": "off",
    }
    env = _environment(place) | {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
    env |= {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(place.tree),
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(place.folder / "event.json"),
        "GITHUB_OUTPUT": str(place.folder / "output"),
        "GITHUB_STEP_SUMMARY": str(place.folder / "summary"),
    }
    return Call(argv=("entrypoint.py",), folder=place.tree, env=env)


def _lay_verify(place: Place) -> None:
    """An envelope of a run that was allowed, made by the program itself."""
    _made(_run(place))
    (place.folder / READ_ONLY).touch()


def _made(call: Call) -> None:
    argv = [sys.executable, "-m", "attestor", *call.argv[1:]]
    subprocess.run(argv, cwd=call.folder, env=call.env, check=True, capture_output=True)


def _verify(place: Place) -> Call:
    argv = (
        "verify",
        "attestation.json",
        "--key",
        str(place.public_key),
        "--opa",
        str(place.folder / "programs" / "opa"),
    )
    reports = ("--report", "linkerd-check.json", "--report", "linkerd-edges.json")
    return Call(argv=("mesh-attestor", *argv, *reports), folder=place.tree, env=_environment(place))


def _lay_ruled(place: Place) -> None:
    """All that a team can say of its policy, in folders and files, and an earlier envelope that another key signed."""
    policy = place.folder / "policy"
    (policy / "rules" / "below").mkdir(parents=True)
    rule = 'package acme.{name}\n\ndeny contains "no edges" if not input.edge_report\n'
    (policy / "rules" / "first.rego").write_text(rule.format(name="first"), encoding="utf-8")
    (policy / "rules" / "below" / "second.rego").write_text(rule.format(name="second"), encoding="utf-8")
    (policy / "rules" / "first_test.rego").write_text(RULES_TEST, encoding="utf-8")
    (policy / "rules" / "README").symlink_to("first.rego")
    (policy / "third.rego").write_text(rule.format(name="third"), encoding="utf-8")
    (policy / "config.yaml").write_text("rules: {mesh.warning_budget: {max: 1000}}\n", encoding="utf-8")
    (policy / "controls.yaml").write_text(CONTROLS, encoding="utf-8")
    expires = date.today() + timedelta(days=20)  # noqa: DTZ011 - any day soon
    (policy / "waivers.yaml").write_text(UNUSED_WAIVER.format(expires=expires), encoding="utf-8")
    made = _run(
        place,
        outfile=policy / "baseline.json",
        signing_key=place.folder / "keys" / "plain.key",
        signing_key_passphrase_file=None,
    )
    _made(made)
    for name in REPORTS:
        (place.tree / name).unlink()


def _rules(place: Place) -> tuple[str, ...]:
    policy, key = place.folder / "policy", place.folder / "keys" / "plain.pub"
    given = {"policy-config": policy / "config.yaml", "waivers": policy / "waivers.yaml"}
    given |= {"controls": policy / "controls.yaml"}
    given |= {"baseline": policy / "baseline.json", "baseline-key": key}
    named = ("--policy", str(policy / "rules"), "--policy", str(policy / "third.rego"))
    return *named, *(word for name, path in given.items() for word in (f"--{name}", str(path)))


def _ruled(place: Place) -> Call:
    call = _run(place)
    return replace(call, argv=(*call.argv, *_rules(place)))


def _lay_judged(place: Place) -> None:
    """An envelope and its signed verdict, by a policy of a team's own."""
    _lay_ruled(place)
    _made(_ruled(place))
    (place.folder / READ_ONLY).touch()


def _judged(place: Place) -> Call:
    call = _verify(place)
    return replace(call, argv=(*call.argv, *_rules(place), "--verdict", "attestation.verdict.json"))


def _trial(place: Place) -> Call:
    """The unit tests of a team's own rules."""
    argv = ("mesh-attestor", "policy", "test", str(place.folder / "policy" / "rules"))
    opa = ("--opa", str(place.folder / "programs" / "opa"))
    return Call(argv=(*argv, *opa), folder=place.tree, env=_environment(place))


def _diff(place: Place) -> Call:
    """Two envelopes of a mesh in which nothing changed."""
    keys = [word for name in ("signing", "plain") for word in ("--key", str(place.folder / "keys" / f"{name}.pub"))]
    argv = ("mesh-attestor", "diff", str(place.folder / "policy" / "baseline.json"), "attestation.json")
    return Call(argv=(*argv, *keys, "--format", "json"), folder=place.tree, env=_environment(place))


READING = ("verify", "judged", "trial", "diff")
"""Scenarios that capture nothing, and read what is there."""

ALL = (
    Scenario("replay", _lay_replay, _replay),
    Scenario("live", _lay_links, _live),
    Scenario("detached", _lay_detached, _detached),
    Scenario("action", _lay_action, _action),
    Scenario("ruled", _lay_ruled, _ruled),
    Scenario("verify", _lay_verify, _verify),
    Scenario("judged", _lay_judged, _judged),
    Scenario("trial", _lay_judged, _trial),
    Scenario("diff", _lay_judged, _diff),
    Scenario("traced", _nothing, _traced, needs="strace"),
)


class Stage:
    """Scenarios ready to be played: each is laid once, and copied to the same place for every attempt."""

    def __init__(self, folder: Path, play: Callable[[Call], Ended]) -> None:
        self._folder, self._play = folder, play
        self._now = folder / "now"

    def set(self, scenario: Scenario) -> Place:
        """Lay the scenario's folder as if for the first time; what the last attempt left is gone."""
        laid = self._folder / f"laid-by-{scenario.lay.__name__}"
        subprocess.run(["rm", "-rf", str(self._now)], check=True)
        if not laid.exists():
            scenario.lay(common(self._now))
            subprocess.run(["mv", str(self._now), str(laid)], check=True)
        subprocess.run(["cp", "-a", str(laid), str(self._now)], check=True)
        return Place(self._now)

    def play(self, scenario: Scenario, place: Place, more: tuple[str, ...] = (), **changed: Any) -> Ended:
        """Run the scenario in its folder, with more options and with what is to go wrong in it."""
        call = scenario.call(place)
        return self._play(replace(call, argv=(*call.argv, *more), **changed))
