"""``mesh-attestor doctor``: before any run, everything that would stand in its way, at once. Nothing is captured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from attestor import privacy, redaction, rendering, settings
from attestor.arguments import Arguments
from attestor.capture.kubeconfig import Kubeconfig
from attestor.capture.remotes import without_credentials
from attestor.cluster import mesh, rights
from attestor.cluster.client import Client
from attestor.cluster.credentials import NoAccess
from attestor.commands import World
from attestor.errors import AttestorError, CaptureError, MissingSecret, SettingsError
from attestor.options import DOCTOR as OPTIONS
from attestor.preflight import access, installation, reach, tools
from attestor.preflight.tools import Toolbox
from attestor.report import Lines, Section, Table, shown
from attestor.settings import Settings

SUMMARY = "Say what a run would need and does not find: tools, kubeconfig, rights in the cluster, versions."
POSITIONALS = ""

__all__ = ["OPTIONS", "POSITIONALS", "SUMMARY", "execute"]

Row = tuple[str, str, bool | None]
"""What was looked at, what was found, and whether that is good, bad or neither."""


def execute(arguments: Arguments, complaints: list[AttestorError], world: World) -> int:
    """Print the findings; 0 where nothing is in the way, 2 for what is wrong here, 3 for what the cluster refuses."""
    if arguments.positionals:
        complaints.append(SettingsError("doctor takes options only", remedy="see `mesh-attestor doctor --help`"))
    given = {name: values[-1] for name, values in arguments.values.items()}
    asked = settings.parse(given, world.env, world.directory, complaints)
    with privacy.private_folder() as private:
        config = access.kubeconfig(asked, world.stdin.read, complaints)
        toolbox = _look(asked, private, config, complaints)
        rows = [*_tools(toolbox), *_kubeconfig(asked, config)]
        cluster = list(_cluster(asked, config, toolbox))
    hidden = redaction.named_forms(world.env) | (config.secrets if config else frozenset())
    rows = [(what, redaction.text(found, hidden), good) for what, found, good in (*rows, *cluster)]
    wrong = [complaint for complaint in complaints if not isinstance(complaint, MissingSecret)]
    rendering.write(_sections(rows, complaints, hidden), world.stdout, world.env)
    if wrong:
        return SettingsError.exit_code
    return CaptureError.exit_code if any(good is False for *_, good in cluster) else 0


def _look(asked: Settings, private: Path, config: Kubeconfig | None, complaints: list[AttestorError]) -> Toolbox:
    """Find every tool, also where something else is wrong already."""
    own: list[AttestorError] = []
    if asked.signing_key is not None:
        access.signing_key(asked, bytes, own)
    if config is not None:
        reach.check(config, asked, own)
    binary = tools.linkerd(asked, complaints)
    toolbox_complaints: list[AttestorError] = []
    toolbox = tools.gather(asked, private, binary, config, toolbox_complaints)
    tools.require_cluster(asked, own, replays=asked.allow_replay)
    complaints += [*own, *toolbox_complaints]
    return toolbox


def _tools(toolbox: Toolbox) -> Iterator[Row]:
    found = toolbox.linkerd
    if found is None:
        yield "linkerd", "not here; a run would install it", None
    else:
        yield "linkerd", f"{found.version or 'tells no version'} ({found.source})", True
    yield "opa", str(toolbox.engine.binary) if toolbox.engine else "not here", toolbox.engine is not None
    yield "strace", toolbox.tracer.binary or toolbox.tracer.reason, True if toolbox.tracer.binary else None


def _kubeconfig(asked: Settings, config: Kubeconfig | None) -> Iterator[Row]:
    if asked.in_cluster:
        yield "kubeconfig", "the service account of this pod", None
    elif config is None:
        yield "kubeconfig", "none that can be used", False
    else:
        yield "context", config.context, True
        yield "server", without_credentials(config.server), None
        if config.exec_command:
            yield "login program", config.exec_command, None


def _cluster(asked: Settings, config: Kubeconfig | None, toolbox: Toolbox) -> Iterator[Row]:
    """Ask the cluster, as far as it answers."""
    if config is None and not asked.in_cluster:
        return
    try:
        client = Client(installation.access(asked, config, toolbox.surroundings))
        version = client.get("/version").get("gitVersion", "of an unknown version")
        yield "Kubernetes", f"answers, {version}", True
        for right in rights.missing(client, _rights(asked, client)):
            yield "missing right", f"{right} (for {right.needed_for})", False
    except NoAccess as error:
        yield "Kubernetes", str(error), False
        return
    yield from _versions(client, toolbox)


def _rights(asked: Settings, client: Client) -> Sequence[rights.Right]:
    return rights.needed(
        client, covered=asked.coverage, namespaces=asked.namespaces, prometheus_url=asked.prometheus_url
    )


def _versions(client: Client, toolbox: Toolbox) -> Iterator[Row]:
    try:
        version = mesh.version(client)
    except CaptureError as error:
        yield "mesh", f"{error.problem}; {error.remedy}", False
        return
    yield "mesh", f"runs {version}", True
    cli = toolbox.linkerd.version if toolbox.linkerd else version
    if version not in cli:
        yield "versions", f"the CLI is {cli or 'unknown'}, the mesh {version}: {_COST}", None


_COST = "checks that this CLI does not know are missing, and one for CRDs that the mesh does not have ends the report"


def _sections(rows: list[Row], complaints: list[AttestorError], hidden: frozenset[str]) -> list[Section]:
    words = {True: "ok", False: "IN THE WAY", None: "-"}
    table = Table(
        title="What is there",
        header=("WHAT", "FOUND", "RESULT"),
        rows=tuple((what, shown(found), words[good]) for what, found, good in rows),
        marks=tuple(good for *_, good in rows),
    )
    told = [line for complaint in complaints for line in complaint.lines()]
    lines = tuple(shown(redaction.text(line, hidden)) for line in told)
    bad = bool(complaints) or any(good is False for *_, good in rows)
    word = "something is in the way of a run" if bad else "nothing is in the way of a run"
    return [
        table,
        *([Lines(title="What is wrong", lines=lines)] if lines else []),
        Lines(title=word, lines=(), good=not bad),
    ]
