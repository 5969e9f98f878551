"""Targets: the writers of what a runner, a browser or a terminal obeys, each read by something that is not ours."""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from attestor import limits
from attestor.errors import AttestorError, CaptureError, EvidenceError, GateError, SettingsError, SigningError
from attestor.github import annotate, commands, outputs
from attestor.outcome import Outcome
from attestor.rendering import log, markdown, page, terminal
from attestor.report import Report, shown
from attestor.verdict import Verdict, Violation
from tests import runner
from tests.fuzz import judged, readers
from tests.fuzz.script import Script
from tests.rendered import render

SPACE = Path("/github/workspace")
_ELEMENTS = frozenset(
    {
        *("h2", "h3", "p", "ul", "li", "code", "strong", "em", "pre", "br", "a"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
)
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/-]*)?(?:#[A-Za-z0-9._~-]*)?")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ERRORS: tuple[type[AttestorError], ...] = (GateError, SigningError, EvidenceError, CaptureError)


def _outcome(script: Script) -> Outcome:
    """Return some end of a run: its evidence, violations and error say whatever the bytes do."""
    report = None
    if script.number(4):
        violations = tuple(Violation(rule=script.text(), message=script.text()) for _ in range(script.number(12)))
        verdict = Verdict(allowed=not violations, checked=("mesh.a",), violations=violations)
        opened = judged.healthy() if script.number(4) else judged.examined(readers.forged(script.rest()))
        if opened is not None:
            report = Report(
                opened=opened,
                signers=(script.text(),) * script.number(3),
                verdict=verdict if script.number(4) else None,
                enforces=bool(script.number(2)),
                envelope=f"{SPACE}/{script.text()}",
                envelope_sha256=script.text(),
            )
    failed = report is None or script.number(3) == 1
    withheld = "this is a pull request from a fork" if script.number(3) == 1 else ""
    return Outcome(report=report, error=_error(script) if failed else None, withheld=withheld)


def _error(script: Script) -> AttestorError:
    kind = script.number(len(_ERRORS) + 1)
    if kind == len(_ERRORS):
        return SettingsError([SettingsError(script.text(), remedy=script.text()) for _ in range(1 + script.number(3))])
    if _ERRORS[kind] is CaptureError:
        return CaptureError(script.text(), cause=script.text(), output=f"{script.text()}\n{script.text()}")
    return _ERRORS[kind](script.text(), cause=script.text(), remedy=script.text())


def github_outputs(data: bytes) -> None:
    """The file of outputs: a runner reads every output as it was, and violations are JSON within their limit."""
    outcome = _outcome(Script(data))
    found = outputs.of(outcome, SPACE, {"report": SPACE / "a.md"})
    written = "".join(commands.output(name, value) for name, value in found.items())
    as_read = written.encode("utf-8", "replace").decode()
    assert runner.outputs(as_read) == {name: value.encode("utf-8", "replace").decode() for name, value in found.items()}
    assert tuple(found) == outputs.NAMES
    assert found["verdict"] in {"allow", "deny", "error"}
    assert found["verdict"] != "allow" or (outcome.error is None and not outcome.violations)
    assert len(json.loads(found["violations"])) == len(outcome.violations)
    assert all(len(json.loads(outputs.violations(outcome.violations, limit))) >= 1 for limit in (200, 400)) or not (
        outcome.violations
    )


def annotated(data: bytes) -> None:
    """Annotations: as many commands as were meant and no other, all of it text that a terminal would print."""
    outcome = _outcome(Script(data))
    meant = annotate.of(outcome)
    found, printed = runner.commands("".join(annotation.command() for annotation in meant))
    assert "".join(printed) == ""
    assert [command.name for command in found] == [annotation.kind for annotation in meant]
    for kind in commands.ANNOTATIONS:
        assert sum(command.name == kind for command in found) <= limits.ANNOTATIONS
    for command, annotation in zip(found, meant, strict=True):
        assert len(command.message) <= limits.ANNOTATION_CHARACTERS
        assert command.message == annotation.message[: limits.ANNOTATION_CHARACTERS] or command.message.endswith("…")
        assert set(command.properties) <= {"title", "file", "line"}
        for text in (command.message.replace("\n", ""), *command.properties.values()):
            assert text.isprintable()


def github_commands(data: bytes) -> None:
    """Single commands, groups and inert text of any text: what was meant is obeyed, and nothing else."""
    script = Script(data)
    title, message = script.text(), script.text() + script.text()
    found, _ = runner.commands(commands.command("error", message, {"title": title}) + commands.group(title, message))
    assert [command.name for command in found] == ["error", "group", "endgroup"]
    assert (found[0].message, found[1].message) == (message, title)
    assert runner.commands(commands.inert(message))[0] == []


def markdown_page(data: bytes) -> None:
    """The page for people: GitHub's own Markdown makes of it the elements of the page, and links to nothing else."""
    outcome = _outcome(Script(data))
    written = markdown.page(page.parts(outcome), limits.SUMMARY_BYTES).encode("utf-8", "replace").decode()
    found = render(written)
    assert set(found.elements) <= _ELEMENTS, set(found.elements) - _ELEMENTS
    assert all(_ADDRESS.fullmatch(link) for link in found.links), found.links
    assert all(text.isprintable() for text in written.splitlines())
    widths = {len(row) for row in found.rows}
    assert widths <= {2, 5, 6}, widths
    small = markdown.page(page.parts(outcome), 3000)
    whole = sum(len((part.head + part.tail).encode("utf-8", "replace")) + 200 for part in page.parts(outcome))
    assert len(small.encode("utf-8", "replace")) <= max(3000, whole)


def rendering(data: bytes) -> None:
    """Evidence in a log and on a terminal: no escape but rich's own colours, and no line that a runner obeys."""
    outcome = _outcome(Script(data))
    if outcome.report is None:
        return
    sections = outcome.report.sections()
    logged = log.text(sections)
    assert _visible(logged)
    assert all(line.startswith(("| ", "== ")) for line in logged.split("\n") if line)
    found, _ = runner.commands(commands.group("Evidence", logged))
    assert [command.name for command in found] == ["group", "endgroup"]
    if zlib.crc32(data) % 8 == 0:  # drawing tables takes ten times as long as all the rest
        terminal.write(sections, stream := _Terminal(), width=20 + len(data) % 100)
        assert _visible(_COLOUR.sub("", stream.getvalue()))
    assert all(shown(text).isprintable() for text in _texts(Script(data)))


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _texts(script: Script) -> Iterator[str]:
    while script.more:
        yield script.text()


def _visible(text: str) -> bool:
    return all(line.isprintable() for line in text.split("\n"))
