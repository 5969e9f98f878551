"""What strace wrote, read back: which programs were executed, by whom, how they ended, where they connected. Pure.

strace with ``-ff`` writes one file for each thread; a file's lines are that thread's calls in order, and its last line
says how it ended (strace(1), "+++ exited with 0 +++").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from attestor.evidence import Connection

CALLS = "execve,execveat,clone,clone3,fork,vfork,connect"
"""The system calls that tell all of it; strace's seccomp filter lets every other call run at full speed."""

KILLED = 137
"""A shell's exit code for a process that SIGKILL ended."""

_STRING = r'"(?:[^"\\]|\\.)*"'
_DONE = r"(?:\) += 0| <pid changed to \d+ \.\.\.>)$"
"""How an execve ends that took place; the second form is that of one by a thread, which becomes the process."""

_EXECUTED = re.compile(rf"execve.*{_DONE}")
_EXEC = re.compile(rf"execve(?:at)?\((?:[^\",]+, )?(?P<path>{_STRING}), \[(?P<argv>[^\n]*)\], [^\]\n]*{_DONE}")
_FORK = re.compile(r"(?:clone3?|v?fork)\((?P<arguments>.*)\) += (?P<child>[0-9]{1,10})$")
_EXITED = re.compile(r"\+\+\+ exited with (?P<code>[0-9]{1,3}) \+\+\+$")
_KILLED = re.compile(r"\+\+\+ killed by SIG(?P<name>\w+)(?: \(core dumped\))? \+\+\+$")
_CONNECT = re.compile(r"connect\(\d+, \{sa_family=(?P<family>AF_\w+)(?P<rest>.*)\}, \d+\) += ")
_PORT = re.compile(r"sin6?_port=htons\(([0-9]{1,5})\)")
_ADDRESS = re.compile(r'inet_(?:addr\(|pton\(AF_INET6, )"([^"]*)"')
_SOCKET_PATH = re.compile(rf"sun_path=@?({_STRING})")
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"f": b"\f", b"v": b"\v", b"a": b"\a", b"b": b"\b"}
_SIGNALS = {"HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "BUS": 7, "FPE": 8, "KILL": 9, "USR1": 10}
_SIGNALS |= {"SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "XCPU": 24, "XFSZ": 25, "SYS": 31}


class UnreadableTrace(Exception):
    """A trace has a line that should be understood and is not, or tells of a process that never ended."""


@dataclass(slots=True)
class Image:
    """A program that a process executed."""

    path: str
    argv: tuple[str, ...]


@dataclass(slots=True)
class Traced:
    """A process, its threads folded into it."""

    pid: int
    parent: int
    images: list[Image] = field(default_factory=list)
    connections: set[Connection] = field(default_factory=set)
    exit_code: int | None = None


def read(files: Mapping[int, str], tracer: int, *, killed: bool = False) -> list[Traced]:
    """Return every process that executed a program, in the order of process ids; ``tracer`` is the root's parent.

    ``files`` holds the text of each thread's file by thread id. ``killed`` says that what had not ended by itself was
    killed together with the tracer, which could not write that down any more. Raises ``UnreadableTrace``.
    """
    parents, leaders = _family(files)
    found: dict[int, Traced] = {}
    for thread in sorted(files):
        leader = _leader(thread, leaders)
        parent = _leader(parents[leader], leaders) if leader in parents else tracer
        traced = found.setdefault(leader, Traced(pid=leader, parent=parent))
        for line in files[thread].splitlines():
            _take(line, traced, is_leader=thread == leader)
    executed = [traced for _, traced in sorted(found.items()) if traced.images]
    if not executed:
        message = "no program was executed"
        raise UnreadableTrace(message)
    for traced in executed:
        if traced.exit_code is None and killed and traced.parent != tracer:
            traced.exit_code = KILLED
        if traced.exit_code is None:
            message = f"process {traced.pid} has no end"
            raise UnreadableTrace(message)
    return executed


def _family(files: Mapping[int, str]) -> tuple[dict[int, int], dict[int, int]]:
    """Return who forked each process, and which process each thread belongs to."""
    parents: dict[int, int] = {}
    leaders: dict[int, int] = {}
    for thread, text in files.items():
        for line in text.splitlines():
            match = _FORK.match(line)
            if match is not None:
                (leaders if "CLONE_THREAD" in match["arguments"] else parents)[int(match["child"])] = thread
    return parents, leaders


def _leader(thread: int, leaders: Mapping[int, int]) -> int:
    seen = {thread}
    while thread in leaders:
        thread = leaders[thread]
        if thread in seen:
            message = "threads that started each other"
            raise UnreadableTrace(message)
        seen.add(thread)
    return thread


def _take(line: str, traced: Traced, *, is_leader: bool) -> None:
    if (executed := _EXEC.match(line)) is not None:
        argv = tuple(_unquoted(quoted) for quoted in re.findall(_STRING, executed["argv"]))
        if re.sub(_STRING, "", executed["argv"]).strip(", "):
            message = "an argument list was cut"
            raise UnreadableTrace(message)
        traced.images.append(Image(path=_unquoted(executed["path"]), argv=argv))
    elif _EXECUTED.match(line):
        message = "an execve could not be read"
        raise UnreadableTrace(message)
    elif (to := _CONNECT.match(line)) is not None:
        traced.connections.add(_connection(to["family"], to["rest"]))
    elif is_leader and (ended := _exit_code(line)) is not None:
        traced.exit_code = ended


def _exit_code(line: str) -> int | None:
    if (exited := _EXITED.match(line)) is not None:
        return int(exited["code"])
    if (killed := _KILLED.match(line)) is not None:
        number = _SIGNALS.get(killed["name"])
        if number is None:
            message = f"killed by the unknown signal SIG{killed['name']}"
            raise UnreadableTrace(message)
        return 128 + number
    return None


def _connection(family: str, rest: str) -> Connection:
    port, address, socket = _PORT.search(rest), _ADDRESS.search(rest), _SOCKET_PATH.search(rest)
    where = address[1] if address else _unquoted(socket[1]) if socket else ""
    return Connection(syscall="connect", family=family, address=where, port=int(port[1]) if port else 0)


def _unquoted(quoted: str) -> str:
    """Return the text of a C string as strace prints it: octal, hexadecimal and letter escapes of its bytes."""

    def byte(match: re.Match[bytes]) -> bytes:
        octal, hexadecimal, letter = match.groups()
        if octal:
            return bytes([int(octal, 8) & 0xFF])
        return bytes([int(hexadecimal, 16)]) if hexadecimal else _LETTERS.get(letter, letter)

    return _ESCAPE.sub(byte, quoted[1:-1].encode("utf-8")).decode("utf-8", "replace")
