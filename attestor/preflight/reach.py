"""What of a kubeconfig cannot work from here: files that are not there, and servers that are somebody else's loopback.

A container action sees the workspace and a few folders of its runner, and its own loopback instead of the host's.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from attestor.capture.kubeconfig import Kubeconfig
from attestor.capture.remotes import without_credentials
from attestor.errors import AttestorError, SettingsError
from attestor.lenient import mapping, rows
from attestor.settings import Settings

CONTAINER_WORKSPACE = "/github/workspace"
"""Where a runner mounts the workspace into a container action, and nowhere else (actions/runner ContainerInfo.cs)."""

_FILES = (
    ("clusters", "cluster", "certificate-authority"),
    ("users", "user", "client-certificate"),
    ("users", "user", "client-key"),
    ("users", "user", "tokenFile"),
)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - compared, and bound to by nobody


def check(config: Kubeconfig, settings: Settings, complaints: list[AttestorError]) -> None:
    """Complain, in a container, about what linkerd could only fail at, minutes later and in other words."""
    if settings.environment.get("GITHUB_WORKSPACE") != CONTAINER_WORKSPACE:
        return
    complaints.extend(_missing(name, path) for name, path in named_files(config) if not path.is_file())
    if (urlsplit(config.server).hostname or "") in _LOOPBACK:
        complaints.append(
            SettingsError(
                f"the kubeconfig's server {without_credentials(config.server)} is on the loopback of the runner, "
                "not of this container",
                cause="kind, k3d and minikube write such kubeconfigs; a container action has a network of its own",
                remedy="put the address in its place under which containers reach it: `kind get kubeconfig --internal` "
                "and a job container in kind's network, or the host's bridge address",
            )
        )


def named_files(config: Kubeconfig) -> list[tuple[str, Path]]:
    """Return the files that a kubeconfig names in place of their content, by the names of its fields."""
    found = []
    for plural, singular, name in _FILES:
        for item in rows(config.content.get(plural)):
            path = mapping(item.get(singular)).get(name)
            if path and not mapping(item.get(singular)).get(f"{name}-data"):
                found.append((name, Path(str(path))))
    return found


def _missing(name: str, path: Path) -> SettingsError:
    return SettingsError(
        f"the kubeconfig's {name} {path} is not there",
        cause="a container action sees the workspace and $RUNNER_TEMP, and nothing else of its runner",
        remedy="put the content into the kubeconfig: kubectl config view --raw --flatten",
    )
