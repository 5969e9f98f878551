"""The answer for a program: what denies, and beside it everything that does not."""

from __future__ import annotations

import json

from attestor.rendering import machine
from attestor.report import Report
from attestor.verdict import Verdict
from tests import found
from tests.unit.test_report import OPENED
from tests.unit.test_report_hostile import HOSTILE


def told(verdict: Verdict | None) -> dict[str, object]:
    text = machine.text(machine.of_report(Report(opened=OPENED, signers=("ab12",), verdict=verdict)))
    answer: dict[str, object] = json.loads(text)
    return answer


def test_a_reason_has_its_code_what_it_is_about_and_advice() -> None:
    """A rule of one's own has neither."""
    assert told(found.VERDICT)["violations"] == [
        {
            "rule": "mesh.edges_mtls",
            "code": "MESH005",
            "message": found.COUNTED.message,
            "advice": {"meaning": "", "command": "linkerd viz edges deploy -A"},
        },
        {
            "rule": "mesh.edges_mtls",
            "code": "MESH005",
            "message": found.insecure("web", "cache").message,
            "about": {"src": "web", "src_namespace": "shop", "dst": "cache", "dst_namespace": "shop"},
            "advice": {
                "meaning": "the destination has no proxy of this control plane, or the port is one that skips its proxy",
                "command": "linkerd viz stat deploy/cache -n shop --unmeshed",
            },
        },
        {"rule": "shop.names", "code": "", "message": "a name is too short"},
    ]


def test_what_does_not_deny_says_why() -> None:
    """With the whole waiver, and the digests of the files that decided."""
    answer = told(found.VERDICT)
    excepted = answer["excepted"]
    assert isinstance(excepted, list)
    assert [item["state"] for item in excepted] == ["warning", "waived", "exempt"]
    assert excepted[1]["waivers"] == [found.WAIVER.to_dict()]
    assert (answer["off"], answer["policy"]) == (
        ["mesh.allowed_pairs"],
        {"config_sha256": "c0" * 32, "waivers_sha256": "aa" * 32},
    )


def test_without_a_verdict_nothing_is_said_of_one() -> None:
    """As for evidence that only asked-for facts speak against."""
    answer = told(None)
    assert [answer[key] for key in ("rules", "off", "violations", "excepted", "policy")] == [[], [], [], [], {}]


def test_no_text_leaves_the_json() -> None:
    """It is ASCII, whatever it holds."""
    report = found.spoiled(HOSTILE).report
    assert report is not None
    text = machine.text(machine.of_report(report))
    assert text.isascii()
    assert all(character.isprintable() or character == "\n" for character in text)
