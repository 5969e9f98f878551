"""The mapping of rules to controls: ``controls.yaml`` beside this module, and a team's own file of the same form.

    frameworks:
      - id: acme-mesh
        title: Controls of the platform team
        needs: [collection.capture_clean, collection.live_mesh]
        controls:
          - id: NET-1
            title: Nothing in plaintext
            statement: Workloads of the shop speak mTLS with each other.
            rules: [mesh.edges_mtls, collection.traffic_encrypted]
            parts: [traffic]

Nothing is guessed: an unknown rule, part, key or parameter is an error, and so is an id that is there already.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import replace
from pathlib import Path

from attestor import limits
from attestor.compliance import Controls
from attestor.compliance.reader import Reader
from attestor.errors import AttestorError, GateError, SettingsError
from attestor.policies import Policy, catalogue, reading
from attestor.policies.embedded import no_rules

EMBEDDED = Path(__file__).with_name("controls.yaml")
KIND = "controls file"
PAGE = "docs/compliance.md"


def load(path: Path | None, policy: Policy, complaints: list[AttestorError]) -> Controls:
    """Return the embedded controls, and behind them those of the file at ``path``.

    What is wrong is added to ``complaints``, also that the embedded ones cannot be read: that is known before a run.
    """
    try:
        found = embedded()
    except GateError as error:
        complaints.append(error)
        return Controls(entries=(), frameworks={})
    if path is None:
        return found
    try:
        data, digest = reading.read(KIND, path)
        listed = reading.load(KIND, path, data, page=PAGE)
    except SettingsError as error:
        complaints.append(error)
        return found
    # A team's own rules have their names once they are compiled: until then nothing is unknown.
    reader = Reader(f"the {KIND} {path}", complaints, known=None if policy.own else catalogue.rules().keys())
    own = reader.entries(listed, reading.root(data), found)
    if len(own) > limits.CONTROLS:
        problem = f"the {KIND} {path} has {len(own)} controls, and {limits.CONTROLS} are the most"
        complaints.append(SettingsError(problem, remedy="split it: a run takes one file"))
    return replace(
        found,
        entries=(*found.entries, *own),
        frameworks={**found.frameworks, **reader.frameworks},
        own=frozenset(reader.frameworks),
        file_sha256=digest,
        path=str(path),
    )


@functools.cache
def embedded() -> Controls:
    """Return the controls that come with the rules; raises ``GateError``."""
    path = EMBEDDED
    try:
        data = path.read_bytes()
        listed = reading.load(KIND, path, data, page=PAGE)
    except OSError as error:
        raise no_rules(error) from error
    except SettingsError as error:
        raise _broken(error) from error
    complaints: list[AttestorError] = []
    # Whether each rule is one of the catalogue is held by a test: an entry that names another is not shown.
    reader = Reader(f"the {KIND} {path}", complaints, known=None)
    entries = reader.entries(listed, reading.root(data), Controls(entries=(), frameworks={}))
    if complaints:
        raise _broken(complaints[0])
    digest = hashlib.sha256(data).hexdigest()
    return Controls(entries=entries, frameworks=reader.frameworks, embedded_sha256=digest)


def _broken(error: AttestorError) -> GateError:
    return GateError(error.problem, cause="the installation is not whole, or was changed", remedy="install it anew")


def require_known(controls: Controls, policy: Policy, complaints: list[AttestorError]) -> None:
    """Add a complaint for each rule of a team's controls that is neither embedded nor, once compiled, one's own."""
    known = set(catalogue.rules().keys() | policy.own_ids)
    for entry in controls.entries:
        for rule in (*entry.rules, *entry.needs) if entry.framework in controls.own else ():
            if rule not in known:
                where = f"the {KIND} {controls.path}, line {entry.line}"
                remedy = reading.rule_meant(rule, known)
                complaints.append(SettingsError(f"{where}: there is no rule {rule!r}", remedy=remedy))
                known.add(rule)  # told once
