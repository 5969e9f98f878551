"""Settings: what a run was asked to do, read once from options and environment, checked, and frozen. Pure.

Every complaint is collected before any is raised, so that several wrong settings are reported together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from attestor import given as given_by
from attestor import limits
from attestor.arguments import BOOLEANS
from attestor.errors import AttestorError, MissingSecret, SettingsError
from attestor.formats import FORMATS
from attestor.given import Given
from attestor.identity import User
from attestor.install import address
from attestor.options import RUN, Option

_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
"""A DNS-1123 label, which every Kubernetes namespace is (RFC 1123, section 2.1)."""

_DURATION = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:h|ms|m|s))+", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)", re.ASCII)
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
TAG = re.compile(r"[a-z]{1,20}-[0-9]{1,4}(?:\.[0-9]{1,4}){1,3}(?:-[a-z0-9.]{1,20})?")
"""A release's tag, such as edge-25.5.2 or stable-2.14.10; it becomes part of an address and of a path."""

SHA256 = re.compile(r"[0-9a-f]{64}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_NAME_LIMIT = 253
_QUOTED = 40

DEFAULTS = {option.name: option.default for option in RUN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one run does. Paths are absolute; times are in seconds.

    ``user`` is as whom children run, where that is not as this program.
    """

    cluster: str
    context: str
    in_cluster: bool
    kubeconfig: tuple[Given, ...]
    namespaces: tuple[str, ...]
    step: str
    signing_key: Given | None
    passphrase: Given | None
    working_directory: Path
    outfile: Path
    linkerd_version: str
    linkerd_sha256: str
    linkerd_url: str
    linkerd_path: Path | None
    linkerd_extensions: tuple[Path, ...]
    allow_replay: bool
    opa: Path | None
    policy: tuple[Path, ...]
    rego_version: str
    policy_config: Path | None
    waivers: Path | None
    controls: Path | None
    baseline: Path | None
    baseline_key: Path | None
    mode: str
    skips_without_secrets: bool
    timeout: float
    wait: str
    trace: str
    pass_environment: tuple[str, ...]
    coverage: bool
    prometheus_url: str
    environment: Mapping[str, str] = field(repr=False)
    user: User | None = None

    @property
    def enforces(self) -> bool:
        """Whether a denial fails the job."""
        return self.mode == "enforce"

    @property
    def reports(self) -> dict[str, Path]:
        """The reports by the output that names each; they take the envelope's stem."""
        stem = self.outfile.stem
        return {name: self.outfile.with_name(f"{stem}{form.ending}") for name, form in FORMATS.items()}

    @property
    def verdict(self) -> Path:
        """The signed verdict on the envelope, which takes its stem."""
        return self.outfile.with_name(f"{self.outfile.stem}.verdict.json")

    @property
    def written(self) -> tuple[Path, ...]:
        """What a run writes beside linkerd's two reports; an earlier run's files of these names are removed first."""
        return (self.outfile, self.verdict, *self.reports.values())


def parse(
    given: Mapping[str, str],
    env: Mapping[str, str],
    directory: Path,
    complaints: list[AttestorError],
    *,
    inline: bool = False,
) -> Settings:
    """Return the settings that ``given`` options and the environment ``env`` ask for.

    ``directory`` is the folder that relative paths mean. With ``inline``, as an action's inputs have it, the values of
    ``kubeconfig`` and ``signing-key`` may be the content itself. A value that is wrong is appended to ``complaints``
    and replaced by its default, so that the rest can be looked at too; the caller must raise if there are any.
    """
    given = given_by.without_secrets(given, env, complaints)
    take = _Taker(given, complaints)
    root = _absolute(take.text("working-directory"), directory)
    settings = Settings(
        cluster=take.name("cluster-name", env.get("LINKERD_CLUSTER_NAME", "")),
        context=take.text("context"),
        in_cluster=take.boolean("in-cluster"),
        kubeconfig=given_by.kubeconfig(given, env, in_cluster=take.boolean("in-cluster", quiet=True), inline=inline),
        namespaces=take.namespaces(),
        step=take.name("step", "") or DEFAULTS["step"],
        signing_key=given_by.signing_key(given, env, inline=inline),
        passphrase=given_by.passphrase(given, env),
        working_directory=root,
        outfile=_unfollowed(take.text("outfile"), root),
        linkerd_version=take.version(),
        linkerd_sha256=take.digest(),
        linkerd_url=take.mirror(),
        linkerd_path=_optional_path(given.get("linkerd-path", ""), directory),
        linkerd_extensions=take.extensions(directory),
        allow_replay=take.boolean("allow-replay"),
        opa=_optional_path(given.get("opa", ""), directory),
        policy=own_paths([given.get("policy", "")], directory),
        rego_version=take.choice("rego-version"),
        policy_config=_optional_path(given.get("policy-config", ""), directory),
        waivers=_optional_path(given.get("waivers", ""), directory),
        controls=_optional_path(given.get("controls", ""), directory),
        baseline=_optional_path(given.get("baseline", ""), directory),
        baseline_key=_optional_path(given.get("baseline-key", ""), directory),
        mode=take.choice("mode"),
        skips_without_secrets=take.choice("on-missing-secrets") == "skip",
        timeout=take.timeout(),
        wait=take.wait(),
        trace=take.choice("trace"),
        pass_environment=take.variables(),
        coverage=take.boolean("coverage"),
        prometheus_url=take.prometheus(),
        environment=env,
    )
    _refuse_exclusions(settings, given, complaints)
    return settings


def seconds(duration: str) -> float | None:
    """Return the seconds of a duration such as ``90s`` or ``1h30m``, or ``None`` where it is none."""
    if not _DURATION.fullmatch(duration):
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(duration))


def own_paths(values: Sequence[str], directory: Path) -> tuple[Path, ...]:
    """Return the files and folders that ``values`` name, each of which may name several on lines or with commas."""
    named = (item.strip() for value in values for item in re.split(r"[,\n]", value))
    return tuple(Path(directory, item) for item in named if item)


class _Taker:
    """Takes options by name and kind, collecting complaints."""

    def __init__(self, given: Mapping[str, str], complaints: list[AttestorError]) -> None:
        self._given, self._complaints = given, complaints
        self._options: dict[str, Option] = {option.name: option for option in RUN}

    def _complain(self, problem: str, remedy: str, cause: str = "") -> None:
        self._complaints.append(SettingsError(problem, cause=cause, remedy=remedy))

    def text(self, name: str) -> str:
        default = DEFAULTS[name]
        return self._given.get(name) or ("" if default.startswith("$") else default)

    def name(self, name: str, otherwise: str) -> str:
        value = self._given.get(name) or otherwise
        if len(value) > _NAME_LIMIT or not value.isprintable():
            self._complain(f"{name} is not a name", f"use up to {_NAME_LIMIT} printable characters")
            return ""
        return value

    def boolean(self, name: str, *, quiet: bool = False) -> bool:
        value = self.text(name)
        if value in BOOLEANS:
            return BOOLEANS[value]
        if not quiet:
            self._complain(f"{name} is not a boolean", "write true or false", "only YAML 1.2's spellings are taken")
        return False

    def choice(self, name: str) -> str:
        value = self.text(name)
        choices = self._options[name].choices
        if value in choices:
            return value
        self._complain(f"{name} is none of {', '.join(choices)}", f"write one of them (default: {DEFAULTS[name]})")
        return DEFAULTS[name]

    def listed(self, name: str) -> list[str]:
        return [item for item in re.split(r"[,\s]+", self.text(name)) if item]

    def namespaces(self) -> tuple[str, ...]:
        found = self.listed("namespaces")
        wrong = [item for item in found if not _LABEL.fullmatch(item)]
        if wrong:
            self._complain(
                f"namespaces holds what no namespace can be called: {', '.join(map(_quoted, wrong))}",
                "write names of lower-case letters, digits and hyphens, separated by commas",
                "the names become part of a shell command, so nothing else is let near it",
            )
        return tuple(sorted(set(found) - set(wrong)))

    def extensions(self, directory: Path) -> tuple[Path, ...]:
        # linkerd knows an extension by its name, so a link keeps its own.
        return tuple(_unfollowed(item, directory) for item in self.listed("linkerd-extensions"))

    def variables(self) -> tuple[str, ...]:
        found = self.listed("pass-environment")
        wrong = [item for item in found if not _VARIABLE.fullmatch(item)]
        if wrong:
            self._complain(
                f"pass-environment holds what no variable can be called: {', '.join(map(_quoted, wrong))}",
                "write the names only, separated by commas, and no values",
            )
        return tuple(sorted(set(found) - set(wrong)))

    def timeout(self) -> float:
        value = seconds(self.text("timeout"))
        if value is not None and 0 < value <= limits.CAPTURE_SECONDS:
            return value
        self._complain("timeout is not a duration above 0 and up to 24h", "write it like 90s, 20m or 1h30m")
        return seconds(DEFAULTS["timeout"]) or limits.CAPTURE_SECONDS

    def version(self) -> str:
        """Return the tag, or ``auto``, or an empty string where the choice is left to what is there."""
        value = self._given.get("linkerd-version", "")
        if not value or value == "auto" or TAG.fullmatch(value):
            return value
        self._complain("linkerd-version is no tag of a release", "write it like edge-25.5.2, or auto")
        return ""

    def digest(self) -> str:
        value = self.text("linkerd-sha256").lower()
        if not value or SHA256.fullmatch(value):
            return value
        self._complain("linkerd-sha256 is no sha256", "write 64 hex digits")
        return ""

    def mirror(self) -> str:
        value = self.text("linkerd-url")
        if not value or address.is_https(value) or address.is_loopback(value):
            return value
        self._complain("linkerd-url is no https address", "write it like https://mirror.example/linkerd2/")
        return ""

    def prometheus(self) -> str:
        value = self.text("prometheus-url")
        if not value or address.is_web(value):
            return value
        self._complain(
            "prometheus-url is no http or https address",
            "write it like http://prometheus.example:9090, without user and password",
        )
        return ""

    def wait(self) -> str:
        value = self.text("wait")
        if not value or seconds(value) is not None:
            return value
        self._complain("wait is not a duration", "write it like 30s or 2m; 0s means one attempt")
        return ""


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…")


def _absolute(path: str, directory: Path) -> Path:
    return Path(directory, path).resolve()


def _unfollowed(path: str, directory: Path) -> Path:
    """Return ``path`` with its folder resolved but not itself: a link of that name is replaced, not written through."""
    absolute = Path(directory, path)
    return absolute.parent.resolve() / absolute.name


def _optional_path(path: str, directory: Path) -> Path | None:
    return Path(directory, path) if path else None


def _refuse_exclusions(settings: Settings, given: Mapping[str, str], complaints: list[AttestorError]) -> None:
    if settings.in_cluster and given.get("kubeconfig"):
        complaints.append(SettingsError("in-cluster and kubeconfig exclude each other", remedy="give one of them"))
    if settings.signing_key is None:
        complaints.append(
            MissingSecret(
                "there is no signing key",
                cause="signing-key was not given and $MESH_ATTESTOR_SIGNING_KEY is empty",
                remedy="make one with `mesh-attestor keygen` and give it with --signing-key",
            )
        )
    sources = (settings.signing_key, settings.passphrase, *settings.kubeconfig)
    stdin = [source for source in sources if source and source.path == "-"]
    if len(stdin) > 1:
        complaints.append(SettingsError("only one option can read standard input", remedy="give the others as files"))
