"""The coverage of a large mesh: gathered, made a predicate and judged; time and memory, and how both grow.

Beside it stands what a user would write to look at every object once: a loop over the same pages that parses them and
keeps nothing. It makes no statement, judges nothing, and knows none of what it read.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks import crowd
from benchmarks.measure import Command, Row, in_turn

ROOT = Path(__file__).resolve().parent.parent
RUNS = 3
SIZES = ((1_000, 200), (10_000, 2_000))
LISTS = (
    "/api/v1/namespaces",
    "/api/v1/pods",
    "/apis/apps/v1/deployments",
    "/apis/policy.linkerd.io/v1beta3/servers",
    "/apis/policy.linkerd.io/v1alpha1/authorizationpolicies",
    "/apis/policy.linkerd.io/v1alpha1/meshtlsauthentications",
)
LOOP = """
import json, sys, urllib.request
for path in sys.argv[2:]:
    token = ""
    while True:
        with urllib.request.urlopen(f"{sys.argv[1]}{path}?limit=250{token}") as answer:
            page = json.loads(answer.read())
        if not page["metadata"].get("continue"):
            break
        token = "&continue=" + page["metadata"]["continue"]
"""


def rows(env: dict[str, str]) -> list[Row]:
    """Measure each size as whole processes, print where time and memory go, and return what stands beside what."""
    env = env | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    found: list[Row] = []
    print("\ncoverage of a large mesh: milliseconds of a processor, and the most MiB until then\n")
    sizes: list[dict[str, float]] = []
    for pods, policies in SIZES:
        with crowd.running(pods, policies, str(ROOT)) as url:
            name = f"{pods:,} pods, {policies:,} policies"
            ours = Command(name=name, argv=[sys.executable, "-m", "benchmarks.coverage", url], folder=ROOT)
            loop = Command(name="python -c over the pages", argv=[sys.executable, "-c", LOOP, url, *LISTS], folder=ROOT)
            ours_taken, loop_taken = in_turn([ours, loop], env, RUNS)
            told = json.loads(subprocess.check_output(ours.argv, cwd=ROOT, env=env))
        found.append((name, ours_taken, loop.name, loop_taken))
        sizes.append(told)
        _tell(name, {key: f"{value:,.0f}" for key, value in told.items()})
    _tell("growth", {key: f"{sizes[-1][key] / sizes[0][key]:.1f}" for key in sizes[0]})
    return found


def _tell(name: str, values: Mapping[str, str]) -> None:
    print(f"{name:<32}" + "".join(f"{key} {value:<8}" for key, value in values.items()))


def _spent() -> float:
    """Return the seconds of a processor that this process and its children took: opa is one of them."""
    return sum(os.times()[:4])


def work(url: str) -> dict[str, float]:
    """Gather over HTTP, build the statement, judge it; return what each took, and the most memory by then."""
    from attestor import collection, engine, gate
    from attestor.clock import Clock, Span
    from attestor.cluster.client import Client
    from attestor.cluster.credentials import Credentials
    from attestor.cluster.prometheus import Prometheus
    from attestor.coverage.part import PARTS, Coverage, Scope
    from tests import covered

    taken: dict[str, float] = {}

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        begun = _spent()
        yield
        taken[f"{name} ms"] = (_spent() - begun) * 1000
        taken[f"{name} MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    clock, scope = Clock(), Scope()
    started = clock()
    with stage("gathering"):
        parts = covered.asked(Client(Credentials(server=url)), lambda _: Prometheus(url), scope)
        parts["linkerd"] = covered.recorded({}, scope)
    whole = Coverage(
        span=Span(started=started, finished=clock()), scope=scope, parts={name: parts[name] for name in PARTS}
    )
    with stage("statement"):
        payload = covered.statement(whole).payload
    with stage("gate"):
        opened = collection.opened(payload)
        asked = engine.find(engine.installed(), Path.cwd())
        verdict = gate.judge(opened, asked, now=clock(), allow_replay=True)
    taken["opa MiB"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    bad = [f"{name}: {reason.code} {reason.detail}" for name, part in parts.items() for reason in part.reasons]
    if bad or not verdict.checked:
        message = f"the benchmark's mesh was not covered: {bad[:5]}"
        raise RuntimeError(message)
    return taken | {"payload MiB": len(payload) / 1024 / 1024}


if __name__ == "__main__":
    print(json.dumps(work(sys.argv[1])))
