"""Networks with exceptions, and whether they leave an address out."""

from __future__ import annotations

from typing import Any

import pytest

from attestor.coverage.authorization import networks
from attestor.coverage.authorization.selectors import NotUnderstood


def cidr(text: str, *without: str) -> dict[str, Any]:
    return {"cidr": text, **({"except": list(without)} if without else {})}


@pytest.mark.parametrize(
    ("found", "everywhere"),
    [
        ([cidr("0.0.0.0/0")], True),
        ([cidr("::/0")], True),
        ([cidr("0.0.0.0/1"), cidr("128.0.0.0/1")], True),
        ([cidr("0.0.0.0/1"), cidr("128.0.0.1/32")], False),
        ([cidr("0.0.0.0/0", "10.0.0.0/8")], False),
        ([cidr("0.0.0.0/0", "0.0.0.0/8")], False),
        ([cidr("0.0.0.0/0", "255.0.0.0/8")], False),
        ([cidr("0.0.0.0/0", "10.0.0.0/8"), cidr("10.0.0.0/8")], True),
        ([cidr("0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16"), cidr("10.0.0.0/8")], True),
        ([cidr("0.0.0.0/0", "10.0.0.0/8"), cidr("10.0.0.0/9")], False),
        ([cidr("0.0.0.0/0", "fd00::/8")], True),
        ([cidr("0.0.0.0/0", "0.0.0.0/0")], False),
        ([cidr("10.0.0.0/8")], False),
        ([], False),
    ],
)
def test_networks_leave_an_address_out(found: list[dict[str, Any]], everywhere: bool) -> None:
    """Only what they cover together, exceptions taken off, is everywhere."""
    assert networks.everywhere(networks.parse(found)) is everywhere


def test_a_network_is_shown_with_its_exceptions() -> None:
    """An address is a network of its own, and the bits of hosts do not matter."""
    found = networks.parse([cidr("10.1.2.3"), cidr("10.0.0.7/8", "10.2.0.0/16", "10.1.0.0/16")])
    assert [one.text for one in found] == ["10.1.2.3/32", "10.0.0.0/8 except 10.1.0.0/16, 10.2.0.0/16"]


@pytest.mark.parametrize("found", [{}, cidr("web"), cidr("10.0.0.0/8", "web"), cidr("10.0.0.0/33")])
def test_what_is_no_network_is_not_understood(found: dict[str, Any]) -> None:
    """It is neither everywhere nor nowhere."""
    with pytest.raises(NotUnderstood):
        networks.parse([found])
