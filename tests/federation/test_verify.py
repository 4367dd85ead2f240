import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from federation.errors import (
    BadProof,
    BadSignature,
    FederationError,
    Gone,
    MissingSignature,
    NotFound,
    NotOwner,
    Overloaded,
    TimedOut,
    UnknownKey,
    WrongOrigin,
)
from federation.integrity import add_proof
from federation.interfaces import ActorKey
from federation.limits import Limits
from federation.message import HttpMessage
from federation.verify import Departed, Verified, verify_activity, verify_proof, verify_reader
from federation.vocab import as_list, read_activity
from tests.correspondents import INBOX, NOW, ORIGIN, Correspondent, Keys, with_headers

ANA = Correspondent("https://a.example/users/ana")
EVA = Correspondent("https://a.example/users/eva", 1)
OTRO = Correspondent("https://b.example/users/otro", 1)
LIMITS = Limits()


async def verify(message: HttpMessage, keys: Keys, now: datetime = NOW) -> Verified | Departed:
    return await verify_activity(message, read_activity(message.body), keys, now=now, limits=LIMITS)


def proven(actor: Correspondent, document: dict[str, Any]) -> dict[str, Any]:
    return add_proof(document, actor.ed25519, actor.ed25519_id, NOW)


@pytest.mark.parametrize(("scheme", "ed25519"), [("cavage", False), ("rfc9421", False), ("rfc9421", True)])
async def test_an_activity_signed_by_its_actor_is_verified_without_any_fetch(
    scheme: str, ed25519: bool
) -> None:
    keys = Keys.of(ANA)
    verified = await verify(ANA.post(ANA.note(), scheme=scheme, ed25519=ed25519), keys)
    assert verified == Verified(
        ANA.id,
        ANA.ed25519_id if ed25519 else ANA.rsa_id,
        "rfc9421" if scheme == "rfc9421" else "cavage",
        "ed25519" if ed25519 else "rsa",
        NOW,
    )
    assert not verified.proof
    assert keys.fetched == []


async def test_a_forwarded_activity_is_verified_by_its_proof() -> None:
    message = OTRO.post(proven(ANA, ANA.note()))
    verified = await verify(message, Keys.of(ANA, OTRO))
    assert isinstance(verified, Verified)
    assert (verified.actor, verified.key_id, verified.scheme, verified.proof) == (
        ANA.id,
        ANA.ed25519_id,
        "proof",
        True,
    )


async def test_a_proof_alone_is_enough_where_nothing_else_can_be_there() -> None:
    activity = read_activity(json.dumps(proven(ANA, ANA.note())).encode())
    verified = await verify_proof(activity, Keys.of(ANA), own_origin=ORIGIN, now=NOW, limits=LIMITS)
    assert (verified.actor, verified.scheme, verified.signed_at) == (ANA.id, "proof", NOW)


async def test_a_proof_alone_must_be_there() -> None:
    activity = read_activity(json.dumps(ANA.note()).encode())
    with pytest.raises(MissingSignature):
        await verify_proof(activity, Keys.of(ANA), own_origin=ORIGIN, now=NOW, limits=LIMITS)


async def test_an_unsigned_activity_is_refused() -> None:
    with pytest.raises(MissingSignature):
        await verify(with_headers(ANA.post(ANA.note()), signature=None), Keys.of(ANA))


async def test_a_rotated_key_is_fetched_once_and_then_fits() -> None:
    keys = Keys.of(ANA)
    new = {key.id: key for key in keys.kept.values()}
    keys.kept[ANA.rsa_id] = replace(new[ANA.rsa_id], material=EVA.keys[0].material)
    keys.served = new
    assert isinstance(await verify(ANA.post(ANA.note()), keys), Verified)
    assert keys.fetched == [ANA.rsa_id]


async def test_a_key_that_did_not_change_is_fetched_once_and_the_signature_refused() -> None:
    keys = Keys.of(ANA)
    forged = replace_body(ANA.post(ANA.note()), ANA.note(id="https://a.example/activities/2"))
    broken = with_headers(
        forged, digest=ANA.post(ANA.note(id="https://a.example/activities/2")).field("digest")
    )
    with pytest.raises(BadSignature):
        await verify(broken, keys)
    assert keys.fetched == [ANA.rsa_id]


def replace_body(message: HttpMessage, document: object) -> HttpMessage:
    return HttpMessage(
        message.method, message.target, message.headers, json.dumps(document).encode(), message.origin
    )


async def test_a_key_that_cannot_be_fetched_is_unknown_and_asked_again_later() -> None:
    for error in (TimedOut("slow"), NotFound(), UnknownKey()):
        with pytest.raises(UnknownKey):
            await verify(ANA.post(ANA.note()), Keys(served={ANA.rsa_id: error}))


