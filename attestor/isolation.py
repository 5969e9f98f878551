"""Shut out the children: no other process of this user may read this one's memory, environment or open files.

A process is open to every other of the same user through ``/proc`` and ptrace, unless it says that it is not dumpable
(Linux: prctl(2), PR_SET_DUMPABLE; proc(5)). Then ``/proc/PID/environ``, ``mem``, ``maps`` and ``fd`` belong to root. A
child becomes dumpable again when it executes its program, and linkerd can be traced as before.

Other systems have no such switch, and nothing is claimed there: on macOS children of the same user can read us.
"""

from __future__ import annotations

import os
import resource
import sys

from attestor.errors import SettingsError

_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38
"""Numbers of linux/prctl.h."""

_NO_CORE = 1
"""One byte: too little for a core file, and the one value for which Linux hands none to a program (core(5)) either."""


def close(*, no_new_privileges: bool = False) -> None:
    """Close this process to its children, before it reads a secret or starts a child; raises ``SettingsError``.

    No core file is written, neither of this process nor of a child, whose memory holds the cluster's credentials. With
    ``no_new_privileges`` no child can gain any by a setuid program: not for a person's machine, where a login plugin
    may be one.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    most = _NO_CORE if hard == resource.RLIM_INFINITY else min(_NO_CORE, hard)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    if sys.platform != "linux":
        return
    _prctl(_PR_SET_DUMPABLE, 0)
    if no_new_privileges:
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _prctl(option: int, value: int) -> None:
    import ctypes  # takes 3 ms, which --version and --help need not spend

    library = ctypes.CDLL(None, use_errno=True)
    # All five arguments at full width: the kernel refuses this one where an unused one is not zero.
    if library.prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0))) != 0:
        reason = os.strerror(ctypes.get_errno())
        raise SettingsError(
            f"this process cannot be closed to the programs that it starts: {reason}",
            cause="a sandbox forbids prctl",
            remedy="allow prctl(PR_SET_DUMPABLE) and prctl(PR_SET_NO_NEW_PRIVS) there",
        )
