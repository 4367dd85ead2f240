"""Strangers fill no disk, and write to nobody through us: what a day brings of them has a budget, and whom we follow has none."""

from datetime import timedelta

import pytest

from federation.limits import Limits
from node.storage.hosts import owned
from tests.fediverse import Instance, World


async def node(world: World, **limits: int) -> Instance:
    return await world.node("olla", limits=Limits(**limits))


async def test_strangers_of_one_server_leave_no_more_than_a_days_budget(world: World) -> None:
    olla = await node(world, stranger_bytes=20_000)
    peer, other = await world.peer(), await world.peer("127.0.0.2")
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


async def test_whoever_opens_more_ports_has_no_more_to_send(world: World) -> None:
    olla, said = await node(world, stranger_activities=1), []
    for _ in range(3):
        stranger = (await world.peer()).person("uno")
        note = stranger.note("hola", cc=[olla.uri()])
        said.append((await stranger.tell(olla, stranger.activity("Create", note))).status_code)
    assert said == [202, 429, 429]


@pytest.mark.parametrize(
    ("host", "owner"),
    [
        ("b.example", "b.example"), ("a.b.example:8443", "b.example"), ("x.y.a.b.example", "b.example"), ("localhost:1", "localhost"),
        ("olla.com.ar", "olla.com.ar"), ("a.olla.com.ar:81", "olla.com.ar"), ("com.ar", "com.ar"), ("com.ar:81", "com.ar"),
        ("10.0.0.1:81", "10.0.0.1"), ("[::1]:81", "[::1]"), ("[::1]", "[::1]"), ("net.example", "net.example"), ("co.uk", "co.uk"), ("", ""),
    ],
)  # fmt: skip
def test_a_budget_is_that_of_whoever_owns_the_name(host: str, owner: str) -> None:
    assert owned(host) == owner


@pytest.mark.parametrize("named", [True, False])
async def test_what_others_bring_is_not_charged_to_its_author(world: World, named: bool) -> None:
    olla = await node(world, stranger_activities=2)
    victim, bad = (await world.peer()).person("cocina"), (await world.peer("127.0.0.2")).person("mala", 4)
    cc, answers = [olla.uri()] if named else [], []
    for number in range(3):
        public = victim.proven(victim.activity("Create", victim.note(str(number), cc=cc)))
        for _ in range(2):
            answers.append((await bad.post(public, f"{olla.origin}/inbox")).status_code)
            await olla.digested()
    assert answers == ([202, 202, 202, 202, 429, 429] if named else [202, 202, 429, 429, 429, 429])
    assert (await victim.tell(olla, victim.activity("Follow", olla.uri()))).status_code == 202
    said = await olla.say("hola")
    likes = [await victim.tell(olla, victim.activity("Like", said.uri)) for _ in range(2)]
    assert [each.status_code for each in likes] == [202, 429]
    assert await olla.followers() == [victim.id]


async def test_who_brings_much_by_proof_alone_holds_up_nothing_that_is_brought_of_others(
    world: World,
) -> None:
    olla = await node(world, stranger_activities=1)
    bad, honest = (await world.peer()).person("mala"), (await world.peer("127.0.0.2")).person("cocina", 4)
    carrier, said = (await world.peer("127.0.0.3")).person("otra", 5), []
    for author in (bad, bad, honest):
        public = author.proven(author.activity("Create", author.note("hola", cc=[olla.uri()])))
        said.append((await carrier.post(public, f"{olla.origin}/inbox")).status_code)
        await olla.digested()
    assert said == [202, 429, 202]


async def test_what_is_refused_as_too_long_uses_up_nothing(world: World) -> None:
    olla, peer = await node(world, stranger_bytes=6000, stranger_activities=2), await world.peer()
    stranger, answers = peer.person("uno"), []
    for length in (9000, 9000, 9, 9):
        note = stranger.note("x" * length, cc=[olla.uri()])
        answers.append((await stranger.tell(olla, stranger.activity("Create", note))).status_code)
    assert answers == [429, 429, 202, 202]


async def test_a_stranger_who_may_send_no_more_holds_up_no_friend_on_her_server(world: World) -> None:
    olla, theirs = await node(world, stranger_activities=0), await world.node("amiga", "extrania")
    await olla.follow(theirs.address("amiga"))
    await theirs.node.relations.trust(theirs.who("amiga"), olla.uri())
    await theirs.say("hola", by="extrania", audience="direct", to=(olla.uri(),))

    async def refused() -> list[int]:
        rows = await theirs.look(lambda s: s.all("SELECT status FROM deliveries"))
        return [row[0] for row in rows if row[0] == 429]

    await theirs.until(refused)
    said = await theirs.say("para ti", by="amiga", audience="peers")
    await olla.until(lambda: olla.reads(said.uri))
    assert await refused() == [429]  # and what the stranger said still waits


async def test_strangers_of_many_servers_have_a_budget_together_that_takes_nothing_from_friends(
    world: World,
) -> None:
    olla, peers = (
        await node(world, stranger_activities=2, stranger_hosts=1),
        [await world.peer(address) for address in ("127.0.0.1", "127.0.0.2")],
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


async def test_only_so_many_replies_of_strangers_are_forwarded_and_their_withdrawals(world: World) -> None:
    olla, peer, reader = await node(world, stranger_replies=2), await world.peer(), await world.peer()
    follower, stranger = reader.person("ana", 4), peer.person("uno")
    await follower.tell(olla, follower.activity("Follow", olla.uri()))
    said, wide, notes = await olla.say("hola"), [f"{olla.uri()}/followers"], []
    for number in range(4):
        notes.append(stranger.note(str(number), cc=wide, inReplyTo=said.uri))
        await stranger.tell(olla, stranger.activity("Create", notes[-1]))
        assert await olla.thing(notes[-1]["id"]) is not None
    again = (await world.peer()).person("dos", 5)  # of another port of the same host
    await again.tell(olla, again.activity("Create", again.note(cc=wide, inReplyTo=said.uri)))
    await olla.sent()
    assert [each for each in reader.said("Create") if each["actor"] == again.id] == []
    went = [each["object"]["id"] for each in reader.said("Create") if each["actor"] == stranger.id]
    assert went == [note["id"] for note in notes[:2]]
    for note in (*notes, *notes):
        gone = {"id": note["id"], "type": "Tombstone", "content": "COMPREN AQUÍ"}
        await stranger.tell(olla, stranger.activity("Delete", gone, to=wide))
        assert await olla.document(note["id"]) == {}
    await olla.sent()
    assert [each["object"]["id"] for each in reader.said("Delete")] == went
