"""The rules as SARIF describes them: id, name, level and help of each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attestor.policies import catalogue
from attestor.policies.catalogue import Rule
from attestor.report import shown

NO_VERDICT = "no-verdict"
"""The rule under which a run that failed stands: without a result, a report would look as if nothing were wrong."""

_LEVELS = {"floor": "error", "deny": "error", "warn": "warning", "off": "none"}


def described(levels: Mapping[str, str], home: str, others: Iterable[str]) -> list[dict[str, Any]]:
    """Return every embedded rule at its level, then ``others``, which are rules of one's own."""
    found = [_embedded(rule, levels.get(rule.id, rule.level), home) for rule in catalogue.rules().values()]
    found += [_own(rule) for rule in sorted(set(others) - catalogue.rules().keys() - {NO_VERDICT})]
    return [*found, _no_verdict()]


def rule_id(rule: str) -> str:
    """Return what SARIF knows a rule by: its code, which outlives its name, else its name."""
    return catalogue.code(rule) or shown(rule)


def _embedded(rule: Rule, level: str, home: str) -> dict[str, Any]:
    page = f"docs/rules/{rule.code}.md"
    found = _described(rule.code, rule.id, rule.title, rule.description)
    markdown = f"**{rule.title}** (`{rule.id}`)\n\n{rule.description}"
    if home:
        found["helpUri"] = home + page
        markdown += f"\n\n[{rule.code}]({home}{page})"
    found["help"]["markdown"] = markdown
    found["defaultConfiguration"] = {"level": _LEVELS.get(level, "error"), "enabled": level != "off"}
    found["properties"] = {"tags": ["linkerd", rule.id.split(".")[0]], "level": level}
    return found


def _own(rule: str) -> dict[str, Any]:
    name = shown(rule)
    return _described(name, name, f"The rule {name}", "A rule of this team's own; its text says what it looks at.")


def _no_verdict() -> dict[str, Any]:
    text = "The evidence was sealed, and nothing was decided about it: this is neither an allow nor a denial."
    return _described(NO_VERDICT, NO_VERDICT, "There is no verdict", text)


def _described(identifier: str, name: str, title: str, text: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "name": name,
        "shortDescription": {"text": escaped(title)},
        "fullDescription": {"text": escaped(text)},
        "help": {"text": escaped(text)},
    }


def escaped(text: str) -> str:
    """Return ``text`` as a SARIF message that holds neither a placeholder nor a link (SARIF 2.1.0, section 3.11)."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")
