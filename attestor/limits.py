"""Every limit of the program, in one place: how much it reads, keeps, waits for and prints.

What is above a limit is refused, killed or cut by name, never read in part as if it were the whole. `docs/limits.md`
says for each what happens then, and `tests/limits` shows it below, at and above.
"""

from __future__ import annotations

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

# --- what linkerd says -----------------------------------------------------------------------------------------
REPORT_BYTES = 128 * MIB
"""Most bytes of a report; 200,000 edges take about 45 MiB."""
CHECKS = 100_000
"""Most checks of a check report; linkerd 2.14 to edge-25.5 have about sixty."""
EDGES = 250_000
"""Most rows of an edges report. What an envelope can carry is about as much."""
DEPTH = 64
"""Most levels of nesting in JSON and YAML; the deepest field of the six predicates stands at the twelfth."""
JSON_VALUES = 4_000_000
"""Most values of one JSON document: each takes about a hundred bytes once decoded."""
DIGITS = 400
"""Most digits of a whole number in JSON; the largest of the format, a time in nanoseconds, has nineteen."""

# --- what is read besides --------------------------------------------------------------------------------------
ENVELOPE_BYTES = 96 * MIB
"""Most bytes of an envelope: 200,000 edges take about 40 MiB, and hostile ones stay below 1.5 GiB of memory."""
ENVELOPE_OBJECTS = 4096
"""Most objects and lists of an envelope beside its payload."""
SIGNATURES = 64
"""Most signatures of an envelope, each of which may have to be verified with each key."""
KEYS = 64
"""Highest threshold of keys."""
POLICY_BYTES = 8 * MIB
"""Most bytes of a policy document, its modules within it; of a configuration; of all modules of one's own together."""
POLICY_FILES = 100
"""Most Rego files of one's own, tests included; opa reads them one by one."""
CONTROLS = 2000
"""Most controls of one's own."""
KUBECONFIG_BYTES = 4 * MIB
"""Most bytes of a kubeconfig; etcd takes 1.5 MiB for a whole object."""
SECRET_BYTES = MIB
"""Most bytes of a key or a passphrase."""
FILES = 250_000
"""Most files of the working tree: what an envelope can carry."""
EVENT_BYTES = 32 * MIB
"""Most bytes of the runner's event; GitHub sends at most 25 MB."""
API_ANSWER_BYTES = 16 * MIB
"""Most bytes of one answer of the API server."""
LISTED_OBJECTS = 100_000
"""Most objects of one list; Kubernetes is made for 150,000 pods, and an envelope can carry fewer."""
QUERY_BYTES = 16 * MIB
"""Most bytes of one answer of Prometheus; a row about a pod takes some 120, one about a path some 400."""
SERIES = 25_000
"""Most series of one query that stand in the coverage; a pod has one certificate, and rarely a row more."""
DOWNLOAD_BYTES = 256 * MIB
"""Most bytes of a program that is downloaded; linkerd has about 90 MiB."""
PAGE_BYTES = 4 * MIB
"""Most bytes of a release page's text, such as a file of digests."""

# --- children --------------------------------------------------------------------------------------------------
OUTPUT_BYTES = 64 * MIB
"""Most bytes taken from a child's stdout, and from its stderr."""
TRACE_BYTES = 64 * MIB
"""Most bytes of strace's lines about one process."""
CAPTURE_SECONDS = 24 * 3600.0
"""Longest time that may be asked for a capture."""
VERSION_SECONDS = 30.0
"""Longest time for a program to say its version or what it can do."""
GIT_SECONDS = 120.0
"""Longest time for one question to git."""
PLUGIN_SECONDS = 60.0
"""Longest time for a credential plugin of the kubeconfig; a person may have to answer it."""
API_SECONDS = 15.0
"""Longest silence of the API server."""
QUERY_SECONDS = 30.0
"""Longest time of Prometheus for one query."""
OPA_SECONDS = 300.0
"""Longest evaluation of the policy; 200,000 edges take some 15 seconds of a processor that it has for itself."""
OPA_BYTES = 4 * GIB
"""Most memory of opa; 200,000 edges take about 0.6 GiB."""
OPA_ANSWER_BYTES = 256 * MIB
"""Most bytes of opa's answer."""

# --- what is kept and told -------------------------------------------------------------------------------------
DEFECTS = 100
"""Most defects of one kind in one report; a further one says how many more there are."""
DETAIL_CHARACTERS = 200
"""Longest detail of a defect."""
MESSAGES = 101
"""Most reasons that are told of one rule, and how many more there are."""
MESSAGE_CHARACTERS = 4096
"""Longest reason."""
STREAM_CHARACTERS = MIB
"""Longest part of linkerd's stdout and stderr that is evidence."""
STDERR_LINES = 40
"""Most lines of linkerd's stderr that are told."""
DIFFERENCES = 500
"""Most differences from a baseline that are listed for a person; JSON has all of them."""
STDERR_CHARACTERS = 32 * KIB
"""Most characters of linkerd's stderr that are told; a line may be without end."""
LINE_CHARACTERS = 2000
"""Longest line of a page."""
SUMMARY_BYTES = 900 * KIB
"""Longest step summary; GitHub takes 1 MiB for a step."""
PAGE_FILE_BYTES = 8 * MIB
"""Longest report file in Markdown."""
ANNOTATIONS = 10
"""Most annotations of a kind that GitHub shows for a step."""
ANNOTATION_CHARACTERS = 4096
"""Longest text of an annotation; GitHub cuts at 4 KiB."""
SARIF_RESULTS = 25_000
"""Most findings of a SARIF report; GitHub refuses one with more in a run."""
SARIF_BYTES = 8 * MIB
"""Most bytes of a SARIF report's findings; GitHub takes 10 MB, compressed."""
JUNIT_CHARACTERS = MIB
"""Longest text of one test case of a JUnit report."""
VIOLATIONS_BYTES = 64 * KIB
"""Longest value of the output `violations` (the contract)."""
