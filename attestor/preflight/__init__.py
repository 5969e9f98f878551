"""Everything that can be known before the capture: the folder, the key, the kubeconfig and the tools.

Each step appends to one list of complaints; nothing is asked of the cluster before that list is empty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from attestor import clock, redaction
from attestor.capture.kubeconfig import Kubeconfig
from attestor.capture.linkerd import Surroundings
from attestor.capture.strace import Tracer
from attestor.capture.tree import Left
from attestor.cluster.credentials import Credentials, NoAccess
from attestor.compliance import Controls, mapping
from attestor.engine import Engine
from attestor.errors import AttestorError, SettingsError
from attestor.evidence import Defect, Linkerd
from attestor.policies import Policy, own
from attestor.policies.load import load
from attestor.preflight import access, folder, installation, reach, tools, unprivileged
from attestor.preflight.installation import Say
from attestor.settings import Settings
from attestor.signing import Signer
from attestor.trust import TrustedKey

ReadStdin = Callable[[], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a run needs beside its settings, all of it tried.

    ``secrets`` are cut out of what is recorded; ``credentials``, those of the key and the kubeconfig, must not even
    stand in a report. ``access`` is how the coverage asks the cluster, or why it cannot, where it is asked for.
    """

    signer: Signer
    engine: Engine
    tracer: Tracer
    linkerd: Linkerd
    surroundings: Surroundings
    left: Left
    policy: Policy
    controls: Controls
    git_environment: dict[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    credentials: tuple[str, ...] = field(default=(), repr=False)
    defects: tuple[Defect, ...] = ()
    access: Credentials | NoAccess | None = None


def prepare(
    settings: Settings,
    private: Path,
    stdin: ReadStdin,
    complaints: list[AttestorError],
    say: Say = lambda _: None,
) -> Prepared:
    """Try everything that ``settings`` name; raises ``SettingsError`` with every complaint, those of before included.

    Where all else is well and rules of one's own cannot judge, it is a ``GateError``.

    ``private`` is an empty folder that only this user can enter. Where all is well and the CLI is still to be
    installed, ``say`` hears about that; a mesh that does not tell its version is a ``CaptureError`` then.
    """
    redaction.prepare()
    key = access.signing_key(settings, stdin, complaints)
    config = access.kubeconfig(settings, stdin, complaints)
    if config is not None:
        reach.check(config, settings, complaints)
    policy = _policy(settings, key.signer.public if key else None, complaints)
    controls = mapping.load(settings.controls, policy, complaints)
    binary = tools.linkerd(settings, complaints)
    needs = list(unprivileged.needs(settings, binary[0] if binary else None, config)) if settings.user else []
    settings, writes = unprivileged.settle(settings, private, needs, complaints, say)
    git_environment = tools.git_environment(settings, private)
    checked = folder.check(settings, git_environment, complaints)
    private_files = (key.files if key else ()) + (config.files if config else ())
    folder.refuse_overwriting(settings, private_files, complaints)
    tools.require_cluster(settings, complaints, replays=settings.allow_replay)
    toolbox = tools.gather(settings, private, binary, config, complaints)
    if not complaints and toolbox.engine is not None:
        policy = own.compiled(policy, toolbox.engine)
        _require_known(policy, complaints)
        mapping.require_known(controls, policy, complaints)
    if not complaints and toolbox.linkerd is None:
        toolbox = tools.with_installed(toolbox, installation.install(settings, config, toolbox.surroundings, say))
    if toolbox.linkerd is not None:
        tools.require_cluster(settings, complaints, replays=settings.allow_replay and toolbox.linkerd.replay)
    if complaints or key is None or toolbox.linkerd is None or toolbox.engine is None:
        raise SettingsError(complaints)
    credentials = key.secrets | (config.credentials if config else frozenset()) | access.of_pod(settings)
    hidden = credentials | (config.secrets if config else frozenset()) | redaction.named_forms(settings.environment)
    return Prepared(
        signer=key.signer,
        engine=toolbox.engine,
        tracer=toolbox.tracer,
        linkerd=_without_secrets(toolbox.linkerd, hidden),
        surroundings=replace(toolbox.surroundings, writes=writes),
        left=folder.left_out(settings, checked, private_files, private),
        policy=policy,
        controls=controls,
        git_environment=git_environment,
        secrets=tuple(sorted(hidden)),
        credentials=tuple(sorted(credentials)),
        defects=checked.defects,
        access=_access(settings, config, toolbox.surroundings) if settings.coverage else None,
    )


def _access(settings: Settings, config: Kubeconfig | None, surroundings: Surroundings) -> Credentials | NoAccess:
    """Return the way to the cluster; that there is none is what the coverage then says."""
    try:
        return installation.access(settings, config, surroundings)
    except NoAccess as error:
        return error


def _require_known(policy: Policy, complaints: list[AttestorError]) -> None:
    if policy.waivers:
        from attestor.policies import waivers

        waivers.require_known(policy, complaints)


def _without_secrets(linkerd: Linkerd, hidden: frozenset[str] | set[str]) -> Linkerd:
    """Return ``linkerd`` without what it passes off as its version: a program may print anything."""
    clean = redaction.text(linkerd.version, hidden) == linkerd.version
    return linkerd if clean else replace(linkerd, version="")


def _policy(settings: Settings, public: TrustedKey | None, complaints: list[AttestorError]) -> Policy:
    """Return what the run is judged by: the team's files, and the baseline, which this run's key or another signed."""
    policy = load(
        settings.policy_config,
        settings.waivers,
        complaints,
        rules=settings.policy,
        rego_version=settings.rego_version,
    )
    given = settings.baseline, settings.baseline_key
    if given == (None, None) or (public is None and given[1] is None):
        return policy
    from attestor.policies import baseline

    found = baseline.load(*given, (public,) if public else (), clock.system_now(), complaints)
    policy = replace(policy, baseline=found)
    baseline.require_cluster(policy, settings.cluster, complaints)
    return policy
