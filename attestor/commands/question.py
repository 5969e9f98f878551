"""What ``verify`` was asked: keys and pins from the command line, every complaint at once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from attestor import clock, limits, trust
from attestor.arguments import BOOLEANS, Arguments
from attestor.clock import parse_rfc3339
from attestor.compliance import Controls, mapping
from attestor.errors import AttestorError, SettingsError
from attestor.options import REGO_VERSION
from attestor.policies import Policy
from attestor.policies.load import load
from attestor.policies.own import files
from attestor.settings import own_paths, seconds
from attestor.trust import TrustedKey
from attestor.verification.pins import Pins
from attestor.verifier import Verifier
from attestor.witness import Document, open_signed

_COMMIT = re.compile(r"[0-9a-f]{40}")
_FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A verifier, and how to answer."""

    verifier: Verifier
    as_json: bool


def asked(arguments: Arguments, folder: Path, complaints: list[AttestorError]) -> Question:
    """Return the question; what is wrong with it is appended to ``complaints``, and the caller must raise then.

    Raises ``EvidenceError`` where a policy document's own signature is bad.
    """
    opa = arguments.one("opa")
    verifier = Verifier(
        keys=() if _names_document(arguments, folder) else _keys("key", arguments, folder, complaints),
        threshold=_threshold(arguments.one("threshold") or "1", complaints),
        pins=_pins(arguments, complaints),
        reports=_reports(arguments, folder, complaints),
        now=moment(arguments, complaints),
        allow_replay=_boolean(arguments.one("allow-replay") or "false", complaints),
        opa=folder / opa if opa else None,
        policy=_policy_files(arguments, folder, complaints),
    )
    verifier = replace(
        verifier,
        document=_document(arguments, folder, complaints),
        policy=_with_baseline(verifier, arguments, folder, complaints),
        verdict=_verdict(arguments, folder, complaints),
        controls=_controls(verifier, arguments, folder, complaints),
    )
    _refuse_other_rules(arguments, verifier, complaints)
    return Question(verifier=verifier, as_json=is_json(arguments, complaints))


def is_json(arguments: Arguments, complaints: list[AttestorError]) -> bool:
    """Tell whether the answer is for a program."""
    return _format(arguments.one("format") or "text", complaints) == "json"


def trusted(arguments: Arguments, folder: Path, complaints: list[AttestorError]) -> tuple[tuple[TrustedKey, ...], int]:
    """Return the keys that ``--key`` names, and of how many of them signatures are needed."""
    keys = _keys("key", arguments, folder, complaints)
    return keys, _threshold(arguments.one("threshold") or "1", complaints)


def moment(arguments: Arguments, complaints: list[AttestorError]) -> datetime | None:
    """Return the time that ``--now`` names, if it does."""
    now = arguments.one("now")
    return _now(now, complaints) if now else None


def _with_baseline(verifier: Verifier, arguments: Arguments, folder: Path, complaints: list[AttestorError]) -> Policy:
    path, key = (arguments.one(name) for name in ("baseline", "baseline-key"))
    if path is None and key is None:
        return verifier.policy
    from attestor.policies import baseline

    file, key_file = (folder / name if name else None for name in (path, key))
    now = verifier.now or clock.system_now()
    found = baseline.load(file, key_file, verifier.keys, now, complaints, verifier.threshold)
    return replace(verifier.policy, baseline=found)


def _verdict(arguments: Arguments, folder: Path, complaints: list[AttestorError]) -> bytes | None:
    """Return the signed verdict that is to be looked at, too; it is about one envelope."""
    path = arguments.one("verdict")
    if path is None:
        return None
    if len(arguments.positionals) > 1:
        complaints.append(
            SettingsError("a verdict is about one envelope, and several are named", remedy="verify them one by one")
        )
    try:
        with (folder / path).open("rb") as file:
            return file.read(limits.ENVELOPE_BYTES + 1)  # one byte too many is refused by whoever reads it
    except OSError as error:
        complaints.append(
            SettingsError(f"the verdict {path} cannot be read: {error.strerror}", remedy="check the path")
        )
        return None


