"""What others say is kept where it concerns us, as they said it, and changed by nobody else."""

from datetime import timedelta

import pytest

from federation.integrity import check_proof, read_proofs
from federation.limits import Limits
from federation.vocab import PUBLIC
from node.speak import Said
from node.storage import gathering, inbound
from node.storage.database import Snapshot
from node.storage.gathering import Counts
from tests.fediverse import Instance, Peer, Person, World


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


@pytest.fixture
async def peer(world: World) -> Peer:
    return await world.peer()


@pytest.fixture
async def rosa(peer: Peer) -> Person:
    return peer.person("rosa")


@pytest.fixture
async def followed(olla: Instance, rosa: Person) -> Person:
    """Rosa, whom our collective follows."""
    await olla.hear(rosa)
    return rosa


async def test_a_note_of_somebody_whom_we_follow_is_read(olla: Instance, followed: Person) -> None:
    note = followed.note("almuerzo a las 13")
    assert (await followed.tell(olla, followed.activity("Create", note))).status_code == 202
    assert await olla.reads(note["id"])
    assert await olla.document(note["id"]) == note


async def test_a_note_that_concerns_nobody_here_is_taken_and_forgotten(olla: Instance, rosa: Person) -> None:
    note = rosa.note()
    assert (await rosa.tell(olla, rosa.activity("Create", note))).status_code == 202
    assert await olla.thing(note["id"]) is None


async def test_a_note_sent_by_reference_is_fetched_from_where_it_lives(
    olla: Instance, followed: Person
) -> None:
    note = followed.note("por referencia")
    await followed.tell(olla, followed.activity("Create", note["id"]))
    assert await olla.document(note["id"]) == note
    assert await olla.check() == []


async def test_nobody_makes_us_keep_what_concerns_nobody_here(olla: Instance, rosa: Person) -> None:
    note = rosa.note("por referencia")
    await rosa.tell(olla, rosa.activity("Create", note["id"]))
    assert await olla.thing(note["id"]) is None


async def test_what_its_server_does_not_answer_for_is_tried_again_later(
    olla: Instance, followed: Person, world: World
) -> None:
    note = followed.note("más tarde")
    followed.peer.served[note["id"].removeprefix(followed.peer.origin)] = b"{"
    await followed.post(followed.activity("Create", note["id"]), f"{olla.origin}/inbox")
    await olla.until(lambda: _put_off(olla))
    followed.peer.serve(note)
    world.ahead += timedelta(seconds=11)
    await followed.post(followed.activity("Like", note["id"]), f"{olla.origin}/inbox")
    await olla.digested()
    assert await olla.document(note["id"]) == note


async def _put_off(olla: Instance) -> bool:
    """Whether something waits, and not for its first attempt."""
    return bool(await olla.look(lambda s: inbound.count(s) and not inbound.due(s, 1)))


async def _asked(person: Person, uri: str) -> bool:
    return uri.removeprefix(person.peer.origin) in person.peer.asked


async def test_an_older_update_never_replaces_a_newer_one(olla: Instance, followed: Person) -> None:
    note = followed.note("primero", published="2026-11-20T10:00:00Z")
    await followed.tell(olla, followed.activity("Create", note))
    for content, updated in (("tercero", "2026-11-20T12:00:00Z"), ("segundo", "2026-11-20T11:00:00Z")):
        await followed.tell(
            olla, followed.activity("Update", {**note, "content": content, "updated": updated})
        )
    assert (await olla.document(note["id"]))["content"] == "tercero"
    assert await olla.check() == []


async def test_what_we_said_ourselves_may_come_back_and_is_no_offence(
    olla: Instance, followed: Person
) -> None:
    await followed.tell(olla, followed.activity("Follow", olla.uri()))
    said = await olla.say("hola")
    (heard,) = await followed.peer.hears("Create")
    assert (await followed.post(heard, f"{olla.origin}/inbox")).status_code == 202
    assert await olla.incidents() == []
    forged = {**heard, "id": f"{said.activity}0"}
    assert (await followed.post(forged, f"{olla.origin}/inbox")).status_code == 403


