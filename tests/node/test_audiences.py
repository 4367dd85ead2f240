"""Audiences stay apart: who gets a post, who reads it in a timeline, and who may fetch it."""

import pytest

from federation.vocab import PUBLIC
from node.errors import InvalidError, UnknownError, WithdrawnError
from tests.fediverse import Instance, Peer, Person, World


@pytest.fixture
async def olla(world: World) -> Instance:
    """The node that speaks."""
    return await world.node("olla")


@pytest.fixture
async def parish(world: World) -> Instance:
    """A node that hosts two collectives, one trusted and one not."""
    return await world.node("trusted", "other")


async def test_a_peers_post_reaches_only_the_trusted_of_two_collectives_on_one_node(
    olla: Instance, parish: Instance, world: World
) -> None:
    for handle in parish.handles:
        await parish.follow(olla.address(), by=handle)
    await olla.node.relations.trust(olla.who(), parish.address("trusted"))
    said = await olla.say("solo entre aliados", audience="peers")
    await parish.until(lambda: parish.reads(said.uri, "trusted"))
    await world.quiet()
    assert not await parish.reads(said.uri, "other")
    with pytest.raises(UnknownError):
        await parish.node.reactions.like(parish.who("other"), said.uri)
    with pytest.raises(UnknownError):
        await parish.say("lo vi", by="other", in_reply_to=said.uri)


async def test_what_was_withdrawn_is_called_so_to_those_who_could_read_it(
    olla: Instance, parish: Instance, world: World
) -> None:
    for handle in parish.handles:
        await parish.follow(olla.address(), by=handle)
    await olla.node.relations.trust(olla.who(), parish.address("trusted"))
    said = await olla.say("solo entre aliados", audience="peers")
    await parish.until(lambda: parish.reads(said.uri, "trusted"))
    await olla.node.publisher.withdraw(olla.who(), said.uri)
    await world.quiet()
    for react in (parish.node.reactions.like, parish.node.reactions.boost, parish.node.reactions.undo):
        with pytest.raises(WithdrawnError, match="withdrawn"):
            await react(parish.who("trusted"), said.uri)
    with pytest.raises(UnknownError):
        await parish.node.reactions.like(parish.who("other"), said.uri)


async def test_a_peers_post_answers_a_signed_get_of_the_trusted_alone(olla: Instance, world: World) -> None:
    peer = await world.peer()
    trusted, other = peer.person("trusted"), peer.person("other", number=4)
    await olla.node.relations.trust(olla.who(), trusted.id)
    said = await olla.say("solo entre aliados", audience="peers")
    (heard,) = await peer.hears("Create")
    assert [path for path, _ in peer.heard] == ["/users/trusted/inbox"]
    assert heard["to"] == [f"{olla.uri()}/peers"]
    assert heard["cc"] == []
    for url in (said.uri, said.activity):
        assert (await trusted.get(url)).status_code == 200
        assert (await other.get(url)).status_code == 404
        answer = await world.client.get(url, headers={"accept": "application/activity+json"})
        assert answer.status_code == 404
    await olla.node.relations.untrust(olla.who(), trusted.id)
    assert (await trusted.get(said.uri)).status_code == 404


async def test_both_trusted_collectives_of_one_node_read_a_peers_post(
    olla: Instance, parish: Instance, world: World
) -> None:
    for handle in parish.handles:
        await olla.node.relations.trust(olla.who(), parish.address(handle))
    said = await olla.say("solo entre aliados", audience="peers")
    for handle in parish.handles:
        await parish.until(lambda handle=handle: parish.reads(said.uri, handle))


async def test_a_direct_post_reaches_only_whom_it_names(
    olla: Instance, parish: Instance, world: World
) -> None:
    for handle in parish.handles:
        await parish.follow(olla.address(), by=handle)
    said = await olla.say("para ti", audience="direct", to=(parish.address("trusted"),))
    await parish.until(lambda: parish.reads(said.uri, "trusted"))
    await world.quiet()
    assert not await parish.reads(said.uri, "other")
    assert ("mention", olla.uri()) in await parish.told("trusted")
    assert ("mention", olla.uri()) not in await parish.told("other")


async def test_followers_posts_go_once_to_a_shared_inbox_and_are_served_to_followers(
    olla: Instance, world: World
) -> None:
    peer = await world.peer()
    fan, friend, stranger = peer.person("fan"), peer.person("friend", 4), peer.person("stranger", 5)
    for person in (fan, friend):
        await person.tell(olla, person.activity("Follow", olla.uri()))
    await olla.until(lambda: _count(olla, 2))
    said = await olla.say("para quienes siguen", audience="followers")
    await world.quiet()
    assert [path for path, each in peer.heard if each["type"] == "Create"] == ["/inbox"]
    assert (await fan.get(said.uri)).status_code == 200
    assert (await stranger.get(said.uri)).status_code == 404
    outbox = (await world.client.get(f"{olla.uri()}/outbox?page=true")).text
    assert said.uri not in outbox


