"""Every option of every command, once: its name, what it takes, its default, and the sentence that explains it.

The same names are the action's inputs; the README's table and ``--help`` are held against this table by tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What an option's value is."""

    TEXT = "TEXT"
    PATH = "PATH"
    PATHS = "PATHS"
    BOOLEAN = "true|false"
    LIST = "LIST"
    DURATION = "DURATION"
    CHOICE = "CHOICE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option. ``default`` is shown as it stands; ``choices`` are the words a CHOICE takes."""

    name: str
    kind: Kind
    text: str
    default: str = ""
    choices: tuple[str, ...] = ()
    repeatable: bool = False
    command_line_only: bool = False
    action_only: bool = False


WORKING_DIRECTORY = Option(
    name="working-directory",
    kind=Kind.PATH,
    default=".",
    text="The tree that is recorded as material, and the folder where the reports and the envelope are written.",
)
ALLOW_REPLAY = Option(
    name="allow-replay",
    kind=Kind.BOOLEAN,
    default="false",
    text="Accept a linkerd that calls itself a replay, for demonstrations and tests; no kubeconfig is needed then.",
)
OPA = Option(
    name="opa",
    kind=Kind.PATH,
    text="Path of the opa binary that evaluates the policy; without it, the one that the set-up installed.",
)

POLICY = Option(
    name="policy",
    kind=Kind.PATHS,
    text="Rego of your own: .rego files or folders of them, separated by commas or line ends; see docs/own-rules.md. "
    "Taken like policy-config.",
    repeatable=True,
)
REGO_VERSION = Option(
    name="rego-version",
    kind=Kind.CHOICE,
    default="v1",
    choices=("v1", "v0"),
    text="The Rego that policy is written in; v0 is the older one, whose rules have no `if`. The verdict says so.",
)
POLICY_CONFIG = Option(
    name="policy-config",
    kind=Kind.PATH,
    text="YAML file with the level and the parameters of rules and who is exempt, also by cluster; see docs/policy.md. "
    "Take it from the base branch: a pull request must not write its own gate.",
)
WAIVERS = Option(
    name="waivers",
    kind=Kind.PATH,
    text="YAML list of exceptions, each for a while and with an owner; see docs/policy.md. Taken like policy-config.",
)
CONTROLS = Option(
    name="controls",
    kind=Kind.PATH,
    text="YAML file with controls of your own and the rules that speak for them, told beside the embedded ones and "
    "deciding nothing; see docs/compliance.md. Taken like policy-config.",
)
BASELINE = Option(
    name="baseline",
    kind=Kind.PATH,
    text="An earlier envelope of the same mesh, verified first: what changed since is told, and judged by the baseline "
    "rules; see docs/verdict.md.",
)
BASELINE_KEY = Option(
    name="baseline-key",
    kind=Kind.PATH,
    text="Public key that must have signed the baseline, a PEM file, where it is not the key of this evidence.",
)

FORMAT = Option(
    name="format",
    kind=Kind.CHOICE,
    default="text",
    choices=("text", "json"),
    text="A table for a person, or one JSON object for a program.",
)

