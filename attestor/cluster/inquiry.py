"""Questions to the API server for one part of the coverage, and a record of what was asked and not answered.

Lists are read in pages, and of each object only what is kept is held. What fails is a reason, never an empty answer
that looks like a good one (Kubernetes API concepts: "Retrieving large results sets in chunks").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from attestor import limits
from attestor.clock import Clock, Span
from attestor.cluster.client import Gone
from attestor.cluster.credentials import NoAccess
from attestor.coverage.part import Part, Reason
from attestor.lenient import mapping

T = TypeVar("T")
Found = list[T]
"""What was kept of a list; within the class, `list` is the question."""
Keep = Callable[[Mapping[str, Any]], T]
"""Takes what is needed of an object; raises ``ValueError`` for one that it does not understand."""


class Answers(Protocol):
    """The API server, as ``Client`` asks it."""

    def get(self, path: str) -> Mapping[str, Any]:
        """Return the object at ``path``; raises ``NoAccess``."""
        ...


_DETAIL = 300
"""Longest detail of a reason; an API server's message may be of any length."""
PAGE = 250
"""Objects that are asked for at a time; a pod of a mesh takes about 20 KiB."""
_ALIKE = 10
"""Most reasons of one kind about one source."""


class Inquiry:
    """Asks for one part: every question is a source, every failure a reason."""

    def __init__(self, client: Answers, clock: Clock, stopped: Callable[[], bool] = lambda: False) -> None:
        self._client, self._clock, self._stopped = client, clock, stopped
        self._started = clock()
        self._sources: dict[str, None] = {}
        self._reasons: dict[Reason, None] = {}

    def get(self, path: str) -> Mapping[str, Any] | None:
        """Return the object at ``path``, or nothing and a reason."""
        source = self.asks(f"GET {path}")
        try:
            return self._client.get(path)
        except NoAccess as error:
            self.note(error.code, source, str(error))
            return None

    def ask(self, source: str, question: Callable[[], T]) -> T | None:
        """Return the answer to a question of another kind, or nothing and a reason."""
        self.asks(source)
        if self._stopped():
            self.note("stopped", source, "there was no time to ask")
            return None
        try:
            return question()
        except NoAccess as error:
            self.note(error.code, source, str(error))
            return None

    def list(self, path: str, keep: Keep[T], selector: str = "") -> Found[T]:
        """Return what ``keep`` takes of each object of the list at ``path``; what could not be read is a reason.

        ``selector`` is a field selector, such as ``reason=IssuerUpdated``.
        """
        source = self.asks(f"GET {path}" + (f"?fieldSelector={selector}" if selector else ""))
        try:
            return self._pages(path, keep, selector, source)
        except Gone:
            pass
        except NoAccess as error:
            self.note(error.code, source, str(error))
            return []
        try:  # once more from the start: the server forgets a list after some minutes
            return self._pages(path, keep, selector, source)
        except NoAccess as error:
            self.note(error.code, source, str(error))
            return []

    def _pages(self, path: str, keep: Keep[T], selector: str, source: str) -> Found[T]:
        found: Found[T] = []
        token = ""
        while True:
            query = f"limit={PAGE}"
            query += f"&fieldSelector={quote(selector, safe='')}" if selector else ""
            query += f"&continue={quote(token, safe='')}" if token else ""
            answer = self._client.get(f"{path}?{query}")
            if not isinstance(answer.get("items"), list):
                self.note("not-understood", source, "the answer is no list of objects")
                return found
            self._keep(answer["items"], keep, found, source)
            if len(found) > limits.LISTED_OBJECTS:
                self.note("too-large", source, f"there are more than {limits.LISTED_OBJECTS} objects")
                return found[: limits.LISTED_OBJECTS]
            token = str(mapping(answer.get("metadata")).get("continue") or "")
            if not token:
                return found
            if self._stopped():
                self.note("stopped", source, f"there was no time for more than {len(found)} objects")
                return found

    def _keep(self, items: Sequence[Any], keep: Keep[T], found: Found[T], source: str) -> None:
        for item in items:
            try:
                found.append(keep(mapping(item)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                name = str(mapping(mapping(item).get("metadata")).get("name", "?"))
                self.note("not-understood", source, f"the object {name} is not of the expected shape: {error}")

    def asks(self, source: str) -> str:
        """Record a question, and return it."""
        self._sources[source] = None
        return source

    def note(self, code: str, source: str, detail: str) -> None:
        """Record why the part is not whole. Of many objects of one list that are alike bad, the first few are told."""
        alike = sum((reason.code, reason.source) == (code, source) for reason in self._reasons)
        if alike > _ALIKE:
            return
        detail = "there are more of this kind" if alike == _ALIKE else detail[:_DETAIL]
        self._reasons[Reason(code=code, source=source, detail=detail)] = None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What was not answered so far."""
        return tuple(self._reasons)

    @property
    def sources(self) -> tuple[str, ...]:
        """What was asked so far."""
        return tuple(self._sources)

    def span(self) -> Span:
        """Return the time from the beginning until now."""
        return Span(started=self._started, finished=self._clock())

    def part(self, body: Mapping[str, object]) -> Part:
        """Return the part with what was made of the answers."""
        return Part(span=self.span(), sources=self.sources, reasons=self.reasons, body=body)
