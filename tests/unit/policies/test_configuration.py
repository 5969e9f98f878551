"""`policy-config`: nothing is guessed, every complaint is said at once, and nothing lowers the floor."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from attestor import limits
from attestor.errors import AttestorError
from attestor.policies import Policy, catalogue, configuration

Load = Callable[[str | bytes], tuple[Policy, list[AttestorError]]]
FLOOR = sorted(name for name, rule in catalogue.rules().items() if rule.of_the_floor)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a configuration from its text, with the complaints about it."""

    def call(text: str | bytes) -> tuple[Policy, list[AttestorError]]:
        path = tmp_path / "config.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        complaints: list[AttestorError] = []
        return configuration.load(path, complaints), complaints

    return call


def test_everything_that_can_be_said_is_read(load: Load, tmp_path: Path) -> None:
    """Levels, parameters of every type, exemptions and clusters; with the digest of the bytes."""
    text = """
    rules:
      mesh.versions_match: {level: deny}
      mesh.own_service_accounts: {level: "off"}
      mesh.warning_budget: {level: warn, max: 3}
      mesh.required_namespaces: {namespaces: [shop]}
      mesh.minimum_edges: {namespaces: {shop: 2}}
      collection.branch_allowed: {branches: [main, "release/*"]}
      collection.github_actions: {repository: owner/name}
      collection.waivers_sound: {max_days: 30}
    exempt: {namespaces: [kube-system], workloads: ["shop/legacy-*"]}
    """
    policy, complaints = load(text)
    assert complaints == []
    assert policy.config_sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert policy.config_path == str(tmp_path / "config.yaml")
    assert policy.config("any") == {
        "levels": {
            "mesh.versions_match": "deny",
            "mesh.own_service_accounts": "off",
            "mesh.warning_budget": "warn",
            "mesh.required_namespaces": "deny",
            "mesh.minimum_edges": "deny",
            "collection.branch_allowed": "deny",
            "collection.github_actions": "deny",
        },
        "parameters": {
            "mesh.warning_budget": {"max": 3},
            "mesh.required_namespaces": {"namespaces": ["shop"]},
            "mesh.minimum_edges": {"namespaces": {"shop": 2}},
            "collection.branch_allowed": {"branches": ["main", "release/*"]},
            "collection.github_actions": {"repository": "owner/name"},
            "collection.waivers_sound": {"max_days": 30},
        },
        "exempt": {"namespaces": ["kube-system"], "workloads": ["shop/legacy-*"]},
    }


def test_a_rule_that_is_off_denies_as_soon_as_it_has_a_parameter(load: Load) -> None:
    """And one that is on keeps its level."""
    policy, _ = load("rules: {mesh.warning_budget: {max: 1}, collection.certificates_last: {days: 9}}")
    levels = policy.levels("any")
    assert (levels["mesh.warning_budget"], levels["collection.certificates_last"]) == ("deny", "warn")
    assert "mesh.warning_budget" not in policy.off("any")


def test_as_many_days_as_linkerd_tells(load: Load) -> None:
    """The most that is looked at may be asked for."""
    policy, complaints = load("rules: {collection.certificates_last: {days: 60}}")
    assert (complaints, policy.config("any")["parameters"]) == ([], {"collection.certificates_last": {"days": 60}})


def test_ports_are_numbers_that_a_port_can_have(load: Load) -> None:
    """The lowest and the highest; anything else would never be found."""
    policy, complaints = load("rules: {collection.ports_authenticated: {ports: [1, 65535]}}")
    assert complaints == []
    assert policy.config("any")["parameters"]["collection.ports_authenticated"] == {"ports": [1, 65535]}
    for ports in ("8080", "[0]", "[65536]", "['8080']", "[true]", "{a: 8080}", "[80.5]"):
        _, complaints = load(f"rules: {{collection.ports_authenticated: {{ports: {ports}}}}}")
        assert "ports is not a list of ports, each a number of 1 to 65535" in str(complaints[0]), ports


def test_off_without_quotes_is_off(load: Load) -> None:
    """YAML 1.1 reads the word as false."""
    policy, complaints = load("rules: {mesh.versions_match: {level: off}}")
    assert (complaints, policy.levels("any")["mesh.versions_match"]) == ([], "off")


