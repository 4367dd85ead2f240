"""A doubt about an identity ends by its root or by a steward, never by what the operating keys say next."""

import secrets
from datetime import timedelta

import pytest

from federation.identity import make_keys, move_key
from federation.interfaces import ActorKey
from federation.keys import ed25519_of_seed, multikey, public_pem
from node.errors import ConflictError, NotPermittedError
from node.recovery import Roots
from tests.fediverse import Instance, Peer, Person, World, rsa


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


@pytest.fixture
def roots() -> Roots:
    return Roots.make(secrets.token_bytes)


@pytest.fixture
async def elsewhere(world: World) -> Peer:
    return await world.peer()


@pytest.fixture
async def fund(olla: Instance, world: World, roots: Roots, elsewhere: Peer) -> Person:
    """A trusted actor with an identity statement, whose operating keys moved it: it is in doubt."""
    person = (await world.peer()).person("fund")
    person.more["attachment"] = [roots.found(person.id, world.clock()).statement]
    await olla.hear(person)
    await olla.node.relations.trust(olla.who(), person.id)
    thief = elsewhere.person("fund", 4, alsoKnownAs=[person.id])
    person.more["movedTo"] = thief.id
    await person.tell(olla, person.activity("Move", person.id, target=thief.id))
    assert await olla.state_of(person.id) == "doubt"
    return person


def rekeyed(person: Person, number: int = 5) -> Person:
    """The same actor with other keys, as its server shows it from now on."""
    return person.peer.person(person.name, number, **person.more)


async def told_times(olla: Instance) -> int:
    return [kind for kind, _ in await olla.told()].count("doubt")


async def test_a_doubt_outlives_what_the_same_keys_say_next(
    olla: Instance, fund: Person, world: World
) -> None:
    await fund.tell(olla, fund.activity("Update", fund.document()))
    del fund.more["movedTo"]
    world.ahead += timedelta(days=2)
    await fund.tell(olla, fund.activity("Create", fund.note("somos nosotras")))
    assert await olla.state_of(fund.id) == "doubt"
    await olla.say("entre pares", audience="peers")
    await olla.sent()
    assert fund.peer.said("Create") == []


async def test_who_is_in_doubt_fetches_nothing_that_is_for_peers(olla: Instance, fund: Person) -> None:
    said = await olla.say("entre pares", audience="peers")
    assert (await fund.get(said.uri)).status_code == 404
    del fund.more["movedTo"]
    await olla.node.relations.believe(olla.who(), fund.id)
    assert (await fund.get(said.uri)).status_code == 200


async def test_other_keys_stay_in_doubt_when_the_old_ones_are_shown_again(
    olla: Instance, world: World, roots: Roots
) -> None:
    person = (await world.peer()).person("fund")
    person.more["attachment"] = [roots.found(person.id, world.clock()).statement]
    await olla.hear(person)
    await person.tell(olla, person.activity("Update", rekeyed(person).document()))
    assert await olla.state_of(person.id) == "doubt"
    back = rekeyed(person, 3)
    await back.tell(olla, back.activity("Update", back.document()))
    assert await olla.state_of(person.id) == "doubt"


async def test_new_keys_by_the_root_end_a_doubt(
    olla: Instance, fund: Person, world: World, roots: Roots
) -> None:
    new = ed25519_of_seed(bytes([5]) * 32)
    listed = [
        ActorKey(fund.sender.ed25519_key_id, fund.id, "ed25519", multikey(new.public_key())),
        ActorKey(fund.sender.rsa_key_id, fund.id, "rsa", public_pem(rsa(5).public_key())),
    ]
    fund.more["attachment"].append(
        make_keys(
            fund.id,
            listed,
            sequence=1,
            move=move_key(roots.first),
            new=new,
            new_key_id=fund.sender.ed25519_key_id,
            now=world.clock(),
        )
    )
    changed = rekeyed(fund)
    assert (await changed.tell(olla, changed.activity("Create", changed.note("volvimos")))).status_code == 202
    assert await olla.state_of(fund.id) == "ok"
    assert await told_times(olla) == 0


async def test_a_steward_believes_what_is_shown_and_a_later_doubt_is_told_anew(
    olla: Instance, fund: Person, world: World
) -> None:
    fund.more["attachment"] = [Roots.make(secrets.token_bytes).found(fund.id, world.clock()).statement]
    changed = rekeyed(fund)
    await fund.tell(olla, fund.activity("Update", changed.document()))
    with pytest.raises(NotPermittedError):
        await olla.node.relations.believe(olla.who(role="cook"), fund.id)
    await olla.node.relations.believe(olla.who(), fund.id)
    assert await olla.state_of(fund.id) == "ok"
    note = changed.note("perdimos las palabras")
    assert (await changed.tell(olla, changed.activity("Create", note))).status_code == 202
    assert await olla.reads(note["id"])
    world.ahead += timedelta(days=2)
    await changed.tell(olla, changed.activity("Update", changed.document()))
    assert await olla.state_of(fund.id) == "ok"
    with pytest.raises(ConflictError):
        await olla.node.relations.believe(olla.who(), fund.id)
    assert await told_times(olla) == 0
    await changed.tell(olla, changed.activity("Update", rekeyed(fund, 4).document()))
    assert await told_times(olla) == 1


async def test_whom_a_steward_does_not_believe_she_blocks_even_when_their_server_is_gone(
    olla: Instance, fund: Person, world: World
) -> None:
    fund.peer.gone.add("/users/fund")
    world.ahead += timedelta(days=2)
    await olla.node.relations.block(olla.who(), fund.id)
    assert not await olla.follows(fund.id)
