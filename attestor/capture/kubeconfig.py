"""The kubeconfig: read, checked, cut down to the one context that is used, and written where only linkerd sees it.

The rules for several files and for relative paths are client-go's (``tools/clientcmd/loader.go``): the first file that
names an entry wins, and a path in a file is relative to that file's folder.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attestor import limits, redaction
from attestor.capture import kubeconfig_secrets
from attestor.errors import SettingsError

_PATHS = {
    "cluster": ("certificate-authority",),
    "user": ("client-certificate", "client-key", "tokenFile"),
}

_LONG = 200
"""Characters from which a line of a kubeconfig is certainly data, not a word that others may use."""

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The text of one kubeconfig, and the folder that relative paths in it mean."""

    name: str
    text: bytes = field(repr=False)
    folder: Path
    path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubeconfig:
    """One context of a kubeconfig, ready to be written; ``secrets`` are values that must never show up elsewhere.

    ``credentials`` are those of them that open something by themselves, and ``files`` the files that hold them.
    """

    context: str
    server: str
    content: Mapping[str, Any] = field(repr=False)
    secrets: frozenset[str] = field(repr=False)
    credentials: frozenset[str] = field(default=frozenset(), repr=False)
    exec_command: str = ""
    exec_variables: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the kubeconfig as YAML."""
        import yaml

        text: str = yaml.safe_dump(dict(self.content), sort_keys=False)
        return text.encode("utf-8")


def load(sources: Sequence[Source], context: str) -> Kubeconfig:
    """Merge ``sources`` and keep ``context``, or the current one; raises ``SettingsError``."""
    documents = [_parse(source) for source in sources]
    merged = _merge(sources, documents)
    name = context or merged["current-context"]
    chosen = _named(merged, "contexts", "context", name, wanted_by="--context" if context else "current-context")
    cluster_name, user_name = str(chosen.get("cluster", "")), str(chosen.get("user", ""))
    cluster = _named(merged, "clusters", "cluster", cluster_name, wanted_by=f"context {name}")
    user = _named(merged, "users", "user", user_name, wanted_by=f"context {name}") if user_name else {}
    plugin = user.get("exec") if isinstance(user.get("exec"), dict) else {}
    content: Entry = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": chosen}],
        "clusters": [{"name": cluster_name, "cluster": cluster}],
        "users": [{"name": user_name, "user": user}] if user_name else [],
    }
    try:
        named = _named_files(sources, documents)
        credentials = _credentials(documents, named)
    except OSError as error:
        raise SettingsError(
            f"a file with a credential that the kubeconfig names cannot be read: {error.strerror}",
            cause="linkerd could print what is in it, and nobody would know it for a secret",
            remedy="look at the disk and the limits (`ulimit -n`), or put the content into the kubeconfig",
        ) from error
    return Kubeconfig(
        context=name,
        server=str(cluster.get("server", "")),
        content=content,
        secrets=credentials | {form for source in sources for form in _whole(source.text)},
        credentials=credentials,
        exec_command=str(plugin.get("command", "")) if plugin else "",
        exec_variables=_exec_variables(plugin or {}),
        files=(*(source.path.resolve() for source in sources if source.path is not None), *named),
    )


def read_file(path: Path, *, shown: bool = True) -> Source:
    """Read a kubeconfig file; raises ``SettingsError``, which repeats the path only if it may be ``shown``."""
    try:
        with path.open("rb") as file:
            data = file.read(limits.KUBECONFIG_BYTES + 1)
    except OSError as error:
        raise SettingsError(
            f"the kubeconfig {f'{path} ' if shown else ''}cannot be read: {error.strerror}",
            cause="a set-up action wrote it elsewhere, or it belongs to another user",
            remedy="name a readable file with --kubeconfig or $KUBECONFIG",
        ) from error
    return Source(name=str(path), text=data, folder=path.absolute().parent, path=path)


def _merge(sources: Sequence[Source], documents: Sequence[Entry]) -> Entry:
    merged: Entry = {"current-context": "", "contexts": {}, "clusters": {}, "users": {}}
    for source, parsed in zip(sources, documents, strict=True):
        merged["current-context"] = merged["current-context"] or str(parsed.get("current-context") or "")
        for plural, singular in (("contexts", "context"), ("clusters", "cluster"), ("users", "user")):
            for name, entry in _entries(parsed, plural, singular, source):
                merged[plural].setdefault(name, _absolute(entry, singular, source.folder))
    return merged


def _parse(source: Source) -> Entry:
    from attestor import strict_yaml

    if len(source.text) > limits.KUBECONFIG_BYTES:
        raise SettingsError(
            f"the kubeconfig {source.name} is larger than {limits.KUBECONFIG_BYTES} bytes", remedy="check the path"
        )
    try:
        parsed = strict_yaml.load(source.text)
    except strict_yaml.NotYaml as error:
        raise SettingsError(
            f"the kubeconfig {source.name} is not YAML",
            cause=f"{error}: it was cut, or a secret was stored with other line breaks",
            remedy="try it: `kubectl --kubeconfig FILE config view`",
        ) from error
    if not isinstance(parsed, dict):
        raise SettingsError(
            f"the kubeconfig {source.name} is not a kubeconfig",
            cause="it is empty, or another file",
            remedy="name the file that `kubectl config view --raw` prints",
        )
    return parsed


def _entries(parsed: Entry, plural: str, singular: str, source: Source) -> list[tuple[str, Entry]]:
    found = []
    listed = parsed.get(plural) or []
    for item in listed if isinstance(listed, list) else [None]:
        entry = item.get(singular) if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(entry, dict):
            raise SettingsError(f"the kubeconfig {source.name} has an entry under {plural} that is not one")
        found.append((str(item.get("name", "")), entry))
    return found


def _absolute(entry: Entry, kind: str, folder: Path) -> Entry:
    found = dict(entry)
    for key in _PATHS.get(kind, ()):
        if found.get(key):
            found[key] = os.path.normpath(folder / str(found[key]))
    plugin = found.get("exec")
    if kind == "user" and isinstance(plugin, dict) and "/" in str(plugin.get("command", "")):
        found["exec"] = plugin | {"command": os.path.normpath(folder / str(plugin["command"]))}
    return found


def _named(merged: Entry, plural: str, singular: str, name: str, *, wanted_by: str) -> Entry:
    if name and name in merged[plural]:
        entry: Entry = merged[plural][name]
        return entry
    known = ", ".join(sorted(merged[plural])) or "none"
    raise SettingsError(
        f"the kubeconfig has no {singular} named {name!r}, which {wanted_by} asks for"
        if name
        else f"the kubeconfig names no {singular} ({wanted_by} is empty)",
        cause="the context was renamed, or the file is for another cluster",
        remedy=f"name one of its {plural} with --context: {known}" if plural == "contexts" else f"it has: {known}",
    )


def _exec_variables(plugin: Mapping[str, Any]) -> tuple[str, ...]:
    listed = plugin.get("env") if isinstance(plugin.get("env"), list) else []
    return tuple(str(item["name"]) for item in listed or [] if isinstance(item, dict) and item.get("name"))


def _named_files(sources: Sequence[Source], documents: Sequence[Entry]) -> tuple[Path, ...]:
    named = [kubeconfig_secrets.files(entry, source.folder) for source, entry in zip(sources, documents, strict=True)]
    return tuple(path.resolve() for paths in named for path in paths if kubeconfig_secrets.is_there(path))


def _credentials(documents: Sequence[Entry], named: Sequence[Path]) -> frozenset[str]:
    """Return the forms of every user's secrets, also of those whom this run does not need."""
    found = {value for entry in documents for value in kubeconfig_secrets.values(entry)}
    found |= {kubeconfig_secrets.content(path) for path in named}
    return frozenset(form for value in found for form in redaction.spellings(value.encode("utf-8", "replace")))


def _whole(text: bytes) -> set[str]:
    return {form for form in redaction.spellings(text) if "\n" in form or len(form) > _LONG}
