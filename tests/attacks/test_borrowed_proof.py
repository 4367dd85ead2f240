"""Integrity proofs used for what they do not say (FEP-8b32, SECURITY.md section 2)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from federation.errors import BadProof, FederationError, Forbidden, NotOwner, UnknownKey
from federation.integrity import add_proof, write_time
from federation.interfaces import ActorKey
from federation.keys import did_key_url, multikey
from federation.limits import Limits
from federation.verify import Verified, verify_activity, verify_proof
from federation.vocab import read_activity
from tests.correspondents import NOW, ORIGIN, Correspondent, Keys

ANA = Correspondent("https://a.example/users/ana")
EVA = Correspondent("https://a.example/users/eva", 1)
MALO = Correspondent("https://evil.example/users/malo", 1)


def proven(actor: Correspondent, document: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    return add_proof(document, actor.ed25519, arguments.pop("key_id", actor.ed25519_id), NOW, **arguments)


async def carry(document: dict[str, Any], keys: Keys | None = None) -> Verified:
    """The document by proof alone, and, which must say the same, forwarded by a stranger."""
    keys = keys or Keys.of(ANA, EVA, MALO)
    activity = read_activity(json.dumps(document).encode())
    try:
        verified = await verify_proof(activity, keys, own_origin=ORIGIN, now=NOW, limits=Limits())
    except FederationError:
        with pytest.raises((FederationError,)):
            await verify_activity(MALO.post(document), activity, keys, now=NOW, limits=Limits())
        raise
    assert await verify_activity(MALO.post(document), activity, keys, now=NOW, limits=Limits()) == verified
    return verified


async def test_the_same_activity_with_its_own_proof_is_believed() -> None:
    assert (await carry(proven(ANA, ANA.note()))).actor == ANA.id


async def test_the_proof_of_an_inner_object_on_its_wrapper() -> None:
    inner = proven(ANA, ANA.note()["object"])
    with pytest.raises(BadProof):
        await carry(ANA.note(object=inner, proof=inner["proof"]))


async def test_the_proof_of_one_activity_on_another() -> None:
    proof = proven(ANA, ANA.note())["proof"]
    for changed in ({"type": "Update"}, {"to": "as:Public"}, {"id": "https://a.example/activities/2"}):
        with pytest.raises(BadProof):
            await carry(ANA.note(**changed, proof=proof))


async def test_a_wrapper_by_a_stranger_around_a_proven_activity_is_the_strangers() -> None:
    wrapped = MALO.note(type="Announce", object=proven(ANA, ANA.note()))
    verified = await verify_activity(
        MALO.post(wrapped),
        read_activity(json.dumps(wrapped).encode()),
        Keys.of(ANA, MALO),
        now=NOW,
        limits=Limits(),
    )
    assert isinstance(verified, Verified)
    assert verified.actor == MALO.id


async def test_a_did_key_proves_only_a_key() -> None:
    method = did_key_url(MALO.ed25519.public_key())
    listed = ActorKey(method, ANA.id, "ed25519", multikey(MALO.ed25519.public_key()))
    # Not even a lookup that would answer for it is asked.
    keys = Keys({method: listed})
    with pytest.raises(BadProof):
        await carry(proven(MALO, ANA.note(), key_id=method), keys)
    assert keys.fetched == []


async def test_a_key_of_another_origin() -> None:
    with pytest.raises(BadProof):
        await carry(proven(MALO, ANA.note()))


async def test_a_key_of_a_neighbour_on_the_same_origin() -> None:
    with pytest.raises(NotOwner):
        await carry(proven(EVA, ANA.note()))


async def test_a_key_that_the_actor_does_not_list() -> None:
    with pytest.raises(UnknownKey):
        await carry(proven(ANA, ANA.note(), key_id=f"{ANA.id}#made-up"))


async def test_a_key_of_another_algorithm() -> None:
    with pytest.raises(BadProof):
        await carry(proven(ANA, ANA.note(), key_id=ANA.rsa_id))


async def test_a_proof_made_for_another_purpose() -> None:
    with pytest.raises(BadProof):
        await carry(proven(ANA, ANA.note(), purpose="authentication"))


@pytest.mark.parametrize("option", ["expires", "domain", "challenge", "previousProof"])
async def test_a_proof_whose_limits_were_cut_off_or_do_not_fit(option: str) -> None:
    document = proven(ANA, ANA.note())
    document["proof"] = {**document["proof"], option: write_time(NOW - timedelta(days=1))}
    with pytest.raises(BadProof):
        await carry(document)


async def test_properties_slipped_in_beside_the_legacy_signature() -> None:
    document = proven(ANA, ANA.note())
    assert await carry({**document, "signature": {"type": "RsaSignature2017"}})
    with pytest.raises(BadProof):
        await carry({**document, "signature": {}, "to": "https://www.w3.org/ns/activitystreams#Public"})


async def test_a_context_that_gives_the_words_another_meaning() -> None:
    document = proven(ANA, ANA.note())
    document["@context"] = [document["@context"], {"content": "as:summary"}]
    with pytest.raises(BadProof):
        await carry(document)
    del document["@context"]
    with pytest.raises(BadProof):
        await carry(document)


async def test_a_good_proof_does_not_let_its_author_speak_for_others() -> None:
    note = {**ANA.note()["object"], "attributedTo": EVA.id}
    for document in (ANA.note(object=note), ANA.note(id="https://b.example/1"), ANA.note(id=f"{ORIGIN}/s/1")):
        with pytest.raises(Forbidden):
            await carry(proven(ANA, document))