async def test_stamps_of_one_second_are_told_apart_where_both_say_more(
    olla: Instance, followed: Person
) -> None:
    note = followed.note("uno", updated="2026-11-20T11:00:00.100Z")
    await followed.tell(olla, followed.activity("Create", note))
    for content, updated in (("dos", "00.900Z"), ("tres", "00.500Z"), ("cuatro", "00Z")):
        changed = {**note, "content": content, "updated": f"2026-11-20T11:00:{updated}"}
        await followed.tell(olla, followed.activity("Update", changed))
        assert (await olla.document(note["id"]))["content"] == ("dos" if content == "tres" else content)


@pytest.mark.parametrize(
    "updated", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "yesterday", "", None, 7, [], {"a": 1}]
)
async def test_a_strange_date_stops_nothing(olla: Instance, followed: Person, updated: object) -> None:
    note = followed.note("primero", published=updated)
    await followed.tell(olla, followed.activity("Create", note))
    change = followed.activity("Update", {**note, "content": "segundo", "updated": updated})
    await followed.tell(olla, change)
    assert (await olla.document(note["id"])).get("content") == "segundo"
    assert await olla.check() == []


async def test_a_record_that_does_not_hold_here_is_kept_as_a_plain_note_for_good(
    olla: Instance, followed: Person
) -> None:
    note = followed.note("falta harina", kind="need", purpose="request")
    quantity = {"hasNumericalValue": "9" * 3000, "hasUnit": "kilogram"}
    note["publishes"] = {"id": f"{note['id']}/proposal#primary", "resourceQuantity": quantity}
    await followed.tell(olla, followed.activity("Create", note))
    assert (await olla.thing(note["id"])).kind == "note"
    assert await olla.check() == []
    await followed.tell(olla, followed.activity("Update", {**note, "updated": "2026-11-20T12:00:00Z"}))
    assert await olla.check() == []


async def test_a_deleted_note_leaves_a_tombstone_and_never_comes_back(
    olla: Instance, followed: Person
) -> None:
    note = followed.note("se borra", to=[PUBLIC])
    create = followed.activity("Create", note)
    await followed.tell(olla, create)
    await followed.tell(olla, followed.activity("Delete", {"id": note["id"], "type": "Tombstone"}))
    await followed.tell(olla, create)
    await followed.tell(olla, followed.activity("Create", note))
    await followed.tell(olla, followed.activity("Create", note["id"]))
    await followed.tell(olla, followed.activity("Update", {**note, "content": "vuelvo"}))
    held = await olla.thing(note["id"])
    assert held is not None
    assert (held.state, held.document) == ("withdrawn", b"")
    assert not await olla.reads(note["id"])
    assert await olla.check() == []


async def test_a_delete_that_overtook_its_note_holds(olla: Instance, followed: Person) -> None:
    note = followed.note("se borra")
    await followed.tell(olla, followed.activity("Delete", note["id"]))
    await followed.tell(olla, followed.activity("Create", note))
    assert await olla.thing(note["id"]) is None
    assert not await olla.reads(note["id"])


async def test_a_note_of_our_own_that_was_withdrawn_answers_410_with_a_tombstone(
    olla: Instance, world: World
) -> None:
    said = await olla.say("se borra")
    await olla.node.publisher.withdraw(olla.who(), said.uri)
    answer = await world.client.get(said.uri, headers={"accept": "application/activity+json"})
    assert answer.status_code == 410
    stone = answer.json()
    assert stone["type"] == "Tombstone"
    (proof,) = read_proofs(stone, Limits())
    key = olla.node.keyring.sender(olla.uri()).ed25519.public_key()
    check_proof(stone, proof, key, world.clock(), limits=Limits())


async def test_words_that_were_withdrawn_before_they_were_sent_are_not_sent(
    olla: Instance, peer: Peer, rosa: Person
) -> None:
    await rosa.tell(olla, rosa.activity("Follow", olla.uri()))
    await peer.hears("Accept")
    peer.answers = [500, 500, 500]
    said = await olla.say("no debí decirlo")
    await olla.until(lambda: _failed(peer))
    await olla.node.publisher.withdraw(olla.who(), said.uri)
    await rosa.tell(olla, rosa.activity("Like", olla.uri()))  # its server lives: nothing waits any longer
    (heard,) = await peer.hears("Delete")
    assert heard["object"]["id"] == said.uri
    assert peer.said("Create") == []


