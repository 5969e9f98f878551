"""The secrets that every attempt is given, and the search for them in all that others get to see behind it.

``tests/canaries.py`` looks; here is said what for. The keys are made anew with each scenario, the words are fixed.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests import canaries

PASSPHRASE = "canary-passphrase-of-the-key"
TOKEN = "canary-token-of-the-kubeconfig"
TOKEN_OF_A_FILE = "canary-token-of-a-file-of-the-kubeconfig"
VARIABLE = "canary-token-of-a-variable"

_WORDS = {"passphrase": PASSPHRASE, "token": TOKEN, "token of a file": TOKEN_OF_A_FILE, "variable": VARIABLE}
_MASK = re.compile(r"^::add-mask::.*$", re.MULTILINE)


def leaks(keys: Path, folders: Iterable[Path], text: str) -> list[str]:
    """Return the secrets that are in files of ``folders`` or in ``text``, but for a runner's masks.

    ``keys`` is the folder with the two keys. A file that was found clean is not searched again where it is met again,
    as most of a tree is at every attempt.
    """
    planted, clean = _planted((keys / "encrypted.key").read_bytes(), (keys / "plain.key").read_bytes())
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    read = {str(path): path.read_bytes() for path in files}
    fresh = {name: data for name, data in read.items() if data not in clean}
    fresh |= {f"the payload of {name}": data for name, found in fresh.items() for data in _payload(found)}
    fresh |= {"the names": "\n".join(read).encode(), "the log": _MASK.sub("", text).encode()}
    found = canaries.search(fresh, [], planted)
    if not found:
        clean.update(read.values())
    return [f"{leak.canary} ({leak.encoding}) is in {leak.place}" for leak in found]


@cache
def _planted(encrypted: bytes, plain: bytes) -> tuple[canaries.Planted, set[bytes]]:
    """Return the secrets of one scenario, and an empty set for what is found clean of them."""
    secrets = {name: word.encode() for name, word in _WORDS.items()}
    secrets |= {"encrypted key": encrypted, "encrypted key's seed": _seed(encrypted, PASSPHRASE.encode())}
    secrets |= {"key": plain, "key's seed": _seed(plain, None)}
    return canaries.Planted(folder=Path("/nonexistent"), secrets=secrets, environment={}, files={}), set()


def _seed(pem: bytes, passphrase: bytes | None) -> bytes:
    key = load_pem_private_key(pem, passphrase)
    assert isinstance(key, Ed25519PrivateKey)
    return key.private_bytes_raw()


def _payload(data: bytes) -> Iterator[bytes]:
    """Yield what an envelope holds, and nothing of what is none."""
    try:
        yield base64.b64decode(json.loads(data)["payload"])
    except (ValueError, KeyError, TypeError):
        return