RUN: tuple[Option, ...] = (
    Option(
        name="kubeconfig",
        kind=Kind.PATH,
        default="$KUBECONFIG",
        text="Kubeconfig of the cluster: a path, or - for standard input; as an action input also the content itself.",
    ),
    Option(
        name="context",
        kind=Kind.TEXT,
        text="Context of the kubeconfig to use; without it, the file's current context.",
    ),
    Option(
        name="in-cluster",
        kind=Kind.BOOLEAN,
        default="false",
        text="Use the service account of the pod that this runs in; excludes kubeconfig, never a silent fallback.",
    ),
    Option(
        name="cluster-name",
        kind=Kind.TEXT,
        default="$LINKERD_CLUSTER_NAME",
        text="Name of the cluster, recorded as cluster_name so that rules can branch on it.",
    ),
    Option(
        name="namespaces",
        kind=Kind.LIST,
        text="Namespaces whose edges are captured, separated by commas or white space; without it, all of them (-A).",
    ),
    Option(
        name="step",
        kind=Kind.TEXT,
        default="linkerd-mesh-check",
        text="Name of the collection; a cilock policy finds the evidence by it.",
    ),
    Option(
        name="signing-key",
        kind=Kind.PATH,
        default="$MESH_ATTESTOR_SIGNING_KEY",
        text="Private key that signs: a PEM file, or - for standard input; as an action input also the content itself.",
    ),
    Option(
        name="signing-key-passphrase-file",
        kind=Kind.PATH,
        default="$MESH_ATTESTOR_SIGNING_KEY_PASSPHRASE",
        text="File whose first line opens an encrypted signing key.",
        command_line_only=True,
    ),
    Option(
        name="signing-key-passphrase",
        kind=Kind.TEXT,
        text="Passphrase of an encrypted signing key, out of a secret; an action input only: a command line is public.",
        action_only=True,
    ),
    WORKING_DIRECTORY,
    Option(
        name="outfile",
        kind=Kind.PATH,
        default="attestation.json",
        text="The envelope, relative to the working directory.",
    ),
    Option(
        name="linkerd-version",
        kind=Kind.TEXT,
        default="auto",
        text="The CLI to install: a tag such as edge-25.5.2, or auto, which asks the mesh; if not given, a linkerd on "
        "PATH outside the working directory is taken first.",
    ),
    Option(
        name="linkerd-sha256",
        kind=Kind.TEXT,
        text="The digest, in hex, that linkerd must have; needed where neither the lock nor the release has one.",
    ),
    Option(
        name="linkerd-url",
        kind=Kind.TEXT,
        text="A mirror for the download: the address of the binary, or of the folder that holds releases by tag.",
    ),
    Option(
        name="linkerd-path",
        kind=Kind.PATH,
        text="A linkerd binary that is there: nothing is looked up or downloaded, and linkerd-version and linkerd-url "
        "mean nothing.",
    ),
    Option(
        name="linkerd-extensions",
        kind=Kind.PATHS,
        text="Extension binaries, named linkerd-…, that linkerd may run; no other linkerd-… is on the capture's PATH.",
    ),
    ALLOW_REPLAY,
    OPA,
    POLICY,
    REGO_VERSION,
    POLICY_CONFIG,
    WAIVERS,
    CONTROLS,
    BASELINE,
    BASELINE_KEY,
    Option(
        name="mode",
        kind=Kind.CHOICE,
        default="enforce",
        choices=("enforce", "report"),
        text="With report, a denial (exit 1) becomes exit 0 and nothing else changes; every output says so.",
    ),
    Option(
        name="on-missing-secrets",
        kind=Kind.CHOICE,
        default="fail",
        choices=("fail", "skip"),
        text="Without a signing key or a kubeconfig: fail, or skip, which ends in exit 0, verdict error and NOT GATED.",
    ),
    Option(
        name="timeout",
        kind=Kind.DURATION,
        default="20m",
        text="Hard limit of the capture, after which linkerd and all it started are killed.",
    ),
    Option(
        name="wait",
        kind=Kind.DURATION,
        text="linkerd's own --wait for check, by default five minutes a process; it becomes part of the argv.",
    ),
    Option(
        name="trace",
        kind=Kind.CHOICE,
        default="auto",
        choices=("auto", "on", "off"),
        text="Trace the capture's processes with strace: on fails where that cannot be, auto records why not.",
    ),
    Option(
        name="coverage",
        kind=Kind.BOOLEAN,
        default="false",
        text="Also gather what edges cannot prove: pods, certificates, policies, counters; see docs/coverage.md.",
    ),
    Option(
        name="prometheus-url",
        kind=Kind.TEXT,
        text="Prometheus that scrapes the proxies, for coverage; without it, viz's own through a port-forward.",
    ),
    Option(
        name="pass-environment",
        kind=Kind.LIST,
        text="Names of further variables that linkerd and a kubeconfig's exec plugin may see.",
    ),
)

COMMAND_LINE: tuple[Option, ...] = tuple(option for option in RUN if not option.action_only)
"""What ``mesh-attestor run`` takes as arguments."""

INPUTS: tuple[Option, ...] = tuple(option for option in RUN if not option.command_line_only)
"""What the action takes as inputs, under the same names."""

_FOR_THE_DOCTOR = (
    "kubeconfig", "context", "in-cluster", "signing-key", "signing-key-passphrase-file", "linkerd-version",
    "linkerd-path", "linkerd-extensions", "namespaces", "allow-replay", "opa", "trace", "coverage", "prometheus-url",
    "pass-environment",
)  # fmt: skip
DOCTOR: tuple[Option, ...] = tuple(option for option in RUN if option.name in _FOR_THE_DOCTOR)

KEY = Option(
    name="key",
    kind=Kind.PATH,
    text="Trusted public key or certificate, a PEM file; may be given several times, and one good signature is enough.",
    repeatable=True,
)