async def _failed(peer: Peer) -> bool:
    if len(peer.answers) < 3:
        peer.answers = []
        return True
    return False


async def test_likes_and_boosts_are_counted_once_and_undone_by_their_actor(
    olla: Instance, peer: Peer, rosa: Person
) -> None:
    said = await olla.say("hola")
    like, boost = rosa.activity("Like", said.uri), rosa.activity("Announce", said.uri, to=[PUBLIC])
    for document in (like, boost, like, {**like, "id": like["id"] + "0"}):
        await rosa.tell(olla, document)
    assert await olla.look(lambda s: _counts(s, said)) == Counts(0, 1, 1)
    other = peer.person("other", 4)
    for document in (like, boost):
        await other.tell(olla, other.activity("Undo", document["id"]))
    assert await olla.look(lambda s: _counts(s, said)) == Counts(0, 1, 1)
    for document in (like, boost):
        await rosa.tell(olla, rosa.activity("Undo", document))
    assert await olla.look(lambda s: _counts(s, said)) == Counts(0, 0, 0)


def _counts(snapshot: Snapshot, said: Said) -> Counts:
    return gathering.counts(snapshot, [said.id])[said.id]


async def test_a_reply_to_our_followers_is_forwarded_to_them_byte_for_byte(
    olla: Instance, peer: Peer, rosa: Person, world: World
) -> None:
    elsewhere = await world.peer()
    fan = elsewhere.person("fan", 4)
    await fan.tell(olla, fan.activity("Follow", olla.uri()))
    await elsewhere.hears("Accept")
    said = await olla.say("¿quién trae papas?")
    await elsewhere.hears("Create")
    note = rosa.note("yo", inReplyTo=said.uri, to=[PUBLIC], cc=[f"{olla.uri()}/followers"])
    create = rosa.proven(rosa.activity("Create", note))
    await rosa.tell(olla, create)
    forwarded = (await elsewhere.hears("Create", number=2))[1]
    assert forwarded == create
    aside = rosa.note("a ti no más", inReplyTo=said.uri, to=[olla.uri()], cc=[])
    await rosa.tell(olla, rosa.proven(rosa.activity("Create", aside)))
    broken = rosa.note("otro", inReplyTo=said.uri, to=[PUBLIC], cc=[f"{olla.uri()}/followers"])
    await rosa.tell(
        olla, {**rosa.proven(rosa.activity("Create", broken)), "published": "2020-08-20T00:00:00Z"}
    )
    assert await olla.thing(broken["id"]) is not None
    await world.quiet()
    assert len(elsewhere.said("Create")) == 2


@pytest.mark.parametrize("kind", ["Listen", "View", "QuoteRequest", "Xyz", "Flag", "Add", "Question"])
async def test_activities_that_we_do_not_know_are_taken_politely_and_ignored(
    olla: Instance, rosa: Person, kind: str
) -> None:
    answer = await rosa.tell(olla, rosa.activity(kind, f"{olla.uri()}/whatever"))
    assert answer.status_code == 202
    assert await olla.incidents() == []


async def test_a_record_of_a_kind_that_we_do_not_know_is_kept_and_shown_as_text(
    olla: Instance, followed: Person
) -> None:
    note = followed.note("Se presta <b>carreta</b>", kind="cart-loan", wheels=4, record={"id": "x", "a": [1]})
    await followed.tell(olla, followed.activity("Create", note))
    held = await olla.thing(note["id"])
    assert held is not None
    assert held.kind == "cart-loan"
    assert await olla.document(note["id"]) == note
    assert await olla.reads(note["id"])
    changed = {**note, "content": "Se presta otra carreta", "wheels": 2}
    await followed.tell(olla, followed.activity("Update", changed))
    assert await olla.document(note["id"]) == changed
    assert await olla.check() == []
    await followed.tell(olla, followed.activity("Delete", note["id"]))
    assert await olla.document(note["id"]) == {}
    assert await olla.check() == []


