import hmac
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.errors import BadProof, FederationError, Malformed, NotOwner
from federation.identity import (
    IdentityStatement,
    check_identity,
    check_keys,
    fits,
    key_digest,
    make_identity,
    make_keys,
    make_next_identity,
    move_key,
    next_move_key,
    seal_secret,
)
from federation.integrity import add_proof
from federation.interfaces import ActorKey, JsonObject
from federation.keys import base58_decode, did_key, did_key_url, ed25519_of_seed, multikey, public_pem
from tests.correspondents import NOW, RSA_KEYS

ACTOR = "https://x.example/c/esperanza"
ELSEWHERE = "https://y.example/c/esperanza"
ROOT_1, ROOT_2 = bytes(range(32)), bytes(range(32, 64))
MOVE_0, MOVE_1 = move_key(ROOT_1), next_move_key(ROOT_2)
THIEF = ed25519_of_seed(b"\x66" * 32)
FIRST = make_identity(MOVE_0, ACTOR, [key_digest(MOVE_1.public_key())], NOW)


def checked(document: JsonObject, actor: str = ACTOR) -> IdentityStatement:
    return check_identity(document, actor, NOW)


def after(
    held: JsonObject, key: Ed25519PrivateKey, actor: str = ACTOR, promised: str = ""
) -> IdentityStatement:
    next_keys = [promised] if promised else []
    before = check_identity(held, held["alsoKnownAs"], NOW)
    return checked(make_next_identity(before, key, actor, next_keys, NOW), actor)


def test_the_roots_give_three_keys_that_do_not_tell_of_each_other() -> None:
    derived = {
        MOVE_0.private_bytes_raw(),
        seal_secret(ROOT_1),
        MOVE_1.private_bytes_raw(),
        next_move_key(ROOT_1).private_bytes_raw(),
        ROOT_1,
    }
    assert len(derived) == 5
    assert {len(secret) for secret in derived} == {32}
    assert move_key(ROOT_1).private_bytes_raw() == MOVE_0.private_bytes_raw()


@pytest.mark.parametrize(
    ("root", "info", "derived"),
    [
        (ROOT_1, b"minga/1/move-0", MOVE_0.private_bytes_raw()),
        (ROOT_1, b"minga/1/seal", seal_secret(ROOT_1)),
        (ROOT_2, b"minga/1/move-1", MOVE_1.private_bytes_raw()),
    ],
)
def test_what_the_written_words_open_never_changes(root: bytes, info: bytes, derived: bytes) -> None:
    # HKDF by hand (RFC 5869): whoever holds the words must not need this program.
    extracted = hmac.digest(bytes(32), root, "sha256")
    assert hmac.digest(extracted, info + b"\1", "sha256") == derived


def test_a_root_of_another_length_is_refused() -> None:
    with pytest.raises(FederationError):
        move_key(b"short")


def test_the_first_statement_has_the_published_form() -> None:
    assert FIRST["type"] == "VerifiableIdentityStatement"
    assert "@context" not in FIRST
    assert "@context" not in FIRST["proof"]
    assert FIRST["subject"] == did_key(MOVE_0.public_key())
    assert FIRST["proof"]["verificationMethod"] == did_key_url(MOVE_0.public_key())
    [promised] = FIRST["nextKeys"]
    assert base58_decode(promised[1:])[2:] == sha256(multikey(MOVE_1.public_key()).encode()).digest()
    statement = checked(FIRST)
    assert (statement.actor, statement.sequence, statement.previous) == (ACTOR, 0, None)


def test_a_statement_of_another_actor_is_not_taken() -> None:
    with pytest.raises(NotOwner):
        checked(FIRST, ELSEWHERE)


@pytest.mark.parametrize("name", ["sequence", "nextKeys", "published", "alsoKnownAs", "subject"])
def test_a_changed_statement_does_not_hold(name: str) -> None:
    changed = {
        "sequence": 0.5, "nextKeys": [], "published": "2020-01-01T00:00:00Z", "alsoKnownAs": ELSEWHERE,
        "subject": did_key(THIEF.public_key()),
    }[name]  # fmt: skip
    with pytest.raises((BadProof, Malformed)):
        checked({**FIRST, name: changed}, ELSEWHERE if name == "alsoKnownAs" else ACTOR)


def test_a_statement_signed_by_another_key_than_its_subject_does_not_hold() -> None:
    bare = {name: value for name, value in FIRST.items() if name != "proof"}
    for method in (did_key_url(THIEF.public_key()), did_key_url(MOVE_0.public_key()), f"{ACTOR}#ed25519-key"):
        with pytest.raises(BadProof):
            checked(add_proof(bare, THIEF, method, NOW))


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "Note"},
        {"sequence": -1},
        {"sequence": True},
        {"sequence": 1},
        {"nextKeys": [7]},
        {"nextKeys": ["z"] * 99},
        {"previousStatement": "zQm"},
        {"subject": None},
    ],
)
def test_a_statement_of_another_form_is_malformed(changed: JsonObject) -> None:
    bare = {name: value for name, value in FIRST.items() if name != "proof"} | changed
    with pytest.raises(Malformed):
        checked(add_proof(bare, MOVE_0, did_key_url(MOVE_0.public_key()), NOW))


