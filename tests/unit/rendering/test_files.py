"""Every format is written beside the envelope, or none of them says what another does not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from attestor import privacy
from attestor.commands import run
from attestor.errors import SigningError
from attestor.formats import FORMATS
from attestor.rendering import files
from attestor.settings import Settings
from attestor.verdict import Verdict
from tests import found
from tests.unit.test_settings import read

ALLOWED = found.outcome(Verdict(allowed=True, checked=("mesh.edges_mtls",), violations=()))


def settings(folder: Path) -> Settings:
    return replace(read({}), working_directory=folder, outfile=folder / "a.json")


def test_every_format_is_a_file_that_takes_the_stem(tmp_path: Path) -> None:
    """With the ending of its table; nothing else is left behind."""
    files.write(found.outcome(), settings(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {f"a{form.ending}" for form in FORMATS.values()}
    assert set(settings(tmp_path).reports) == set(FORMATS) == {"report", "sarif", "junit", "compliance"}


@pytest.mark.parametrize("broken", sorted(FORMATS))
def test_an_allow_that_cannot_be_written_whole_is_no_allow_anywhere(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reports that can be written say that there is no verdict."""
    asked, write = settings(tmp_path), privacy.write_whole

    def full(path: Path, data: bytes) -> None:
        if path == asked.reports[broken]:
            raise OSError(28, "No space left on device")
        write(path, data)

    monkeypatch.setattr(privacy, "write_whole", full)
    ended = run._written(ALLOWED, asked)
    assert (ended.verdict, ended.exit_code) == ("error", 4)
    assert not asked.reports[broken].exists()
    texts = {name: path.read_text(encoding="utf-8") for name, path in asked.reports.items() if name != broken}
    assert len(texts) == len(FORMATS) - 1
    for name, text in texts.items():
        assert "NO VERDICT" in text, name
        assert "ALLOW" not in text, name


def test_a_report_of_an_earlier_attempt_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would say something else than the others."""
    asked = settings(tmp_path)
    files.write(ALLOWED, asked)

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(privacy, "write_whole", full)
    with pytest.raises(SigningError, match=r"a\.report\.md cannot be written"):
        files.write(found.outcome(), asked)
    assert list(tmp_path.iterdir()) == []


def test_a_denial_stays_one_where_a_report_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its exit code says more than the disk's."""
    asked = settings(tmp_path / "nowhere")
    assert run._written(found.outcome(), asked).exit_code == 1


def test_files_of_a_runner_are_named_from_its_workspace_on(tmp_path: Path) -> None:
    """And the rules' pages are those of the action that runs."""
    env = {
        "GITHUB_WORKSPACE": "/golden",
        "GITHUB_SERVER_URL": "https://git.example.org",
        "GITHUB_ACTION_REPOSITORY": "owner/mesh-attestor",
        "GITHUB_ACTION_REF": "v1",
    }
    files.write(found.outcome(), replace(settings(tmp_path), environment=env))
    written = found.sarif((tmp_path / "a.sarif").read_text(encoding="utf-8"))
    assert ".mesh/waivers.yaml" in json.dumps(written["results"])
    home = "https://git.example.org/owner/mesh-attestor/blob/v1/"
    assert written["originalUriBaseIds"]["MESH_ATTESTOR"]["uri"] == home


@pytest.mark.parametrize(
    "change",
    [
        {"GITHUB_SERVER_URL": "http://git.example.org"},
        {"GITHUB_ACTION_REPOSITORY": "no repository"},
        {"GITHUB_ACTION_REF": "a b"},
        {"GITHUB_ACTION_REPOSITORY": ""},
    ],
)
def test_an_odd_variable_makes_no_address(change: dict[str, str], tmp_path: Path) -> None:
    """Nothing is better than a link to somewhere."""
    env = {"GITHUB_ACTION_REPOSITORY": "owner/mesh-attestor", "GITHUB_ACTION_REF": "v1"} | change
    files.write(found.outcome(), replace(settings(tmp_path), environment=env))
    written = found.sarif((tmp_path / "a.sarif").read_text(encoding="utf-8"))
    assert "uri" not in written["originalUriBaseIds"]["MESH_ATTESTOR"]