def test_a_cluster_has_what_its_pattern_says_and_later_sections_win(load: Load) -> None:
    """First what is for every cluster, then each pattern that fits, in the order of the file."""
    policy, complaints = load("""
    rules: {mesh.warning_budget: {level: warn, max: 9}}
    exempt: {namespaces: [a]}
    clusters:
      prod-*: {rules: {mesh.warning_budget: {level: deny, max: 0}}, exempt: {namespaces: [b]}}
      "*-eu": {rules: {mesh.warning_budget: {max: 2}, mesh.versions_match: {level: deny}}}
    """)
    assert complaints == []
    found = {name: policy.config(name) for name in ("dev", "prod-us", "prod-eu", "PROD-eu", "")}
    budgets = {name: config["parameters"]["mesh.warning_budget"]["max"] for name, config in found.items()}
    assert budgets == {"dev": 9, "prod-us": 0, "prod-eu": 2, "PROD-eu": 2, "": 9}
    levels = {name: config["levels"]["mesh.warning_budget"] for name, config in found.items()}
    assert levels == {"dev": "warn", "prod-us": "deny", "prod-eu": "deny", "PROD-eu": "deny", "": "warn"}
    assert found["prod-eu"]["levels"]["mesh.versions_match"] == "deny"
    assert found["prod-us"]["exempt"]["namespaces"] == ["a", "b"]


def test_an_empty_configuration_changes_nothing(load: Load) -> None:
    """A mapping without a word."""
    policy, complaints = load("{}")
    assert complaints == []
    assert policy.levels("any") == catalogue.levels()


