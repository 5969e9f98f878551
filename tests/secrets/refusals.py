"""The ways of a refusal: a key, a kubeconfig or a passphrase that is wrong, and a secret in a place that takes none."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

from attestor.options import COMMAND_LINE, DIFF, DOCTOR, EXPORT, KEYGEN, LIST, TRIAL, VERIFY, Kind, Option
from tests.conftest import Done
from tests.secrets.ground import Ground
from tests.secrets.ways import WAYS, Way, changed, run, words

TAKES_SECRETS = frozenset({"signing-key", "signing-key-passphrase-file", "passphrase-file", "kubeconfig"})

FORMS: dict[str, Callable[[Ground], str]] = {
    "a key": lambda on: on.planted.text("encrypted key"),
    "a plain key": lambda on: on.planted.text("key"),
    "a key in base64": lambda on: base64.b64encode(on.planted.secrets["key"]).decode(),
    "a kubeconfig": lambda on: on.planted.files["kubeconfig"].read_text(encoding="utf-8"),
    "a kubeconfig in base64": lambda on: base64.b64encode(on.planted.files["kubeconfig"].read_bytes()).decode(),
    "a token": lambda on: on.planted.text("GitHub's token"),
    "a token below a folder": lambda on: "/nowhere/" + on.planted.text("GitHub's token") + "/key",
    "a passphrase": lambda on: on.planted.text("passphrase"),
}
"""What somebody gives where a name or a path is expected; the shell has put a variable in its place."""

COMMANDS: dict[str, tuple[list[str], tuple[Option, ...]]] = {
    "run": (["run"], tuple(COMMAND_LINE)),
    "doctor": (["doctor"], tuple(DOCTOR)),
    "verify": (["verify", "nowhere.json"], tuple(VERIFY)),
    "policy": (["policy", "export"], tuple(EXPORT)),
    "policy list": (["policy", "list", "--policy-config", "/nowhere"], tuple(LIST)),
    "policy test": (["policy", "test", "/nowhere"], tuple(TRIAL)),
    "diff": (["diff", "nowhere.json", "nothing.json"], tuple(DIFF)),
    "keygen": (["keygen", "--out", "/nowhere/new.key"], tuple(KEYGEN)),
}

ANY = (1, 2, 3, 4)
"""A refusal of whatever kind: never an allow."""


def _worst(calls: list[Done]) -> Done:
    """Return many calls as one: everything that they said, and the lowest code, so that an allow shows."""
    return Done(
        code=min(call.code for call in calls),
        out="".join(call.out for call in calls),
        err="".join(call.err for call in calls),
    )


def _in_every_option(command: str, form: Callable[[Ground], str]) -> Callable[[Ground], Done]:
    def act(on: Ground) -> Done:
        start, options = COMMANDS[command]
        named = [
            option.name for option in options if option.kind is not Kind.BOOLEAN and option.name not in _NAMES_FILES
        ]
        return _worst([on.call([*start, f"--{name}", form(on)]) for name in named])

    return act


_NAMES_FILES = frozenset({"out", "outfile"})
"""What these name is written, under the name that was asked for."""


def _elsewhere(form: Callable[[Ground], str]) -> Callable[[Ground], Done]:
    """Give a secret as an option's name, as a command, as what no option takes, and as an envelope."""

    def act(on: Ground) -> Done:
        secret = form(on)
        calls = [[secret], [f"--{secret}"], ["run", secret], ["run", f"--{secret}"], ["run", f"--{secret}=x"]]
        calls += [["run", f"--key={secret}"], ["run", f"-{secret}"], ["run", "--", secret], ["policy", secret]]
        calls += [
            ["verify", secret],
            ["show", secret],
            ["verify", secret, secret],
            ["doctor", secret],
            ["keygen", secret],
            ["diff", secret, f"{secret}.json"],
            ["policy", "test", secret],
            ["policy", "list", secret],
        ]
        return _worst([on.call(call) for call in calls])

    return act


for form, make in FORMS.items():
    WAYS[f"{form} as anything but an option's value"] = Way(_elsewhere(make), ANY)
    for command in COMMANDS:
        WAYS[f"{form} in every option of {command}"] = Way(_in_every_option(command, make), ANY)


