"""Who may come in, and what is kept of it."""

import asyncio

import pytest

from node.access import Access
from node.errors import ConflictError, InvalidError, UnauthorizedError, UnknownError

PASSWORD = "porotos con riendas"


@pytest.fixture
def access(database):
    return Access(database)


async def test_a_member_logs_in_with_her_password_only(access, esperanza):
    member = await access.add(esperanza.id, "rosa", "cook", PASSWORD)

    assert (await access.log_in("rosa", PASSWORD)).id == member.id
    for name, password in [("rosa", "porotos sin riendas"), ("elena", PASSWORD), ("rosa", "")]:
        with pytest.raises(UnauthorizedError, match="Name or password"):
            await access.log_in(name, password)


async def test_a_member_without_a_password_cannot_log_in(access, esperanza):
    await access.add(esperanza.id, "rosa", "cook")

    with pytest.raises(UnauthorizedError):
        await access.log_in("rosa", "")


async def test_a_password_is_the_same_however_its_letters_are_composed(access, esperanza):
    await access.add(esperanza.id, "rosa", "cook", "mañana cocino")

    assert await access.log_in("rosa", "mañana cocino")


async def test_neither_password_nor_token_is_readable_on_the_disk(access, esperanza, database):
    await access.add(esperanza.id, "rosa", "cook", PASSWORD)
    token = await access.make_token(esperanza.id, "rosa", "read write")

    stored = b"".join(path.read_bytes() for path in database.path.parent.glob("minga.db*"))
    assert PASSWORD.encode() not in stored
    assert token.encode() not in stored
    assert b"$argon2id$" in stored


async def test_a_token_leads_to_its_member_and_collective(access, esperanza):
    member = await access.add(esperanza.id, "rosa", "cook")
    entrant = await access.resolve(await access.make_token(esperanza.id, "rosa", "read write:statuses"))

    assert entrant.collective == esperanza
    assert (entrant.speaker.actor, entrant.speaker.role, entrant.speaker.member) == (
        esperanza.uri,
        "cook",
        member.id,
    )
    assert entrant.allows("read:accounts")
    assert entrant.allows("write:statuses")
    assert not entrant.allows("write")
    assert not entrant.allows("follow")


async def test_the_operators_token_speaks_without_a_member(access, esperanza):
    entrant = await access.resolve(await access.make_token(esperanza.id, None, "read"))

    assert (entrant.speaker.role, entrant.speaker.member) == ("operator", None)


@pytest.mark.parametrize("token", ["", "nonsense", "\ud800", "x" * 10_000])
async def test_a_token_that_was_never_given_is_refused(access, esperanza, token):
    with pytest.raises(UnauthorizedError):
        await access.resolve(token)


async def test_a_token_dies_when_it_is_revoked_and_when_its_member_leaves(access, esperanza):
    await access.add(esperanza.id, "rosa", "cook")
    revoked = await access.make_token(esperanza.id, "rosa", "read")
    left = await access.make_token(esperanza.id, "rosa", "read")

    await access.revoke(revoked)
    await access.resolve(left)
    await access.remove(esperanza.id, "rosa")

    for token in (revoked, left):
        with pytest.raises(UnauthorizedError):
            await access.resolve(token)


async def test_a_change_of_role_holds_for_tokens_given_before(access, esperanza):
    await access.add(esperanza.id, "rosa", "cook")
    token = await access.make_token(esperanza.id, "rosa", "read")

    await access.set_role(esperanza.id, "rosa", "newcomer")

    assert (await access.resolve(token)).speaker.role == "newcomer"


async def test_a_member_of_one_collective_may_nothing_in_another(access, esperanza, villasol):
    await access.add(esperanza.id, "rosa", "cook")

    assert await access.list(villasol.id) == []
    with pytest.raises(UnknownError, match="rosa"):
        await access.speaker(villasol, "rosa")
    with pytest.raises(UnknownError):
        await access.make_token(villasol.id, "rosa", "read")


async def test_somebody_in_two_collectives_keeps_one_password_and_leaves_each_alone(
    access, esperanza, villasol
):
    await access.add(esperanza.id, "rosa", "cook", PASSWORD)
    await access.add(villasol.id, "rosa", "steward")
    with pytest.raises(ConflictError):
        await access.add(villasol.id, "rosa", "cook")

    await access.remove(esperanza.id, "rosa")

    assert (await access.log_in("rosa", PASSWORD)).name == "rosa"
    assert (await access.speaker(villasol, "rosa")).role == "steward"


async def test_a_stranger_in_another_collective_cannot_reset_her_password(access, esperanza, villasol):
    await access.add(esperanza.id, "rosa", "cook", PASSWORD)

    with pytest.raises(ConflictError):
        await access.add(villasol.id, "rosa", "cook", "otra clave larga")

    assert await access.log_in("rosa", PASSWORD)


@pytest.mark.parametrize(
    ("name", "role", "password", "field"),
    [
        ("", "cook", None, "name"),
        ("r" * 61, "cook", None, "name"),
        ("ro\nsa", "cook", None, "name"),
        ("rosa", "chef", None, "role"),
        ("rosa", "operator", None, "role"),
        ("rosa", "cook", "short", "password"),
    ],
)
async def test_what_will_not_do_is_refused_by_field(access, esperanza, name, role, password, field):
    with pytest.raises(InvalidError) as refused:
        await access.add(esperanza.id, name, role, password)

    assert refused.value.field == field
    assert await access.list(esperanza.id) == []


@pytest.mark.parametrize("scopes", ["", "admin", "read admin:write"])
async def test_scopes_that_are_not_offered_are_refused(access, esperanza, scopes):
    with pytest.raises(InvalidError, match="scopes"):
        await access.make_token(esperanza.id, None, scopes)


async def test_two_people_of_one_name_at_once_end_as_one(access, esperanza):
    outcomes = await asyncio.gather(
        *(access.add(esperanza.id, "rosa", "cook") for _ in range(3)), return_exceptions=True
    )

    assert sum(isinstance(outcome, ConflictError) for outcome in outcomes) == 2
    assert len(await access.list(esperanza.id)) == 1
