"""The module that asks the rules of one's own, made for the run: the one thing of them that the gate looks at. Pure.

Each rule is referred to once, as opa remembers nothing behind ``with`` and would evaluate it again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from attestor.policies import OwnRule
from attestor.policies.own.refusal import COLLECTION, seen
from attestor.policies.own.syntax import KNOWN

_TEXT = """\
package gate_own

import rego.v1

_given(name, answers) := {sprintf("%v is undefined for this evidence, which is no clean answer", [name])} if {
	count(answers) == 0
} else := {_reason(reason) | some reason in answers[0]} if {
	_is_list(answers[0])
} else := {sprintf("%v is neither a set nor a list of reasons, but of the type %v", [name, type_name(answers[0])])}

_is_list(found) if is_set(found)

_is_list(found) if is_array(found)

_reason(reason) := object.union(reason, {"about": object.union(_about(reason), {"code": reason.code})}) if {
	is_string(reason.code)
} else := reason

_about(reason) := reason.about if is_object(reason.about)

else := {}

"""


def text(rules: Sequence[OwnRule]) -> str:
    """Return the module that gives what every rule of ``rules`` finds, by the rule's id and the name of its set."""
    entries = ",\n".join(f"\t{json.dumps(rule.id)}: {_entry(rule)}" for rule in rules)
    return f"{_TEXT}results := {{\n{entries},\n}}\n"


def _entry(rule: OwnRule) -> str:
    return "{" + ", ".join(f'"{name}": {_found(rule, name)}' for name in KNOWN) + "}"


def _found(rule: OwnRule, name: str) -> str:
    if name not in rule.names:
        return "set()"
    reference = "data" + "".join(f"[{json.dumps(part)}]" for part in (*rule.package, name))
    instead = "" if seen(rule.package) == COLLECTION else " with input as data.gate.predicate"
    return f'_given("{name}", [found | found := {reference}{instead}])'
