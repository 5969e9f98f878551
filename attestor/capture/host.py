"""The host and its environment, as this process sees them."""

from __future__ import annotations

import os
import pwd
import socket
import sys
from collections.abc import Mapping

from attestor.clock import Clock, Span
from attestor.evidence import Host


def observe(variables: Mapping[str, str], clock: Clock) -> Host:
    """Return the host; a name that the system does not know is empty, as the peer writes it."""
    started = clock()
    machine = os.uname()
    return Host(
        os=sys.platform,
        kernel=machine.release,
        hostname=socket.gethostname(),
        username=_username(),
        variables=dict(variables),
        span=Span(started=started, finished=clock()),
    )


def _username() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return ""
