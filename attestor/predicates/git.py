"""``git/v0.1``: the commit, the branch and the state of the tree (rookery ``plugins/attestors/git``).

Outside a repository, and in one without a commit, the same keys are there with empty strings. The peer gives
subjects with the digest of the empty string in that case; such a subject matches anybody's, so it is left out.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from attestor.evidence import Commit, Evidence, Git, Person, Tag
from attestor.reports import Reports
from attestor.statement import ATTESTATIONS, Predicate, Subject, encoded

TYPE = ATTESTATIONS + "git/v0.1"


def build(evidence: Evidence, _reports: Reports) -> Predicate:
    """Return the predicate; commits and their parents are back references too."""
    git = evidence.git
    commits = _commit_subjects(git.commit)
    return Predicate(
        type=TYPE,
        span=git.span,
        body=_body(git),
        subjects=[*commits, *_named_subjects(git)],
        back_references=commits,
    )


def _body(git: Git) -> dict[str, object]:
    commit = git.commit
    author, committer = (commit.author, commit.committer) if commit else (Person(), Person())
    body: dict[str, object] = {"gittool": "git-bin" if git.root else ""}
    if git.binary:
        body |= {"gitbinpath": git.binary, "gitbinhash": {"sha256": git.binary_sha256}}
    body |= {
        "commithash": commit.sha if commit else "",
        "author": author.name,
        "authoremail": author.email,
        "committername": committer.name,
        "committeremail": committer.email,
        "commitdate": _go_date(commit.authored) if commit else "",
        "commitmessage": commit.message if commit else "",
    }
    optional = {
        "status": {path: {"staging": x, "worktree": y} for path, (x, y) in sorted(git.status.items())},
        "commitdigest": {"sha1": commit.sha} if commit else {},
        "signature": commit.signature if commit else "",
        "parenthashes": list(commit.parents) if commit else [],
        "treehash": commit.tree if commit else "",
        "refs": list(git.refs),
        "remotes": list(git.remotes),
        "tags": [_tag(tag) for tag in git.tags],
        "branch": git.branch,
    }
    return body | {key: value for key, value in optional.items() if value}


def _go_date(moment: datetime) -> str:
    """Return ``moment`` as Go's ``Time.String`` prints a time in an unnamed zone: the offset stands twice."""
    return f"{moment.year:04d}-{moment:%m-%d %H:%M:%S %z %z}"


def _tag(tag: Tag) -> dict[str, object]:
    offset = f"{tag.when:%z}"
    zone = "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
    return {
        "name": tag.name,
        "taggername": tag.tagger.name,
        "taggeremail": tag.tagger.email,
        "when": f"{tag.when.year:04d}-{tag.when:%m-%dT%H:%M:%S}{zone}",
        "pgpsignature": tag.signature,
        "message": tag.message,
    }


def _commit_subjects(commit: Commit | None) -> list[Subject]:
    if commit is None:
        return []
    parents = [Subject(name=f"parenthash:{sha}", digest={"sha1": sha}) for sha in commit.parents]
    return [Subject(name=f"commithash:{commit.sha}", digest={"sha1": commit.sha}), *parents]


def _named_subjects(git: Git) -> list[Subject]:
    commit = git.commit
    names = [("refnameshort", git.branch), *(("remote", remote) for remote in git.remotes)]
    if commit:
        names += [("authoremail", commit.author.email), ("committeremail", commit.committer.email)]
    return [
        Subject(name=f"{kind}:{name}", digest={"sha256": hashlib.sha256(encoded(name)).hexdigest()})
        for kind, name in names
        if name
    ]
