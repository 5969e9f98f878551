"""A function in a process of its own, which may give up being root, and what it returned."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Callable
from typing import Any

NOBODY = 65534


def forked(action: Callable[[], object], *, user: int | None = None) -> Any:
    """Fork, become ``user`` where this is root, and return what ``action`` returned, by way of JSON.

    It fails with the text of an exception that ``action`` raised.
    """
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        answer: dict[str, object] = {"failed": "it ended"}
        try:
            os.close(reading)
            if user is not None and os.geteuid() == 0:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
            answer = {"returned": action()}
        except BaseException:  # noqa: BLE001 - this process ends here
            answer = {"failed": traceback.format_exc()}
        finally:
            with os.fdopen(writing, "w", encoding="utf-8") as pipe:
                json.dump(answer, pipe)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        found = json.load(pipe)
    os.waitpid(child, 0)
    assert "returned" in found, found["failed"]
    return found["returned"]
