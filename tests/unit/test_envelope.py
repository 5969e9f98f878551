"""DSSE: what is signed, what is written, and what is no envelope."""

from __future__ import annotations

import base64
import hashlib
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attestor import limits, signing, trust
from attestor.envelope import PAYLOAD_TYPE, Endorsed, Envelope, Signature, pae
from attestor.errors import EvidenceError
from attestor.signing import Signer
from attestor.statement import Statement

FIXTURES = Path(__file__).parent.parent / "fixtures"
VECTORS = json.loads((FIXTURES / "rookery-recorded" / "derived-vectors.json").read_bytes())["dsse"]
STATEMENT = Statement(b'{"hello":"world"}')


def signer() -> Signer:
    return signing.generate(None)[1]


def sealed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Envelope.seal(STATEMENT, [signer()]).to_bytes())
    return found


def test_the_pre_authentication_encoding_is_dsses() -> None:
    """Lengths are those of the bytes, in decimal, between single spaces."""
    assert pae(PAYLOAD_TYPE, STATEMENT.payload) == b'DSSEv1 28 application/vnd.in-toto+json 17 {"hello":"world"}'
    assert pae("ä", b"") == "DSSEv1 2 ä 0 ".encode()


@pytest.mark.parametrize("name", sorted(name for name in VECTORS if name.startswith("dsse_")))
def test_signatures_of_the_vectors_are_good(name: str, tmp_path: Path) -> None:
    """Each kind of key verifies what an independent implementation signed, under the key id that it computed."""
    vector = VECTORS[name]
    public = tmp_path / "key.pub"
    public.write_text(vector["public_pem"], encoding="ascii")
    key = trust.load(public)
    payload = base64.b64decode(vector["payload"])
    assert hashlib.sha256(pae(vector["payloadType"], payload)).hexdigest() == vector["pae_sha256"]
    assert key.keyid == vector["keyid"]
    signature = Signature(keyid="", sig=base64.b64decode(vector["sig"]))
    envelope = Envelope(payload_type=vector["payloadType"], payload=payload, signatures=(signature,))
    assert envelope.verified([key]) == payload


def test_an_ed25519_signature_is_the_vectors_bit_for_bit() -> None:
    """The same key over the same payload makes the same signature everywhere."""
    vector = VECTORS["dsse_ed25519"]
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vector["private_seed_hex"]))
    made = Signer(key=key, public=trust.trusted(key.public_key()))
    (signature,) = Envelope.seal(STATEMENT, [made]).signatures
    assert signature == Signature(keyid=vector["keyid"], sig=base64.b64decode(vector["sig"]))


@pytest.mark.parametrize("verdict", ["allow", "deny"])
def test_envelopes_of_the_real_cilock_are_opened_and_written_again(verdict: str) -> None:
    """Read, verified with its key, and written: no byte differs."""
    data = (FIXTURES / "cilock-v4.1.0" / verdict / "attestation.json").read_bytes()
    envelope = Envelope.parse(data)
    key = trust.load(FIXTURES / "cilock-v4.1.0" / "key.pub")
    assert envelope.verified([key]).startswith(b'{"_type":"https://in-toto.io/Statement/v0.1"')
    assert envelope.signatures[0].keyid == key.keyid
    assert envelope.to_bytes() == data


def test_the_payload_is_handed_out_only_after_a_trusted_key_signed_it() -> None:
    """Another key, another payload or no key at all: there is no payload then."""
    one, other = signer(), signer()
    envelope = Envelope.seal(STATEMENT, [one])
    assert envelope.verified([other.public, one.public]) == STATEMENT.payload
    changed = Envelope(payload_type=PAYLOAD_TYPE, payload=b"{}", signatures=envelope.signatures)
    for wrong, keys in ((envelope, [other.public]), (envelope, []), (changed, [one.public])):
        with pytest.raises(EvidenceError, match="no signature of the envelope is by a trusted key"):
            wrong.verified(keys)


def test_a_signature_over_the_payload_alone_is_none() -> None:
    """What is signed is the encoding with the type in it."""
    one = signer()
    bare = Signature(keyid=one.keyid, sig=one.sign(STATEMENT.payload))
    with pytest.raises(EvidenceError):
        Envelope(payload_type=PAYLOAD_TYPE, payload=STATEMENT.payload, signatures=(bare,)).verified([one.public])


def test_each_key_that_signed_is_named_once_whatever_the_key_ids_say() -> None:
    """Key ids are hints: a lie in one changes nothing, and a signature given twice counts once."""
    one, other, stranger = signer(), signer(), signer()
    first, second = Envelope.seal(STATEMENT, [one, other]).signatures
    lied = Signature(keyid=stranger.keyid, sig=first.sig)
    envelope = Envelope(
        payload_type=PAYLOAD_TYPE,
        payload=STATEMENT.payload,
        signatures=(lied, first, second, Signature(keyid="", sig=b"x")),
    )
    assert envelope.endorsed([stranger.public, one.public, other.public]).signers == (one.public, other.public)


