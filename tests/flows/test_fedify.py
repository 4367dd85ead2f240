"""A node and a Fedify server: what one says, the other hears, and Fedify's own code judges our signatures and proofs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fedify import Fedify, StartFedify
from tests.nodes import Node, until

pytestmark = pytest.mark.needs("node")


@dataclass
class Pair:
    """A node and a peer that follow each other."""

    node: Node
    peer: Fedify

    def said(self, text: str, *more: str) -> str:
        """The URI of a note that the node publishes."""
        return str(self.node.json("publish", "note", f"text={text}", *more)["uri"])

    def notifications(self) -> list[dict[str, Any]]:
        """What the node was told, newest first."""
        return list(self.node.json("timeline", "notifications"))

    def seen(self, uri: str) -> dict[str, Any]:
        """What the node has at its home timeline under this URI, once it is there."""
        return until(lambda: next((p for p in self.node.json("timeline", "home") if p["uri"] == uri), {}))


def befriend(node: Node, peer: Fedify) -> Pair:
    """Each follows the other, and both know it."""
    node.json("follow", peer.handle())
    peer.order("follow", actor=node.actor)
    peer.wait_for("Accept")
    until(lambda: [f["state"] for f in node.json("following")] == ["accepted"])
    until(lambda: [f["actor"] for f in node.json("followers")] == [peer.actor()])
    return Pair(node, peer)


def believed(entry: dict[str, Any]) -> None:
    """Fedify verified the HTTP signature and every proof of what came in."""
    assert (entry["signature"], entry["proof"], entry["status"]) == (True, True, 202), entry["reason"]
    assert entry["object_proof"] in (True, None)


@pytest.fixture(scope="module")
def friends(tmp_path_factory: pytest.TempPathFactory, fedify_of_module: StartFedify) -> Iterator[Pair]:
    with Node(tmp_path_factory.mktemp("flows") / "esperanza") as node:
        yield befriend(node, fedify_of_module())


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with Node(tmp_path / "esperanza") as node:
        yield node


def test_follow_and_accept_are_believed_and_the_relation_stands_on_both_sides(friends: Pair) -> None:
    believed(friends.peer.wait_for("Follow"))
    believed(friends.peer.wait_for("Accept"))
    assert friends.peer.relations() == {
        "followers": [friends.node.actor],
        "following": [friends.node.actor],
    }


def test_fedify_reads_our_actor_and_finds_its_handle(friends: Pair) -> None:
    actor = friends.peer.lookup(friends.node.actor)
    assert actor["type"] == "Organization"
    assert actor["json"]["preferredUsername"] == "esperanza"
    host = friends.node.origin.removeprefix("http://")
    descriptor = friends.peer.webfinger(friends.node.actor)
    assert f"acct:esperanza@{host}" in [descriptor["subject"], *descriptor.get("aliases", [])]
    assert friends.node.actor in [link["href"] for link in descriptor["links"] if link["rel"] == "self"]


def test_a_post_its_edit_and_its_deletion_are_believed(friends: Pair) -> None:
    uri = friends.said("hay sopa")
    created = friends.peer.wait_for("Create", about=uri)
    believed(created)
    assert created["object_proof"]
    assert "hay sopa" in created["parsed"]["object"]["content"]
    assert friends.peer.lookup(uri)["type"] == "Note"

    friends.node.json("revise", uri, "text=hay porotos")
    updated = friends.peer.wait_for("Update", about=uri)
    believed(updated)
    assert "hay porotos" in updated["parsed"]["object"]["content"]

    friends.node.json("withdraw", uri)
    believed(friends.peer.wait_for("Delete", about=uri))
    assert httpx.get(uri, headers={"Accept": "application/activity+json"}).status_code == 410


def test_what_is_served_at_an_id_carries_a_proof_that_holds(friends: Pair) -> None:
    uri = friends.said("hay sopa con prueba")
    served = httpx.get(uri, headers={"Accept": "application/activity+json"}).json()
    assert friends.peer.verify(served)
    served["content"] = served["content"].replace("sopa", "nada")
    assert not friends.peer.verify(served)


def test_a_post_of_fedify_its_edit_and_its_deletion_are_seen_here(friends: Pair) -> None:
    uri = friends.peer.order("post", content="<p>llegaron lentejas</p>")["object"]
    assert friends.seen(uri)["text"].strip() == "llegaron lentejas"

    friends.peer.order("edit", id=uri, content="<p>llegaron garbanzos</p>")
    until(lambda: "garbanzos" in friends.seen(uri)["text"])

    friends.peer.order("delete", id=uri)
    until(lambda: uri not in [post["uri"] for post in friends.node.json("timeline", "home")])


def test_replies_are_threaded_in_both_directions(friends: Pair) -> None:
    ours = friends.said("quien trae pan")
    theirs = friends.peer.order("post", content="yo", inReplyTo=ours)["object"]
    until(lambda: theirs in [told["post"]["uri"] for told in friends.notifications() if told["post"]])
    assert friends.seen(theirs)["in_reply_to"] == ours

    answer = friends.said("gracias", "--in-reply-to", theirs)
    created = friends.peer.wait_for("Create", about=answer)
    believed(created)
    assert created["parsed"]["object"]["inReplyTo"] == theirs


def test_likes_and_boosts_and_what_takes_them_back_are_believed(friends: Pair) -> None:
    theirs = friends.peer.order("post", content="hay sopa")["object"]
    friends.seen(theirs)
    friends.node.json("like", theirs)
    friends.node.json("boost", theirs)
    like, boost = friends.peer.wait_for("Like", about=theirs), friends.peer.wait_for("Announce", about=theirs)
    believed(like)
    believed(boost)
    friends.node.json("undo", theirs)
    believed(friends.peer.wait_for("Undo"))


def test_likes_and_boosts_of_fedify_are_counted_and_taken_back(friends: Pair) -> None:
    ours = friends.said("hay pan")
    like = friends.peer.order("like", object=ours)["id"]
    boost = friends.peer.order("announce", object=ours)["id"]
    until(
        lambda: (
            (friends.node.json("show", ours)["likes"], friends.node.json("show", ours)["boosts"]) == (1, 1)
        )
    )
    friends.peer.order("undo", activity=like, to=[friends.node.actor])
    friends.peer.order("undo", activity=boost, to=[friends.node.actor])
    until(
        lambda: (
            (friends.node.json("show", ours)["likes"], friends.node.json("show", ours)["boosts"]) == (0, 0)
        )
    )


def test_a_direct_post_reaches_the_actor_it_names_and_no_other(friends: Pair) -> None:
    uri = friends.said("solo para beto", "--visibility", "direct", "--to", friends.peer.actor("beto"))
    arrived = friends.peer.wait_for("Create", about=uri)
    believed(arrived)
    assert arrived["json"]["to"] in (friends.peer.actor("beto"), [friends.peer.actor("beto")])
    assert httpx.get(uri, headers={"Accept": "application/activity+json"}).status_code in (401, 403, 404)


def test_who_unfollows_hears_no_more(node: Node, fedify: StartFedify) -> None:
    pair = befriend(node, fedify())
    follow = pair.peer.wait_for("Accept")["object"]
    pair.peer.order("undo", activity=follow, to=[pair.node.actor])
    until(lambda: pair.node.json("followers") == [])
    pair.node.json("unfollow", pair.peer.actor())
    believed(pair.peer.wait_for("Undo"))
    assert pair.peer.relations()["followers"] == []


@pytest.mark.parametrize("scheme", ["cavage", "rfc9421"])
def test_a_peer_that_takes_one_scheme_only_is_spoken_to_in_it(
    node: Node, fedify: StartFedify, scheme: str
) -> None:
    pair = befriend(node, fedify(only=scheme))
    first = pair.said("uno")
    believed(pair.peer.wait_for("Create", about=first))
    second = pair.said("dos")
    arrived = pair.peer.wait_for("Create", about=second)
    believed(arrived)
    assert arrived["scheme"] == scheme
    assert [entry["status"] for entry in pair.peer.received(about=second)] == [202], (
        "the scheme is remembered"
    )
    assert pair.seen(pair.peer.order("post", content="tres")["object"])["text"].strip() == "tres"


def test_a_peer_that_shows_nothing_unsigned_is_followed_and_heard(node: Node, fedify: StartFedify) -> None:
    pair = befriend(node, fedify(authorized_fetch=True))
    assert pair.seen(pair.peer.order("post", content="hola")["object"])["text"].strip() == "hola"


def test_what_was_said_while_the_peer_was_down_arrives_when_it_is_back(
    node: Node, fedify: StartFedify
) -> None:
    pair = befriend(node, fedify())
    pair.peer.stop()
    uri = pair.said("hay sopa igual")
    pair.node.stop()
    pair.peer = fedify(port=pair.peer.port)
    pair.node.start()
    believed(pair.peer.wait_for("Create", about=uri, seconds=20))


def test_a_peer_that_comes_back_with_other_keys_is_heard(
    node: Node, fedify: StartFedify, tmp_path: Path
) -> None:
    pair = befriend(node, fedify())
    pair.peer.stop()
    pair.peer = fedify(port=pair.peer.port, keys=tmp_path / "new.json")
    uri = pair.peer.order("post", content="soy yo", to=[pair.node.actor])["object"]
    assert pair.seen(uri)["text"].strip() == "soy yo"