VERIFY: tuple[Option, ...] = (
    KEY,
    Option(name="threshold", kind=Kind.TEXT, default="1", text="How many distinct trusted keys must have signed."),
    Option(name="step", kind=Kind.TEXT, text="Name that the collection must have."),
    Option(
        name="report",
        kind=Kind.PATH,
        text="A report file that must be the one in the evidence, found by its name; may be given several times.",
        repeatable=True,
    ),
    Option(name="max-age", kind=Kind.DURATION, text="How old the evidence may be, like 24h."),
    Option(name="now", kind=Kind.TEXT, text="The time to verify at, in RFC 3339; without it, the clock's."),
    Option(name="cluster", kind=Kind.TEXT, text="Cluster name that the evidence must be about."),
    Option(name="commit", kind=Kind.TEXT, text="Commit, 40 hex digits, that the evidence must be about."),
    Option(name="expect-version", kind=Kind.TEXT, text="Version of the linkerd CLI that must have been run."),
    Option(
        name="policy",
        kind=Kind.PATHS,
        text="Rego of your own, as in run. With policy-key, a signed Witness or cilock policy, whose keys, types and "
        "rules stand in place of key and of our rules.",
        repeatable=True,
    ),
    REGO_VERSION,
    Option(
        name="policy-key",
        kind=Kind.PATH,
        text="Public key that must have signed the policy, a PEM file; may be given several times.",
        repeatable=True,
    ),
    POLICY_CONFIG,
    WAIVERS,
    CONTROLS,
    Option(
        name="policy-config-sha256",
        kind=Kind.TEXT,
        text="The digest, in hex, that the policy configuration must have.",
    ),
    Option(name="waivers-sha256", kind=Kind.TEXT, text="The digest, in hex, that the waivers file must have."),
    Option(
        name="policy-sha256",
        kind=Kind.TEXT,
        text="The digest, in hex, that policy must have: over all modules, as docs/own-rules.md says, or of the signed "
        "document.",
    ),
    BASELINE,
    BASELINE_KEY,
    Option(
        name="verdict",
        kind=Kind.PATH,
        text="The signed verdict on the envelope: it must be by a trusted key, about this file, PASSED, by the policy "
        "given, and what judging again at its time gives.",
    ),
    ALLOW_REPLAY,
    OPA,
    FORMAT,
)
SHOW: tuple[Option, ...] = ()

_FOR_A_DIFFERENCE = ("key", "threshold", "now", "format")
DIFF: tuple[Option, ...] = tuple(option for option in VERIFY if option.name in _FOR_A_DIFFERENCE)


POLICY_CLUSTER = Option(
    name="cluster",
    kind=Kind.TEXT,
    text="Cluster whose part of policy-config counts; without it, only what is said for every cluster.",
)

LIST: tuple[Option, ...] = (POLICY_CONFIG, POLICY_CLUSTER, FORMAT)

EXPORT: tuple[Option, ...] = (
    Option(
        name="key",
        kind=Kind.PATH,
        text="Public key that may sign evidence, a PEM file; may be given several times.",
        repeatable=True,
    ),
    Option(name="expires", kind=Kind.TEXT, text="When the policy ends, in RFC 3339, like 2027-06-30T00:00:00Z."),
    Option(
        name="signing-key",
        kind=Kind.PATH,
        default="$MESH_ATTESTOR_SIGNING_KEY",
        text="Private key that signs the policy: a PEM file, or - for standard input.",
    ),
    Option(
        name="signing-key-passphrase-file",
        kind=Kind.PATH,
        default="$MESH_ATTESTOR_SIGNING_KEY_PASSPHRASE",
        text="File whose first line opens an encrypted signing key.",
    ),
    Option(
        name="step",
        kind=Kind.TEXT,
        default="linkerd-mesh-check",
        text="Name of the collection that the policy is for.",
    ),
    Option(
        name="out",
        kind=Kind.PATH,
        default="policy-signed.json",
        text="The signed policy; an existing file is overwritten.",
    ),
    POLICY_CONFIG,
    POLICY_CLUSTER,
)
TRIAL: tuple[Option, ...] = (OPA, REGO_VERSION)
"""What ``policy test`` takes."""

KEYGEN: tuple[Option, ...] = (
    Option(
        name="out",
        kind=Kind.PATH,
        default="mesh-attestor.key",
        text="The private key, readable by its owner only; the public key is written beside it as .pub.",
    ),
    Option(
        name="passphrase-file",
        kind=Kind.PATH,
        text="File whose first line encrypts the private key.",
    ),
)