def test_the_refusal_names_the_key_ids_and_shows_nothing_else() -> None:
    """A hint that is no key id, and could hold an escape, is not printed."""
    envelope = Envelope(
        payload_type=PAYLOAD_TYPE,
        payload=b"{}",
        signatures=(Signature(keyid="ab" * 32, sig=b"x"), Signature(keyid="\x1b[2J::error::", sig=b"x")),
    )
    with pytest.raises(EvidenceError) as caught:
        envelope.verified([signer().public])
    assert f"its key id: {'ab' * 32}, not a key id" in caught.value.remedy


def test_an_envelope_is_one_compact_object_without_a_final_newline() -> None:
    """The file is what cilock writes, and reads."""
    data = Envelope.seal(STATEMENT, [signer()]).to_bytes()
    assert data.startswith(b'{"payload":"eyJoZWxsbyI6IndvcmxkIn0=","payloadType":"application/vnd.in-toto+json",')
    assert data.endswith(b'"}]}')
    assert b"\n" not in data


@pytest.mark.parametrize(
    "spell",
    [
        lambda found: json.dumps(found) + "\n",
        lambda found: "\r\n" + json.dumps(found, indent=2),
        lambda found: json.dumps(found | {"payload": found["payload"][:8] + "\r\n" + found["payload"][8:]}),
        lambda found: json.dumps(found | {"note": 1}),
        lambda found: json.dumps(dict(reversed(found.items()))),
    ],
    ids=["final newline", "pretty", "line breaks in base64", "another key", "another order"],
)
def test_harmless_differences_are_read(spell: Callable[[dict[str, Any]], str]) -> None:
    """White space around the object, line breaks in base64 and unknown keys are tolerated, as by the peer."""
    assert Envelope.parse(spell(sealed()).encode()).payload == STATEMENT.payload


SIGNATURE = {"keyid": "", "sig": "eA=="}
GOOD: dict[str, object] = {"payload": "e30=", "payloadType": PAYLOAD_TYPE, "signatures": [SIGNATURE]}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not JSON"),
        (b"{}{}", "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (json.dumps(GOOD)[:-1] + ', "payload": "e30="}', "an object names a key twice"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (GOOD | {"signatures": []}, "no signatures"),
        (GOOD | {"signatures": None}, "no signatures"),
        (GOOD | {"signatures": {}}, "no signatures"),
        (GOOD | {"signatures": ["x"]}, "signature of the envelope is not an object"),
        (GOOD | {"signatures": [{"keyid": 1, "sig": "eA=="}]}, "key id of the envelope is not a string"),
        (GOOD | {"signatures": [{"keyid": None, "sig": "eA=="}]}, "key id of the envelope is not a string"),
        (GOOD | {"signatures": [{"keyid": ""}]}, "sig is missing"),
        (GOOD | {"signatures": [{"sig": ""}]}, "sig is missing"),
        (GOOD | {"signatures": [SIGNATURE, {"sig": "e-_="}]}, "sig is not standard base64"),
        (GOOD | {"payloadType": "application/json"}, "payload type is not"),
        (GOOD | {"payloadType": None}, "payload type is not"),
        (GOOD | {"payload": ""}, "payload is missing"),
        (GOOD | {"payload": {}}, "payload is missing"),
        (GOOD | {"payload": "e30"}, "payload is not standard base64"),
        (GOOD | {"payload": "e3 0="}, "payload is not standard base64"),
        (GOOD | {"payload": "ä30="}, "payload is not standard base64"),
        ({key: GOOD[key] for key in ("payload", "signatures")}, "payload type is not"),
        ({key.title(): value for key, value in GOOD.items()}, "is ambiguous"),
    ],
)
def test_what_is_not_one_envelope_is_refused(data: bytes | str | dict[str, object], problem: str) -> None:
    """Cut, doubled, of another kind, or with a part of another type: a refusal that says which."""
    if isinstance(data, dict):
        data = json.dumps(data)
    with pytest.raises(EvidenceError, match=problem):
        Envelope.parse(data if isinstance(data, bytes) else data.encode())


def test_there_is_a_most_of_signatures() -> None:
    """Each costs time; sixty-four are read, and one more is not."""
    assert len(Envelope.parse(json.dumps(GOOD | {"signatures": [SIGNATURE] * 64}).encode()).signatures) == 64
    with pytest.raises(EvidenceError, match="the envelope has more than 64 signatures"):
        Envelope.parse(json.dumps(GOOD | {"signatures": [SIGNATURE] * 65}).encode())


