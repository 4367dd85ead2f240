"""Whoever was gone for a moment misses nothing: servers come back, and say so by what they sign."""

from urllib.parse import urlsplit

import pytest

from node.errors import NodeError
from tests.fediverse import Instance, Peer, Person, World


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


@pytest.fixture
async def peer(world: World) -> Peer:
    return await world.peer()


@pytest.fixture
async def rosa(olla: Instance, peer: Peer) -> Person:
    """A trusted peer, whose server says for a moment that it does not know her, while she is looked up."""
    person = peer.person("rosa")
    await olla.hear(person)
    await olla.node.relations.trust(olla.who(), person.id)
    peer.gone.add("/users/rosa")
    await person.tell(olla, person.activity("Update", person.document()))
    assert await olla.state_of(person.id) == "dormant"
    peer.gone.clear()
    return person


async def test_a_peer_that_was_gone_for_a_moment_is_written_to_all_the_same(
    olla: Instance, peer: Peer, rosa: Person
) -> None:
    for audience, to in (("direct", (rosa.id,)), ("peers", ())):
        await olla.say("faltan 15 kg", audience=audience, to=to)
    await olla.sent()
    assert len(peer.said("Create", inbox="/users/rosa/inbox")) == 2


async def test_a_peer_that_speaks_is_dormant_no_more(olla: Instance, rosa: Person) -> None:
    await rosa.tell(olla, rosa.activity("Create", rosa.note("aquí estoy")))
    assert await olla.state_of(rosa.id) == "ok"


async def test_what_others_forward_of_her_wakes_nobody(olla: Instance, peer: Peer, rosa: Person) -> None:
    other = peer.person("other", 4)
    await other.post(rosa.spoken("Create", rosa.note("de ayer")), f"{olla.origin}/inbox")
    await olla.digested()
    assert await olla.state_of(rosa.id) == "dormant"


async def test_followers_behind_an_inbox_that_said_gone_hear_again_when_one_of_their_server_speaks(
    olla: Instance, peer: Peer
) -> None:
    people = [peer.person("rosa"), peer.person("ana", 4)]
    for person in people:
        await person.tell(olla, person.activity("Follow", olla.uri()))
    await peer.hears("Accept", number=2)
    peer.answers = [410]
    await olla.say("uno")
    await peer.refuses()
    await olla.sent()
    assert await olla.followers() == []
    await people[0].tell(olla, people[0].activity("Create", people[0].note("hola")))
    assert sorted(await olla.followers()) == sorted(person.id for person in people)
    await olla.say("dos")
    await olla.sent()
    assert [each["object"]["content"] for each in peer.said("Create")] == ["<p>dos</p>"]


@pytest.mark.parametrize("gone", [True, False])
async def test_whoever_is_a_peer_under_a_name_loses_our_trust_whatever_its_server_says_and_nobody_else(
    olla: Instance, peer: Peer, gone: bool
) -> None:
    rosa, ana = peer.person("rosa"), peer.person("ana", 4)
    for person in (rosa, ana):
        await olla.hear(person)
    await olla.node.relations.trust(olla.who(), rosa.id)
    host = urlsplit(rosa.id).netloc
    if gone:
        peer.gone.update({"/users/rosa", "/users/ana", "/.well-known/webfinger"})
    else:  # seized: the name leads to somebody else now
        peer.people["rosa"] = ana

    with pytest.raises(NodeError):
        await olla.node.relations.untrust(olla.who(), f"ana@{host}")
    assert await olla.node.relations.untrust(olla.who(), f"@Rosa@{host}") == rosa.id
    await olla.say("solo entre aliados", audience="peers")
    await olla.sent()
    assert peer.said("Create") == []


async def test_whom_we_have_a_tie_with_is_blocked_and_unblocked_by_name_while_its_server_is_down(
    olla: Instance, peer: Peer
) -> None:
    rosa = peer.person("rosa")
    await rosa.tell(olla, rosa.activity("Follow", olla.uri()))
    await peer.hears("Accept")
    peer.gone.update({"/users/rosa", "/.well-known/webfinger"})
    name = f"rosa@{urlsplit(rosa.id).netloc}"
    relations = olla.node.relations
    for change in (relations.block, relations.unblock):
        assert await change(olla.who(), name) == rosa.id
    assert await olla.followers() == []