STRANGE = {
    "null addressing": {"to": None, "cc": None},
    "one recipient": {"to": PUBLIC, "cc": "x"},
    "nested recipients": {"to": [[PUBLIC], {"id": PUBLIC}, 7, None]},
    "tags of every shape": {"tag": [None, 7, [], {}, {"type": "Hashtag", "name": 5}, {"type": "Mention"}]},
    "one tag": {"tag": {"type": "Hashtag", "name": "#olla"}},
    "content of another type": {"content": {"es": "hola"}, "contentMap": [1]},
    "a kind of another type": {"kind": {"a": 1}},
    "a known kind that does not hold": {"kind": "need", "publishes": 5},
    "a long kind": {"kind": "k" * 5000},
    "a reply to nothing": {"inReplyTo": {"a": 1}},
    "a reply to itself": {"inReplyTo": "self"},
    "control characters": {"content": "\x00\x07\u202e\uffff", "name": "\x00"},
    "a thousand tags": {"tag": [{"type": "Hashtag", "name": f"#t{n}"} for n in range(1000)]},
    "a title and no content": {"type": "Article", "name": "Acta", "content": None},
    "several types": {"type": ["Note", "https://x.example/Need"]},
    "deep": {"a": [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]},
}


@pytest.mark.parametrize("what", STRANGE)
async def test_strange_notes_raise_nothing_and_fsck_stays_clean(
    olla: Instance, followed: Person, what: str
) -> None:
    note = followed.note(**STRANGE[what])
    if what == "a reply to itself":
        note["inReplyTo"] = note["id"]
    await followed.tell(olla, followed.activity("Create", note))
    await followed.tell(olla, followed.activity("Update", note))
    await followed.tell(olla, followed.activity("Delete", note["id"]))
    plain = followed.note("sigo aquí")
    await followed.tell(olla, followed.activity("Create", plain))
    assert await olla.reads(plain["id"])
    assert await olla.check() == []


HOSTILE = {
    "no JSON": b"{",
    "a list": b"[]",
    "a number": b"7",
    "deep": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "a lone surrogate": b'{"id":"\\ud800"}',
    "bytes that are no text": b'{"id":"\xff\xfe"}',
    "NaN": b'{"id": NaN}',
    "a number without end": b'{"id": 1' + b"0" * 5000 + b"}",
    "no actor": b'{"id":"https://x.example/1","type":"Create"}',
    "two actors": b'{"id":"https://x.example/1","type":"Create","actor":["https://x.example/a","https://x.example/b"]}',
    "no port": b'{"id":"http://[/1","type":"Create","actor":"http://[/a","object":"http://[/o"}',
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_hostile_bytes_end_in_a_4xx(olla: Instance, rosa: Person, what: str) -> None:
    answer = await rosa.post(None, f"{olla.origin}/inbox", body=HOSTILE[what])
    assert 400 <= answer.status_code < 500


async def test_a_key_id_that_is_no_url_is_no_fault_of_ours(olla: Instance, world: World) -> None:
    said = await olla.say("hola")
    headers = {"accept": "application/activity+json", "signature": 'keyId="http://[",signature="x"'}
    assert (await world.client.get(said.uri, headers=headers)).status_code == 200


async def test_an_actor_that_is_proven_gone_leaves_no_words(olla: Instance, followed: Person) -> None:
    note = followed.note("me voy")
    await followed.tell(olla, followed.activity("Create", note))
    farewell = followed.activity("Delete", followed.id)
    await followed.tell(olla, farewell)
    assert await olla.reads(note["id"]), "its server still knows it"
    followed.peer.gone.add(f"/users/{followed.name}")
    await followed.tell(olla, {**farewell, "id": farewell["id"] + "9"})
    assert await olla.state_of(followed.id) == "gone"
    assert await olla.document(note["id"]) == {}
    assert await olla.home() == []
    assert not await olla.follows(followed.id)
    assert await olla.check() == []


async def test_a_boost_by_whom_we_follow_shows_what_it_boosts(
    olla: Instance, followed: Person, world: World
) -> None:
    third = (await world.peer()).person("third", 4)
    note = third.note("lejos")
    boost = followed.activity("Announce", note["id"], to=[PUBLIC])
    await followed.tell(olla, boost)
    assert await olla.home() == [boost["id"]]
    assert await olla.document(note["id"]) == note
    await followed.tell(olla, followed.activity("Undo", boost))
    assert await olla.home() == []
