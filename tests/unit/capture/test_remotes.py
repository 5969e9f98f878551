"""No form of a remote's address keeps what could be a credential."""

from __future__ import annotations

import pytest

from attestor.capture.remotes import without_credentials


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/org/repo.git",
        "https://git.example.org:8443/scm/@scope/repo.git",
        "https://localhost:3000/a@b",
        "https://intranet/repo.git",
        "http://[2001:db8::1]:8080/a@b/repo.git",
        "http://[fe80::1%25eth0]/repo.git",
        "ssh://git.example.org:2222/~someone/repo.git",
        "git://example.org/repo.git",
        "file:///srv/git/a@b/repo.git?x#y",
        "/srv/git/repo.git",
        "../user:word@host/repo.git",
        "./a:b",
        "repo.bundle",
        "C:/repo",
        "example.org:repo.git",
        "example.org:dir/repo@v2.git",
        "example.org:@scope/repo.git",
        "[::1]:repo.git",
        "hg::https://example.org/repo",
        "codecommit::eu-west-1://repo",
        "",
    ],
)
def test_an_address_without_credentials_stays_as_it_is(url: str) -> None:
    """Hosts, ports, paths and names with an @ in them are evidence."""
    assert without_credentials(url) == url


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("https://user:hunter2@github.com/org/repo.git", "https://github.com/org/repo.git"),
        ("https://hunter2@github.com/org/repo.git", "https://github.com/org/repo.git"),
        ("https://hunter2@intranet/repo.git", "https://intranet/repo.git"),
        ("https://x-access-token:hunter2@github.com:443/x", "https://github.com:443/x"),
        ("https://user:hunter2@[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x"),
        ("https://user:%hunter2%zz@example.org/x", "https://example.org/x"),
        ("https://me@example.com:hunter2@example.org/x", "https://example.org/x"),
        ("https://user:p@hunter2@example.org/x", "https://example.org/x"),
        ("https://user:hunter2@git.example.org/scm/@scope/x", "https://git.example.org/scm/@scope/x"),
        ("HTTPS://user:hunter2@Example.org/x", "HTTPS://Example.org/x"),
        ("ssh://git:hunter2@example.org:22/x", "ssh://example.org:22/x"),
        ("ssh://hunter2@example.org:org/repo.git", "ssh://example.org:org/repo.git"),
        ("git+ssh://hunter2@example.org/x", "git+ssh://example.org/x"),
        ("file://user:hunter2@host/x", "file://host/x"),
        ("hg::https://user:hunter2@example.org/x", "hg::https://example.org/x"),
        ("codecommit::eu-west-1://hunter2@repo", "codecommit::eu-west-1://repo"),
        ("gcrypt::hunter2@example.org:x", "gcrypt::example.org:x"),
        ("ext::sh -c 'fetch https://user:hunter2@example.org'", "ext::"),
        ("hunter2@example.org:org/repo.git", "example.org:org/repo.git"),
        ("user:hunter2@example.org:org/repo.git", "example.org:org/repo.git"),
        ("me@example.com:hunter2@example.org:repo.git", "example.org:repo.git"),
        ("hunter2@[::1]:repo.git", "[::1]:repo.git"),
        ("https://example.org/x?private_token=hunter2", "https://example.org/x"),
        ("https://example.org/x#hunter2", "https://example.org/x"),
        ("https://example.org?hunter2", "https://example.org"),
        ("https://user:hunter2@example.org/x?mail=a@b.c", "https://example.org/x"),
        ("https://user:hunter2\n@example.org/x", "https://example.org/x"),
    ],
)
def test_user_info_query_and_fragment_go(url: str, left: str) -> None:
    """User, password and token, in each form that git or a helper of it takes."""
    assert without_credentials(url) == left


@pytest.mark.parametrize(
    "password",
    ["hun/ter2", "/hunter2", "hunter2/", "hun?ter2", "hun#ter2", "12/hunter2", "@/hunter2", "hunter2@", "hun/t@er2"],
)
@pytest.mark.parametrize(
    "form", ["https://user:{}@example.org/x", "https://{}@example.org/x", "ssh://git:{}@example.org/x"]
)
def test_a_password_that_is_not_encoded_goes_whole(form: str, password: str) -> None:
    """A slash or another mark in it ends the user-info for a parser, and must not save the rest of the password."""
    left = without_credentials(form.format(password))
    assert left in {"https://example.org/x", "ssh://example.org/x"}


@pytest.mark.parametrize("password", ["hun/ter2", "12/hunter2", "hunter2@"])
def test_a_password_in_the_short_form_goes_whole(password: str) -> None:
    """Git takes no password there; people write one all the same."""
    assert without_credentials(f"user:{password}@example.org:x") == "example.org:x"