async def _count(instance: Instance, number: int) -> bool:
    return len(await instance.followers()) == number


async def test_public_and_unlisted_posts_are_open_and_stand_in_the_outbox_but_only_one_is_listed(
    olla: Instance, world: World
) -> None:
    wide, quiet = await olla.say("para todos"), await olla.say("sin bulla", audience="unlisted")
    accept = {"accept": "application/activity+json"}
    for said in (wide, quiet):
        assert (await world.client.get(said.uri, headers=accept)).status_code == 200
    outbox = (await world.client.get(f"{olla.uri()}/outbox?page=true", headers=accept)).text
    assert wide.uri in outbox
    assert quiet.uri in outbox
    assert (await olla.document(quiet.uri))["to"] == [f"{olla.uri()}/followers"]


@pytest.mark.parametrize("wider", ["public", "unlisted", "followers", "peers"])
async def test_an_answer_is_never_wider_than_what_it_answers(olla: Instance, wider: str) -> None:
    narrow = "direct" if wider == "peers" else "peers"
    to = (olla.address(),) if narrow == "direct" else ()
    first = await olla.say("entre nosotros", audience=narrow, to=to)
    with pytest.raises(InvalidError, match="visibility"):
        await olla.say("más ancho", audience=wider, in_reply_to=first.uri)
    answer = await olla.say("igual de angosto", in_reply_to=str(first.id))
    stored = await olla.thing(answer.uri)
    assert stored is not None
    assert stored.audience == narrow


async def test_an_answer_to_what_others_restricted_goes_to_them_alone(
    olla: Instance, parish: Instance, world: World
) -> None:
    await olla.follow(parish.address("trusted"))
    said = await parish.say("solo seguidores", by="trusted", audience="followers")
    await olla.until(lambda: olla.reads(said.uri))
    answer = await olla.say("gracias", in_reply_to=said.uri)
    stored = await olla.thing(answer.uri)
    assert stored is not None
    assert stored.audience == "direct"
    assert stored.readers == (parish.uri("trusted"),)


async def test_a_direct_answer_to_a_peers_post_of_ours_is_not_sent_to_all_peers(
    olla: Instance, world: World
) -> None:
    peer = await world.peer()
    one, two = peer.person("one"), peer.person("two", 4)
    for person in (one, two):
        await olla.node.relations.trust(olla.who(), person.id)
    first = await olla.say("entre aliados", audience="peers")
    await peer.hears("Create", number=2)
    await olla.say("solo para ti", audience="direct", to=(one.id,), in_reply_to=first.uri)
    await world.quiet()
    assert len(peer.said("Create", inbox="/users/one/inbox")) == 2
    assert len(peer.said("Create", inbox="/users/two/inbox")) == 1


async def test_an_answer_to_a_boost_answers_what_was_boosted(olla: Instance) -> None:
    said = await olla.say("hola", audience="unlisted")
    boost = await olla.node.reactions.boost(olla.who(), said.uri)
    answer = await olla.say("bien", in_reply_to=str(boost.id))
    assert (await olla.document(answer.uri))["inReplyTo"] == said.uri
    stored = await olla.thing(answer.uri)
    assert stored is not None
    assert stored.audience == "unlisted"


async def test_what_was_withdrawn_is_not_answered(olla: Instance) -> None:
    said = await olla.say("hola")
    await olla.node.publisher.withdraw(olla.who(), said.uri)
    with pytest.raises(WithdrawnError):
        await olla.say("tarde", in_reply_to=said.uri)


async def test_a_stranger_in_doubt_gets_nothing_that_is_for_peers(olla: Instance, world: World) -> None:
    neighbour = await world.node("vecina")
    await olla.node.relations.trust(olla.who(), neighbour.address())
    await _doubt(olla, neighbour.uri())
    said = await olla.say("entre aliados", audience="peers")
    await world.quiet()
    assert await neighbour.thing(said.uri) is None


async def _doubt(instance: Instance, actor: str) -> None:
    await instance.node.database.writer.run(
        lambda t: t.execute("UPDATE actors SET state = 'doubt' WHERE uri = ?", actor)
    )


async def test_an_outbox_holds_as_many_things_as_it_says(olla: Instance, world: World) -> None:
    said = [await olla.say(text) for text in ("uno", "dos")]
    await olla.node.publisher.withdraw(olla.who(), said[0].uri)
    accept = {"accept": "application/activity+json"}
    whole = (await world.client.get(f"{olla.uri()}/outbox", headers=accept)).json()
    first = (await world.client.get(f"{olla.uri()}/outbox?page=true", headers=accept)).json()
    assert whole["totalItems"] == first["totalItems"] == len(first["orderedItems"])
    assert said[0].uri not in str([each for each in first["orderedItems"] if each["type"] == "Create"])


