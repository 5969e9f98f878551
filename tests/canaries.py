"""Secrets that nobody else has, planted wherever a run is given one, and a search that knows them in any disguise.

``plant`` makes them anew for each call, so that a find is never a coincidence. ``search`` looks through texts and folders
for every one of them: as it is, in every encoding of ``encodings``, and in what is left of a text once line breaks,
escapes and base64 are undone.
"""

from __future__ import annotations

import base64
import html
import json
import re
import secrets as chance
import shlex
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, quote_plus, unquote_to_bytes

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

SHORTEST = 7
"""Bytes of the shortest pattern: below, chance would find it."""

_LINE = 16
"""Characters from which a line of a secret is a secret of its own."""

_BREAKS = re.compile(rb"%0[AaDd]|\\+[nrt]|\s|(?:^|(?<=\n))(?:\| |linkerd: )+")
"""What a text is broken with: white space, as itself or escaped, and what the program puts before lines of others."""

_ESCAPE = re.compile(rb"\\u00([0-9a-fA-F]{2})")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")


@dataclass(frozen=True)
class Leak:
    """A secret that was found: where, which one, and in what form."""

    place: str
    canary: str
    encoding: str


@dataclass(frozen=True)
class Pattern:
    """What is looked for: these bytes are that canary in that encoding."""

    canary: str
    encoding: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Planted:
    """Fresh secrets by name, the variables that carry them, and the files that do.

    ``files`` has the names ``key``, ``encrypted``, ``passphrase``, ``kubeconfig``, ``client-key``, ``token``.
    """

    folder: Path
    secrets: Mapping[str, bytes] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    files: Mapping[str, Path]

    def text(self, name: str) -> str:
        """Return the secret ``name`` as text."""
        return self.secrets[name].decode()

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """Everything that a search looks for, each sequence of bytes once."""
        found: dict[bytes, Pattern] = {}
        for canary, secret in self.secrets.items():
            for part in _parts(secret):
                for encoding, data in encodings(part).items():
                    if len(data) >= SHORTEST:
                        found.setdefault(data, Pattern(canary, encoding, data))
        return tuple(found.values())


def _parts(secret: bytes) -> list[bytes]:
    """Return ``secret``, and each of its lines that is long enough to be one; the frame of a PEM is none."""
    lines = [line.strip() for line in secret.splitlines() if b"-----" not in line and len(line.strip()) >= _LINE]
    return list(dict.fromkeys([secret.strip(), *lines]))


def encodings(secret: bytes) -> dict[str, bytes]:
    """Return ``secret`` in every encoding that a program or a log could bring it into, by the encoding's name."""
    text = secret.decode("utf-8", "backslashreplace")
    quoted = quote(secret, safe="")
    found = {"plain": secret, "line breaks as \\n": text.replace("\n", "\\n").encode()}
    for offset in range(3):
        found[f"base64 at {offset}"] = aligned(secret, offset)
        found[f"base64url at {offset}"] = aligned(secret, offset).translate(bytes.maketrans(b"+/", b"-_"))
        found[f"base64 of base64 at {offset}"] = aligned(base64.b64encode(secret), offset)
    escaped = json.dumps(text)[1:-1]
    found |= {
        "hex": secret.hex().encode(),
        "upper-case hex": secret.hex().upper().encode(),
        "JSON": escaped.encode(),
        "JSON in JSON": json.dumps(escaped)[1:-1].encode(),
        "JSON as Go writes it": escaped.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .encode(),
        "URL": quoted.encode(),
        "URL's path": quote(secret).encode(),
        "URL as scripts write it": quote(secret, safe="!'()*").encode(),
        "lower-case URL": re.sub("%..", lambda found: found[0].lower(), quoted).encode(),
        "URL's query": quote_plus(secret).encode(),
        "shell": shlex.quote(text).strip("'").encode(),
        "Python": repr(text)[1:-1].encode(),
        "XML": html.escape(text).encode(),
        "reversed": secret[::-1],
        "UTF-16": text.encode("utf-16-le"),
    }
    return found


