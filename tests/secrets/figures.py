"""All ways together: which of them are quick, how one is gone, and the figures of all."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.canaries import Leak
from tests.conftest import Done
from tests.secrets import others, policies, refusals, runs, steps  # noqa: F401 - enter their ways
from tests.secrets.ground import Ground, prepare
from tests.secrets.ways import WAYS

FEW = frozenset({
    "allow",
    "allow_with_a_login_program",
    "deny_while_linkerd_tells_everything",
    "deny_an_edges_report_with_a_secret",
    "linkerd_tells_its_own_and_fails",
    "opa_tells_its_input_and_fails",
    "sigterm",
    "sigkill",
    "a_fault_of_the_program",
    "a wrong passphrase",
    "a kubeconfig that is broken at the token",
    "a token as anything but an option's value",
    "doctor_behind_a_proxy_with_a_password",
    "keygen",
    "step_while_linkerd_tells_its_own_and_fails",
    "step_with_a_secret_in_every_input",
    "step_allows_by_a_policy_of_ones_own",
    "a_configuration_with_secrets_for_words",
    "rules_that_are_a_token",
    "verify_a_verdict",
})  # fmt: skip
"""The ways that the quick tests go: one for each kind."""


def went(on: Ground, name: str) -> tuple[Done, list[Leak]]:
    """Go the way ``name`` over clean ground, and return how it ended and the secrets that were found."""
    on.clean()
    done = WAYS[name].act(on)
    return done, on.leaks(done, is_runner=WAYS[name].steps)


def figures(one_in: int = 1) -> dict[str, int]:
    """Go every way, or one in so many, and return what was done: how often, what was searched for where, and found."""
    wrong, chosen = 0, list(WAYS)[::one_in]
    with tempfile.TemporaryDirectory() as folder:
        ground = prepare(Path(folder).resolve())
        try:
            for name in chosen:
                wrong += went(ground, name)[0].code not in WAYS[name].codes
        finally:
            ground.server.close()
        return {
            "ways": len(WAYS),
            "of them gone": len(chosen),
            "runs": ground.count.runs,
            "ended otherwise than they must": wrong,
            "secrets planted": len(ground.planted.secrets),
            "patterns searched for": len(ground.planted.patterns),
            "places searched": ground.count.places,
            "secrets found": ground.count.found,
        }
