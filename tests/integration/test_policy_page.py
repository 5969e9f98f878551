"""The policy page (docs/policy.md): every block of it is used, in its order, as a reader would.

A block of YAML or Rego begins with the name of its file and is written there; a block of the console holds commands and
what they print, where `…` stands for what was left out. The page is read, never repeated here.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml

from attestor import clock, strict_yaml
from attestor.clock import parse_rfc3339
from attestor.errors import AttestorError
from attestor.policies import Policy, catalogue, waivers
from attestor.policies.load import load
from tests.conftest import RECORDINGS, ROOT
from tests.integration.conftest import Ask

PAGE = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
WORKFLOW = ".github/workflows/mesh.yml"


@dataclass(frozen=True)
class Step:
    """One command of a console block, what it prints, and its exit code."""

    command: str
    printed: str
    code: int


def file_of(text: str) -> str:
    """Return the file that a block is: its first line is a comment that names it."""
    found = re.match(r"# ([\w./-]+\.(?:yaml|yml|rego))\n", text)
    assert found, f"a block does not begin with the name of its file:\n{text}"
    return found[1]


def steps(text: str) -> Iterator[Step]:
    """Yield the commands of a console block. Without an `echo $?` behind it, a command must end with 0."""
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert parts[0] == "", f"a block of the console begins with a command:\n{text}"
    found = [_split(part) for part in parts[1:]]
    for (command, printed), (behind, code) in zip(found, [*found[1:], ("", "")], strict=True):
        if command != "echo $?":
            yield Step(command=command, printed=printed, code=int(code) if behind == "echo $?" else 0)


def _split(part: str) -> tuple[str, str]:
    """Return a command, which goes on behind a backslash, and what it prints."""
    lines = part.splitlines()
    length = next(number for number, line in enumerate(lines, start=1) if not line.endswith("\\"))
    return "\n".join(lines[:length]), "\n".join(lines[length:])


def shape(printed: str) -> re.Pattern[str]:
    """Return what must match an output: `…` alone is any lines, also none, and within a line it is any text."""
    forms = [
        r"(?:.*\n)*" if line.strip() == "…" else ".*".join(map(re.escape, line.rstrip().split("…"))) + "\n"
        for line in printed.splitlines()
    ]
    return re.compile("".join(forms))


FILES = {file_of(text): text for language, text in BLOCKS if language != "console"}
WHOLE = "mesh-policy"
"""The folder of the policy that the page ends with."""


def test_every_block_is_a_file_or_a_console() -> None:
    """No other language is there, which nothing would run, and no file twice."""
    assert {language for language, _ in BLOCKS} == {"yaml", "rego", "console"}
    assert len(FILES) == sum(language != "console" for language, _ in BLOCKS)
    assert PAGE.count("```") == 2 * len(BLOCKS)


def test_every_file_is_used() -> None:
    """By a command, alone or with its folder; the workflow is looked at below."""
    commands = "\n".join(step.command for language, text in BLOCKS if language == "console" for step in steps(text))
    unused = [name for name in FILES if name not in commands and f"{name.partition('/')[0]}" not in commands]
    assert unused == [WORKFLOW]


def test_every_rule_that_can_be_configured_is_on_the_page() -> None:
    """By its id, in a file; what is missing here nobody would find but by its own page."""
    said = "\n".join(FILES.values())
    wanted = [rule.id for rule in catalogue.rules().values() if not rule.of_the_floor or rule.parameters]
    assert [name for name in wanted if name not in said and name not in PAGE] == []


def test_every_option_of_a_policy_is_on_the_page() -> None:
    """By its whole name."""
    names = (
        "policy",
        "policy-config",
        "waivers",
        "baseline",
        "verdict",
        "policy-config-sha256",
        "waivers-sha256",
        "policy-sha256",
    )
    assert [name for name in names if not re.search(rf"--{name}(?![\w-])", PAGE)] == []


def test_both_forms_are_on_the_page_with_every_key() -> None:
    """Complaints about a file send their reader here."""
    first = set(re.findall(r"`([a-z]+)`", "".join(re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE))))
    assert {"rules", "exempt", "clusters", "rule", "selector", "owner", "reason", "ticket", "expires"} <= first
    (parts,) = re.findall(r"^\| `selector` \| (.*) \|$", PAGE, re.MULTILINE)
    assert [part for part in waivers.SELECTORS if f"`{part}`" not in parts] == []


def whole(tmp_path: Path) -> Policy:
    """Return the policy that the page ends with, read without a complaint."""
    paths = {name: tmp_path / name for name in FILES if name.startswith(f"{WHOLE}/")}
    (tmp_path / WHOLE).mkdir()
    for name, path in paths.items():
        path.write_text(FILES[name], encoding="utf-8")
    complaints: list[AttestorError] = []
    found = load(paths[f"{WHOLE}/policy-config.yaml"], paths[f"{WHOLE}/waivers.yaml"], complaints)
    assert complaints == []
    return found


def test_the_whole_policy_is_strict_where_no_cluster_is_named(tmp_path: Path) -> None:
    """Lenient for dev alone: on any other name, and on none, everything that it speaks of denies.

    It is for a run without coverage, whose rules are off then; the page has a file of its own for those.
    """
    policy = whole(tmp_path)
    (lenient,) = [section.clusters for section in policy.sections if section.clusters != "*"]
    assert lenient == "dev-*"
    for cluster in ("prod", "", "dve-1"):
        about_coverage = catalogue.needing("coverage")
        levels = {name: level for name, level in policy.levels(cluster).items() if name not in about_coverage}
        assert [name for name, level in levels.items() if level == "warn"] == []
        assert [name for name, level in levels.items() if level == "off"] == [
            "collection.commit_signed",
            "collection.tree_clean",
            "collection.github_actions",
        ]
    assert policy.levels("dev-1")["mesh.versions_match"] == "warn"


def test_every_rule_about_coverage_is_in_the_file_about_it() -> None:
    """With each of its parameters."""
    said = strict_yaml.load(FILES["coverage.yaml"].encode())["rules"]
    assert set(said) == catalogue.needing("coverage")
    unsaid = {(name, part) for name in said for part in catalogue.rules()[name].parameters if part not in said[name]}
    assert unsaid == {("collection.host_network", "namespaces"), ("collection.injection_enforced", "namespaces")}


def test_the_workflow_takes_its_gate_from_elsewhere() -> None:
    """From a second checkout, of the branch that a change is to go into; every input and output is the action's."""
    text = FILES[WORKFLOW]
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    workflow = yaml.safe_load(text)
    job = workflow["jobs"]["mesh"]
    change, gate, attest, upload = job["steps"]
    assert change["with"].keys() == {"path", "persist-credentials"}
    assert gate["with"]["ref"] == "${{ github.base_ref || github.ref_name }}"
    # Without a base, the branch that was pushed is the gate's own: it must be one that nobody pushes to unseen.
    assert workflow[True] == {"pull_request": None, "push": {"branches": ["main"]}}
    given = attest["with"]
    assert set(given) <= set(action["inputs"])
    assert given["working-directory"] == change["with"]["path"]
    taken = {name: given[name] for name in ("policy", "policy-config", "waivers")}
    assert [path for path in taken.values() if not path.startswith(f"{gate['with']['path']}/{WHOLE}/")] == []
    assert {path.partition("/")[2] for path in taken.values()} <= {*FILES, f"{WHOLE}/rules"}
    assert set(re.findall(r"steps\.mesh\.outputs\.([a-z0-9-]+)", text)) <= set(action["outputs"])
    assert "head_ref" not in text
    assert "always()" in upload["if"]
    assert "needs.mesh.outputs.verdict == 'allow'" in workflow["jobs"]["deploy"]["if"]
    assert workflow["permissions"] == {}


