"""No activity makes us fetch without end, and no server that never answers holds up others."""

from federation.vocab import PUBLIC
from tests.fediverse import World


async def test_a_boost_of_a_thread_without_end_costs_a_handful_of_fetches(world: World) -> None:
    olla, peer = await world.node("olla"), await world.peer()
    rosa = peer.person("rosa")
    await olla.hear(rosa)
    troll = await world.peer()
    authors = [troll.person(f"troll{number}", 4) for number in range(30)]
    notes = []
    for number, author in enumerate(authors):
        following = f"{troll.origin}/replies/{number}"
        notes.append(
            author.note(
                "más",
                inReplyTo=notes[-1]["id"] if notes else None,
                replies={"id": following, "type": "Collection", "first": following},
                tag=[{"type": "Mention", "href": f"{troll.origin}/users/x{n}"} for n in range(100)],
                attachment=[{"type": "Link", "href": f"{troll.origin}/l/{n}"} for n in range(100)],
            )
        )
    troll.asked.clear()
    await rosa.tell(olla, rosa.activity("Announce", notes[-1]["id"], to=[PUBLIC]))
    assert await olla.document(notes[-1]["id"]) == notes[-1]
    assert len(troll.asked) <= 10


async def test_who_is_blocked_makes_us_fetch_nothing(world: World) -> None:
    olla, peer = await world.node("olla", "dos"), await world.peer()
    rosa = peer.person("rosa")
    await olla.hear(rosa)
    await rosa.tell(olla, rosa.activity("Like", olla.uri()))
    victim = await world.peer()
    note = victim.person("victim", 4).note()
    boost = rosa.activity("Announce", note["id"], to=[PUBLIC])
    create = rosa.activity("Create", rosa.note()["id"])
    for handle in olla.handles:
        await olla.node.relations.block(olla.who(handle), rosa.id)
    for document in (boost, create):
        assert (await rosa.tell(olla, document)).status_code == 403
    assert victim.asked == []


async def test_an_actor_whose_server_is_silent_does_not_hold_up_another(world: World) -> None:
    olla, slow, fast = await world.node("olla"), await world.peer(), await world.peer()
    rosa, juan = slow.person("rosa"), fast.person("juan", 4)
    await olla.hear(rosa)
    await olla.hear(juan)
    gone = await world.peer()
    missing = gone.person("gone", 5).note()["id"]
    await gone.stop()
    await rosa.post(rosa.activity("Announce", missing, to=[PUBLIC]), f"{olla.origin}/inbox")
    note = juan.note("yo sí")
    await juan.post(juan.activity("Create", note), f"{olla.origin}/inbox")
    await olla.until(lambda: olla.reads(note["id"]), seconds=5)
