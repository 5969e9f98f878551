"""Whatever text goes out, a runner obeys what was meant, and nothing in the text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from attestor.github import commands
from tests import runner
from tests.runner import Command

PIECES = ["%", "%0", "%0D", "%25", "%3A", ":", "::", ",", "=", "<<", "\r", "\n", " ", "a", "::error::", "ghadelimiter_"]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
TEXT = HOSTILE | st.text(max_size=60)


@given(message=TEXT, title=TEXT)
def test_a_command_is_one_line_that_means_what_it_said(message: str, title: str) -> None:
    """Message and property come back as they were, and nothing else is a command or is shown."""
    written = commands.command("error", message, {"title": title, "file": ""})
    assert written.count("\n") == 1
    (command,), shown = runner.commands(written)
    assert (command.name, command.message, shown) == ("error", message, [""])
    # A runner trims what stands around a property, and only there.
    assert {key: value.strip() for key, value in command.properties.items()} == (
        {"title": title.strip()} if title else {}
    )


@given(text=TEXT)
def test_nothing_in_inert_text_is_obeyed(text: str) -> None:
    """Every line is shown, none is a command, and commands work again afterwards."""
    found, _ = runner.commands(commands.inert(text) + commands.command("notice", "after"))
    assert found == [Command("notice", "after")]


@given(text=TEXT, title=TEXT)
def test_a_group_holds_only_text(text: str, title: str) -> None:
    """It opens, it closes, and what is in it does neither."""
    found, _ = runner.commands(commands.group(title, text))
    assert found == [Command("group", title), Command("endgroup", "")]


@given(values=st.lists(st.tuples(st.sampled_from(["verdict", "violations", "keyid"]), TEXT), max_size=4))
def test_outputs_come_back_as_they_were(values: list[tuple[str, str]]) -> None:
    """Whatever a value holds, also lines that look like another output or an end."""
    written = "".join(commands.output(name, value) for name, value in values)
    assert runner.outputs(written) == dict(values)


def test_delimiters_are_not_used_twice() -> None:
    """Who has seen one cannot end the next."""
    first, second = (commands.output("a", "b").splitlines()[0] for _ in range(2))
    assert first != second
    assert len(first) > 40


def test_a_percent_sign_is_escaped_once() -> None:
    """An escape that a name already holds stays text."""
    assert commands.escape_data("100%\n%0A") == "100%25%0A%250A"
    assert commands.escape_property("a:b,c") == "a%3Ab%2Cc"
