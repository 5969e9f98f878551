"""What the API server serves is asked for; an answer of another shape is no cluster without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from attestor.capture.coverage import objects
from attestor.clock import Clock
from attestor.cluster.inquiry import Inquiry

GROUP = "multicluster.linkerd.io"


class Told:
    """An API server that says one thing."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self._answer = answer

    def get(self, _: str) -> Mapping[str, Any]:
        return self._answer


@pytest.mark.parametrize(
    "answer",
    [
        {"kind": "Status"},
        {"groups": None},
        {"groups": {"name": GROUP}},
        {"groups": [{"name": GROUP}]},
        {"groups": [{"name": GROUP, "preferredVersion": {"version": ""}}]},
        {"groups": [{"name": GROUP, "preferredVersion": "v1"}]},
    ],
)
def test_an_answer_of_another_shape_is_a_reason(answer: Mapping[str, Any]) -> None:
    """Without one, the part would say that there are no links, and that it is complete."""
    part = objects.observe_links(Inquiry(Told(answer), Clock()))
    assert [reason.code for reason in part.reasons] == ["not-understood"]


def test_a_group_that_is_not_served_is_none() -> None:
    """There can be no links then, and that is the whole answer."""
    part = objects.observe_links(Inquiry(Told({"groups": [{"name": "apps"}, 7]}), Clock()))
    assert (part.reasons, part.body) == ((), {"installed": False, "links": []})
