"""What strace wrote, read back: who ran what, how it ended, where it connected."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestor.capture import trace
from attestor.capture.trace import Image, Traced, UnreadableTrace
from attestor.evidence import Connection

TRACER, SHELL, CHILD, THREAD = 9, 10, 11, 12
END = "+++ exited with 0 +++"
THREAD_FLAGS = "CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM"


def execve(path: str = "/bin/sh", *argv: str, result: str = "0") -> str:
    quoted = ", ".join(f'"{word}"' for word in argv or (path,))
    return f'execve("{path}", [{quoted}], 0x7ffcfccc3850 /* 39 vars */) = {result}'


def read(**files: list[str]) -> list[Traced]:
    """Read files called ``t10`` and so on, the root's parent being the tracer."""
    return trace.read({int(name[1:]): "".join(f"{line}\n" for line in lines) for name, lines in files.items()}, TRACER)


def only(*lines: str) -> Traced:
    (found,) = read(t10=list(lines))
    return found


def test_one_process() -> None:
    """Its program, its argv, its end, and the tracer as its parent."""
    assert only(execve("/bin/sh", "sh", "-c", "x"), "+++ exited with 7 +++") == Traced(
        pid=SHELL, parent=TRACER, images=[Image(path="/bin/sh", argv=("sh", "-c", "x"))], exit_code=7
    )


@pytest.mark.parametrize(
    "line",
    [
        "fork()                                  = 11",
        "vfork()                                 = 11",
        "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f0e50) = 11",
        "clone3({flags=CLONE_VM|CLONE_VFORK|CLONE_CLEAR_SIGHAND, exit_signal=SIGCHLD, stack=0x7f, stack_size=0x9000}, 88) = 11",
    ],
)
def test_a_child_has_its_parent_however_it_was_forked(line: str) -> None:
    """fork, vfork, clone and clone3, in the order of process ids."""
    shell, child = read(t11=[execve("/bin/ls"), END], t10=[execve(), line, END])
    assert (shell.pid, shell.parent) == (SHELL, TRACER)
    assert (child.pid, child.parent, child.images[0].path) == (CHILD, SHELL, "/bin/ls")


@pytest.mark.parametrize(
    "line",
    [
        f"clone(child_stack=0x7f, flags={THREAD_FLAGS}, parent_tid=[12], tls=0x7f, child_tidptr=0x7f) = 12",
        f"clone3({{flags={THREAD_FLAGS}, child_tid=0x7f, exit_signal=0}} => {{parent_tid=[12]}}, 88) = 12",
    ],
)
def test_a_thread_is_a_part_of_its_process(line: str) -> None:
    """What it connects to is the process', and its end is not the process'."""
    connect = 'connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("10.0.0.1")}, 16) = 0'
    (found,) = read(t10=[execve(), line, "+++ exited with 3 +++"], t12=[connect, END])
    assert (found.pid, found.exit_code) == (SHELL, 3)
    assert found.connections == {Connection(syscall="connect", family="AF_INET", address="10.0.0.1", port=443)}


def test_a_child_that_a_thread_forked_is_the_processs_child() -> None:
    """Also where a thread of a thread did it."""
    clone = f"clone3({{flags={THREAD_FLAGS}}} => {{parent_tid=[0]}}, 88) = "
    shell, child = read(
        t10=[execve(), clone + "12", END],
        t12=[clone + "13", END],
        t13=["vfork() = 11", END],
        t11=[execve("/bin/ls"), END],
    )
    assert (child.pid, child.parent) == (CHILD, shell.pid)


def test_threads_that_started_each_other_are_refused() -> None:
    """No system does that; a trace that says so is not followed in a circle."""
    clone = f"clone({THREAD_FLAGS}) = "
    with pytest.raises(UnreadableTrace, match="threads that started each other"):
        read(t12=[clone + "13", execve()], t13=[clone + "12"])


def test_two_programs_in_one_process_are_both_kept() -> None:
    """The shell's `exec` replaces the program and keeps the process."""
    found = only(execve("/bin/sh", "sh"), execve("/bin/true", "true"), END)
    assert [image.path for image in found.images] == ["/bin/sh", "/bin/true"]


def test_a_program_that_a_thread_executed_is_the_processs() -> None:
    """The thread becomes the process; strace says so instead of the call's result."""
    clone = f"clone3({{flags={THREAD_FLAGS}}} => {{parent_tid=[12]}}, 88) = 12"
    leader = [execve("/bin/python"), clone, "+++ superseded by execve in pid 12 +++"]
    leader += ["<... execve resumed>)                   = ?", END]
    call = 'execve("/bin/echo", ["echo", "hi"], 0x7ffd8952b090 /* 39 vars */ <pid changed to 10 ...>'
    (found,) = read(t10=leader, t12=[call])
    assert [image.path for image in found.images] == ["/bin/python", "/bin/echo"]
    assert (found.pid, found.exit_code) == (SHELL, 0)


