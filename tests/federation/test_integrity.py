import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BadProof, FederationError, MissingSignature
from federation.integrity import add_proof, check_proof, read_proofs, read_time, write_time
from federation.interfaces import JsonObject
from federation.jcs import canonical
from federation.keys import base58_decode, base58_encode, ed25519_of_seed, make_ed25519, public_key
from tests.correspondents import NOW

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/signatures/eddsa-jcs-2022.json").read_bytes())[
    "vectors"
]
KEY = ed25519_of_seed(b"\7" * 32)
KEY_ID = "https://a.example/users/ana#ed25519-key"
NOTE = {
    "@context": ["https://www.w3.org/ns/activitystreams", {"kind": "minga:kind"}],
    "id": "https://a.example/notes/1",
    "type": "Note",
    "content": "faltan 15 kg",
    "location": {"latitude": -33.45},
}


def check(document: JsonObject, **arguments: object) -> None:
    [proof] = read_proofs(document)
    check_proof(document, proof, KEY.public_key(), arguments.pop("now", NOW), **arguments)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_published_proofs_give_their_stated_result(vector: dict) -> None:
    keys = vector.get("keys") or vector["actor"]["assertionMethod"][0]
    [proof] = read_proofs(vector["signed"])
    if vector["expect"] == "valid":
        check_proof(vector["signed"], proof, public_key(keys["publicKeyMultibase"]), NOW)
    else:
        with pytest.raises(BadProof):
            check_proof(vector["signed"], proof, public_key(keys["publicKeyMultibase"]), NOW)


def test_our_proof_is_the_published_one() -> None:
    [vector] = [vector for vector in VECTORS if vector["id"] == "fep-8b32-activity"]
    # Multicodec ed25519-priv, 0x1300 as a varint, then the seed.
    seed = base58_decode(vector["secretKeyMultibase"][1:])[2:]
    created = read_time(vector["created"])
    assert created is not None
    signed = add_proof(vector["unsigned"], ed25519_of_seed(seed), vector["verificationMethod"], created)
    assert signed == vector["signed"]


def test_a_proof_holds_and_leaves_the_document_as_it_was() -> None:
    before = json.dumps(NOTE)
    signed = add_proof(NOTE, KEY, KEY_ID, NOW)
    check(signed)
    assert json.dumps(NOTE) == before
    assert {**NOTE, "proof": signed["proof"]} == signed


def test_a_second_signing_replaces_the_first_and_the_legacy_signature() -> None:
    signed = add_proof(
        {**add_proof(NOTE, make_ed25519(), KEY_ID, NOW), "signature": {"type": "x"}}, KEY, KEY_ID, NOW
    )
    assert "signature" not in signed
    check(signed)


def test_another_key_does_not_fit() -> None:
    signed = add_proof(NOTE, make_ed25519(), KEY_ID, NOW)
    with pytest.raises(BadProof):
        check(signed)


@pytest.mark.parametrize("name", [*NOTE, "new"])
def test_no_property_can_be_changed_added_or_taken_away(name: str) -> None:
    signed = add_proof(NOTE, KEY, KEY_ID, NOW)
    with pytest.raises(BadProof):
        check({**signed, name: "changed"})
    if name in NOTE:
        with pytest.raises(BadProof):
            check({key: value for key, value in signed.items() if key != name})


@pytest.mark.parametrize("name", ["created", "verificationMethod", "proofPurpose", "@context", "nonce"])
def test_no_option_of_the_proof_can_be_changed(name: str) -> None:
    signed = add_proof(NOTE, KEY, KEY_ID, NOW)
    signed["proof"] = {**signed["proof"], name: write_time(NOW - timedelta(days=1))}
    with pytest.raises(BadProof):
        check(signed)


def with_options(**options: object) -> JsonObject:
    """NOTE with a proof that has more options, properly signed over them."""
    from_library = add_proof(NOTE, KEY, KEY_ID, NOW)["proof"]
    template = {name: value for name, value in from_library.items() if name != "proofValue"} | options
    return sign_over(template)


def sign_over(options: JsonObject) -> JsonObject:
    value = KEY.sign(sha256(canonical(options)).digest() + sha256(canonical(NOTE)).digest())
    return {**NOTE, "proof": {**options, "proofValue": "z" + base58_encode(value)}}


def test_a_proof_expires() -> None:
    signed = with_options(expires=write_time(NOW + timedelta(hours=1)))
    check(signed)
    with pytest.raises(BadProof):
        check(signed, now=NOW + timedelta(hours=1))


def test_a_proof_from_the_future_does_not_hold() -> None:
    signed = add_proof(NOTE, KEY, KEY_ID, NOW + timedelta(days=1))
    with pytest.raises(BadProof):
        check(signed)


def test_a_proof_for_a_domain_or_a_challenge_holds_only_there() -> None:
    signed = with_options(domain=["b.example", "c.example"], challenge="1f44")
    check(signed, domain="b.example", challenge="1f44")
    for arguments in (
        {},
        {"domain": "b.example"},
        {"domain": "a.example", "challenge": "1f44"},
        {"challenge": "1f44"},
    ):
        with pytest.raises(BadProof):
            check(signed, **arguments)


def test_a_proof_that_depends_on_another_or_serves_another_purpose_does_not_hold() -> None:
    for options in ({"previousProof": "urn:uuid:1"}, {"proofPurpose": "authentication"}):
        with pytest.raises(BadProof):
            check(with_options(**options))


def test_a_proof_over_another_context_than_the_documents_does_not_hold() -> None:
    with pytest.raises(BadProof):
        check(with_options(**{"@context": NOTE["@context"][:1]}))


def test_a_proof_without_a_context_holds_as_older_peers_make_it() -> None:
    options = dict(with_options()["proof"])
    del options["@context"], options["proofValue"]
    check(sign_over(options))


@pytest.mark.parametrize(
    "proof",
    [
        "x",
        {},
        {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofValue": "z1"},
        {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022"},
    ],
)
def test_a_proof_that_we_cannot_read_is_none(proof: object) -> None:
    with pytest.raises(BadProof):
        read_proofs({**NOTE, "proof": proof})


def test_an_unreadable_proof_does_not_spoil_one_beside_it() -> None:
    signed = add_proof(NOTE, KEY, KEY_ID, NOW)
    check({**signed, "proof": [{"type": "X"}, signed["proof"]]})


def test_a_document_without_a_proof_is_not_signed() -> None:
    with pytest.raises(MissingSignature):
        read_proofs(NOTE)


VALUES = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)
NAMES = [
    "type",
    "cryptosuite",
    "proofValue",
    "verificationMethod",
    "proofPurpose",
    "created",
    "expires",
    "domain",
]


@given(
    st.dictionaries(st.sampled_from(NAMES), VALUES), st.dictionaries(st.text(max_size=3), VALUES, max_size=3)
)
def test_any_proof_ends_in_a_verdict(changed: JsonObject, added: JsonObject) -> None:
    signed = add_proof(NOTE, KEY, KEY_ID, NOW)
    proof = {**signed["proof"], **changed, **added}
    if proof == signed["proof"]:
        return
    try:
        check({**signed, "proof": proof})
    except FederationError:
        return
    pytest.fail("a changed proof held")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T09:00:00Z", NOW),
        ("2026-11-22T06:00:00.000000000-03:00", NOW),
        ("2026-11-22T09:00:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("ayer", None),
        (7, None),
    ],
)
def test_times_are_read_with_their_zone_or_not_at_all(text: object, moment: object) -> None:
    assert read_time(text) == moment