def _controls(verifier: Verifier, arguments: Arguments, folder: Path, complaints: list[AttestorError]) -> Controls:
    """Return the embedded controls, and behind them the team's own."""
    path = arguments.one("controls")
    return mapping.load(folder / path if path else None, verifier.policy, complaints)


def _refuse_other_rules(arguments: Arguments, verifier: Verifier, complaints: list[AttestorError]) -> None:
    """Refuse what is about our own rules beside a document that has rules of its own."""
    if verifier.document is None:
        return
    complaints.extend(
        SettingsError(
            f"{name} and policy exclude each other",
            cause="a policy document has rules of its own, and the verdict and the baseline are for ours",
            remedy=f"verify once with --{name} and --key, and once with --policy",
        )
        for name in ("verdict", "baseline")
        if arguments.values.get(name)
    )


def _policy_files(arguments: Arguments, folder: Path, complaints: list[AttestorError]) -> Policy:
    """Return the team's own policy, each part of which must have the digest that it is pinned to."""
    config, waivers = arguments.one("policy-config"), arguments.one("waivers")
    document = _names_document(arguments, folder)
    policy = load(
        folder / config if config else None,
        folder / waivers if waivers else None,
        complaints,
        rules=() if document else own_paths(arguments.values.get("policy", []), folder),
        rego_version=_rego_version(arguments.one("rego-version") or "v1", complaints),
    )
    _require_pinned("policy-config", policy.config_sha256, arguments, complaints)
    _require_pinned("waivers", policy.waivers_sha256, arguments, complaints)
    if not document:
        _require_pinned("policy", policy.own_sha256, arguments, complaints)
    return policy


def _require_pinned(option: str, found: str, arguments: Arguments, complaints: list[AttestorError]) -> None:
    wanted = arguments.one(f"{option}-sha256")
    if wanted is not None and wanted.lower() != found:
        complaints.append(
            SettingsError(
                f"{option} has the digest {found or '(there is none)'}, and another is pinned",
                cause="the file was changed, or it is not the one that was meant"
                if found
                else f"verify judges by what it is given, and without {option} by the embedded rules alone",
                remedy="look at its history before the pin is changed" if found else f"name it with --{option}",
            )
        )


def _names_document(arguments: Arguments, folder: Path) -> bool:
    """Tell whether ``policy`` is a signed document, rather than Rego: by its key, or by what was named."""
    named = own_paths(arguments.values.get("policy", []), folder)
    rego = all(path.suffix == files.SUFFIX or _is_folder(path) for path in named)
    return bool(named) and (bool(arguments.values.get("policy-key")) or not rego)


def _is_folder(path: Path) -> bool:
    """Tell whether ``path`` is a folder; where nobody can tell, the reader of Rego says why."""
    try:
        return path.is_dir()
    except OSError:
        return True


def _rego_version(value: str, complaints: list[AttestorError]) -> str:
    if value not in REGO_VERSION.choices:
        complaints.append(SettingsError("rego-version is neither v1 nor v0", remedy="write one of them"))
        return REGO_VERSION.default
    return value


def _document(arguments: Arguments, folder: Path, complaints: list[AttestorError]) -> Document | None:
    """Return the policy document that stands in place of keys and rules, if one was given."""
    if not _names_document(arguments, folder):
        if arguments.values.get("policy-key"):
            complaints.append(SettingsError("there is a policy key and no policy", remedy="name it with --policy"))
        return None
    *others, path = arguments.values["policy"]
    if others:
        complaints.append(
            SettingsError(
                "policy was given several times, and not all of it is Rego",
                cause="a signed policy document stands alone",
                remedy="give one document, or .rego files and folders of them only",
            )
        )
    if arguments.values.get("key"):
        complaints.append(
            SettingsError(
                "key and policy exclude each other",
                cause="a policy document says itself whose signatures count",
                remedy="leave --key out, or verify without --policy",
            )
        )
    keys = _keys("policy-key", arguments, folder, complaints)
    try:
        data = _policy(path, folder)
        _require_pinned("policy", hashlib.sha256(data).hexdigest(), arguments, complaints)
        return None if complaints else open_signed(data, keys)
    except OSError as error:
        complaints.append(SettingsError(f"the policy {path} cannot be read: {error.strerror}", remedy="check the path"))
    except SettingsError as error:
        complaints.append(error)
    return None


