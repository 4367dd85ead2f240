"""A block ends every tie, and from then on nothing of the blocked is heard, shown or served, by whatever spelling."""

import pytest

from federation.vocab import PUBLIC
from node.errors import ConflictError, InvalidError, NotPermittedError
from node.storage import collectives, follows, gathering, posts, timelines
from node.storage.database import Snapshot, Transaction
from node.storage.gathering import Counts
from node.storage.window import Window
from tests.fediverse import Instance, Peer, Person, World


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla", "dos")


@pytest.fixture
async def peer(world: World) -> Peer:
    return await world.peer()


@pytest.fixture
async def rosa(olla: Instance, peer: Peer) -> Person:
    """Who follows us, whom we follow and trust, and whose note we read."""
    person = peer.person("rosa")
    await olla.hear(person)
    await person.tell(olla, person.activity("Follow", olla.uri()))
    await olla.node.relations.trust(olla.who(), person.id)
    await person.tell(olla, person.activity("Create", person.note()))
    assert len(await olla.home()) == 1
    return person


@pytest.mark.parametrize("whom", ["actor", "host"])
async def test_a_block_ends_relations_hearing_and_serving(
    olla: Instance, peer: Peer, rosa: Person, whom: str
) -> None:
    before = await olla.say("entre aliados", audience="peers")
    await olla.sent()
    target = rosa.id if whom == "actor" else peer.origin.removeprefix("http://")
    await olla.node.relations.block(olla.who(), target)
    for ended in ("Reject", "Undo", *(["Block"] if whom == "actor" else [])):
        await peer.hears(ended)
    await olla.sent()
    assert len(peer.said("Block")) == (1 if whom == "actor" else 0)
    assert await olla.followers() == []
    assert not await olla.follows(rosa.id)
    assert await olla.home() == [before.uri]
    assert (await rosa.get(before.uri)).status_code == 404

    told = await olla.told()
    await rosa.tell(olla, rosa.activity("Follow", olla.uri()))
    said = await olla.say("hola")
    reply = rosa.note("yo", inReplyTo=said.uri, tag=[{"type": "Mention", "href": olla.uri()}])
    for document in (
        rosa.activity("Create", reply),
        rosa.activity("Like", said.uri),
        rosa.activity("Announce", said.uri, to=[PUBLIC]),
    ):
        await rosa.tell(olla, document)
    assert await olla.followers() == []
    assert await olla.told() == told
    peer.heard.clear()
    await olla.say(f"hola @rosa@{peer.origin.removeprefix('http://')}")
    await olla.say("entre aliados", audience="peers")
    await olla.sent()
    assert peer.said("Create") == []


async def test_what_one_collective_says_is_not_served_to_whom_it_blocks(
    olla: Instance, rosa: Person, peer: Peer
) -> None:
    public = await olla.say("para todos")
    whisper = await olla.say("a ti", audience="direct", to=(rosa.id,))
    other = await olla.say("de dos", by="dos")
    assert (await rosa.get(public.uri)).status_code == (await rosa.get(whisper.uri)).status_code == 200
    await olla.node.relations.block(olla.who(), rosa.id)
    assert (await rosa.get(public.uri)).status_code == 403
    assert (await rosa.get(f"{olla.uri()}/outbox")).status_code == 403
    assert (await rosa.get(whisper.uri)).status_code == 404
    assert (await rosa.get(olla.uri())).status_code == 200  # the keys that prove our Block
    assert (await rosa.get(other.uri)).status_code == 200
    assert (await peer.person("juan", 4).get(public.uri)).status_code == 200


async def test_what_the_whole_node_blocks_is_refused_at_the_door(
    olla: Instance, rosa: Person, peer: Peer
) -> None:
    said = await olla.say("hola")
    for handle in olla.handles:
        await olla.node.relations.block(olla.who(handle), peer.origin.removeprefix("http://"))
    assert (await rosa.tell(olla, rosa.activity("Like", said.uri))).status_code == 403
    assert (await rosa.get(said.uri)).status_code == 403
    await olla.node.relations.unblock(olla.who(), peer.origin.removeprefix("http://"))
    assert (await rosa.tell(olla, rosa.activity("Like", said.uri))).status_code == 202


async def test_a_host_is_blocked_however_it_is_written_with_all_its_ports_and_names(olla: Instance) -> None:
    relations = olla.node.relations

    async def blocks(actor: str) -> bool:
        return await olla.look(lambda snapshot: follows.blocks(snapshot, olla.uri(), actor))

    for typed in ("EVIL.example.", "evil.example:443", "evil.example"):
        await relations.block(olla.who(), typed)
        for actor in ("https://evil.example/u", "https://evil.example:8443/u", "https://sub.evil.example/u"):
            assert await blocks(actor), (typed, actor)
        await relations.unblock(olla.who(), "evil.example")
        assert not await blocks("https://evil.example/u")
    await relations.block(olla.who(), "ñandú.cl")
    assert await blocks("https://xn--and-6ma2c.cl/u")
    await relations.block(olla.who(), "evil.example:8443")
    assert [await blocks(f"https://evil.example{port}/u") for port in (":8443", "")] == [True, False]
    for typed, actor in (
        ("[2001:DB8:0::7]", "https://[2001:db8::7]:8443/u"),
        ("2001:db8::443", "https://[2001:db8:0:0::443]/u"),
        ("foo_bar.example", "https://foo_bar.example/u"),
    ):
        await relations.block(olla.who(), typed)
        assert await blocks(actor), typed
        await relations.unblock(olla.who(), typed)
        assert not await blocks(actor), typed
    for typed in ("foo bar.example", ".", "a..example", "[2001:db8::7", "[::g]", "1:2"):
        with pytest.raises(InvalidError, match="host"):
            await relations.block(olla.who(), typed)


