import json
from datetime import UTC, datetime

import pytest

from federation import outbox
from federation.addressing import Addressed
from federation.integrity import check_proof, read_proofs
from federation.interfaces import JsonObject
from federation.vocab import PUBLIC, read_activity
from tests.federation.memory import make_sender

NOW = datetime(2020, 8, 20, 13, tzinfo=UTC)
OLLA = make_sender("https://esperanza.example/c/esperanza")
EVERYBODY = Addressed((PUBLIC,), (f"{OLLA.actor}/followers",))


def note(**more: object) -> JsonObject:
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "https://esperanza.example/o/1",
        "type": "Note",
        "attributedTo": OLLA.actor,
        **more,
    }


def proven(document: JsonObject) -> None:
    (proof,) = read_proofs(document)
    assert proof.verification_method == OLLA.ed25519_key_id
    check_proof(document, proof, OLLA.ed25519.public_key(), NOW)


def test_an_embedded_object_is_byte_for_byte_what_its_id_serves() -> None:
    said = outbox.seal(note(content="40 kg de lentejas · ñ €"), OLLA, NOW)
    created = outbox.activity(
        "Create", "https://esperanza.example/s/1", OLLA, said, published=NOW, addressed=EVERYBODY
    )
    assert said.body in created.body
    assert json.loads(created.body) == created.document
    proven(json.loads(created.body))
    proven(json.loads(created.body)["object"])


@pytest.mark.parametrize("kind", ["Like", "Announce", "Undo", "Block", "Accept", "Follow"])
def test_an_activity_about_an_id_has_one_proof_and_can_be_read(kind: outbox.ActivityType) -> None:
    said = outbox.activity(
        kind,
        "https://esperanza.example/s/2",
        OLLA,
        "https://b.example/o/9",
        published=NOW,
        addressed=EVERYBODY,
    )
    activity = read_activity(said.body)
    assert (activity.type, activity.actor, activity.object_id) == (kind, OLLA.actor, "https://b.example/o/9")
    assert activity.document["published"] == "2020-08-20T13:00:00Z"
    proven(activity.document)


def test_further_properties_are_proven_with_the_rest() -> None:
    said = outbox.activity(
        "Reject", "https://esperanza.example/s/3", OLLA, "https://b.example/s/9",
        published=NOW, addressed=Addressed(("https://b.example/c/b",)), more={"content": "<p>Ya solo faltan 15 kg.</p>"},
    )  # fmt: skip
    assert said.document["content"] == "<p>Ya solo faltan 15 kg.</p>"
    proven(said.document)


def test_blind_copies_are_left_out_before_the_proof() -> None:
    said = outbox.seal(note(bto="https://b.example/u", tag=[{"bcc": "x"}]), OLLA, NOW)
    assert b"bto" not in said.body
    assert b"bcc" not in said.body
    proven(said.document)


def test_a_delete_carries_a_tombstone_that_says_what_it_was() -> None:
    stone = outbox.tombstone("https://esperanza.example/o/1", "Note", NOW)
    said = outbox.activity(
        "Delete", "https://esperanza.example/s/4", OLLA, stone, published=NOW, addressed=EVERYBODY
    )
    assert said.document["object"]["formerType"] == "Note"
    assert read_activity(said.body).object_id == "https://esperanza.example/o/1"
