"""Collectives: added whole or not at all, and known by an actor document that others can trust."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from federation import check_identity, check_proof, public_key, read_proofs
from node.collectives import handle_of
from node.errors import InvalidError
from tests.nodes import Node, until

AS2 = {"accept": "application/activity+json"}


@pytest.fixture(scope="module")
def olla(tmp_path_factory):
    with Node(tmp_path_factory.mktemp("collectives") / "a") as node:
        yield node


def add(olla, handle, words, *more):
    about = [
        "--handle",
        handle,
        "--name",
        f"Olla {handle}",
        "--kind",
        "kitchen",
        "--recovery-out",
        str(words),
    ]
    return olla.run("collective", "add", *about, *more)


def document(olla, handle="esperanza"):
    return httpx.get(f"{olla.origin}/c/{handle}", headers=AS2).json()


def test_the_actor_carries_an_identity_that_binds_it_and_no_key_of_the_roots(olla):
    actor = document(olla)
    (statement,) = [each for each in actor["attachment"] if each["type"] == "VerifiableIdentityStatement"]

    checked = check_identity(statement, actor["id"], datetime.now(UTC))

    assert checked.sequence == 0
    assert len(checked.next_keys) == 1
    assert checked.subject not in json.dumps(actor["assertionMethod"])
    assert "alsoKnownAs" not in actor


def test_the_actor_document_is_proven_by_its_own_key(olla):
    actor = document(olla)
    (proof,) = read_proofs(actor)
    (key,) = actor["assertionMethod"]

    assert proof.verification_method == key["id"] == f"{actor['id']}#ed25519-key"
    check_proof(actor, proof, public_key(key["publicKeyMultibase"]), datetime.now(UTC))


def test_each_collective_has_keys_followers_and_timelines_of_its_own(olla, tmp_path):
    assert add(olla, "sanjose", tmp_path / "w").returncode == 0

    first, second = document(olla), document(olla, "sanjose")

    assert first["publicKey"]["publicKeyPem"] != second["publicKey"]["publicKeyPem"]
    assert olla.run("publish", "note", "text=hola").returncode == 1
    number = olla("publish", "note", "text=de San José", "--collective", "sanjose")
    assert olla.json("timeline", "home", "--collective", "esperanza") == []
    assert [each["id"] for each in olla.json("timeline", "home", "--collective", "sanjose")] == [number]
    assert {path.name for path in (olla.directory / "keys" / "c").iterdir()} == {"esperanza", "sanjose"}


@pytest.mark.parametrize("handle", ["esperanza", "ESPERANZA", "@esperanza"])
def test_a_handle_is_never_given_twice_in_any_case(olla, tmp_path, handle):
    refused = add(olla, handle, tmp_path / "w")

    assert refused.returncode == 1
    assert "tomado" in refused.stderr
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize(
    "handle", ["", "a" * 31, "la-esperanza", "la esperanza", "ñandú", "../x", "actor", "a@b", "a/b", "ＡＢＣ"]
)
def test_a_handle_that_cannot_stand_in_an_address_is_refused(handle):
    with pytest.raises(InvalidError, match="handle"):
        handle_of(handle)


def test_a_new_name_and_summary_reach_those_who_follow(tmp_path):
    with Node(tmp_path / "a") as olla, Node(tmp_path / "b", "villasol") as villasol:
        villasol("follow", olla.address)
        until(lambda: olla.json("followers"))

        olla(
            "collective", "describe", "--name", "Olla Nueva Esperanza", "--summary", "Martes <b>y</b> jueves"
        )

        until(lambda: villasol.json("following")[0]["name"] == "Olla Nueva Esperanza")
        assert document(olla)["summary"] == "<p>Martes &lt;b&gt;y&lt;/b&gt; jueves</p>"
        assert document(olla)["preferredUsername"] == "esperanza"


def test_a_rotated_key_is_believed_by_those_who_knew_the_former(tmp_path):
    with Node(tmp_path / "a") as olla, Node(tmp_path / "b", "villasol") as villasol:
        villasol("follow", olla.address)
        until(lambda: olla.json("followers"))
        before = olla("publish", "note", "text=antes")

        olla("keys", "rotate", "--words-file", str(olla.words))
        olla("publish", "note", "text=después")

        until(lambda: len(villasol.json("timeline", "home")) == 2)
        keys = document(olla)["assertionMethod"]
        assert [key["id"].rpartition("#")[2] for key in keys] == ["ed25519-key-2", "ed25519-key"]
        assert ["revoked" in key for key in keys] == [False, True]
        assert villasol.json("status")["incidents"] == []
        olla.kill()
        olla.start()
        assert olla.json("keys")["ed25519"].endswith("#ed25519-key-2")
        olla("withdraw", before)
        until(lambda: len(villasol.json("timeline", "home")) == 1)


def test_keys_are_never_rotated_by_other_words(olla, tmp_path):
    stranger = Node(tmp_path / "stranger")
    before = document(olla)

    refused = olla.run("keys", "rotate", "--words-file", str(stranger.words), "--collective", "esperanza")

    assert refused.returncode == 1
    assert "words" in refused.stderr
    assert document(olla) == before
    assert not list(olla.directory.rglob("ed25519-key-2*"))
