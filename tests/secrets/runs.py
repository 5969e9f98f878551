"""The ways of ``mesh-attestor run``: every exit code, and every child that tells what it should not."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.canaries import encodings
from tests.conftest import Done
from tests.secrets.ground import Ground, report
from tests.secrets.ways import TELLS_ITS_OWN, everything, opa, run, upwards, way, words

INSECURE = {"edges": report("edges", "insecure-edge")}


@way(0)
def allow(on: Ground) -> Done:
    return run(on)


@way(0)
def allow_with_files_of_secrets(on: Ground) -> Done:
    return run(on, context="files", signing_key=str(on.planted.files["key"]))


@way(0)
def allow_with_a_passphrase_file(on: Ground) -> Done:
    files = {"signing_key": "encrypted", "signing_key_passphrase_file": "passphrase"}
    return run(on, {}, **{name: str(on.planted.files[file]) for name, file in files.items()})


@way(0)
def allow_with_a_login_program(on: Ground) -> Done:
    return run(on, {"check": f"{login(on)} >&2; {report('check')}"}, context="plugin")


@way(0)
def allow_traced_with_a_login_program(on: Ground) -> Done:
    """The arguments of every program are in the evidence, those of the login program, too."""
    return run(on, {"check": f"{login(on)} >&2; {report('check')}"}, context="plugin", trace="on")


@way(0)
def allow_while_linkerd_tells_everything(on: Ground) -> Done:
    return run(on, {"check": f"{everything(on)}; {report('check')}"})


@way(0)
def allow_with_copies_of_every_secret(on: Ground) -> Done:
    """Under names that no list knows, in every encoding, alone and within other words."""
    copies = dict[str, str]()
    for name, secret in on.planted.secrets.items():
        if name in {"key", "key's seed", "encrypted key's seed", "password of the remote", "extra header", "input"}:
            continue
        if name == "results address":
            continue
        for encoding, form in encodings(secret).items():
            if encoding not in {"reversed", "UTF-16"}:
                copies[f"NOTE_{len(copies)}"] = f"see {form.decode()}, or ask"
    return on.call(words(on), copies)


@way(1)
def deny(on: Ground) -> Done:
    return run(on, INSECURE)


@way(1)
def deny_while_linkerd_tells_everything(on: Ground) -> Done:
    return run(on, {"check": f"{everything(on)}; {report('check')}", **INSECURE})


@way(1)
def deny_an_edges_report_with_a_secret(on: Ground) -> Done:
    done = run(on, {"edges": tells_in_report(on, "edges")})
    _forget(on, "linkerd-edges.json")
    return done


@way(3)
def a_check_report_with_a_secret(on: Ground) -> Done:
    done = run(on, {"check": tells_in_report(on, "check")})
    _forget(on, "linkerd-check.json")
    return done


def tells_in_report(on: Ground, name: str) -> str:
    """Return the words of a shell that print a report in which the token stands, as JSON has it."""
    path = on.planted.folder / f"{name}.json"
    text = (Path(__file__).parent.parent / "recordings" / "healthy" / f"{name}.json").read_text(encoding="utf-8")
    old = "linkerd-" if name == "check" else '"src": "'
    path.write_text(text.replace(old, old + json.dumps(on.planted.text("token"))[1:-1], 1), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    return f"/bin/cat '{path}'"


def _forget(on: Ground, name: str) -> None:
    """Take away the file that linkerd wrote the secret into itself, which the program names and leaves where it is."""
    assert on.planted.secrets["token"] in (on.tree / name).read_bytes()
    (on.tree / name).unlink()


@way(3)
def linkerd_tells_its_own_and_fails(on: Ground) -> Done:
    return run(on, {"check": TELLS_ITS_OWN})


@way(3)
def linkerd_tells_everything_and_fails(on: Ground) -> Done:
    return run(on, {"check": f"{everything(on)}; exit 1"})


@way(3)
def linkerd_tells_everything_and_hangs(on: Ground) -> Done:
    return run(on, {"check": f"{everything(on)}; /bin/sleep 60"}, timeout="1s")


@way(3)
def linkerd_prints_what_is_no_report(on: Ground) -> Done:
    done = run(on, {"check": '/bin/cat "$KUBECONFIG"'})
    _forget(on, "linkerd-check.json")
    return done


@way(3)
def linkerd_is_killed(on: Ground) -> Done:
    return run(on, {"check": "kill -KILL $$"})


@way(0, 1)
def linkerd_calls_the_token_its_version(on: Ground) -> Done:
    token = on.planted.text("password")
    return run(on, {"version": f"echo 'replay {token}'"})


@way(4)
def the_envelope_cannot_be_written(on: Ground) -> Done:
    return run(on, {"check": f"/bin/mkdir attestation.json; {everything(on)}; {report('check')}"})


@way(5)
def opa_tells_its_input_and_fails(on: Ground) -> Done:
    return run(on, opa=opa(on, '/bin/cat "$note.stdin" >&2; /bin/cat "$note.stdin"; exit 2'))


@way(5)
def opa_tells_its_environment_and_crashes(on: Ground) -> Done:
    return run(on, opa=opa(on, '/bin/cat "$note.environ" "$note.cmdline" >&2; kill -SEGV $$'))


@way(1)
def git_tells_its_configuration_and_fails(on: Ground) -> Done:
    on.programs.make("git", "/bin/cat .git/config; /bin/cat .git/config >&2; exit 128", "git-first")
    path = f"{on.programs.folder / 'git-first'}:{on.environment['PATH']}"
    return on.call(words(on), {"PATH": path})


@way(3)
def a_fault_of_the_program(on: Ground) -> Done:
    return on.call(["@fault", on.planted.text("token"), *words(on)])


@way(3)
def sigterm(on: Ground) -> Done:
    return run(on, upwards("TERM"))


@way(3)
def sigint(on: Ground) -> Done:
    return run(on, upwards("INT"))


def killed(on: Ground, number: str, code: int) -> Done:
    """Kill the program while linkerd runs, and run again a while later: the private folder is gone then.

    What stays in between is for this user only.
    """
    done = run(on, upwards(number))
    assert done.code == code, done.said
    (folder,) = (on.root / "tmp").iterdir()
    assert [path.stat().st_mode & 0o777 for path in (folder, folder / "kubeconfig")] == [0o700, 0o600]
    os.utime(folder, (0, 0))
    again = run(on)
    return Done(code=again.code, out=done.out + again.out, err=done.err + again.err)


@way(0)
def sigabrt(on: Ground) -> Done:
    return killed(on, "ABRT", -6)


@way(0)
def sigsegv(on: Ground) -> Done:
    return killed(on, "SEGV", -11)


@way(0)
def sigkill(on: Ground) -> Done:
    return killed(on, "KILL", -9)


def login(on: Ground) -> str:
    """Return the words of a shell that call the kubeconfig's login program as linkerd does."""
    secrets = on.planted
    on.programs.make("login-plugin", f"echo '{json.dumps(credential(on))}'")
    given = f"CLOUD_TOKEN={secrets.text(_OF_EXEC[0])} CLOUD_SETTING={secrets.text(_OF_EXEC[1])}"
    option, argument = secrets.text("exec's option"), secrets.text("exec's argument")
    return f"{given} login-plugin --region eu --client-secret {option} --key={argument}"


_OF_EXEC = ("exec's secret variable", "exec's other variable")


def credential(on: Ground) -> dict[str, object]:
    """Return what a login program answers."""
    status = {"token": on.planted.text("token")}
    return {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