async def test_a_neighbour_who_names_our_followers_widens_nothing(olla: Instance, world: World) -> None:
    peer: Peer = await world.peer()
    stranger: Person = peer.person("stranger")
    said = await olla.say("entre aliados", audience="peers")
    note = stranger.note(to=[f"{olla.uri()}/peers", stranger.id], cc=[], inReplyTo=said.uri)
    await stranger.tell(olla, stranger.activity("Create", note), handle="olla")
    assert (await stranger.get(said.uri)).status_code == 404
    update = stranger.activity("Update", {**note, "to": ["https://www.w3.org/ns/activitystreams#Public"]})
    await stranger.tell(olla, update)
    held = await olla.thing(note["id"])
    assert held is not None
    assert held.audience == "direct"


async def test_who_likes_boosts_or_answers_hears_what_becomes_of_it_without_following(
    olla: Instance, world: World
) -> None:
    said = await olla.say("hola")
    peers = [await world.peer() for _ in range(3)]
    liker, booster, answerer = (
        peer.person(name) for peer, name in zip(peers, ("ana", "bea", "ceci"), strict=True)
    )
    await liker.tell(olla, liker.activity("Like", said.uri))
    await booster.tell(olla, booster.activity("Announce", said.uri, to=[PUBLIC], cc=[olla.uri()]))
    reply = answerer.note("¡qué bueno!", inReplyTo=said.uri, cc=[olla.uri()])
    await answerer.tell(olla, answerer.activity("Create", reply))
    await olla.node.publisher.revise(olla.who(), said.uri, {"text": "hola a todos"})
    await olla.node.publisher.withdraw(olla.who(), said.uri)
    for peer in peers:
        await peer.hears("Update")
        await peer.hears("Delete")


async def test_who_blocks_us_keeps_no_withdrawal_from_others_on_her_server(
    olla: Instance, world: World
) -> None:
    said, peer = await olla.say("hola"), await world.peer()
    first, second = peer.person("aaa"), peer.person("bbb", 4)
    for each in (first, second):
        await each.tell(olla, each.activity("Announce", said.uri, to=[PUBLIC], cc=[olla.uri()]))
    await first.tell(olla, first.activity("Block", olla.uri()))
    await olla.node.publisher.withdraw(olla.who(), said.uri)
    await peer.hears("Delete")


async def test_who_answered_what_was_for_few_hears_that_it_is_withdrawn_and_no_more(
    olla: Instance, world: World
) -> None:
    peer = await world.peer()
    ana, berta = peer.person("ana"), (await world.peer()).person("berta")
    await ana.tell(olla, ana.activity("Follow", olla.uri()))
    said = await olla.say("solo para quien nos sigue", audience="followers", to=(berta.id,))
    await peer.hears("Create")
    reply = ana.note("leí", inReplyTo=said.uri, to=[olla.uri()], cc=[])
    await ana.tell(olla, ana.activity("Create", reply))
    await olla.node.relations.refuse(olla.who(), ana.id)
    await olla.node.publisher.revise(olla.who(), said.uri, {"text": "ya no para ella"})
    await olla.node.publisher.withdraw(olla.who(), said.uri)
    await peer.hears("Delete")
    assert peer.said("Update") == []
    (gone,) = peer.said("Delete")
    assert berta.id not in str(gone)


async def test_who_could_not_read_what_was_direct_does_not_learn_whom_it_was_for(
    olla: Instance, world: World
) -> None:
    theirs, stranger = await world.peer(), await world.peer()
    ana, eva = theirs.person("ana"), stranger.person("eva")
    said = await olla.say("solo para ti", audience="direct", to=(ana.id,))
    await eva.tell(olla, eva.activity("Like", said.uri))
    reply = eva.note("¿qué dice?", inReplyTo=said.uri, cc=[olla.uri()])
    await eva.tell(olla, eva.activity("Create", reply))
    await olla.node.publisher.withdraw(olla.who(), said.uri)
    await theirs.hears("Delete")
    await world.quiet()
    assert stranger.said("Delete") == []


async def test_of_two_peers_on_one_server_both_hear_that_what_they_answered_is_withdrawn(
    olla: Instance, world: World
) -> None:
    peer = await world.peer()
    both = peer.person("aaa"), peer.person("bbb", 4)
    for each in both:
        await each.tell(olla, each.activity("Follow", olla.uri()))
        await olla.node.relations.trust(olla.who(), each.id)
    said = await olla.say("entre nosotras", audience="peers")
    for each in both:
        reply = each.note("leí", inReplyTo=said.uri, to=[olla.uri()], cc=[])
        await each.tell(olla, each.activity("Create", reply))
        await olla.node.relations.untrust(olla.who(), each.id)
    await olla.node.publisher.withdraw(olla.who(), said.uri)
    await world.quiet()
    assert len(peer.said("Delete")) == 2
