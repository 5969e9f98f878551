"""The second way to a program: build it from its Go module, vouched for by the Go checksum database.

The database is what makes this way as good as a digest in the lock, so nothing in the user's settings may switch
it off. Go reads settings from the environment and from a file of its own (``go env -w``): it is asked for those
that say how modules are reached, these are handed on, and everything else of both is left behind.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from attestor import process, strict_json
from attestor.errors import SettingsError
from attestor.install.runner import Runner

_ASKED = ("GOAUTH", "GOCACHE", "GOMODCACHE", "GOPATH", "GOPROXY", "GOSUMDB", "GOTOOLCHAIN")
"""Go's own settings that are handed on: how modules are reached and where they are kept."""

_PASSED = (
    *("PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)

_FIXED = {
    "CGO_ENABLED": "0",
    "GO111MODULE": "on",
    "GOENV": "off",
    "GOFLAGS": "-mod=mod -trimpath",
    # `none` matches no module. An empty value would be read as "not set", and a default would step in.
    "GONOSUMDB": "none",
    "GOPRIVATE": "none",
    "GOWORK": "off",
}

_BUILD_TIMEOUT = 1800.0
"""Seconds. A build takes one minute on two cores, and several more where nothing is cached and the network is slow."""

_ASK_TIMEOUT = 60.0
_TAIL = 8
"""Lines of Go's output that a message shows; the reason stands at the end."""


def find(env: Mapping[str, str]) -> Path | None:
    """Return the ``go`` on the PATH of ``env``, or nothing."""
    found = shutil.which("go", path=env.get("PATH", ""))
    return Path(found) if found else None


def install(package: str, workshop: Path, *, go: Path, env: Mapping[str, str], run: Runner = process.run) -> None:
    """Build ``package`` (``path@version``) and leave its program in the empty folder ``workshop``.

    Raises ``SettingsError`` where the checksum database is switched off, or the build fails or takes too long.
    """
    passed = {name: env[name] for name in _PASSED if name in env}
    settings = _settings(go, {**passed, **_own(env)}, workshop, run)
    if settings.get("GOSUMDB", "") in {"", "off"}:
        raise SettingsError(
            f"{package} was not built: Go's checksum database is switched off (GOSUMDB=off)",
            cause="Without it, nobody vouches that the module is the one that everybody else gets.",
            remedy="Unset GOSUMDB for this call; `go env GOSUMDB` shows it, `go env -u GOSUMDB` forgets a kept value.",
        )
    build = {**passed, **settings, **_FIXED, "GOBIN": str(workshop)}
    _call([str(go), "install", package], build, workshop, run, _BUILD_TIMEOUT)


def _own(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of ``env`` that decide Go's answer to ``go env``."""
    return {name: env[name] for name in (*_ASKED, "GOENV", "GOROOT") if name in env}


def _settings(go: Path, env: Mapping[str, str], workshop: Path, run: Runner) -> dict[str, str]:
    answer = _call([str(go), "env", "-json", *_ASKED], env, workshop, run, _ASK_TIMEOUT)
    try:
        found = strict_json.loads(answer.stdout)
    except strict_json.NotJson as error:
        raise _failed("env", f"its answer is not JSON: {error.reason}") from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise _failed("env", "its answer is not an object of strings")
    # A Go that does not know a setting yet answers with an empty string: not handed on is the same as not set.
    return {name: value for name, value in found.items() if name in _ASKED and value}


def _call(argv: list[str], env: Mapping[str, str], workshop: Path, run: Runner, timeout: float) -> process.Completed:
    try:
        answer = run(argv, env=env, timeout=timeout, cwd=workshop)
    except process.ProcessError as error:
        raise _failed(argv[1], error.problem) from error
    if answer.exit_code != 0:
        lines = answer.stderr.decode(errors="replace").strip().splitlines()
        raise _failed(argv[1], "; ".join(line.strip() for line in lines[-_TAIL:]) or f"exit code {answer.exit_code}")
    return answer


def _failed(verb: str, reason: str) -> SettingsError:
    return SettingsError(
        f"`go {verb}` failed: {reason}",
        cause="The module registry is not reachable, or this Go is older than the module needs.",
        remedy="Run it by hand to see more, set GOPROXY where the network has a mirror, or install a newer Go.",
    )