COMPLAINTS = {
    "unknown-rule": ("rules: {mesh.edge_mtls: {}}", "no rule 'mesh.edge_mtls'", "did you mean mesh.edges_mtls?"),
    "unknown-rule-like-none": ("rules: {zzz: {level: deny}}", "no rule 'zzz'", "one of: collection.anchors_agree"),
    "unknown-key": ("rule: {}", "there is no rule", "did you mean rules?"),
    "unknown-key-of-a-cluster": ("clusters: {a: {clusters: {}}}", "there is no clusters.a.clusters", "one of: exempt"),
    "unknown-key-of-exempt": ("exempt: {namespace: [a]}", "no exempt.namespace", "did you mean namespaces?"),
    "unknown-parameter": ("rules: {mesh.warning_budget: {maxx: 1}}", "has no 'maxx'", "did you mean max?"),
    "near-level": ("rules: {mesh.versions_match: {lvel: deny}}", "has no 'lvel'", "did you mean level?"),
    "level-of-the-floor": ("rules: {mesh.edges_mtls: {lvel: deny}}", "mesh.edges_mtls has no 'lvel'", "take it out"),
    "near-level-of-the-floor": (
        "rules: {collection.waivers_sound: {lvel: deny}}",
        "collection.waivers_sound has no 'lvel'",
        "one of: max_days",
    ),
    "unknown-level": ("rules: {mesh.versions_match: {level: none}}", "'none' is no level", "one of: deny, warn, off"),
    "level-true": ("rules: {mesh.versions_match: {level: on}}", "True is no level", "one of: deny, warn, off"),
    "level-floor": ("rules: {mesh.versions_match: {level: floor}}", "'floor' is no level", "one of: deny"),
    "level-null": ("rules: {mesh.versions_match: {level: }}", "None is no level", "one of: deny"),
    "level-list": ("rules: {mesh.versions_match: {level: [deny]}}", "['deny'] is no level", "one of: deny"),
    "level-of-the-floor-in-a-cluster": (
        "clusters: {a: {rules: {mesh.checks_pass: {level: warn}}}}",
        "of the floor",
        "take its level out",
    ),
    "parameter-of-the-floor": ("rules: {mesh.edges_mtls: {max: 1}}", "mesh.edges_mtls has no 'max'", "take it out"),
    "number-as-text": ("rules: {mesh.warning_budget: {max: '1'}}", "max is not a whole number, 0 or more", ""),
    "number-below-zero": ("rules: {mesh.warning_budget: {max: -1}}", "max is not a whole number, 0 or more", ""),
    "number-as-boolean": ("rules: {mesh.warning_budget: {max: yes}}", "max is not a whole number, 0 or more", ""),
    "number-with-fraction": ("rules: {mesh.warning_budget: {max: 1.5}}", "max is not a whole number, 0 or more", ""),
    "texts-as-text": ("rules: {mesh.required_namespaces: {namespaces: a}}", "namespaces is not a list of texts", ""),
    "texts-of-numbers": (
        "rules: {mesh.required_namespaces: {namespaces: [1]}}",
        "namespaces is not a list of texts",
        "",
    ),
    "texts-empty": ("rules: {mesh.required_namespaces: {namespaces: ['']}}", "namespaces is not a list of texts", ""),
    "counts-as-list": (
        "rules: {mesh.minimum_edges: {namespaces: [a]}}",
        "is not a mapping of names to whole numbers",
        "",
    ),
    "counts-of-texts": ("rules: {mesh.minimum_edges: {namespaces: {a: b}}}", "is not a mapping of names to whole", ""),
    "text-empty": ("rules: {collection.github_actions: {repository: ''}}", "repository is not a text", ""),
    "text-as-number": ("rules: {collection.github_actions: {repository: 1}}", "repository is not a text", ""),
    "class-in-a-branch": ("rules: {collection.branch_allowed: {branches: ['[a-z]*']}}", "only wild cards are", ""),
    "class-in-a-pair": ("rules: {mesh.allowed_pairs: {pairs: ['{a,b}.c -> d.e']}}", "only wild cards are", ""),
    "more-days-than-linkerd-tells": (
        "rules: {collection.certificates_last: {days: 61}}",
        "collection.certificates_last.days is 61",
        "write 60 or less",
    ),
    "code-for-a-rule": (
        "rules: {MESH025: {max: 1}}",
        "no rule 'MESH025'",
        "that is its code: write mesh.warning_budget",
    ),
    "exempt-workload-without-its-namespace": (
        "exempt: {workloads: [vote-bot]}",
        "exempt.workloads: 'vote-bot' would never fit",
        "write namespace/workload",
    ),
    "exempt-workload-of-nothing": ("exempt: {workloads: [/a]}", "'/a' would never fit", "write namespace/workload"),
    "exempt-workload-of-three-parts": ("exempt: {workloads: [a/b/c]}", "'a/b/c' would never fit", ""),
    "exempt-workload-of-everything": ("exempt: {workloads: ['**']}", "'**' would never fit", ""),
    "exempt-namespace-with-a-workload": (
        "clusters: {a: {exempt: {namespaces: [shop/web]}}}",
        "clusters.a.exempt.namespaces: 'shop/web' would never fit",
        "write a namespace alone",
    ),
    "class-in-a-cluster": (
        "clusters: {'prod-[ab]': {}}",
        "'prod-[ab]', which is no name or pattern",
        "only wild cards",
    ),
    "cluster-without-a-name": (
        "clusters: {'': {}}",
        "clusters has '', which is no name",
        "only wild cards are * and ?",
    ),
    "rule-of-ones-own": (
        "rules: {acme.payments: {level: warn}}",
        "no rule 'acme.payments'",
        "`mesh-attestor policy list`",
    ),
    "edge-without-blanks": (
        "rules: {mesh.required_edges: {edges: [a/b -> c/d, a/b->c/d]}}",
        "without wild cards; 'a/b->c/d' is none",
        "docs/policy.md",
    ),
    "wild-card-in-an-edge": ("rules: {mesh.required_edges: {edges: ['a/* -> c/d']}}", "'a/* -> c/d' is none", ""),
    "edge-of-three-parts": ("rules: {mesh.required_edges: {edges: ['a/b/e -> c/d']}}", "'a/b/e -> c/d' is none", ""),
    "wild-card-in-a-namespace": (
        "rules: {mesh.required_namespaces: {namespaces: [a, b*]}}",
        "namespaces is not a list of texts, each a whole name: this knows no wild cards; 'b*' is none",
        "",
    ),
    "wild-card-in-a-count": ("rules: {mesh.minimum_edges: {namespaces: {'a*': 1}}}", "knows no wild cards", ""),
    "pair-without-a-namespace": (
        "rules: {mesh.allowed_pairs: {pairs: ['a.b -> *']}}",
        "not a list of texts, each written account.namespace -> account.namespace",
        "",
    ),
    "class-in-exempt": ("exempt: {workloads: ['shop/[']}", "exempt.workloads is not a list of names or patterns", ""),
    "exempt-as-text": ("exempt: {namespaces: a}", "exempt.namespaces is not a list", ""),
    "exempt-as-list": ("exempt: [a]", "exempt is not a mapping of names", ""),
    "exempt-null": ("exempt: {namespaces: }", "exempt.namespaces is not a list", ""),
    "rules-as-list": ("rules: [mesh.edges_mtls]", "rules is not a mapping of names", ""),
    "rules-null": ("rules:", "rules is not a mapping of names", ""),
    "rule-as-level": ("rules: {mesh.versions_match: deny}", "rules.mesh.versions_match is not a mapping", ""),
    "clusters-as-list": ("clusters: [a]", "clusters is not a mapping of names", ""),
    "cluster-null": ("clusters: {a: }", "clusters.a is not a mapping of names", ""),
    "number-as-key": ("rules: {1: {}}", "rules is not a mapping of names", ""),
    "a-list": ("[]", "the document is not a mapping of names", ""),
    "nothing": ("", "the document is not a mapping of names", ""),
    "a-text": ("deny", "the document is not a mapping of names", ""),
    "not-yaml": ("a: [", "is not YAML: it is not one YAML document", "docs/policy.md"),
    "two-documents": ("a: 1\n---\nb: 1", "is not YAML", ""),
    "alias": ("rules: &a {}\nexempt: *a", "is not YAML: it uses an alias", ""),
    "key-twice": ("rules: {}\nrules: {}", "is not YAML: a key stands twice in one mapping", ""),
    "rule-twice": ("rules:\n  mesh.a: {}\n  mesh.a: {}", "is not YAML: a key stands twice in one mapping", ""),
}