async def test_our_own_overload_is_said_as_such() -> None:
    with pytest.raises(Overloaded):
        await verify(ANA.post(ANA.note()), Keys(served={ANA.rsa_id: Overloaded()}))


async def test_a_revoked_key_no_longer_speaks() -> None:
    keys = Keys.of(ANA)
    for key_id in (ANA.rsa_id, ANA.ed25519_id):
        keys.kept[key_id] = replace(keys.kept[key_id], revoked=NOW - timedelta(days=1))
    with pytest.raises(UnknownKey):
        await verify(ANA.post(proven(ANA, ANA.note())), keys)
    keys.kept[ANA.rsa_id] = replace(keys.kept[ANA.rsa_id], revoked=NOW + timedelta(days=1))
    assert isinstance(await verify(ANA.post(ANA.note()), keys), Verified)


@pytest.mark.parametrize("error", [TimedOut("slow"), Gone(), UnknownKey(), Overloaded()])
async def test_a_proof_whose_key_is_out_of_reach_or_retired_says_nothing_of_what_was_signed(
    error: FederationError,
) -> None:
    out_of_reach, retired = Keys.of(ANA), Keys.of(ANA)
    del out_of_reach.kept[ANA.ed25519_id]
    out_of_reach.served[ANA.ed25519_id] = error
    retired.kept[ANA.ed25519_id] = replace(retired.kept[ANA.ed25519_id], revoked=NOW - timedelta(days=1))
    for keys in (out_of_reach, retired):
        verified = await verify(ANA.post(proven(ANA, ANA.note())), keys)
        assert isinstance(verified, Verified)
        assert (verified.scheme, verified.doubt) == ("cavage", None)


DELETE = {"type": "Delete", "object": ANA.id}


@pytest.mark.parametrize("error", [Gone(), NotFound()])
async def test_a_delete_of_an_actor_that_its_server_confirms_is_a_departure(error: FederationError) -> None:
    message = ANA.post(ANA.note(**DELETE))
    assert await verify(message, Keys(served={ANA.rsa_id: error})) == Departed(ANA.id, confirmed=True)


@pytest.mark.parametrize("error", [TimedOut(), UnknownKey()])
async def test_a_delete_of_an_actor_that_nobody_knows_is_answered_politely(error: FederationError) -> None:
    message = ANA.post(ANA.note(**DELETE))
    assert await verify(message, Keys(served={ANA.rsa_id: error})) == Departed(ANA.id, confirmed=False)


async def test_a_delete_of_an_actor_with_a_known_key_is_verified() -> None:
    assert isinstance(await verify(ANA.post(ANA.note(**DELETE)), Keys.of(ANA)), Verified)


async def test_a_signed_get_names_its_reader() -> None:
    message = ANA.post({})
    verified = await verify_reader(message, Keys.of(ANA), now=NOW, limits=LIMITS)
    assert verified.actor == ANA.id
    with pytest.raises(UnknownKey):
        await verify_reader(message, Keys(served={ANA.rsa_id: Gone()}), now=NOW, limits=LIMITS)


async def test_what_the_actor_may_not_say_is_refused_though_signed() -> None:
    for object_, verdict in (
        ({"id": "https://b.example/1", "type": "Note"}, WrongOrigin),
        ({"id": "https://a.example/notes/1", "type": "Note", "attributedTo": EVA.id}, NotOwner),
    ):
        document = proven(ANA, ANA.note(object=object_))
        with pytest.raises(verdict):
            await verify(ANA.post(document), Keys.of(ANA))
        activity = read_activity(json.dumps(document).encode())
        with pytest.raises(verdict):
            await verify_proof(activity, Keys.of(ANA), own_origin=ORIGIN, now=NOW, limits=LIMITS)


async def test_an_invalid_proof_does_not_spoil_a_valid_signature() -> None:
    document = {**proven(ANA, ANA.note()), "published": "2026-11-22T09:00:00Z"}
    verified = await verify(ANA.post(document), Keys.of(ANA))
    assert isinstance(verified, Verified)
    assert verified.scheme == "cavage"
    assert isinstance(verified.doubt, BadProof)


async def test_an_invalid_proof_on_the_object_is_told_however_the_activity_came() -> None:
    note = {**proven(ANA, ANA.note()["object"]), "content": "<p>60 kg</p>"}
    document = proven(ANA, {**ANA.note(), "object": note})
    for bearer in (ANA, OTRO):
        verified = await verify(bearer.post(document), Keys.of(ANA, OTRO))
        assert isinstance(verified, Verified)
        assert isinstance(verified.doubt, BadProof)
        assert note["id"] in verified.doubt.cause