@pytest.mark.parametrize("result", ["-1 ENOENT (No such file or directory)", "-1 EACCES (Permission denied)", "?"])
def test_an_execve_that_failed_is_none(result: str) -> None:
    """A shell tries each folder of PATH."""
    found = only(execve("/usr/local/bin/ls", result=result), execve("/bin/ls"), END)
    assert [image.path for image in found.images] == ["/bin/ls"]


@pytest.mark.parametrize(
    ("line", "path", "argv"),
    [
        ('execve("/bin/true", ["true"], NULL)     = 0', "/bin/true", ("true",)),
        ('execve("/bin/true", [], 0x7ffe /* 0 vars */) = 0', "/bin/true", ()),
        ('execveat(AT_FDCWD, "/bin/true", ["true"], 0x7ffe /* 1 var */, 0) = 0', "/bin/true", ("true",)),
        ('execveat(3</x>, "", ["true"], 0x7ffe /* 1 var */, AT_EMPTY_PATH) = 0', "", ("true",)),
        (
            r'execve("/a b/\"c\"", ["q\"uote", "new\nline", "tab\t\\", ""], 0x7ffe /* 2 vars */) = 0',
            '/a b/"c"',
            ('q"uote', "new\nline", "tab\t\\", ""),
        ),
        (
            r'execve("/x", ["caf\303\251", "x\1\1777\33[2J", "\xc3\xa9\v\f\r\a\b"], 0x7ffe /* 2 vars */) = 0',
            "/x",
            ("café", "x\x01\x7f7\x1b[2J", "é\v\f\r\a\b"),
        ),
        (r'execve("/x", ["\377\376"], 0x7ffe /* 2 vars */) = 0', "/x", ("\ufffd\ufffd",)),
        (
            'execve("/x", ["], 0x1 /* 1 var */) = 0", ", ", "..."], 0x7ffe /* 2 vars */) = 0',
            "/x",
            ("], 0x1 /* 1 var */) = 0", ", ", "..."),
        ),
    ],
)
def test_argv_is_read_whole(line: str, path: str, argv: tuple[str, ...]) -> None:
    """Quotes, line breaks, octal and hexadecimal bytes, and words that look like the end of the call."""
    assert only(line, END).images == [Image(path=path, argv=argv)]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=20).filter(lambda word: b"\0" not in word), max_size=4))
def test_every_argv_comes_back(words: list[bytes]) -> None:
    """Written as strace writes it: letters for some, octal for the rest."""
    letters = {9: r"\t", 10: r"\n", 11: r"\v", 12: r"\f", 13: r"\r", 34: r"\"", 92: r"\\"}
    quoted = ", ".join(
        '"' + "".join(letters.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}") for byte in word) + '"'
        for word in words
    )
    found = only(f'execve("/x", [{quoted}], 0x7ffe /* 2 vars */) = 0', END)
    assert found.images[0].argv == tuple(word.decode("utf-8", "replace") for word in words)


@pytest.mark.parametrize(
    "argv",
    ['"sh", "-c", "long"...', '"long"..., "end"', '"sh", ...', "0x7ffcfccc3850", "0x7ffe, 0x7fff", '"a", 0x7ffe'],
)
def test_an_argv_that_was_cut_is_refused(argv: str) -> None:
    """A word or the list was: the record would say less than what was run."""
    with pytest.raises(UnreadableTrace, match=r"was cut|could not be read"):
        only(f'execve("/bin/sh", [{argv}], 0x7ffe /* 2 vars */) = 0', END)


@pytest.mark.parametrize(
    "line",
    [
        "execve(0x7ffe, 0x7fff, 0x7ffd) = 0",
        'execve("/bin/sh", 0x7ffe, 0x7ffd /* 3 vars */) = 0',
        'execve("/bin/sh"..., ["sh"], 0x7ffd /* 3 vars */) = 0',
        "execveat(3, 0x7ffe) = 0",
        "execve(0x7ffe <pid changed to 10 ...>",
    ],
)
def test_an_execve_that_took_place_and_cannot_be_read_is_refused(line: str) -> None:
    """A program was executed, and nobody could say which."""
    with pytest.raises(UnreadableTrace, match="an execve could not be read"):
        only(execve(), line, END)


@pytest.mark.parametrize(
    "line", ["fork() = " + "9" * 5000, "+++ exited with " + "9" * 5000 + " +++", "+++ exited with \u0663 +++"]
)
def test_a_number_that_no_system_has_is_none(line: str) -> None:
    """Python reads no number of so many digits, and takes those of every script; the line is not understood."""
    with pytest.raises(UnreadableTrace, match="process 10 has no end"):
        only(execve(), line)


def test_a_port_that_no_address_has_is_none() -> None:
    """It is not there rather than a fault."""
    connect = f'connect(3, {{sa_family=AF_INET, sin_port=htons({"9" * 5000}), sin_addr=inet_addr("10.0.0.1")}}, 16) = 0'
    (connection,) = only(execve(), connect, END).connections
    assert (connection.address, connection.port) == ("10.0.0.1", 0)
