"""The README says what the program does, in the program's own words."""

from __future__ import annotations

import re

import pytest
import yaml

from attestor.options import COMMAND_LINE, DIFF, EXPORT, LIST, RUN, TRIAL, VERIFY, Option
from tests.conftest import ROOT, Program

README = (ROOT / "README.md").read_text(encoding="utf-8")


def row(option: Option) -> str:
    """Return an option's row as the README must have it."""
    default = f"`{option.default}`" if option.default else ""
    return f"| `{option.name}` | {default} | {option.text} |"


def test_every_option_has_its_row_and_every_row_its_option() -> None:
    """The tables of options are those of the code, in the same order and words."""
    rows = [line for line in README.splitlines() if re.match(r"\| `[a-z0-9-]+` \| (`[^`]*`)? \| ", line)]
    assert rows == [row(option) for option in (*RUN, *VERIFY, *DIFF, *EXPORT, *LIST, *TRIAL)]


def test_help_names_every_option(program: Program) -> None:
    """`--help` of a command lists each of its options with its sentence."""
    pages = (
        ("run", COMMAND_LINE),
        ("verify", VERIFY),
        ("policy", (*EXPORT, *LIST, *TRIAL)),
        ("diff", DIFF),
    )
    for command, options in pages:
        said = program(command, "--help").out
        for option in options:
            assert f"--{option.name} " in said
            assert option.text in said


def test_every_output_has_its_row() -> None:
    """In the words of `action.yml`."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    for name, output in action["outputs"].items():
        assert f"| `{name}` | {output['description']} |\n" in README


def test_every_linked_file_is_there() -> None:
    """A relative link of the README leads somewhere."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link


@pytest.mark.parametrize(
    "page", ["policy", "own-rules", "verdict", "reports", "verify", "evidence", "security-model", "compliance"]
)
def test_every_page_can_be_found_from_the_readme(page: str) -> None:
    """By a link with words around it, not only in the text of an option."""
    assert f"](docs/{page}.md)" in README


def test_it_says_who_must_not_write_the_gate() -> None:
    """Beside the options, before anybody pastes a path of the checkout into them; and what pins the files."""
    section = README.split("## Inputs and outputs")[1].split("\n## ")[0]
    said = " ".join(section.split())
    assert (
        "Take policy, config and waivers from the base branch or a protected path, or a pull request writes its own gate"
        in said
    )
    for pin in ("--policy-config-sha256", "--waivers-sha256", "--policy-sha256"):
        assert pin in said
    (anchor,) = re.findall(r"\]\(docs/policy\.md#([a-z-]+)\)", section)
    headings = re.findall(r"^## (.*)$", (ROOT / "docs" / "policy.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor in [re.sub(r"[^a-z -]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_the_sections_answer_a_newcomer_in_order() -> None:
    """What it proves, two commands, the workflow, inputs and outputs, verification, what it does not prove."""
    assert re.findall(r"^## (.*)$", README, re.MULTILINE) == [
        "What it proves",
        "Two commands",
        "In a workflow",
        "Inputs and outputs",
        "Verify it yourself",
        "What it does not prove",
        "Licence",
    ]


def test_every_defect_is_explained() -> None:
    """The table of defects in the description of the evidence names exactly the codes that the code can record."""
    paths = (ROOT / "attestor").rglob("*.py")
    # Why a part of the coverage is not whole has codes, too, which its schema explains.
    sources = "".join(path.read_text(encoding="utf-8") for path in paths if "coverage" not in path.parts)
    recorded = set(re.findall(r'(?:defect\(|code=|documents\(report, )\s*"([a-z-]+)"', sources))
    text = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    table = text.split("## Defects")[1].split("##")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == recorded