def aligned(secret: bytes, offset: int) -> bytes:
    """Return the part of base64 that is the same whatever stands ``offset`` bytes before ``secret`` and behind it."""
    encoded = base64.b64encode(bytes(offset) + secret)
    return encoded[-(-offset * 8 // 6) : (offset + len(secret)) * 8 // 6]


def search(texts: Mapping[str, bytes], folders: Iterable[Path], planted: Planted) -> list[Leak]:
    """Return every leak in ``texts``, by the name of each place, and in all files of ``folders``.

    The folder that the secrets were planted in is left out.
    """
    found: dict[Leak, None] = {}
    seen: set[bytes] = set()
    for place, data in (*texts.items(), *_files(folders, planted.folder)):
        if data in seen:  # the same text in another place has been found clean
            continue
        leaks = _leaks(place, data, planted)
        found |= dict.fromkeys(leaks)
        if not leaks:
            seen.add(data)
    return list(found)


def _leaks(place: str, data: bytes, planted: Planted) -> list[Leak]:
    looks = _views(data)
    return [
        Leak(place, pattern.canary, pattern.encoding)
        for pattern in planted.patterns
        if any(pattern.data in look for look in looks)
    ]


def _views(data: bytes) -> list[bytes]:
    """Return ``data`` as it is, without breaks, with its escapes undone, and what its base64 holds."""
    joined = _BREAKS.sub(b"", data)
    plain = _unescaped(data)
    inner = b"\n".join(_decoded(joined))
    found = [data, joined, plain, _BREAKS.sub(b"", plain), inner, _BREAKS.sub(b"", inner), _unescaped(inner)]
    return list(dict.fromkeys(found))


def _unescaped(data: bytes) -> bytes:
    if b"%" in data:
        data = unquote_to_bytes(data)
    if b"\\u00" in data:
        data = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)
    if b"&" in data:
        data = html.unescape(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    return data


def _decoded(data: bytes) -> Iterator[bytes]:
    for match in _BASE64.finditer(data):
        text = match[0].rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        yield base64.b64decode(text[: len(text) // 4 * 4])


def _files(folders: Iterable[Path], left: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below ``folders``: its name, where it leads if it is a link, and its bytes."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if left == path or left in path.parents:
                continue
            yield f"{path} (its name)", str(path.relative_to(folder)).encode("utf-8", "surrogateescape")
            if path.is_symlink():
                yield f"{path} (its target)", str(path.readlink()).encode("utf-8", "surrogateescape")
            elif stat.S_ISREG(path.lstat().st_mode):
                yield str(path), path.read_bytes()


def plant(folder: Path) -> Planted:
    """Make fresh secrets of every kind that a run can be given, with their files in the new folder ``folder``."""
    folder.mkdir(parents=True)
    found = {name: _token(name) for name in _TOKENS}
    found["passphrase"] = f"pass {chance.token_urlsafe(12)} '\"<&>%\\ phrase".encode()
    found["key"], found["key's seed"] = _ed25519(None)
    found["encrypted key"], found["encrypted key's seed"] = _ed25519(found["passphrase"])
    found["client key"], found["client key of a file"], found["cloud's key"] = _p256(), _p256(), _p256()
    text = {name: secret.decode("latin-1") for name, secret in found.items()}
    files = {name: folder / name for name in ("key", "encrypted", "passphrase", "kubeconfig", "client-key", "token")}
    kubeconfig = _kubeconfig(text, files)
    contents = {"key": "key", "encrypted": "encrypted key", "passphrase": "passphrase"}
    contents |= {"client-key": "client key of a file", "token": "token of a file"}
    for name, secret in contents.items():
        files[name].write_bytes(found[secret] + (b"\n" if name == "passphrase" else b""))
    files["kubeconfig"].write_text(kubeconfig, encoding="utf-8")
    for path in files.values():
        path.chmod(0o600)
    return Planted(folder=folder, secrets=found, environment=_environment(text, kubeconfig), files=files)


_TOKENS = {
    "token": "eyJhbGciOiJSUzI1NiJ9.{}.{}",
    "token of another user": "{}",
    "token of a file": "{}",
    "password": "pw-{}",
    "password of the proxy": "px{}",
    "password of the server": "sv{}",
    "exec's secret variable": "{}",
    "exec's other variable": "{}",
    "exec's option": "{}",
    "exec's argument": "{}",
    "refresh token": "1//{}",
    "identity token": "{}.{}",
    "client secret": "GOCSPX-{}",
    "runtime token": "{}.{}",
    "request token": "{}",
    "results address": "https://results/{}/",
    "GitHub's token": "ghs_{}",
    "AWS's secret": "{}/+{}",
    "AWS's session": "{}//{}",
    "Azure's secret": "{}8Q~{}",
    "Google's token": "ya29.{}",
    "password of a database": "db{}",
    "password of the environment's proxy": "ep{}",
    "password of the remote": "rm{}",
    "extra header": "{}",
    "input": "in-{}",
}
"""The secrets that are one word, each with its form; ``{}`` stands for what nobody can guess."""


def _token(name: str) -> bytes:
    """Return a fresh secret: letters and figures of both cases, so that it looks like those that are in use."""
    form = _TOKENS[name]
    return form.format(*(f"a7K{chance.token_hex(6)}Q{chance.token_hex(4)}" for _ in range(form.count("{}")))).encode()


def _ed25519(passphrase: bytes | None) -> tuple[bytes, bytes]:
    key = ed25519.Ed25519PrivateKey.generate()
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption), key.private_bytes_raw()


def _p256() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _kubeconfig(text: Mapping[str, str], files: Mapping[str, Path]) -> str:
    """Return a kubeconfig with a secret in every place that has one; its users differ in how they log in."""
    users: dict[str, object] = {
        "bearer": {
            "token": text["token"],
            "username": "ada",
            "password": text["password"],
            "client-key-data": base64.b64encode(text["client key"].encode()).decode(),
        },
        "other": {"token": text["token of another user"]},
        "files": {"tokenFile": str(files["token"]), "client-key": str(files["client-key"])},
        "plugin": {"exec": _exec(text)},
        "provider": {
            "auth-provider": {
                "name": "oidc",
                "config": {
                    "refresh-token": text["refresh token"],
                    "id-token": text["identity token"],
                    "client-secret": text["client secret"],
                },
            }
        },
    }
    server = f"https://ada:{text['password of the server']}@mesh.example.org"
    proxy = f"http://ada:{text['password of the proxy']}@127.0.0.1:1"
    clusters = [
        {"name": "plain", "cluster": {"server": "https://127.0.0.1:1"}},
        {"name": "mesh", "cluster": {"server": server, "proxy-url": proxy}},
    ]
    contexts = [
        {"name": f"{user}{suffix}", "context": {"cluster": cluster, "user": user}}
        for user in users
        for suffix, cluster in (("", "plain"), ("-proxied", "mesh"))
    ]
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "bearer",
        "contexts": contexts,
        "clusters": clusters,
        "users": [{"name": name, "user": user} for name, user in users.items()],
    }
    return json.dumps(document, indent=1)  # YAML, too


def _exec(text: Mapping[str, str]) -> dict[str, object]:
    return {
        "apiVersion": "client.authentication.k8s.io/v1",
        "interactiveMode": "Never",
        "command": "login-plugin",
        "args": ["--region", "eu", "--client-secret", text["exec's option"], "--key=" + text["exec's argument"]],
        "env": [
            {"name": "CLOUD_TOKEN", "value": text["exec's secret variable"]},
            {"name": "CLOUD_SETTING", "value": text["exec's other variable"]},
        ],
    }


def _environment(text: Mapping[str, str], kubeconfig: str) -> dict[str, str]:
    return {
        "ACTIONS_RUNTIME_TOKEN": text["runtime token"],
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": text["request token"],
        "ACTIONS_RESULTS_URL": text["results address"],
        "GITHUB_TOKEN": text["GitHub's token"],
        "AWS_SECRET_ACCESS_KEY": text["AWS's secret"],
        "AWS_SESSION_TOKEN": text["AWS's session"],
        "AZURE_CLIENT_SECRET": text["Azure's secret"],
        "GOOGLE_OAUTH_ACCESS_TOKEN": text["Google's token"],
        "GOOGLE_CREDENTIALS": json.dumps({"type": "service_account", "private_key": text["cloud's key"]}),
        "DATABASE_URL": f"postgres://ada:{text['password of a database']}@db/mesh",
        "https_proxy": "http://ada:" + text["password of the environment's proxy"] + "@127.0.0.1:1",
        "MESH_ATTESTOR_SIGNING_KEY": text["encrypted key"],
        "MESH_ATTESTOR_SIGNING_KEY_PASSPHRASE": text["passphrase"],
        "INPUT_SIGNING-KEY": base64.b64encode(text["encrypted key"].encode()).decode(),
        "INPUT_SIGNING-KEY-PASSPHRASE": text["passphrase"],
        "INPUT_KUBECONFIG": kubeconfig,
        "INPUT_CLUSTER-NAME": text["input"],
    }