async def test_nobody_is_told_of_whom_a_block_of_a_host_above_means(olla: Instance) -> None:
    await olla.node.relations.block(olla.who(), "evil.example")

    def tell(transaction: Transaction) -> None:
        for own in collectives.every(transaction):
            posts.notify(transaction, own.id, "follow", "https://sub.evil.example:8443/u", None)

    await olla.node.database.writer.run(tell)
    assert (len(await olla.told()), len(await olla.told("dos"))) == (0, 1)


async def test_what_was_heard_of_a_server_before_is_shown_no_more(olla: Instance, rosa: Person) -> None:
    said, host = await olla.say("hola"), rosa.id.removeprefix("http://").partition(":")[0]
    await rosa.tell(olla, rosa.activity("Like", said.uri))

    def shown(snapshot: Snapshot, handle: str) -> tuple[list[str], list[str]]:
        own = collectives.by_handle(snapshot, handle)
        assert own is not None
        viewer, page = timelines.Viewer(own.id, own.uri), Window(10)
        told = timelines.notifications(snapshot, viewer, page, types=["favourite"])
        return [post.actor for post in timelines.public(snapshot, viewer, page, remote=True)], [
            each.actor for each in told
        ]

    assert await olla.look(lambda s: shown(s, "olla")) == ([rosa.id], [rosa.id])
    await olla.node.relations.block(olla.who(), host)
    assert await olla.look(lambda s: shown(s, "olla")) == ([], [])
    assert await olla.look(lambda s: shown(s, "dos")) == ([rosa.id], [])


async def test_nobody_trusts_herself_nor_looks_up_with_a_password(olla: Instance) -> None:
    with pytest.raises(InvalidError, match="handle"):
        await olla.node.relations.trust(olla.who(), olla.uri())
    with pytest.raises(InvalidError, match="handle"):
        await olla.node.relations.follow(olla.who(), "https://rosa:secreto@peer.example/u")


async def test_a_block_of_one_collective_takes_nothing_from_another(
    olla: Instance, rosa: Person, peer: Peer
) -> None:
    await rosa.tell(olla, rosa.activity("Follow", olla.uri("dos")))
    await peer.hears("Accept", number=2)
    peer.answers = [503, 503]
    one, two = await olla.say("de una"), await olla.say("de dos", by="dos")
    await olla.node.relations.block(olla.who(), peer.origin.removeprefix("http://"))
    await rosa.tell(olla, rosa.activity("Like", two.uri))  # its server lives: what waits is tried at once
    (heard,) = await peer.hears("Create")
    assert heard["object"]["id"] == two.uri
    assert one.uri not in str(peer.heard)


async def test_words_that_wait_do_not_reach_whom_we_block(olla: Instance, rosa: Person, peer: Peer) -> None:
    peer.answers = [503] * 50
    await olla.say("entre aliados", audience="peers")
    await peer.refuses()
    await olla.node.relations.block(olla.who(), rosa.id)
    peer.answers = []
    await rosa.tell(olla, rosa.activity("Like", olla.uri()))
    await peer.hears("Block")
    assert peer.said("Create") == []


@pytest.mark.parametrize("alone", [True, False])
async def test_what_waits_at_a_shared_inbox_is_kept_only_for_another_follower(
    olla: Instance, rosa: Person, peer: Peer, alone: bool
) -> None:
    if not alone:
        juan = peer.person("juan", 4)
        await juan.tell(olla, juan.activity("Follow", olla.uri()))
        await peer.hears("Accept", number=2)
    await olla.sent()
    peer.answers = [503] * 50
    said = await olla.say("a quienes nos siguen", audience="followers")
    await peer.refuses()
    await olla.node.relations.block(olla.who(), rosa.id)
    peer.answers = []
    await rosa.tell(olla, rosa.activity("Like", olla.uri()))
    await peer.hears("Block")
    await olla.sent()
    assert [each["object"]["id"] for each in peer.said("Create")] == ([] if alone else [said.uri])


async def test_who_blocks_us_gets_no_more_of_us(olla: Instance, rosa: Person, peer: Peer) -> None:
    block = rosa.activity("Block", olla.uri())
    await rosa.tell(olla, block)
    assert await olla.followers() == []
    assert await olla.home() == []
    await olla.say(f"hola @rosa@{peer.origin.removeprefix('http://')}")
    await olla.say("entre aliados", audience="peers")
    await olla.sent()
    assert peer.said("Create") == []
    await rosa.tell(olla, rosa.activity("Undo", block))
    await olla.say(f"hola @rosa@{peer.origin.removeprefix('http://')}")
    await peer.hears("Create")


