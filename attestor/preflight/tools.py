"""The programs of a run: linkerd and its extensions, opa, strace, git, and what a kubeconfig's exec plugin needs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from attestor import engine, identity
from attestor.capture import git, search_path, strace
from attestor.capture import linkerd as cli
from attestor.capture.kubeconfig import Kubeconfig
from attestor.capture.linkerd import Surroundings
from attestor.capture.strace import Tracer
from attestor.engine import Engine
from attestor.errors import AttestorError, MissingSecret, SettingsError
from attestor.evidence import Linkerd
from attestor.install.linkerd import Installed
from attestor.preflight import unprivileged
from attestor.preflight.unprivileged import Need
from attestor.privacy import write_private
from attestor.settings import Settings

_PASSED = ("LANG", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
_IN_CLUSTER = ("KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBERNETES_SERVICE_PORT_HTTPS")
_NEVER_PASSED = ("MESH_ATTESTOR_", "INPUT_", "ACTIONS_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolbox:
    """The programs that were found, and where they will run."""

    linkerd: Linkerd | None
    engine: Engine | None
    tracer: Tracer
    surroundings: Surroundings


def linkerd(settings: Settings, complaints: list[AttestorError]) -> tuple[Path, str] | None:
    """Return the linkerd binary that is there and how it was chosen; ``None`` where one is to be installed."""
    folders = _folders(settings)
    chosen = settings.linkerd_path
    if chosen is None:
        found = None if settings.linkerd_version else shutil.which("linkerd", path=os.pathsep.join(folders))
        if found:
            return Path(found), f"PATH: {found}"
        _require_installable(settings, complaints)
        return None
    if (complaint := _unusable(chosen, "linkerd-path")) is not None:
        complaints.append(complaint)
        return None
    return chosen.absolute(), f"linkerd-path: {chosen.absolute()}"


def _require_installable(settings: Settings, complaints: list[AttestorError]) -> None:
    """Complain where nobody says which release, and there is no mesh to ask."""
    if settings.linkerd_version in {"", "auto"} and not settings.kubeconfig and not settings.in_cluster:
        complaints.append(
            MissingSecret(
                "there is no linkerd on PATH",
                cause="the CLI is not installed here, or lies in the working directory, where it is not trusted; and "
                "without a kubeconfig the mesh cannot be asked which release it runs",
                remedy="name one that is there with --linkerd-path, or a release with --linkerd-version",
            )
        )


def _unusable(binary: Path, option: str) -> SettingsError | None:
    if not binary.is_file():
        return SettingsError(f"{option}: there is no program at {binary}", remedy="check the path")
    if not os.access(binary, os.R_OK | os.X_OK):
        return SettingsError(f"{option}: {binary} may not be read and executed", remedy=f"chmod +rx {binary}")
    return None


def gather(
    settings: Settings,
    private: Path,
    binary: tuple[Path, str] | None,
    config: Kubeconfig | None,
    complaints: list[AttestorError],
) -> Toolbox:
    """Find every program, make the capture's PATH and environment, and ask linkerd what it is once all else is well."""
    folders = _folders(settings)
    _check_extensions(settings, complaints)
    path = os.pathsep.join(folders)
    if not complaints:
        path = search_path.build(private, binary[0] if binary else None, settings.linkerd_extensions, folders)
        for shown in private.iterdir() if settings.user else ():
            if shown.name == "bin" or shown.name.startswith("path-"):
                identity.show(shown, settings.user)
    surroundings = Surroundings(
        directory=settings.working_directory,
        private=private,
        environment=_environment(settings, private, path, config, complaints),
        timeout=settings.timeout,
        user=settings.user,
    )
    opa, tracer = _engine(settings, private, complaints), _tracer(settings, surroundings, complaints)
    found = Toolbox(linkerd=None, engine=opa, tracer=tracer, surroundings=surroundings)
    if binary is None or complaints:
        return found
    record = cli.identify(*binary, surroundings, pinned=bool(settings.linkerd_sha256))
    _check_digest(settings, record, complaints)
    return _with_linkerd(found, binary[0], record)


def with_installed(toolbox: Toolbox, installed: Installed) -> Toolbox:
    """Return ``toolbox`` with a linkerd that was installed after all else was found to be well."""
    unprivileged.require(Need(path=installed.path, name="linkerd", mode="x"), toolbox.surroundings.user)
    search_path.choose(toolbox.surroundings.private, installed.path)
    record = cli.identify(installed.path, installed.source, toolbox.surroundings, pinned=installed.pinned)
    return _with_linkerd(toolbox, installed.path, record)


def _with_linkerd(toolbox: Toolbox, binary: Path, record: Linkerd) -> Toolbox:
    surroundings = replace(toolbox.surroundings, digests={str(binary.resolve()): record.sha256})
    return replace(toolbox, linkerd=record, surroundings=surroundings)


def _check_digest(settings: Settings, record: Linkerd, complaints: list[AttestorError]) -> None:
    if settings.linkerd_sha256 and record.sha256 != settings.linkerd_sha256:
        complaints.append(
            SettingsError(
                f"the linkerd of {record.source} has the sha256 {record.sha256}, not that of linkerd-sha256",
                cause="it is another version, or it was changed",
                remedy="find out which; then give its digest, or leave linkerd-sha256 out",
            )
        )