async def test_valid_proofs_and_those_that_say_nothing_to_us_raise_no_doubt() -> None:
    note = ANA.note()["object"]
    by_a_bare_key = add_proof(ANA.note(), ANA.ed25519, "did:key:z6Mk#z6Mk", NOW)
    none_at_all = {**ANA.note(), "proof": []}
    another_suite = {**ANA.note(), "proof": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022"}}
    for document in (
        proven(ANA, {**ANA.note(), "object": proven(ANA, note)}),
        by_a_bare_key,
        another_suite,
        none_at_all,
    ):
        verified = await verify(ANA.post(document), Keys.of(ANA))
        assert isinstance(verified, Verified)
        assert verified.doubt is None


async def test_an_invalid_proof_is_no_authentication() -> None:
    document = {**proven(ANA, ANA.note()), "published": "2026-11-22T09:00:00Z"}
    with pytest.raises(NotOwner):
        await verify(OTRO.post(document), Keys.of(ANA, OTRO))
    activity = read_activity(json.dumps(document).encode())
    with pytest.raises(BadProof):
        await verify_proof(activity, Keys.of(ANA), own_origin=ORIGIN, now=NOW, limits=LIMITS)


CAPTURES = sorted((Path(__file__).parents[1] / "vectors/captures").glob("*.json"))


def captured(path: Path) -> tuple[HttpMessage, Keys, datetime]:
    capture = json.loads(path.read_bytes())
    request, actor = capture["request"], capture["sender"]["actor"]
    at = request["target_uri"].index(request["path"])
    message = HttpMessage(
        request["method"],
        request["target_uri"][at:],
        tuple((name, value) for name, value in request["headers"]),
        request["body"].encode(),
        request["target_uri"][:at],
    )
    listed = [ActorKey(actor["publicKey"]["id"], actor["id"], "rsa", actor["publicKey"]["publicKeyPem"])]
    for entry in as_list(actor.get("assertionMethod")):
        if entry["publicKeyMultibase"].startswith("z6Mk"):
            listed.append(ActorKey(entry["id"], actor["id"], "ed25519", entry["publicKeyMultibase"]))
    return message, Keys({key.id: key for key in listed}), datetime.fromisoformat(capture["received_at"])


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
async def test_what_real_peers_send_is_verified(path: Path) -> None:
    message, keys, now = captured(path)
    if message.method == "GET":
        await verify_reader(message, keys, now=now, limits=LIMITS)
        return
    verified = await verify(message, keys, now)
    assert isinstance(verified, Verified)
    assert verified.actor == json.loads(message.body)["actor"]
    if "proof" in json.loads(message.body):
        activity = read_activity(message.body)
        proof = await verify_proof(activity, keys, own_origin=message.origin, now=now, limits=LIMITS)
        assert proof.actor == verified.actor


def with_a_changed_byte(message: HttpMessage) -> list[HttpMessage]:
    """Copies of the message, each with one byte of covered content changed: target, covered headers, body."""
    said = (message.field("signature-input") or "") + (message.field("signature") or "")
    covered = {name.lower() for name, _ in message.headers if name.lower() in said.lower()} - {"signature"}
    headers, target, body = list(message.headers), message.target, message.body
    copies = [(flip(target, at), headers, body) for at in range(1, len(target))]
    for index, (name, value) in enumerate(headers):
        if name.lower() in covered:
            for at in range(len(value)):
                changed = [*headers[:index], (name, flip(value, at)), *headers[index + 1 :]]
                copies.append((target, changed, body))
    for at in range(0, len(body), 7):
        copies.append((target, headers, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]))
    return [HttpMessage(message.method, a, tuple(b), c, message.origin) for a, b, c in copies] + [
        HttpMessage("PUT", target, message.headers, body, message.origin)
    ]


def flip(text: str, at: int) -> str:
    return text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
async def test_what_real_peers_send_fails_with_any_byte_changed(path: Path) -> None:
    message, keys, now = captured(path)
    copies = with_a_changed_byte(message)
    assert len(copies) > 50
    for copy in copies:
        # Without the activity, so that a proof in it cannot stand in for the signature.
        with pytest.raises(FederationError):
            await verify_reader(copy, keys, now=now, limits=LIMITS)


async def test_an_inbox_with_a_query_is_verified_in_both_schemes() -> None:
    for scheme in ("cavage", "rfc9421"):
        message = ANA.post(ANA.note(), scheme=scheme, url=INBOX + "?x=1")
        assert isinstance(await verify(message, Keys.of(ANA)), Verified)