def test_a_subject_that_is_no_ed25519_did_key_is_refused() -> None:
    for subject in ("did:web:x.example", "did:key:z6Mk", f"did:key:{multikey(RSA_KEYS[0].public_key())}"):
        with pytest.raises(BadProof):
            checked({**FIRST, "subject": subject})


def test_the_first_contact_is_believed_and_then_kept_to() -> None:
    first = checked(FIRST)
    assert fits([], first) == "first"
    assert fits([first], first) == "same"
    stranger = checked(make_identity(THIEF, ACTOR, [], NOW))
    assert fits([first], stranger) == "unrelated"


def test_the_present_key_and_the_promised_key_may_move_the_collective() -> None:
    first = checked(FIRST)
    assert fits([first], after(FIRST, MOVE_0, ELSEWHERE)) == "follows"
    assert fits([first], after(FIRST, MOVE_1, ELSEWHERE)) == "follows"


def test_another_key_may_not() -> None:
    assert fits([checked(FIRST)], after(FIRST, THIEF, ELSEWHERE)) == "unrelated"


def test_the_promised_key_outranks_a_thief_of_root_1_and_never_the_reverse() -> None:
    first = checked(FIRST)
    stolen = after(FIRST, MOVE_0, "https://police.example/c/esperanza", key_digest(THIEF.public_key()))
    later = after(stolen.document, THIEF, "https://police.example/c/esperanza")
    rescue = after(FIRST, MOVE_1, ELSEWHERE)
    assert fits([first, stolen], rescue) == "outranks"
    assert fits([first, stolen, later], rescue) == "outranks"
    assert fits([first, rescue], stolen) == "unrelated"
    assert fits([first, rescue], later) == "unrelated"


def test_of_two_promised_keys_or_two_statements_of_one_key_the_first_stays() -> None:
    promised = [key_digest(MOVE_1.public_key()), key_digest(THIEF.public_key())]
    start = make_identity(MOVE_0, ACTOR, promised, NOW)
    for first, second in ((MOVE_1, THIEF), (THIEF, MOVE_1), (MOVE_0, MOVE_0)):
        held = after(start, first)
        assert fits([checked(start), held], after(start, second, ELSEWHERE)) == "unrelated"


def test_old_news_and_news_after_a_gap_are_told_apart() -> None:
    first, second = checked(FIRST), after(FIRST, MOVE_0)
    third = after(second.document, MOVE_0)
    assert fits([first, second], first) == "stale"
    assert fits([first], third) == "gap"
    assert fits([first, second], third) == "follows"


def rotation(sequence: int = 1, **changed: object) -> JsonObject:
    new = ed25519_of_seed(b"\x09" * 32)
    keys = [
        ActorKey(f"{ACTOR}#main-key", ACTOR, "rsa", public_pem(RSA_KEYS[0].public_key())),
        ActorKey(f"{ACTOR}#ed25519-key", ACTOR, "ed25519", multikey(THIEF.public_key()), NOW),
        ActorKey(f"{ACTOR}#ed25519-key-2", ACTOR, "ed25519", multikey(new.public_key())),
    ]
    arguments = {"move": MOVE_0, "new": new, "new_key_id": f"{ACTOR}#ed25519-key-2", "now": NOW, **changed}
    return make_keys(ACTOR, keys, sequence=sequence, **arguments)


def test_a_rotation_is_signed_by_the_identity_and_by_the_new_key() -> None:
    statement = check_keys(rotation(), checked(FIRST), NOW)
    assert statement.sequence == 1
    assert [key.id.partition("#")[2] for key in statement.keys] == [
        "main-key",
        "ed25519-key",
        "ed25519-key-2",
    ]
    assert [key.revoked for key in statement.keys] == [None, NOW, None]
    assert statement.published == NOW


def test_a_rotation_without_the_identity_or_without_the_new_key_does_not_hold() -> None:
    identity = checked(FIRST)
    with pytest.raises(NotOwner):
        check_keys(rotation(move=THIEF), identity, NOW)
    with pytest.raises(BadProof):
        check_keys(rotation(new=THIEF), identity, NOW)
    with pytest.raises(BadProof):
        check_keys(rotation(new=THIEF, new_key_id=f"{ACTOR}#ed25519-key"), identity, NOW)
    whole = rotation()
    for proof in whole["proof"]:
        with pytest.raises(BadProof):
            check_keys({**whole, "proof": proof}, identity, NOW)
    with pytest.raises(BadProof):
        check_keys({**whole, "published": "2020-01-01T00:00:00Z"}, identity, NOW)
    with pytest.raises(NotOwner):
        check_keys(whole, replace(identity, actor=ELSEWHERE), NOW)


@pytest.mark.parametrize(
    "key",
    [
        7,
        {},
        {"id": "x", "controller": ELSEWHERE, "publicKeyMultibase": "z"},
        {"id": "x", "controller": ACTOR, "publicKeyMultibase": "z"},
    ],
)
def test_a_rotation_with_a_key_that_cannot_be_read_is_malformed(key: object) -> None:
    with pytest.raises(Malformed):
        check_keys({**rotation(), "keys": [key]}, checked(FIRST), NOW)


def test_a_statement_from_the_future_does_not_hold() -> None:
    later = make_identity(MOVE_0, ACTOR, [], NOW + timedelta(days=2))
    with pytest.raises(BadProof):
        checked(later)
