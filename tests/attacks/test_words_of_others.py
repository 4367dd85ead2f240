"""Nobody changes, withdraws or undoes what somebody else said, widens its audience, or speaks under our name."""

import json

import pytest

from federation.vocab import PUBLIC
from node.storage import gathering
from node.storage.gathering import Counts
from tests.fediverse import Instance, Person, World


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


@pytest.fixture
async def rosa(olla: Instance, world: World) -> Person:
    """Whom our collective follows."""
    person = (await world.peer()).person("rosa")
    await olla.hear(person)
    return person


@pytest.fixture
async def neighbour(rosa: Person) -> Person:
    """Somebody on the same server as Rosa."""
    return rosa.peer.person("neighbour", 4)


@pytest.fixture
async def stranger(world: World) -> Person:
    """Somebody on another server."""
    return (await world.peer()).person("stranger", 5)


async def test_neither_a_stranger_nor_a_neighbour_changes_or_withdraws_a_note(
    olla: Instance, rosa: Person, neighbour: Person, stranger: Person
) -> None:
    note = rosa.note("mío")
    await rosa.tell(olla, rosa.activity("Create", note))
    for other in (neighbour, stranger):
        changed = {**note, "content": "tuyo"}
        for document in (
            other.activity("Update", changed),
            other.activity("Update", {**changed, "attributedTo": other.id}),
            other.activity("Update", {key: changed[key] for key in ("id", "type", "content")}),
            other.activity("Delete", note["id"]),
            other.activity("Delete", {"id": note["id"], "type": "Tombstone"}),
            other.activity("Create", {**changed, "attributedTo": other.id}),
            other.activity("Undo", note["id"]),
        ):
            await other.tell(olla, document)
    assert await olla.document(note["id"]) == note
    assert await olla.reads(note["id"])


async def test_a_neighbours_early_delete_does_not_keep_a_note_out(
    olla: Instance, rosa: Person, neighbour: Person
) -> None:
    note = rosa.note("mío")
    await neighbour.tell(olla, neighbour.activity("Delete", note["id"]), handle="olla")
    await rosa.tell(olla, rosa.activity("Create", note))
    assert await olla.document(note["id"]) == note


async def test_nobody_undoes_the_follow_block_or_like_of_somebody_else(
    olla: Instance, rosa: Person, neighbour: Person, stranger: Person
) -> None:
    follow = rosa.activity("Follow", olla.uri())
    await rosa.tell(olla, follow)
    said = await olla.say("hola")
    like = rosa.activity("Like", said.uri)
    await rosa.tell(olla, like)
    for other in (neighbour, stranger):
        for undone in (follow["id"], follow, {**follow, "actor": other.id}, like["id"], like):
            await other.tell(olla, other.activity("Undo", undone))
    assert await olla.followers() == [rosa.id]
    assert await olla.look(lambda s: gathering.counts(s, [said.id])[said.id]) == Counts(0, 0, 1)


async def test_nobody_answers_a_follow_that_was_meant_for_somebody_else(
    olla: Instance, rosa: Person, neighbour: Person, stranger: Person
) -> None:
    target = rosa.peer.person("target", 4)
    await olla.node.relations.follow(olla.who(), target.id)
    (follow,) = await rosa.peer.hears("Follow", inbox="/users/target/inbox")
    for other in (neighbour, stranger):
        await other.tell(olla, other.activity("Accept", follow["id"]))
        await other.tell(olla, other.activity("Accept", {**follow, "object": other.id}))
        await other.tell(olla, other.activity("Reject", rosa.id))
    assert not await olla.follows(target.id)
    assert not await olla.follows(stranger.id)
    assert await olla.follows(rosa.id)


@pytest.mark.parametrize("what", ["id", "object", "actor", "author"])
async def test_an_id_of_our_origin_that_we_did_not_give_is_refused(
    olla: Instance, rosa: Person, what: str
) -> None:
    stolen = f"{olla.origin}/o/1234567"
    note = rosa.note()
    document = rosa.activity("Create", note)
    match what:
        case "id":
            document["id"] = f"{olla.origin}/s/77"
        case "object":
            note["id"] = stolen
        case "actor":
            document["actor"] = note["attributedTo"] = olla.uri()
        case "author":
            note["attributedTo"] = olla.uri()
    assert (await rosa.tell(olla, document)).status_code in (401, 403)
    assert await olla.home() == []
    assert await olla.thing(stolen) is None


async def test_our_own_post_is_not_changed_by_a_copy_that_comes_back(
    olla: Instance, rosa: Person, world: World
) -> None:
    said = await olla.say("hola")
    held = await olla.document(said.uri)
    altered = {**held, "content": "<p>otra cosa</p>"}
    altered.pop("proof")
    for kind in ("Create", "Update", "Announce"):
        await rosa.tell(olla, rosa.activity(kind, altered))
    assert await olla.document(said.uri) == held


async def test_an_embedded_object_of_another_origin_is_fetched_and_not_believed(
    olla: Instance, rosa: Person, stranger: Person
) -> None:
    true = stranger.note("lo que dije")
    boost = rosa.activity("Announce", {**true, "content": "<p>lo que nunca dije</p>"}, to=[PUBLIC])
    await rosa.tell(olla, boost)
    assert (await olla.document(true["id"]))["content"] == "<p>lo que dije</p>"


@pytest.mark.parametrize("lie", ["id", "author"])
async def test_a_server_that_lies_about_an_id_is_not_believed(
    olla: Instance, rosa: Person, stranger: Person, lie: str
) -> None:
    """What is fetched must be of the origin that serves it, by an author of that origin."""
    note = stranger.note("miento")
    served_at = note["id"]
    false = {
        **note,
        **({"id": f"{rosa.peer.origin}/notes/9999"} if lie == "id" else {"attributedTo": rosa.id}),
    }
    stranger.peer.served[served_at.removeprefix(stranger.peer.origin)] = json.dumps(false).encode()
    await rosa.tell(olla, rosa.activity("Announce", served_at, to=[PUBLIC]))
    assert await olla.home() == []
    assert await olla.thing(str(false["id"])) is None


async def test_a_restricted_post_is_not_boosted_into_the_open(olla: Instance, rosa: Person) -> None:
    said = await olla.say("entre aliados", audience="peers")
    await rosa.tell(olla, rosa.activity("Announce", said.uri, to=[PUBLIC]))
    assert await olla.look(lambda s: gathering.counts(s, [said.id])[said.id]) == Counts(0, 0, 0)


async def test_a_widened_copy_of_a_restricted_note_stays_restricted(
    olla: Instance, rosa: Person, neighbour: Person
) -> None:
    note = rosa.note("para pocos", to=[olla.uri()], cc=[])
    await rosa.tell(olla, rosa.activity("Create", note))
    for other, kind in ((rosa, "Create"), (rosa, "Update"), (neighbour, "Create")):
        await other.tell(olla, other.activity(kind, {**note, "to": [PUBLIC]}))
    held = await olla.thing(note["id"])
    assert held is not None
    assert held.audience == "direct"