def _policy(path: str, folder: Path) -> bytes:
    with (folder / path).open("rb") as file:
        data = file.read(limits.POLICY_BYTES + 1)
    if len(data) > limits.POLICY_BYTES:
        raise SettingsError(f"the policy {path} has more than {limits.POLICY_BYTES} bytes", remedy="check the path")
    return data


def _keys(option: str, arguments: Arguments, folder: Path, complaints: list[AttestorError]) -> tuple[TrustedKey, ...]:
    found = []
    for path in arguments.values.get(option, []):
        try:
            found.append(trust.load(folder / path))
        except SettingsError as error:
            complaints.append(error)
    if not arguments.values.get(option):
        complaints.append(_NOBODY[option])
    return tuple(found)


_NOBODY = {
    "key": SettingsError(
        "there is no trusted key",
        cause="without one, anybody's signature would do",
        remedy="name the public key of the run with --key",
    ),
    "policy-key": SettingsError(
        "the policy has no trusted key",
        cause="without one, anybody could have written it",
        remedy="name the public key of whoever signs policies with --policy-key",
    ),
}


def _threshold(value: str, complaints: list[AttestorError]) -> int:
    if value.isascii() and value.isdigit() and 0 < int(value[:4]) <= limits.KEYS:
        return int(value[:4])
    complaints.append(SettingsError(f"threshold is not a number from 1 to {limits.KEYS}", remedy="write it like 2"))
    return limits.KEYS


def _pins(arguments: Arguments, complaints: list[AttestorError]) -> Pins:
    commit, age = arguments.one("commit") or "", arguments.one("max-age")
    if commit and not _COMMIT.fullmatch(commit):
        complaints.append(SettingsError("commit is not 40 lower-case hex digits", remedy="git rev-parse HEAD"))
    limit = seconds(age) if age else None
    if age and limit is None:
        complaints.append(SettingsError("max-age is not a duration", remedy="write it like 24h or 90m"))
    return Pins(
        step=arguments.one("step") or "",
        cluster=arguments.one("cluster"),
        commit=commit,
        linkerd_version=arguments.one("expect-version") or "",
        max_age=timedelta(seconds=limit) if limit is not None else None,
    )


def _reports(arguments: Arguments, folder: Path, complaints: list[AttestorError]) -> tuple[tuple[str, str], ...]:
    found = []
    for path in arguments.values.get("report", []):
        try:
            with (folder / path).open("rb") as file:
                found.append((Path(path).name, hashlib.file_digest(file, "sha256").hexdigest()))
        except OSError as error:
            complaints.append(SettingsError(f"the report {path} cannot be read: {error.strerror}", remedy="check it"))
    return tuple(found)


def _now(value: str, complaints: list[AttestorError]) -> datetime | None:
    try:
        return parse_rfc3339(value)
    except ValueError:
        complaints.append(SettingsError("now is not an RFC 3339 time", remedy="write it like 2026-11-21T10:00:00Z"))
        return None


def _boolean(value: str, complaints: list[AttestorError]) -> bool:
    if value not in BOOLEANS:
        complaints.append(SettingsError("allow-replay is not a boolean", remedy="write true or false"))
    return BOOLEANS.get(value, False)


def _format(value: str, complaints: list[AttestorError]) -> str:
    if value not in _FORMATS:
        complaints.append(SettingsError("format is neither text nor json", remedy="write one of them"))
    return value