@pytest.mark.parametrize("case", sorted(COMPLAINTS))
def test_what_is_wrong_is_said(case: str, load: Load, tmp_path: Path) -> None:
    """One complaint that names the file, the place and what to do."""
    text, problem, remedy = COMPLAINTS[case]
    _, complaints = load(text)
    (complaint,) = complaints
    assert complaint.problem.startswith(f"the policy configuration {tmp_path / 'config.yaml'}")
    assert problem in complaint.problem
    assert remedy in complaint.remedy
    assert complaint.exit_code == 2


def test_a_rule_of_ones_own_is_told_from_a_misspelt_one(load: Load) -> None:
    """Each says why its name is not known."""
    _, complaints = load("rules: {acme.payments: {}, mesh.zzz: {}, zzz: {}}")
    assert [complaint.cause.partition(":")[0] for complaint in complaints] == [
        "it is one of your own",
        "its name is misspelt",
        "its name is misspelt",
    ]


@pytest.mark.parametrize("rule", FLOOR)
@pytest.mark.parametrize("level", ["deny", "warn", "'off'", "off", "floor"])
def test_the_floor_has_no_level(rule: str, level: str, load: Load) -> None:
    """Not even its own: what is written there would otherwise be believed."""
    policy, complaints = load(f"rules: {{{rule}: {{level: {level}}}}}")
    assert [complaint.problem.rpartition(": ")[2] for complaint in complaints] == [
        f"{rule} is of the floor, and has no level"
    ]
    assert policy.levels("any") == catalogue.levels()


def test_every_complaint_is_said_at_once(load: Load) -> None:
    """Each place is named."""
    _, complaints = load("a: 1\nrules: {x: {}, mesh.edges_mtls: {level: off}}\nclusters: {p: {rules: []}}")
    assert len(complaints) == 4


def test_every_parameter_is_looked_at(load: Load) -> None:
    """Also behind one that is wrong; what is right besides is taken."""
    policy, complaints = load("rules: {collection.waivers_sound: {a: 1, b: 2, max_days: 3}}")
    assert [complaint.problem.rpartition(" ")[2] for complaint in complaints] == ["'a'", "'b'"]
    assert policy.config("any")["parameters"] == {"collection.waivers_sound": {"max_days": 3}}
    _, complaints = load("rules: {mesh.required_checks: {categories: a, checks: b, c: d}}")
    assert len(complaints) == 3


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ("{rules: []}", "clusters.prod.rules is"),
        ("{rules: {mesh.versions_match: deny}}", "clusters.prod.rules.mesh.versions_match is"),
        ("{exempt: []}", "clusters.prod.exempt is"),
        ("{exempt: {namespaces: a}}", "clusters.prod.exempt.namespaces is"),
        ("{exempt: {workloads: a}}", "clusters.prod.exempt.workloads is"),
        ("{exempt: {namespace: [a]}}", "there is no clusters.prod.exempt.namespace"),
    ],
)
def test_a_place_within_a_cluster_is_named_as_a_whole(part: str, place: str, load: Load, tmp_path: Path) -> None:
    """Somebody has to find it in a long file."""
    (complaint,) = load(f"clusters: {{prod: {part}}}")[1]
    assert complaint.problem.startswith(f"the policy configuration {tmp_path / 'config.yaml'}: {place}")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """It is named with the reason."""
    complaints: list[AttestorError] = []
    assert configuration.load(tmp_path, complaints) == Policy()
    configuration.load(tmp_path / "nowhere", complaints)
    assert complaints[0].problem.startswith(f"the policy configuration {tmp_path} cannot be read: ")
    assert ["Is a directory" in complaints[0].problem, "No such file" in complaints[1].problem] == [True, True]


def test_a_file_that_is_too_large(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit it is read, above it refused."""
    monkeypatch.setattr(limits, "POLICY_BYTES", 4)
    assert load("{}  ")[1] == []
    assert "has more than 4 bytes" in load("{}   ")[1][0].problem


def test_bytes_that_are_no_text(load: Load) -> None:
    """Nothing of them is repeated."""
    (complaint,) = load(b"\xff\xfe\x00")[1]
    assert "is not YAML" in complaint.problem