def _refused(name: str, act: Callable[[Ground], Done]) -> None:
    WAYS[name] = Way(act, (2,))


def _key(on: Ground, data: bytes) -> str:
    path = on.planted.folder / "other key"
    path.write_bytes(data)
    return str(path)


def _cut(text: str) -> str:
    return text[: text.index("client-key-data") + 60]


def _broken_at(name: str) -> Callable[[Ground], Done]:
    def act(on: Ground) -> Done:
        secret = on.planted.text(name)
        return run(on, kubeconfig=changed(on, lambda text: text.replace(f'"{secret}"', f'"{secret}\t: [{secret}')))

    return act


def _stdin(on: Ground, data: bytes, option: str) -> Done:
    return on.call([*words(on), f"--{option}", "-"], stdin=data)


_ENVIRONMENT_KEY = "MESH_ATTESTOR_SIGNING_KEY"

_refused("a wrong passphrase", lambda on: on.call(words(on), {f"{_ENVIRONMENT_KEY}_PASSPHRASE": "wrong"}))
_refused("no passphrase", lambda on: on.call(words(on), {f"{_ENVIRONMENT_KEY}_PASSPHRASE": ""}))
_refused("a cut key", lambda on: run(on, signing_key=_key(on, on.planted.secrets["key"][:80])))
_refused("two keys", lambda on: run(on, signing_key=_key(on, on.planted.secrets["key"] * 2)))
_refused("a key without its frame", lambda on: run(on, signing_key=_key(on, on.planted.secrets["key"][28:92])))
_refused("a key with another frame", lambda on: run(on, signing_key=_key(on, _framed(on, b"OPENSSH PRIVATE KEY"))))
_refused("a key that calls itself a certificate", lambda on: run(on, signing_key=_key(on, _framed(on, b"CERTIFICATE"))))
_refused("the kubeconfig as key", lambda on: run(on, signing_key=str(on.planted.files["kubeconfig"])))
_refused("the key as kubeconfig", lambda on: run(on, kubeconfig=str(on.planted.files["key"])))
_refused("the token as kubeconfig", lambda on: run(on, kubeconfig=str(on.planted.files["token"])))
_refused("a cut kubeconfig", lambda on: run(on, kubeconfig=changed(on, _cut)))
_refused("a kubeconfig that is broken at the token", _broken_at("token"))
_refused("a kubeconfig that is broken at the password", _broken_at("password"))
_refused(
    "a kubeconfig whose token is its context",
    lambda on: run(on, kubeconfig=changed(on, lambda text: _with_context(text, on.planted.text("token")))),
)
_refused("a cut key in the variable", lambda on: on.call(words(on), {_ENVIRONMENT_KEY: on.planted.text("key")[:70]}))
_refused(
    "a token in the variable of the key", lambda on: on.call(words(on), {_ENVIRONMENT_KEY: on.planted.text("token")})
)
_refused(
    "a kubeconfig in $KUBECONFIG",
    lambda on: on.call(_without(words(on), "--kubeconfig"), {"KUBECONFIG": FORMS["a kubeconfig"](on)}),
)
_refused(
    "a token in $KUBECONFIG",
    lambda on: on.call(_without(words(on), "--kubeconfig"), {"KUBECONFIG": FORMS["a token below a folder"](on)}),
)
_refused("a cut key on standard input", lambda on: _stdin(on, on.planted.secrets["key"][:80], "signing-key"))
_refused(
    "a repository of secrets",
    lambda on: run(on, working_directory=str(Path("/nowhere") / on.planted.text("AWS's session"))),
)


def _framed(on: Ground, label: bytes) -> bytes:
    return on.planted.secrets["key"].replace(b"PRIVATE KEY", label)


def _with_context(text: str, token: str) -> str:
    return text.replace('"current-context": "bearer"', f'"current-context": "{token}"')


def _without(argv: list[str], option: str) -> list[str]:
    at = argv.index(option)
    return [*argv[:at], *argv[at + 2 :]]
