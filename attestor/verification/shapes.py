"""The types of the fields of the six predicates: a body of the wrong shape is evidence of something else.

The peer's decoder fails for these types, too, and takes null for any of them; here null is no value. Fields may be
missing, where no rule and no other check asks for them; those of others are nobody's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attestor.collection import Opened
from attestor.verification.finding import Finding, failed, ok

ALGORITHMS = ("sha256", "sha1", "gitoid:sha256", "gitoid:sha1", "dirHash")
"""Digest names that the peer can load; by any other an envelope becomes unreadable (rookery ``digestset.go``)."""

_DIGESTS: Mapping[str, Any] = {**dict.fromkeys(ALGORITHMS, str), "": None}
_PROCESS = {
    "program": str,
    "processid": int,
    "parentpid": int,
    "programdigest": _DIGESTS,
    "comm": str,
    "cmdline": str,
    "exedigest": _DIGESTS,
    "exitcode": int,
    "environ": str,
    "network": {"connections": [{"syscall": str, "family": str, "address": str, "port": int}]},
}
_CAPTURE = {
    "linkerd": {"version": str, "sha256": str, "source": str, "pinned": bool, "replay": bool},
    "trace": {"state": str, "reason": str},
    "excluded": [{"path": str, "reason": str}],
    "defects": [{"code": str, "file": str, "offset": int, "detail": str}],
    "namespaces": [str],
}
_COMMAND = {"cmd": [str], "exitcode": int, "stdout": str, "stderr": str, "summary": {}, "capture": _CAPTURE}
_TREE = {"merkleRoot": str, "treeSize": int}
_COUNTS = {"pass": int, "warn": int, "error": int}
_TAG = {"name": str, "taggername": str, "taggeremail": str, "when": str, "pgpsignature": str, "message": str}

_SHAPES: Mapping[str, Any] = {
    "environment": {"os": str, "kernel": str, "hostname": str, "username": str, "variables": {"*": str}},
    "git": {
        **dict.fromkeys(("gittool", "gitbinpath", "commithash", "author", "authoremail", "committername"), str),
        **dict.fromkeys(("committeremail", "commitdate", "commitmessage", "signature", "treehash", "branch"), str),
        **dict.fromkeys(("gitbinhash", "commitdigest"), _DIGESTS),
        "parenthashes": [str],
        "refs": [str],
        "remotes": [str],
        "status": {"*": {"staging": str, "worktree": str}},
        "tags": [_TAG],
    },
    "material": _TREE,
    "command-run/v0.1": {**_COMMAND, "processes": [_PROCESS]},
    "command-run/v0.2": {**_COMMAND, "_meta": {"version": str}, "processes": [{}]},
    "product": _TREE,
    "linkerd-check": {
        **dict.fromkeys(("check_file", "edges_file", "cluster_name", "hostname"), str),
        **dict.fromkeys(("check_digest_set", "edges_digest_set"), _DIGESTS),
        "check_summary": {**_COUNTS, "distinct_categories": int, "overall_success": bool, "categories": [_COUNTS]},
        "edges_summary": {"total_edges": int, "secured": int, "insecure": int},
    },
}
"""By short name, and by version where versions differ: a type, ``[of each item]``, ``{field: …}``, ``{"*": of each}``;
a key ``""`` closes an object to other fields. ``reports`` reads the reports whole, ``trees`` the leaves."""


def examine(opened: Opened) -> Finding:
    """Return what is found out about the shape of every known predicate."""
    check = "shapes"
    for name, body in opened.bodies.items():
        version = opened.types[name].rpartition("/")[2]
        # What has no shape here has a schema of its own, as coverage has.
        shape = _SHAPES.get(f"{name}/{version}", _SHAPES.get(name, {}))
        if wrong := next(_misfits(body, shape, name), ""):
            return failed(check, wrong)
    if "command-run" in opened.bodies and not opened.bodies["command-run"].get("cmd"):
        return failed(check, "command-run.cmd names no command")
    return ok(check, "every field of the predicates is of its type")


def _misfits(value: object, shape: Any, where: str) -> Iterator[str]:
    """Yield a sentence for each part of ``value`` that is not as ``shape`` has it."""
    match shape:
        case type():
            # Python takes True for an integer, JSON does not.
            if type(value) is not shape:
                yield f"{where} is not {_WORDS[shape]}"
        case list():
            yield from _of_list(value, shape[0], where)
        case _ if not isinstance(value, dict):
            yield f"{where} is not an object"
        case {"*": each}:
            for item in value.values():
                yield from _misfits(item, each, f"{where}.*")
        case _:
            yield from _of_object(value, shape, where)


def _of_list(value: object, shape: Any, where: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{where} is not a list"
        return
    for number, item in enumerate(value):
        yield from _misfits(item, shape, f"{where}[{number}]")


def _of_object(value: Mapping[str, Any], shape: Mapping[str, Any], where: str) -> Iterator[str]:
    for key, item in value.items():
        if shape.get(key) is not None:
            yield from _misfits(item, shape[key], f"{where}.{key}")
        elif "" in shape:
            yield f"{where} has an algorithm other than {', '.join(ALGORITHMS)}"


_WORDS = {str: "a string", int: "an integer", bool: "a boolean"}
