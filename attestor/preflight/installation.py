"""The linkerd that is not there yet: which release, asked of the mesh where nobody says, and where it is kept."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from attestor import process
from attestor.capture.kubeconfig import Kubeconfig
from attestor.capture.linkerd import Surroundings
from attestor.cluster import credentials, mesh
from attestor.cluster.client import Client
from attestor.cluster.credentials import Credentials, NoAccess
from attestor.install import cache, linkerd, lock
from attestor.install.linkerd import Installed, Wanted, World
from attestor.settings import Settings

Say = Callable[[str], None]


def install(
    settings: Settings, config: Kubeconfig | None, surroundings: Surroundings, say: Say, world: World | None = None
) -> Installed:
    """Install the CLI that ``settings`` ask for, and return it.

    Raises ``CaptureError`` where the mesh's version is wanted and cannot be known, ``SettingsError`` where the release
    or its digest cannot be had.
    """
    version = settings.linkerd_version
    if version in {"", "auto"}:
        version = mesh_version(settings, config, surroundings)
        say(f"linkerd: the mesh runs {version}")
    wanted = Wanted(version=version, sha256=settings.linkerd_sha256, url=settings.linkerd_url)
    return linkerd.install(wanted, lock.load().linkerd, folder(settings.environment), world or World(say=say))


def mesh_version(settings: Settings, config: Kubeconfig | None, surroundings: Surroundings) -> str:
    """Ask the mesh for its version; raises ``CaptureError``."""
    try:
        found = access(settings, config, surroundings)
    except NoAccess as error:
        raise mesh.unknown(error) from error
    return mesh.version(Client(found))


def access(settings: Settings, config: Kubeconfig | None, surroundings: Surroundings) -> Credentials:
    """Return the credentials of the chosen context, or of the pod where that was asked for; raises ``NoAccess``."""
    if settings.in_cluster:
        return credentials.of_pod(settings.environment)
    if config is None:
        raise NoAccess("there is no kubeconfig")
    run = functools.partial(process.run, user=surroundings.user)
    return credentials.of_context(config, surroundings.private, surroundings.environment, run=run)


def folder(env: Mapping[str, str]) -> Path:
    """Return where programs are kept: the runner's tool cache, else its folder for the job, else the user's cache."""
    for name in ("RUNNER_TOOL_CACHE", "RUNNER_TEMP"):
        place = Path(env.get(name, ""))
        if place.is_absolute() and place.is_dir() and os.access(place, os.W_OK):
            return place / cache.NAME
    return cache.folder(env)
