"""Whoever takes a server or its domain does not thereby become the collective: keys change only as its roots say."""

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from federation.identity import make_keys, move_key
from federation.interfaces import ActorKey
from federation.keys import ed25519_of_seed, multikey, public_pem
from node.recovery import Roots
from node.storage import activities, collectives, posts
from node.storage.database import Snapshot
from tests.fediverse import Instance, JsonObject, Person, World, rsa


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


@pytest.fixture
def roots() -> Roots:
    return Roots.make(secrets.token_bytes)


@pytest.fixture
async def fund(olla: Instance, world: World, roots: Roots) -> Person:
    """An actor with an identity statement, whom our collective follows."""
    person = (await world.peer()).person("fund")
    person.more["attachment"] = [roots.found(person.id, world.clock()).statement]
    await olla.hear(person)
    return person


def rekeyed(person: Person) -> Person:
    """The same actor with other keys, as its server shows it from now on."""
    changed = person.peer.person(person.name, 5, **person.more)
    assert changed.id == person.id
    return changed


async def kept(olla: Instance, activity: JsonObject) -> bool:
    return bool(await olla.look(lambda s: activities.heard(s, activity["id"], activity["actor"])))


async def test_new_keys_without_a_statement_are_not_believed_and_stewards_are_told(
    olla: Instance, fund: Person
) -> None:
    taken = rekeyed(fund)
    note = taken.note("transfieran a esta cuenta")
    answer = await taken.tell(olla, taken.activity("Create", note))
    assert answer.status_code == 401
    assert await olla.thing(note["id"]) is None
    assert await olla.state_of(fund.id) == "doubt"
    assert ("doubt", fund.id) in await olla.told()
    assert "identity-in-doubt" in await olla.incidents()
    honest = fund.note("no fuimos nosotras")
    assert (await fund.tell(olla, fund.activity("Create", honest))).status_code == 202
    assert await olla.reads(honest["id"])


@pytest.mark.parametrize("hides", ["drops the statement", "brings another root"])
async def test_a_taken_server_does_not_shake_off_the_identity(
    olla: Instance, fund: Person, world: World, hides: str
) -> None:
    other = Roots.make(secrets.token_bytes).found(fund.id, world.clock()).statement
    fund.more["attachment"] = [] if hides == "drops the statement" else [other]
    taken = rekeyed(fund)
    note = taken.note("transfieran a esta cuenta")
    assert (await taken.tell(olla, taken.activity("Create", note))).status_code == 401
    assert await olla.thing(note["id"]) is None
    assert await olla.state_of(fund.id) == "doubt"


async def test_new_keys_with_a_fitting_statement_are_believed(
    olla: Instance, fund: Person, world: World, roots: Roots
) -> None:
    statement = _statement(fund, 5, roots, world)
    fund.more["attachment"].append(statement)
    changed = rekeyed(fund)
    note = changed.note("cambiamos las llaves")
    assert (await changed.tell(olla, changed.activity("Create", note))).status_code == 202
    assert await olla.reads(note["id"])
    assert await olla.state_of(fund.id) == "ok"


def _statement(fund: Person, number: int, roots: Roots, world: World) -> dict[str, Any]:
    """By its root: these are the keys of the fund now."""
    new = ed25519_of_seed(bytes([number]) * 32)
    listed = [
        ActorKey(fund.sender.ed25519_key_id, fund.id, "ed25519", multikey(new.public_key())),
        ActorKey(fund.sender.rsa_key_id, fund.id, "rsa", public_pem(rsa(number).public_key())),
    ]
    return make_keys(
        fund.id,
        listed,
        sequence=1,
        move=move_key(roots.first),
        new=new,
        new_key_id=fund.sender.ed25519_key_id,
        now=world.clock(),
    )


async def test_an_old_statement_does_not_bring_back_keys_that_were_replaced(
    olla: Instance, fund: Person, world: World, roots: Roots
) -> None:
    """The first keys were stolen, and replaced; the thief also takes the server and shows what it served before."""
    former = {**fund.more, "attachment": [*fund.more["attachment"], _statement(fund, 3, roots, world)]}
    fund.more["attachment"].append(_statement(fund, 5, roots, world))
    changed = rekeyed(fund)
    note = changed.note("cambiamos las llaves")
    assert (await changed.tell(olla, changed.activity("Create", note))).status_code == 202
    world.ahead += timedelta(minutes=10)
    thief = fund.peer.person(fund.name, 3, **former)
    false = thief.note("transfieran a esta cuenta")
    assert (await thief.tell(olla, thief.activity("Create", false))).status_code == 401
    assert await olla.thing(false["id"]) is None
    assert await olla.state_of(fund.id) == "doubt"


