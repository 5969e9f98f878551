"""How a traced process ended, where it connected, and what is no trace of one."""

from __future__ import annotations

import signal

import pytest

from attestor.capture import trace
from attestor.capture.trace import UnreadableTrace
from attestor.evidence import Connection
from tests.unit.capture.test_trace import END, SHELL, execve, only, read


@pytest.mark.parametrize(
    ("line", "connection"),
    [
        (
            'connect(3, {sa_family=AF_INET, sin_port=htons(6443), sin_addr=inet_addr("10.0.0.1")}, 16) = -1 EINPROGRESS (x)',
            ("AF_INET", "10.0.0.1", 6443),
        ),
        (
            'connect(4, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = 0',
            ("AF_INET6", "2001:db8::1", 443),
        ),
        (
            r'connect(3, {sa_family=AF_UNIX, sun_path="/run/no sock\n"}, 16) = -1 ENOENT (x)',
            ("AF_UNIX", "/run/no sock\n", 0),
        ),
        ('connect(4, {sa_family=AF_UNIX, sun_path=@"abstract"}, 6) = -1 ECONNREFUSED (x)', ("AF_UNIX", "abstract", 0)),
        (
            r'connect(4, {sa_family=AF_UNIX, sun_path="inet_addr(\"1.2.3.4\")"}, 30) = 0',
            ("AF_UNIX", 'inet_addr("1.2.3.4")', 0),
        ),
        ("connect(3, {sa_family=AF_UNSPEC}, 2)    = 0", ("AF_UNSPEC", "", 0)),
        ("connect(3, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = 0", ("AF_NETLINK", "", 0)),
    ],
)
def test_connections_are_read(line: str, connection: tuple[str, str, int]) -> None:
    """Of both kinds of IP, of Unix sockets, and of what has no address; also where nobody answered."""
    family, address, port = connection
    expected = Connection(syscall="connect", family=family, address=address, port=port)
    assert only(execve(), line, line, END).connections == {expected}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("+++ exited with 0 +++", 0),
        ("+++ exited with 255 +++", 255),
        ("+++ killed by SIGKILL +++", 137),
        ("+++ killed by SIGTERM +++", 143),
        ("+++ killed by SIGSEGV (core dumped) +++", 139),
        ("+++ killed by SIGPIPE +++", 141),
    ],
)
def test_how_a_process_ended_is_a_shells_exit_code(line: str, code: int) -> None:
    """128 + n for signal n."""
    assert only(execve(), line).exit_code == code


def test_signals_have_the_systems_numbers() -> None:
    """Those of Linux, on which strace runs."""
    assert {name: signal.Signals[f"SIG{name}"].value for name in trace._SIGNALS} == trace._SIGNALS


def test_a_process_without_an_end_is_refused() -> None:
    """The trace was cut, or the process lives on."""
    with pytest.raises(UnreadableTrace, match="process 11 has no end"):
        read(t10=[execve(), "fork() = 11", END], t11=[execve("/bin/ls")])


@pytest.mark.parametrize("name", ["RT_1", "NONE", "42"])
def test_an_unknown_signal_is_refused(name: str) -> None:
    """Its number would be a guess."""
    with pytest.raises(UnreadableTrace, match=f"the unknown signal SIG{name}"):
        only(execve(), f"+++ killed by SIG{name} +++")


def test_a_fork_that_executes_nothing_is_no_record() -> None:
    """A subshell of the shell ran no program of its own, whatever it was killed by."""
    assert [found.pid for found in read(t10=[execve(), "fork() = 11", END], t11=[END])] == [SHELL]


@pytest.mark.parametrize("lines", [[], [""], ["garbage", "\x00\ufffd", "+++"], [END], ["fork() = 11", END]])
def test_a_trace_in_which_nothing_was_executed_is_refused(lines: list[str]) -> None:
    """There was a command to run: no record of it is no trace of it."""
    with pytest.raises(UnreadableTrace, match="no program was executed"):
        read(t10=lines)
    with pytest.raises(UnreadableTrace, match="no program was executed"):
        read()


@pytest.mark.parametrize(
    "line",
    [
        "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=15903, si_status=0} ---",
        "clone3({flags=CLONE_THREAD}, 88) = -1 EAGAIN (Resource temporarily unavailable)",
        "connect(3, 0x7ffe, 16) = -1 EFAULT (Bad address)",
        "garbage that is not strace's",
        'write(1, "execve(\\"/bin/x\\") = 0", 20) = 20',
        "",
    ],
)
def test_other_lines_say_nothing(line: str) -> None:
    """Signals, failed calls, and what is none of the calls that were asked for."""
    found = only(execve(), line, END)
    assert (len(found.images), found.connections, found.exit_code) == (1, set(), 0)
