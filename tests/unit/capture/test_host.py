"""The host as this process sees it."""

from __future__ import annotations

import os
import pwd
import socket
from typing import TYPE_CHECKING

from attestor.capture import host
from attestor.clock import Clock

if TYPE_CHECKING:
    import pytest


def test_the_host_is_what_the_system_says(clock: Clock) -> None:
    """Kernel, name, user, and a copy of the variables, in clear: they are masked where they are written."""
    variables = {"TOKEN": "x"}
    found = host.observe(variables, clock)
    assert (found.os, found.kernel) == ("linux", os.uname().release)
    assert found.hostname == socket.gethostname()
    assert found.username == pwd.getpwuid(os.geteuid()).pw_name
    variables["LATER"] = "y"
    assert found.variables == {"TOKEN": "x"}
    assert found.span.started < found.span.finished


def test_a_user_without_an_account_has_no_name(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may run under any uid."""
    monkeypatch.setattr(os, "geteuid", lambda: 2**31 - 7)
    assert host.observe({}, clock).username == ""