async def test_a_server_that_shows_no_key_for_a_while_does_not_rekey_an_actor(
    olla: Instance, fund: Person, world: World
) -> None:
    await olla.node.relations.trust(olla.who(), fund.id)
    taken = rekeyed(fund)
    taken.more |= {"publicKey": [], "assertionMethod": []}
    world.ahead += timedelta(days=2)
    assert (await taken.tell(olla, taken.activity("Create", taken.note("uno")))).status_code == 401
    assert await olla.state_of(fund.id) == "doubt"
    assert ("doubt", fund.id) in await olla.told()
    await olla.node.relations.believe(olla.who(), fund.id)
    assert await olla.state_of(fund.id) == "ok"
    del taken.more["publicKey"], taken.more["assertionMethod"]
    world.ahead += timedelta(days=2)
    note = taken.note("transfieran a esta cuenta")
    assert (await taken.tell(olla, taken.activity("Create", note))).status_code == 401
    assert await olla.thing(note["id"]) is None
    assert await olla.state_of(fund.id) == "doubt"
    await olla.say("entre pares", audience="peers")
    await olla.sent()
    assert fund.peer.said("Create") == []


async def test_keys_that_come_after_an_identity_are_not_believed_without_its_root(
    olla: Instance, world: World, roots: Roots
) -> None:
    person = (await world.peer()).person("fund", publicKey=[], assertionMethod=[])
    person.more["attachment"] = [roots.found(person.id, world.clock()).statement]
    assert (await person.tell(olla, person.activity("Follow", olla.uri()))).status_code == 401
    del person.more["publicKey"], person.more["assertionMethod"]
    world.ahead += timedelta(days=2)
    assert (await person.tell(olla, person.activity("Follow", olla.uri()))).status_code == 401
    assert await olla.state_of(person.id) == "doubt"


@pytest.mark.parametrize("number", [5, 3])
async def test_what_is_said_to_one_in_doubt_goes_where_it_went_before(
    olla: Instance, fund: Person, world: World, number: int
) -> None:
    await fund.tell(olla, fund.activity("Follow", olla.uri()))
    await fund.peer.hears("Accept")
    fund.more |= {"inbox": f"{fund.id}/thief", "endpoints": {"sharedInbox": f"{fund.peer.origin}/thief"}}
    fund.more["followers"] = f"{fund.id}/thief"
    for shown in (5, number):  # the thief may show the keys again that are known
        taken = fund.peer.person(fund.name, shown, **fund.more)
        world.ahead += timedelta(days=2)
        await fund.tell(olla, taken.activity("Create", taken.note()))
        assert await olla.state_of(fund.id) == "doubt"
    await olla.say("a ustedes", audience="direct", to=(fund.id,))
    await olla.say("a quienes nos siguen", audience="followers")
    await olla.sent()
    assert fund.peer.said("Create", inbox="/thief") == []
    assert len(fund.peer.said("Create", inbox="/inbox")) == 2
    await olla.node.relations.believe(olla.who(), fund.id)
    await olla.say("a ustedes", audience="direct", to=(fund.id,))
    await olla.sent()
    assert len(fund.peer.said("Create", inbox=f"/users/{fund.name}/thief")) == 1


@pytest.mark.parametrize(
    ("moved", "state"),
    [
        (("inbox",), "doubt"),
        (("endpoints", "sharedInbox"), "doubt"),
        (("endpoints", "other"), "ok"),
    ],
)
async def test_other_inboxes_are_not_believed_of_the_keys_that_are_known_either(
    olla: Instance, fund: Person, world: World, moved: tuple[str, ...], state: str
) -> None:
    thief = f"{fund.peer.origin}/thief"
    fund.more[moved[0]] = thief if moved == ("inbox",) else {moved[1]: thief}
    world.ahead += timedelta(hours=1)
    await fund.peer.person("other", 4).post(fund.spoken("Update", fund.document()), f"{olla.origin}/inbox")
    await olla.digested()
    assert await olla.state_of(fund.id) == state
    assert (("doubt", fund.id) in await olla.told()) == (state == "doubt")
    await olla.say("a ustedes", audience="direct", to=(fund.id,))
    await fund.peer.hears("Create", inbox=f"/users/{fund.name}/inbox")


async def test_a_key_that_is_to_be_revoked_one_day_is_not_believed_either(
    olla: Instance, fund: Person, world: World
) -> None:
    thief = rekeyed(fund)
    false = {**thief.document()["publicKey"], "id": f"{fund.id}#other", "revoked": "2999-01-01T00:00:00Z"}
    honest = fund.peer.person(fund.name, 3, **fund.more)
    honest.more["publicKey"] = [honest.document()["publicKey"], false]
    thief.sender = replace(thief.sender, rsa_key_id=false["id"])
    world.ahead += timedelta(days=2)
    note = thief.note("transfieran a esta cuenta")
    assert (await thief.tell(olla, thief.activity("Create", note))).status_code == 401
    assert await olla.thing(note["id"]) is None
    assert await olla.state_of(fund.id) == "doubt"