async def test_blocks_are_decided_by_stewards_once_and_not_of_oneself(olla: Instance, rosa: Person) -> None:
    relations = olla.node.relations
    with pytest.raises(NotPermittedError):
        await relations.block(olla.who(role="cook"), rosa.id)
    with pytest.raises(InvalidError):
        await relations.block(olla.who(), olla.uri())
    with pytest.raises(ConflictError):
        await relations.unblock(olla.who(), rosa.id)
    assert await relations.block(olla.who(), rosa.id) == await relations.block(olla.who(), rosa.id)


async def test_follows_wait_for_a_steward_where_the_node_wants_that(world: World) -> None:
    careful, peer = await world.node("careful", approve=True), await world.peer()
    rosa, juan = peer.person("rosa"), peer.person("juan", 4)
    for person in (rosa, juan):
        await person.tell(careful, person.activity("Follow", careful.uri()))
    assert await careful.followers() == []
    assert ("follow_request", rosa.id) in await careful.told()
    await careful.node.relations.approve(careful.who(), rosa.id)
    await careful.node.relations.refuse(careful.who(), juan.id)
    await peer.hears("Accept", inbox="/users/rosa/inbox")
    await peer.hears("Reject", inbox="/users/juan/inbox")
    assert await careful.followers() == [rosa.id]


async def test_a_follow_of_another_id_is_accepted_anew(olla: Instance, peer: Peer) -> None:
    rosa = peer.person("rosa")
    for number in (1, 2):
        follow = rosa.activity("Follow", olla.uri())
        await rosa.tell(olla, follow)
        accepted = (await peer.hears("Accept", number=number))[-1]
        assert accepted["object"]["id"] == follow["id"]
    assert await olla.followers() == [rosa.id]


@pytest.mark.parametrize("agreed", ["both", "old place", "new place"])
async def test_a_move_is_followed_only_where_both_places_name_each_other(
    olla: Instance, rosa: Person, world: World, agreed: str
) -> None:
    elsewhere = await world.peer()
    target = elsewhere.person("rosa", 4, alsoKnownAs=[] if agreed == "old place" else [rosa.id])
    if agreed != "new place":
        rosa.more["movedTo"] = target.id
    await rosa.tell(olla, rosa.activity("Move", rosa.id, target=target.id))
    if agreed == "both":
        await elsewhere.hears("Follow")
        assert not await olla.follows(rosa.id)
    else:
        await olla.sent()
        assert elsewhere.said("Follow") == []
        assert await olla.follows(rosa.id)


async def test_nobody_makes_us_look_up_where_somebody_moved_whom_we_do_not_follow(
    olla: Instance, peer: Peer, world: World
) -> None:
    elsewhere, juan = await world.peer(), peer.person("juan", 4)
    target = elsewhere.person("juan", 4, alsoKnownAs=[juan.id])
    juan.more["movedTo"] = target.id
    await juan.tell(olla, juan.activity("Move", juan.id, target=target.id))
    await olla.digested()
    assert elsewhere.asked == []


async def test_whom_one_collective_blocks_reaches_its_neighbours_and_not_itself(
    olla: Instance, peer: Peer, world: World
) -> None:
    """Two collectives share a node, and only the first blocks."""
    rosa = peer.person("rosa")
    said = await olla.say("hola")
    need = await olla.node.publisher.publish(olla.who(), "need", {"what": "sal", "quantity": "10 kg"})
    await olla.node.relations.block(olla.who(), rosa.id)
    amount = {"hasUnit": "kilogram", "hasNumericalValue": "5"}
    agreement = {
        "type": "Agreement",
        "stipulates": {
            "type": "Commitment",
            "satisfies": f"{need.uri}/proposal#primary",
            "resourceQuantity": amount,
        },
    }
    offer = rosa.activity("Offer", agreement, to=[olla.uri()])
    answer, mention = rosa.note("no", inReplyTo=said.uri), rosa.note("a las dos")
    await rosa.tell(olla, offer, handle="olla")
    await rosa.tell(olla, rosa.activity("Create", answer), handle="olla")
    await rosa.tell(olla, rosa.activity("Create", mention), handle="olla")
    await rosa.tell(olla, rosa.activity("Like", said.uri), handle="olla")
    await rosa.tell(olla, rosa.activity("Announce", said.uri, to=[PUBLIC]), handle="olla")
    for uri in (offer["id"], answer["id"], mention["id"]):
        assert await olla.thing(uri) is None
    likes = await olla.look(lambda s: gathering.counts(s, [said.id])[said.id])
    assert likes == Counts(0, 0, 0)
    await rosa.tell(olla, rosa.activity("Create", mention, id=f"{mention['id']}/again"), handle="dos")
    assert await olla.thing(mention["id"]) is not None