def git_environment(settings: Settings, private: Path) -> dict[str, str]:
    """Return the whole environment that git gets."""
    return git.environment(os.pathsep.join(_folders(settings)), private / "home")


def _folders(settings: Settings) -> list[str]:
    return search_path.trusted_folders(settings.environment.get("PATH", ""), settings.working_directory)


def _check_extensions(settings: Settings, complaints: list[AttestorError]) -> None:
    names = [extension.name for extension in settings.linkerd_extensions]
    complaints.extend(
        SettingsError(f"linkerd-extensions: {name} is named twice", remedy="name each extension once")
        for name in sorted({name for name in names if names.count(name) > 1})
    )
    for extension in settings.linkerd_extensions:
        if not extension.name.startswith("linkerd-"):
            complaints.append(
                SettingsError(f"linkerd-extensions: {extension.name} is not named linkerd-…", remedy="rename it")
            )
        elif (complaint := _unusable(extension, "linkerd-extensions")) is not None:
            complaints.append(complaint)


def _engine(settings: Settings, private: Path, complaints: list[AttestorError]) -> Engine | None:
    folder = private / "opa"
    folder.mkdir(mode=0o700)
    identity.show(folder, settings.user)
    try:
        return engine.find(settings.opa, folder, settings.user)
    except SettingsError as error:
        complaints.append(error)
        return None


def _tracer(settings: Settings, surroundings: Surroundings, complaints: list[AttestorError]) -> Tracer:
    environment = surroundings.environment
    tracer = strace.find(environment["PATH"], environment, wanted=settings.trace != "off", user=settings.user)
    if settings.trace == "on" and not tracer.binary:
        complaints.append(
            SettingsError(
                f"trace is on, and the capture cannot be traced: {tracer.reason}",
                cause="strace is a package of its own, and a container may forbid ptrace",
                remedy="install strace 5.3 or newer, or set trace to auto",
            )
        )
    return tracer


def _environment(
    settings: Settings, private: Path, path: str, config: Kubeconfig | None, complaints: list[AttestorError]
) -> Mapping[str, str]:
    """Return the whole environment that linkerd gets, and write the kubeconfig that it names."""
    outer = settings.environment
    names = [*_PASSED, *_PROXIES, *(name.lower() for name in _PROXIES), *settings.pass_environment]
    names += config.exec_variables if config else ()
    names += _IN_CLUSTER if settings.in_cluster else ()
    found = {name: outer[name] for name in names if name in outer and not name.startswith(_NEVER_PASSED)}
    complaints.extend(
        SettingsError(f"pass-environment may not name {name}", cause="it may hold a secret", remedy="leave it out")
        for name in settings.pass_environment
        if name.startswith(_NEVER_PASSED)
    )
    for folder in ("home", "tmp"):
        (private / folder).mkdir(mode=0o700)
        identity.give(private / folder, settings.user)
    found |= {"PATH": path, "HOME": str(private / "home"), "TMPDIR": str(private / "tmp")}
    if settings.cluster:
        found["LINKERD_CLUSTER_NAME"] = settings.cluster
    found.pop("KUBECONFIG", None)
    if config is not None:
        write_private(private / "kubeconfig", config.to_bytes())
        identity.give(private / "kubeconfig", settings.user)
        found["KUBECONFIG"] = str(private / "kubeconfig")
        _check_plugin(config, path, complaints)
    return found


def _check_plugin(config: Kubeconfig, path: str, complaints: list[AttestorError]) -> None:
    if config.exec_command and shutil.which(config.exec_command, path=path) is None:
        complaints.append(
            SettingsError(
                f"the kubeconfig's user runs {config.exec_command!r} to log in, and there is no such program here",
                cause="the credential plugin of the cloud is installed on another machine, or outside the container",
                remedy="install it here, or make a kubeconfig with a short-lived token instead",
            )
        )


def require_cluster(settings: Settings, complaints: list[AttestorError], *, replays: bool) -> None:
    """Refuse a run that would look at no cluster, or at one by accident: only a replay needs none."""
    if settings.in_cluster:
        if "KUBERNETES_SERVICE_HOST" not in settings.environment:
            complaints.append(SettingsError("in-cluster is set, and this is not a pod", remedy="give a kubeconfig"))
    elif settings.coverage and not settings.kubeconfig:
        complaints.append(
            MissingSecret(
                "coverage asks the cluster itself, and there is no kubeconfig",
                cause="kubeconfig was not given and $KUBECONFIG is empty; a replay has no cluster",
                remedy="give one with --kubeconfig, set in-cluster, or leave coverage out",
            )
        )
    elif not settings.kubeconfig and not replays:
        complaints.append(
            MissingSecret(
                "there is no kubeconfig",
                cause="kubeconfig was not given and $KUBECONFIG is empty; ~/.kube/config is not read on its own",
                remedy="give one with --kubeconfig, or set in-cluster",
            )
        )