def test_the_workflow_is_bounded_and_pins_what_it_uses() -> None:
    """A commit with its version beside it; a limit and permissions on every job."""
    text = FILES[WORKFLOW]
    for used in re.findall(r"^ +(?:- )?uses: (.*)$", text, re.MULTILINE):
        assert used == "OWNER/mesh-attestor@COMMIT" or re.fullmatch(r"[a-z-]+/[a-z-]+@[0-9a-f]{40} # v[0-9.]+", used), (
            used
        )
    for job in yaml.safe_load(text)["jobs"].values():
        assert job["timeout-minutes"] <= 45
        assert "permissions" in job


def test_every_linked_page_is_there() -> None:
    """A relative link leads somewhere, also to a heading."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#([a-z-]+))?\)", PAGE)
    assert links
    for link, anchor in links:
        target = (ROOT / "docs" / link).resolve()
        assert target.exists(), link
        assert not anchor or anchor in target.read_text(encoding="utf-8").lower().replace(" ", "-"), anchor


@pytest.fixture
def desk(tree: Path) -> Path:
    """The reader's folder: a repository with one commit, and what the page's files say."""
    (tree.parent / "home").mkdir()
    return tree


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The clock stands at the day that the page names, and moves on with every look at it."""
    (named,) = re.findall(r"The clock of these examples stands at\s+`([^`]+)`", PAGE)
    begun = parse_rfc3339(named)
    moments = (begun + timedelta(milliseconds=number) for number in range(1_000_000))

    def now() -> datetime:
        return next(moments)

    monkeypatch.setattr(clock, "system_now", now)
    monkeypatch.setattr(clock.Clock.__init__, "__defaults__", (now,))
    return begun


class Reader:
    """Somebody who follows the page."""

    def __init__(self, ask: Ask, desk: Path) -> None:
        self._ask, self._desk = ask, desk
        self._env = {
            "PATH": os.environ["PATH"],
            "HOME": str(desk.parent / "home"),
            "RECORDINGS": str(RECORDINGS),
            "COLUMNS": "200",
        }

    def write(self, text: str) -> None:
        path = self._desk / file_of(text)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, command: str) -> tuple[int, str]:
        """Return the exit code of a command and what it printed. The shell reads every command, ours included."""
        program, _, rest = command.partition(" ")
        if program != "mesh-attestor":
            done = self._shell(command)
            return done.returncode, done.stdout + done.stderr
        words = self._shell(f"printf '%s\\0' {rest}")
        assert words.returncode == 0, words.stderr
        said = self._ask(*words.stdout.split("\0")[:-1], cwd=self._desk)
        return said.code, said.said

    def _shell(self, command: str) -> subprocess.CompletedProcess[str]:
        argv = ["sh", "-ec", command]
        return subprocess.run(argv, cwd=self._desk, env=self._env, check=False, capture_output=True, text=True)


@pytest.mark.usefixtures("day")
def test_the_page_is_right(ask: Ask, desk: Path) -> None:
    """Every file is written, every command ends as the page says, and prints what stands there."""
    reader = Reader(ask, desk)
    for language, text in BLOCKS:
        if language != "console":
            reader.write(text)
            continue
        for step in steps(text):
            code, said = reader.run(step.command)
            lines = "".join(f"{line.rstrip()}\n" for line in said.splitlines())
            assert code == step.code, f"$ {step.command}\n{lines}"
            assert shape(step.printed).fullmatch(lines), f"$ {step.command}\n{lines}"
