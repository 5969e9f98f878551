"""One context of a kubeconfig, or a pod's service account, as what an HTTPS connection needs.

The meaning of the fields is client-go's (``tools/clientcmd/api/types.go``). An exec plugin is run as linkerd would run
it: with the same environment, and without a terminal.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attestor import limits, process, strict_json
from attestor.capture.kubeconfig import Kubeconfig
from attestor.install.runner import Runner
from attestor.lenient import mapping, rows
from attestor.privacy import write_private

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class NoAccess(Exception):
    """There is no connection or no permission; the message says which, and holds no secret.

    ``code`` is the word for it in the coverage predicate.
    """

    code = "not-understood"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A server and how one shows who one is. ``verify`` is a bundle's path, or whether the system's bundle decides."""

    server: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    verify: str | bool = True
    certificate: tuple[str, str] | None = None
    server_name: str = ""
    proxy: str = ""


def of_pod(env: Mapping[str, str], folder: Path = SERVICE_ACCOUNT) -> Credentials:
    """Return a pod's own credentials; raises ``NoAccess`` where they are not there."""
    host, port = env.get("KUBERNETES_SERVICE_HOST", ""), env.get("KUBERNETES_SERVICE_PORT", "443")
    try:
        token = (folder / "token").read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise NoAccess("this pod has no service account token") from error
    address = f"[{host}]" if ":" in host else host
    return Credentials(
        server=f"https://{address}:{port}",
        headers={"Authorization": f"Bearer {token}"},
        verify=str(folder / "ca.crt"),
    )


def of_context(config: Kubeconfig, private: Path, env: Mapping[str, str], *, run: Runner = process.run) -> Credentials:
    """Return the credentials of ``config``'s one context; raises ``NoAccess``.

    ``private`` is a folder that only this user can enter; ``env`` is the environment that an exec plugin gets.
    """
    cluster = mapping(rows(config.content.get("clusters"))[0].get("cluster"))
    users = rows(config.content.get("users"))
    user = mapping(users[0].get("user")) if users else {}
    if "auth-provider" in user:
        raise NoAccess("the kubeconfig's user has an auth-provider, which Kubernetes dropped in 1.26")
    if isinstance(user.get("exec"), dict):
        user = {**user, **_from_plugin(user["exec"], env, run)}
    return Credentials(
        server=config.server.rstrip("/"),
        headers=_headers(user),
        verify=_verification(cluster, private),
        certificate=_certificate(user, private),
        server_name=str(cluster.get("tls-server-name", "")),
        proxy=str(cluster.get("proxy-url", "")),
    )


def _headers(user: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    if token := _token(user):
        found["Authorization"] = f"Bearer {token}"
    elif user.get("username"):
        pair = f"{user['username']}:{user.get('password', '')}".encode()
        found["Authorization"] = f"Basic {base64.b64encode(pair).decode('ascii')}"
    if user.get("as"):
        found["Impersonate-User"] = str(user["as"])
    return found


def _token(user: Mapping[str, Any]) -> str:
    if not user.get("tokenFile"):
        return str(user.get("token", ""))
    try:
        return Path(str(user["tokenFile"])).read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise NoAccess(f"the kubeconfig's tokenFile {user['tokenFile']} cannot be read") from error


def _verification(cluster: Mapping[str, Any], private: Path) -> str | bool:
    if cluster.get("insecure-skip-tls-verify") is True:
        return False
    return _file(cluster, "certificate-authority", private) or True


def _certificate(user: Mapping[str, Any], private: Path) -> tuple[str, str] | None:
    certificate, key = (_file(user, name, private) for name in ("client-certificate", "client-key"))
    return (certificate, key) if certificate and key else None


def _file(entry: Mapping[str, Any], name: str, private: Path) -> str:
    """Return a path for what an entry holds as data or names as a file; data wins, as in client-go."""
    if data := entry.get(f"{name}-data"):
        try:
            decoded = base64.b64decode("".join(str(data).split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise NoAccess(f"the kubeconfig's {name}-data is not base64") from error
        path = private / f"api-{name}"
        path.unlink(missing_ok=True)
        write_private(path, decoded)
        return str(path)
    named = str(entry.get(name, ""))
    if named and not Path(named).is_file():
        raise NoAccess(f"the kubeconfig's {name} {named} is not there")
    return named


def _from_plugin(plugin: Mapping[str, Any], env: Mapping[str, str], run: Runner) -> dict[str, str]:
    """Run a credential plugin and return what it answers, as a user's entry has it."""
    argv = [str(plugin.get("command", "")), *map(str, plugin.get("args") or [])]
    own = {str(item.get("name")): str(item.get("value", "")) for item in rows(plugin.get("env"))}
    version = str(plugin.get("apiVersion", ""))
    request = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    asked = {**env, **own, "KUBERNETES_EXEC_INFO": json.dumps(request)}
    try:
        done = run(argv, env=asked, timeout=limits.PLUGIN_SECONDS)
        answer = mapping(strict_json.loads(done.stdout)) if done.exit_code == 0 else {}
    except (process.ProcessError, strict_json.NotJson) as error:
        raise NoAccess(f"the kubeconfig's login program {argv[0]!r} gave no credential") from error
    status = mapping(answer.get("status"))
    if not status:
        raise NoAccess(f"the kubeconfig's login program {argv[0]!r} gave no credential (exit code {done.exit_code})")
    found = {"token": str(status.get("token", ""))}
    for name, key in (("client-certificate-data", "clientCertificateData"), ("client-key-data", "clientKeyData")):
        if status.get(key):
            found[name] = base64.b64encode(str(status[key]).encode()).decode("ascii")
    return found
