"""The user that children run as instead of root: can it reach what they need, and what is open to it beyond that.

Only the kernel knows, so a shell is run as that user and asked. Where it may not be started, or cannot reach something,
the image's run ends here; elsewhere, where an administrator runs the entry by hand, it says so and goes on as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from attestor import engine, gate, identity, limits, process
from attestor.capture import search_path
from attestor.capture.kubeconfig import Kubeconfig
from attestor.cluster.credentials import SERVICE_ACCOUNT
from attestor.errors import AttestorError, GateError, SettingsError
from attestor.identity import User
from attestor.install import capabilities
from attestor.preflight import reach
from attestor.preflight.installation import Say
from attestor.process import ProcessError
from attestor.report import shown
from attestor.settings import Settings

SOCKET = Path("/var/run/docker.sock")
"""Where a runner mounts its Docker socket into a container action (actions/runner ContainerActionHandler.cs)."""

_END = "all"
"""The last word of a whole answer: one that is cut short, or empty, would pass for one that nothing is missing."""

_SCRIPT = f"""n=0
for need do
  n=$((n + 1)) path=${{need#?}}
  case $need in
  r*) test -r "$path" ;;
  w*) test -w "$path" ;;
  *) test -r "$path" && test -x "$path" ;;
  esac || echo $n
done
echo {_END}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that children use: a path, what it is, and whether they read it (``r``), or enter or run it (``x``)."""

    path: Path
    name: str
    mode: str = "r"

    def complaint(self, user: User) -> SettingsError:
        """Return the complaint that ``user`` cannot use it."""
        used = "read" if self.mode == "r" else "read and entered or executed"
        return SettingsError(
            f"{self.name} {self.path} cannot be {used} by {user}, as whom linkerd, strace, git and opa run here",
            cause="they never run as root; they run as the workspace's owner, or as 65534 where that is root",
            remedy="open it and the folders above it to that user, or give the workspace another owner than root",
        )


def settle(
    settings: Settings, private: Path, needs: Sequence[Need], complaints: list[AttestorError], say: Say
) -> tuple[Settings, bool]:
    """Return the settings with the user that children will run as, and whether it can write to the working directory.

    ``private`` is opened to it. What it cannot reach is a complaint where the user is required.
    """
    user = settings.user
    if user is None:
        return settings, True
    folder = Need(path=settings.working_directory, name="the working directory", mode="x")
    mine = Need(path=private, name="the folder for temporary files", mode="x")
    asked = [folder, mine, *needs, replace(folder, mode="w"), Need(path=SOCKET, name="the Docker socket", mode="w")]
    try:
        identity.show(private, user)
        missing = _missing(asked, user)
    except (ProcessError, OSError) as error:
        wrong, missing = [_impossible(user, error)], frozenset[int]()
    else:
        wrong = [need.complaint(user) for number, need in enumerate(asked[:-2]) if number in missing]
    if wrong and not user.required:
        say(shown(f"children run as root, and not as {user}: {wrong[0].problem}"))
        return replace(settings, user=None), True
    complaints.extend(wrong)
    if not wrong and len(asked) - 1 not in missing:
        say(f"the Docker socket is open to {user}, as whom linkerd runs: its rights allow that to everybody here")
    return settings, len(asked) - 2 not in missing


def _impossible(user: User, error: ProcessError | OSError) -> SettingsError:
    reason = error.problem if isinstance(error, ProcessError) else error.strerror
    return SettingsError(
        f"no program can be run as {user}: {reason}",
        cause="this container's root lacks SETUID, SETGID and CHOWN, which Docker grants; or memory is short",
        remedy="grant them, raise its limits, or run the container as the workspace's owner (docker run --user)",
    )


def require(need: Need, user: User | None) -> None:
    """Raise ``SettingsError`` where ``user`` cannot use what was not there before."""
    if user is None:
        return
    try:
        missing = _missing([need], user)
    except (ProcessError, OSError) as error:
        raise _impossible(user, error) from error
    if missing:
        raise need.complaint(user)


def needs(settings: Settings, linkerd: Path | None, config: Kubeconfig | None) -> Iterator[Need]:
    """Yield what children will use beside the working directory, as far as it is there: the rest is complained of.

    Raises ``SettingsError`` where the policy is not there.
    """
    opa = (settings.opa or engine.installed()).resolve()
    programs = [("linkerd-extensions:", path) for path in settings.linkerd_extensions]
    programs += [("opa", opa), *([("linkerd", linkerd)] if linkerd else [])]
    files = [("opa's capabilities", opa.with_name(capabilities.FILE_NAME))]
    files += [("the policy", _policy())]
    files += [(f"the kubeconfig's {name}", path) for name, path in (reach.named_files(config) if config else ())]
    files += [("the service account's", SERVICE_ACCOUNT / name) for name in ("token", "ca.crt") if settings.in_cluster]
    for mode, found in (("x", programs), ("r", files)):
        yield from (Need(path=path, name=name, mode=mode) for name, path in found if path.is_file())


def _policy() -> Path:
    try:
        return gate.policy_folder() / gate.ENTRY
    except GateError as error:  # of a later stage, which speaks of evidence that is not there yet
        raise SettingsError(error.problem, cause=error.cause, remedy="install it anew") from error


def _missing(needs: Sequence[Need], user: User) -> frozenset[int]:
    """Return the numbers of those of ``needs`` that ``user`` cannot use; raises ``ProcessError``."""
    argv = ["sh", "-c", _SCRIPT, "sh", *(f"{need.mode}{need.path}" for need in needs)]
    env = {"PATH": os.pathsep.join(search_path.SYSTEM)}
    done = process.run(argv, env=env, cwd=Path("/"), timeout=limits.VERSION_SECONDS, user=user)
    *numbers, end = done.stdout.split() or [b""]
    if done.exit_code != 0 or end != _END.encode() or not all(number.isdigit() for number in numbers):
        message = f"the shell did not answer, and ended with exit code {done.exit_code}"
        raise ProcessError(message)
    return frozenset(int(number) - 1 for number in numbers)
