"""What a node forgets by itself when its time is over, and what it keeps."""

from datetime import timedelta

import pytest

from node.storage import activities, collectives, posts, traces
from node.storage.database import Snapshot
from tests.fediverse import Instance, Person, World


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


@pytest.fixture
async def rosa(olla: Instance, world: World) -> Person:
    person = (await world.peer()).person("rosa")
    await olla.hear(person)
    return person


async def later(olla: Instance, world: World, days: int) -> None:
    """So many days later, when the node is started again."""
    await olla.stop()
    world.ahead += timedelta(days=days)
    await olla.start()


async def words(olla: Instance, uri: str) -> bool:
    """Whether a word of an object is still kept anywhere."""

    def kept(snapshot: Snapshot) -> bool:
        return any(each.body is not None for each in activities.about(snapshot, uri))

    return bool(await olla.document(uri) or await olla.look(kept))


async def test_posts_of_others_are_erased_after_a_month_unless_somebody_here_answered_or_kept_them(
    olla: Instance, rosa: Person, world: World
) -> None:
    notes = {}
    for name in ("plain", "answered", "liked", "bookmarked"):
        note = rosa.note(name)
        notes[name] = note["id"]
        await rosa.tell(olla, rosa.activity("Create", note))
    await olla.say("gracias", in_reply_to=notes["answered"])
    await olla.node.reactions.like(olla.who(), notes["liked"])
    own = await olla.look(lambda s: collectives.by_uri(s, olla.uri()))
    post = await olla.look(lambda s: posts.by_uri(s, notes["bookmarked"]))
    await olla.node.marks.bookmark(own, post.id, on=True)
    await later(olla, world, 20)
    assert all([await words(olla, uri) for uri in notes.values()])
    await later(olla, world, 11)

    async def erased() -> bool:
        return not await words(olla, notes["plain"])

    await olla.until(erased)
    assert [name for name, uri in notes.items() if await words(olla, uri)] == [
        "answered",
        "liked",
        "bookmarked",
    ]
    assert not await olla.check()


async def test_who_reacted_and_which_member_acted_is_forgotten_after_ninety_days(
    olla: Instance, rosa: Person, world: World
) -> None:
    said = await olla.say("hola")
    await rosa.tell(olla, rosa.activity("Like", said.uri))
    own = await olla.look(lambda snapshot: collectives.by_uri(snapshot, olla.uri()))
    member = await olla.node.access.add(own.id, "Elena", "cook")
    await olla.node.database.writer.run(lambda t: traces.trace(t, said.activity, member.id))
    assert ("favourite", rosa.id) in await olla.told()

    def traced(snapshot: Snapshot) -> int:
        return int(snapshot.value("SELECT count(*) FROM traces"))

    await later(olla, world, 80)
    assert ("favourite", rosa.id) in await olla.told()
    assert await olla.look(traced) == 1
    await later(olla, world, 11)

    async def forgotten() -> bool:
        return not await olla.told() and await olla.look(traced) == 0

    await olla.until(forgotten)
    assert await words(olla, said.uri)