def test_there_is_a_most_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the limit it is read, and a byte more is not."""
    data = json.dumps(GOOD).encode()
    monkeypatch.setattr(limits, "ENVELOPE_BYTES", len(data))
    assert Envelope.parse(data).payload == b"{}"
    with pytest.raises(EvidenceError, match=f"the envelope has more than {len(data)} bytes"):
        Envelope.parse(data + b" ")


@pytest.mark.parametrize("bracket", [{}, []])
def test_there_is_a_most_of_brackets(bracket: object) -> None:
    """An envelope has a handful; of either kind, four thousand and ninety-six are read before anything is decoded."""
    # One for the envelope, one for its signatures, one for the only signature, one for the list.
    most = GOOD | {"more": [bracket] * (4096 - 4)}
    assert Envelope.parse(json.dumps(most).encode()).payload == b"{}"
    with pytest.raises(EvidenceError, match="too many objects"):
        Envelope.parse(json.dumps(GOOD | {"more": [bracket] * (4096 - 3)}).encode())


def test_a_signature_without_a_key_id_has_an_empty_one() -> None:
    """Key ids are optional."""
    [found] = Envelope.parse(json.dumps(GOOD | {"signatures": [{"sig": "eA=="}]}).encode()).signatures
    assert (found.keyid, found.sig) == ("", b"x")


def test_a_threshold_is_kept_and_told() -> None:
    """As many distinct trusted keys as were asked for, however the payload is asked for; never none."""
    one, other, stranger = signer(), signer(), signer()
    envelope = Envelope.seal(STATEMENT, [one, other])
    keys = [one.public, other.public, stranger.public]
    assert envelope.verified(keys, threshold=2) == STATEMENT.payload
    with pytest.raises(EvidenceError, match="2 trusted keys signed the envelope, and 3 are needed"):
        envelope.verified(keys, threshold=3)
    with pytest.raises(EvidenceError, match="no signature of the envelope is by a trusted key"):
        envelope.verified([stranger.public], threshold=0)


@pytest.mark.parametrize("text", ["eB==", "e31=", "eA==\n\nA"])
def test_base64_has_one_spelling(text: str) -> None:
    """Bits that decoding drops would make two texts of one signature."""
    with pytest.raises(EvidenceError, match=r"payload is not (canonical|standard) base64"):
        Envelope.parse(json.dumps(GOOD | {"payload": text}).encode())


@pytest.mark.parametrize("field", ["intermediates", "timestamps"])
def test_what_came_beside_a_signature_is_a_list_or_nothing(field: str) -> None:
    """Null is nothing."""
    good = SIGNATURE | {field: None}
    assert Envelope.parse(json.dumps(GOOD | {"signatures": [good]}).encode()).signatures[0].certificates == ()
    with pytest.raises(EvidenceError, match=f"a signature's {field} is not a list"):
        Envelope.parse(json.dumps(GOOD | {"signatures": [SIGNATURE | {field: {}}]}).encode())


def test_payloads_and_signatures_are_kept_out_of_a_printed_envelope() -> None:
    """A log that shows an envelope shows what kind it is, and not sixty megabytes."""
    envelope = Envelope.seal(STATEMENT, [signer()])
    assert "hello" not in repr(envelope)


def test_the_most_bytes_of_an_envelope_are_96_mebibytes() -> None:
    """200,000 edges take about two thirds of it."""
    assert limits.ENVELOPE_BYTES == 100_663_296


def test_a_key_id_has_64_characters_at_most() -> None:
    """One of another length is no hint that anybody gave."""
    signatures = tuple(Signature(keyid=keyid, sig=b"x") for keyid in ("a" * 64, "b" * 65))
    made = Envelope(payload_type=PAYLOAD_TYPE, payload=b"{}", signatures=signatures)
    with pytest.raises(EvidenceError) as caught:
        made.verified([signer().public])
    assert f"(its key id: {'a' * 64}, not a key id)" in caught.value.remedy


def test_a_refusal_says_what_to_do() -> None:
    """Whatever is wrong with the file, another copy of it is the way out."""
    with pytest.raises(EvidenceError) as caught:
        Envelope.parse(b"{}")
    assert "fetch the envelope again" in caught.value.remedy


def test_an_envelope_is_made_of_all_of_its_parts() -> None:
    """None can be left out by mistake; a signature may come alone."""
    for record, required in (
        (Envelope, {"payload_type", "payload", "signatures"}),
        (Endorsed, {"payload", "signers", "strangers"}),
        (Signature, {"keyid", "sig"}),
    ):
        fields = inspect.signature(record).parameters
        assert {name for name, field in fields.items() if field.default is field.empty} == required
    assert Signature(keyid="", sig=b"").certificates == Signature(keyid="", sig=b"").timestamps == ()
    shown = repr(Endorsed(payload=b"hello", signers=(), strangers=()))
    assert "hello" not in shown
    whole = repr(Signature(keyid="", sig=b"", certificates=(b"leaf",), timestamps=(b"token",)))
    assert "leaf" not in whole
    assert "token" not in whole
