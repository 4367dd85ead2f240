"""Strangers fill no disk, and write to nobody through us: what a day brings of them has a budget, and whom we follow has none."""

from datetime import timedelta

from federation.limits import Limits
from tests.fediverse import Instance, World


async def node(world: World, **limits: int) -> Instance:
    return await world.node("olla", limits=Limits(**limits))


async def test_strangers_of_one_server_leave_no_more_than_a_days_budget(world: World) -> None:
    olla, peer, other = await node(world, stranger_bytes=20_000), await world.peer(), await world.peer()
    strangers = [peer.person(name) for name in ("uno", "dos")]
    await olla.hear(other.person("vecina", 4))
    answers = []
    for number in range(6):
        stranger = strangers[number % 2]
        note = stranger.note("x" * 6000, cc=[olla.uri()])
        answers.append(await stranger.tell(olla, stranger.activity("Create", note)))
        assert (await olla.thing(note["id"]) is not None) == (answers[-1].status_code == 202)
    assert [each.status_code for each in answers] == [202, 202, 202, 429, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert answers[-1].json()["code"] == "over-allowance"
    assert "over-allowance" in await olla.incidents()

    friend = other.people["vecina"]
    for _ in range(4):
        said = await friend.tell(olla, friend.activity("Create", friend.note("x" * 6000)))
        assert said.status_code == 202
    newcomer = other.person("nueva")
    hello = newcomer.note("hola", cc=[olla.uri()])
    assert (await newcomer.tell(olla, newcomer.activity("Create", hello))).status_code == 202

    await olla.node.relations.trust(olla.who(), strangers[0].id)
    note = strangers[0].note("x" * 6000, cc=[olla.uri()])
    assert (await strangers[0].tell(olla, strangers[0].activity("Create", note))).status_code == 202
    world.ahead += timedelta(days=1)
    note = strangers[1].note("x" * 6000, cc=[olla.uri()])
    assert (await strangers[1].tell(olla, strangers[1].activity("Create", note))).status_code == 202


async def test_many_small_things_of_strangers_have_a_budget_too(world: World) -> None:
    olla, peer = await node(world, stranger_activities=2), await world.peer()
    stranger, said = peer.person("uno"), await olla.say("hola")
    answers = [await stranger.tell(olla, stranger.activity("Like", said.uri)) for _ in range(3)]
    assert [each.status_code for each in answers] == [202, 202, 429]


async def test_strangers_of_many_servers_have_a_budget_together_that_takes_nothing_from_friends(
    world: World,
) -> None:
    olla, peers = (
        await node(world, stranger_activities=2, stranger_hosts=1),
        [await world.peer() for _ in range(2)],
    )
    friend = peers[0].person("vecina", 4)
    await olla.hear(friend)
    said = await olla.say("hola")
    answers = []
    for number, name in enumerate(("uno", "dos", "tres")):
        stranger = peers[number % 2].person(name)
        answers.append((await stranger.tell(olla, stranger.activity("Like", said.uri))).status_code)
    assert answers == [202, 202, 429]
    assert (await friend.tell(olla, friend.activity("Create", friend.note()))).status_code == 202
    world.ahead += timedelta(days=1)
    assert (await stranger.tell(olla, stranger.activity("Like", said.uri))).status_code == 202


async def test_only_so_many_replies_of_strangers_are_forwarded_but_every_withdrawal(world: World) -> None:
    olla, peer, reader = await node(world, stranger_replies=2), await world.peer(), await world.peer()
    follower, stranger = reader.person("ana", 4), peer.person("uno")
    await follower.tell(olla, follower.activity("Follow", olla.uri()))
    said = await olla.say("hola")
    for number in range(4):
        note = stranger.note(str(number), cc=[f"{olla.uri()}/followers"], inReplyTo=said.uri)
        await stranger.tell(olla, stranger.activity("Create", note))
        assert await olla.thing(note["id"]) is not None
    wide = [f"{olla.uri()}/followers"]
    await stranger.tell(olla, stranger.activity("Delete", note["id"], to=wide))
    await olla.sent()
    assert len([each for each in reader.said("Create") if each["actor"] == stranger.id]) == 2
    assert len(reader.said("Delete")) == 1
