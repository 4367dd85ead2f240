"""The peer itself: two Fedify servers speak with each other, so that what it says of us later can be believed."""

import httpx
import pytest

from tests.fedify import Fedify, FedifyError, StartFedify

pytestmark = pytest.mark.needs("node")


@pytest.fixture(scope="module")
def friends(fedify_of_module: StartFedify) -> tuple[Fedify, Fedify]:
    """The second follows the first."""
    one, other = fedify_of_module(), fedify_of_module()
    other.order("follow", actor=one.actor())
    other.wait_for("Accept")
    return one, other


def test_a_follow_is_signed_proven_and_accepted(friends: tuple[Fedify, Fedify]) -> None:
    one, other = friends
    follow = one.wait_for("Follow")
    assert (follow["scheme"], follow["signature"], follow["proof"]) == ("rfc9421", True, True)
    assert follow["parsed"]["actor"] == other.actor()
    assert one.relations()["followers"] == [other.actor()]
    assert other.relations()["following"] == [one.actor()]
    assert f"acct:{one.handle().lstrip('@')}" in other.webfinger(one.actor())["aliases"]


def test_a_post_its_edit_and_its_deletion_arrive(friends: tuple[Fedify, Fedify]) -> None:
    one, other = friends
    note = one.order("post", content="<p>hay sopa</p>")["object"]
    assert other.wait_for("Create", about=note)["parsed"]["object"]["content"] == "<p>hay sopa</p>"
    assert other.lookup(note)["type"] == "Note"

    one.order("edit", id=note, content="<p>hay porotos</p>")
    assert other.wait_for("Update", about=note)["json"]["object"]["content"] == "<p>hay porotos</p>"

    one.order("delete", id=note)
    assert other.wait_for("Delete", about=note)["json"]["object"]["type"] == "Tombstone"
    with pytest.raises(FedifyError, match="finds nothing"):
        other.lookup(note)


def test_a_reply_reaches_the_author(friends: tuple[Fedify, Fedify]) -> None:
    one, other = friends
    note = one.order("post", content="hay sopa")["object"]
    reply = other.order("post", content="gracias", inReplyTo=note)["object"]
    assert one.wait_for("Create", about=reply)["json"]["object"]["inReplyTo"] == note


def test_a_direct_post_reaches_only_who_is_named(friends: tuple[Fedify, Fedify]) -> None:
    one, other = friends
    said = one.order("post", content="solo beto", visibility="direct", to=[other.actor("beto")])["id"]
    arrived = other.received(about=said)
    assert [entry["path"] for entry in arrived] == ["/users/beto/inbox"]
    assert arrived[0]["json"]["to"] == other.actor("beto")


def test_likes_and_boosts_and_what_takes_them_back(friends: tuple[Fedify, Fedify]) -> None:
    one, other = friends
    note = one.order("post", content="hay sopa")["object"]
    like = other.order("like", object=note)["id"]
    other.order("announce", object=note)
    other.order("undo", activity=like, to=[one.actor()])
    other.order("block", actor=one.actor("beto"))
    assert one.wait_for("Like", about=note)["id"] == like
    assert one.wait_for("Announce", about=note)
    assert one.wait_for("Undo", about=like)
    assert one.wait_for("Block", about=one.actor("beto"))


def test_an_agreement_is_offered_to_a_proposal(friends: tuple[Fedify, Fedify]) -> None:
    one, other = friends
    need = one.order("propose", quantity="40", unit="kilogram")["object"]
    assert other.wait_for("Create", about=need)["parsed"]["object"]["type"] == "Proposal"
    assert other.lookup(need)["json"]["publishes"]["resourceQuantity"]["hasNumericalValue"] == "40"

    offer = other.order("offer", intent=f"{need}#primary", quantity="2.5", unit="kilogram")["id"]
    arrived = one.wait_for("Offer", about=offer)
    assert (arrived["signature"], arrived["proof"]) == (True, True)
    promised = arrived["parsed"]["object"]["stipulates"]
    assert promised["satisfies"] == f"{need}#primary"
    assert promised["resourceQuantity"]["hasNumericalValue"] == "2.5"


@pytest.mark.parametrize(("mine", "other"), [("cavage", "rfc9421"), ("rfc9421", "cavage")])
def test_a_peer_of_one_scheme_refuses_the_other_although_the_proof_holds(
    fedify: StartFedify, mine: str, other: str
) -> None:
    strict, sender = fedify(only=mine), fedify(only=other)
    sender.order("follow", actor=strict.actor(), as_="beto")

    refused, taken = strict.received("Follow")
    assert (refused["scheme"], refused["status"], refused["signature"], refused["proof"]) == (
        other,
        401,
        True,
        True,
    )
    assert (taken["scheme"], taken["status"], taken["signature"]) == (mine, 202, True)


def test_authorized_fetch_shows_an_actor_only_to_a_signed_request(fedify: StartFedify) -> None:
    shy, reader = fedify(authorized_fetch=True), fedify()
    unsigned = httpx.get(shy.actor(), headers={"Accept": "application/activity+json"}, trust_env=False)
    assert unsigned.status_code == 401
    assert reader.lookup(shy.actor())["type"] == "Person"


def test_a_follow_waits_where_follows_are_approved(fedify: StartFedify) -> None:
    one, other = fedify(approve=True), fedify()
    follow = other.order("follow", actor=one.actor())["id"]
    assert one.relations()["followers"] == []
    one.order("settle", follow=follow, accept=False)
    assert other.wait_for("Reject")["json"]["object"] == follow


def test_a_changed_document_has_no_valid_proof(friends: tuple[Fedify, Fedify]) -> None:
    one, other = friends
    note = one.order("post", content="hay sopa")["object"]
    document = other.wait_for("Create", about=note)["json"]
    assert other.verify(document)
    document["object"]["content"] = "no hay sopa"
    assert not other.verify(document)


def test_a_peer_comes_back_as_itself_or_with_another_key(fedify: StartFedify, tmp_path) -> None:
    one, other = fedify(), fedify()
    key = other.lookup(one.actor())["json"]["publicKey"]["publicKeyPem"]
    one.stop()
    again = fedify(port=one.port)
    assert other.lookup(again.actor())["json"]["publicKey"]["publicKeyPem"] == key
    again.stop()
    stranger = fedify(port=one.port, keys=tmp_path / "others.json")
    assert other.lookup(stranger.actor())["json"]["publicKey"]["publicKeyPem"] != key
