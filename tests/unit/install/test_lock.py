"""The lock is read strictly: what is not exactly of the expected form is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from attestor.errors import SettingsError
from attestor.install import lock

SHA = "ab" * 32


def document() -> dict[str, Any]:
    asset = {"url": "https://host.example/v1.2.3/opa", "sha256": SHA}
    return {
        "opa": {"version": "1.2.3", "module": "host.example/some/opa", "platforms": {"linux-amd64": dict(asset)}},
        "linkerd": {"edge-1": {"linux-arm64": dict(asset)}},
    }


def parse(value: object) -> lock.Lock:
    return lock.parse(json.dumps(value).encode())


def test_a_good_lock_becomes_records() -> None:
    """Every member of the file is found again in the records."""
    found = parse(document())
    assert found.opa.version == "1.2.3"
    assert found.opa.module == "host.example/some/opa"
    asset = lock.Asset(url="https://host.example/v1.2.3/opa", sha256=SHA)
    assert found.opa.platforms == {"linux-amd64": asset}
    assert found.linkerd == {"edge-1": {"linux-arm64": asset}}


def test_the_projects_own_lock_is_good_and_names_its_version_in_every_address() -> None:
    """A new version with an old address would be checked against the wrong file."""
    found = lock.load()
    assert found.opa.platforms.keys() == {"linux-amd64", "linux-arm64"}
    assert all(f"/v{found.opa.version}/" in asset.url for asset in found.opa.platforms.values())
    for tag, assets in found.linkerd.items():
        for platform, asset in assets.items():
            assert asset.url.endswith(f"/{tag}/linkerd2-cli-{tag}-{platform}")


def test_no_two_files_of_the_projects_own_lock_share_a_digest() -> None:
    """A digest that was copied from the line above is a digest nobody looked up."""
    found = lock.load()
    assets = [*found.opa.platforms.values(), *(asset for tag in found.linkerd.values() for asset in tag.values())]
    assert len({asset.sha256 for asset in assets}) == len(assets)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("opa", "version"), "1.2"),
        (("opa", "version"), "1.2.3; rm -rf ~"),
        (("opa", "version"), "1.2.3\n"),
        (("opa", "version"), 1),
        (("opa", "module"), "-flag"),
        (("opa", "module"), "host.example/opa@latest"),
        (("opa", "platforms"), {}),
        (("opa", "platforms"), {"../..": {"url": "https://host.example", "sha256": SHA}}),
        (("opa", "platforms", "linux-amd64", "url"), "http://host.example/opa"),
        (("opa", "platforms", "linux-amd64", "sha256"), SHA.upper()),
        (("opa", "platforms", "linux-amd64", "sha256"), SHA[:-1]),
        (("opa", "platforms", "linux-amd64", "sha256"), None),
        (("opa", "platforms", "linux-amd64", "size"), 5),
        (("linkerd",), []),
        (("linkerd", "edge-1"), None),
        (("surplus",), {}),
    ],
)
def test_a_member_of_the_wrong_form_is_refused(path: tuple[str, ...], value: object) -> None:
    """One wrong member spoils the lock, and the message names the file."""
    spoilt = document()
    inner = spoilt
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    with pytest.raises(SettingsError, match=r"toolchain\.lock\.json cannot be used"):
        parse(spoilt)


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"{}", b"\xff", b'{"opa": {}, "opa": {}, "linkerd": {}}'])
def test_a_file_that_is_no_lock_is_refused(text: bytes) -> None:
    """Not JSON, another JSON, a key twice: each is an error of the settings."""
    with pytest.raises(SettingsError, match=r"toolchain\.lock\.json cannot be used"):
        lock.parse(text)


def test_a_missing_lock_is_refused(tmp_path: Path) -> None:
    """Without a lock nothing is installed."""
    with pytest.raises(SettingsError, match="cannot be read"):
        lock.load(tmp_path / "toolchain.lock.json")


@pytest.mark.parametrize(
    ("system", "machine", "expected"),
    [
        ("Linux", "x86_64", "linux-amd64"),
        ("Linux", "aarch64", "linux-arm64"),
        ("Darwin", "arm64", "darwin-arm64"),
        ("Linux", "riscv64", "linux-riscv64"),
    ],
)
def test_a_machine_has_the_name_that_releases_give_it(system: str, machine: str, expected: str) -> None:
    """The kernel's name of a processor becomes Go's; an unknown one stays, and is then not in the lock."""
    assert lock.this_platform(system, machine) == expected