async def test_an_update_to_other_keys_is_kept_without_effect(olla: Instance, fund: Person) -> None:
    update = fund.activity("Update", rekeyed(fund).document())
    await fund.tell(olla, update)
    assert await olla.state_of(fund.id) == "doubt"
    assert await kept(olla, update)
    assert await olla.check() == []


async def test_an_actor_with_an_identity_is_never_erased_by_its_server(olla: Instance, fund: Person) -> None:
    note = fund.note("seguimos")
    await fund.tell(olla, fund.activity("Create", note))
    fund.peer.gone.add(f"/users/{fund.name}")
    farewell = fund.activity("Delete", fund.id)
    await fund.tell(olla, farewell)
    assert await olla.state_of(fund.id) == "doubt"
    assert ("doubt", fund.id) in await olla.told()
    assert "identity-in-doubt" in await olla.incidents()
    assert await kept(olla, farewell)
    assert await olla.check() == []
    assert await olla.document(note["id"]) == note
    assert await olla.follows(fund.id)


async def test_a_goodbye_that_nobody_can_prove_any_more_is_shown_to_the_steward(
    olla: Instance, fund: Person, world: World
) -> None:
    fund.peer.gone.add(f"/users/{fund.name}")
    world.ahead += timedelta(days=2)
    assert (await fund.tell(olla, fund.activity("Delete", fund.id))).status_code == 202
    assert await olla.state_of(fund.id) == "dormant"
    assert ("doubt", fund.id) in await olla.told()
    assert "identity-in-doubt" in await olla.incidents()
    assert await olla.follows(fund.id)


@pytest.mark.parametrize("back", ["she speaks", "her server is asked", "not at all"])
async def test_a_goodbye_that_was_told_keeps_no_later_doubt_from_stewards(
    olla: Instance, fund: Person, world: World, back: str
) -> None:
    fund.peer.gone.add(f"/users/{fund.name}")
    world.ahead += timedelta(days=2)
    await fund.tell(olla, fund.activity("Delete", fund.id))
    (goodbye,) = await doubts(olla)
    fund.peer.gone.clear()
    world.ahead += timedelta(hours=1)
    if back == "she speaks":
        await fund.tell(olla, fund.activity("Create", fund.note("aquí estoy")))
    elif back == "her server is asked":
        await fund.peer.person("other", 4).post(
            fund.spoken("Update", fund.document()), f"{olla.origin}/inbox"
        )
        await olla.digested()
    assert await olla.state_of(fund.id) == ("dormant" if back == "not at all" else "ok")
    assert await doubts(olla) == ([goodbye] if back == "not at all" else [])
    world.ahead += timedelta(days=2)
    taken = rekeyed(fund)
    await taken.tell(olla, taken.activity("Create", taken.note("transfieran a esta cuenta")))
    assert await olla.state_of(fund.id) == "doubt"
    (told,) = await doubts(olla)
    assert told > goodbye
    await taken.tell(olla, taken.activity("Create", taken.note("transfieran ya")))
    assert await doubts(olla) == [told]


async def doubts(olla: Instance) -> list[int]:
    """The numbers of what its stewards were told of doubts."""

    def look(snapshot: Snapshot) -> list[int]:
        own = collectives.by_uri(snapshot, olla.uri())
        assert own is not None
        return [row.id for row in posts.notifications(snapshot, own.id) if row.type == "doubt"]

    found: list[int] = await olla.look(look)
    return found


async def test_an_actor_without_an_identity_may_change_its_keys(olla: Instance, world: World) -> None:
    person = (await world.peer()).person("rosa")
    await olla.hear(person)
    changed = rekeyed(person)
    note = changed.note("perdí el servidor")
    assert (await changed.tell(olla, changed.activity("Create", note))).status_code == 202
    assert await olla.document(note["id"]) == note


async def test_the_keys_of_a_taken_server_do_not_move_its_followers(
    olla: Instance, fund: Person, world: World
) -> None:
    elsewhere = await world.peer()
    thief = elsewhere.person("fund", 4, alsoKnownAs=[fund.id])
    fund.more["movedTo"] = thief.id
    await fund.tell(olla, fund.activity("Move", fund.id, target=thief.id))
    await olla.sent()
    assert await olla.follows(fund.id)
    assert elsewhere.said("Follow") == []
    assert await olla.state_of(fund.id) == "doubt"
    assert ("doubt", fund.id) in await olla.told()
