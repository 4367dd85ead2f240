"""The board: what a reader may see of what is true now, whatever else there is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from node.board import Line, board
from node.desk import Desk
from node.domain.kind import Audience
from node.errors import InvalidError
from node.storage import collectives, posts
from node.storage.collectives import Collective
from node.storage.database import Row, Snapshot
from node.tongues import Tongue
from tests.fediverse import Instance, World
from tests.node.api.conftest import app


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


async def own_of(instance: Instance, handle: str) -> Collective:
    found = await instance.look(lambda s: collectives.by_uri(s, instance.uri(handle)))
    assert isinstance(found, Collective)
    return found


async def ask(olla: Instance, what: str, *, audience: Audience = Audience.PUBLIC, **fields: str) -> str:
    given = {"what": what, "quantity": "10 kg", **fields}
    said = await olla.node.publisher.publish(olla.who(), "need", given, audience=audience)
    return said.uri


async def lines(
    olla: Instance, *, reader: str = "", limit: int = 100, only_open: bool = False, before: int | None = None
) -> list[Line]:
    found: list[Line] = await olla.look(
        lambda s: board(s, olla.origin, reader, limit=limit, only_open=only_open, before=before)
    )
    return found


@pytest.mark.parametrize("reader", ["", "https://elsewhere.example/c/another"])
async def test_what_a_reader_may_not_see_hides_nothing_older(olla: Instance, reader: str) -> None:
    first, second = await ask(olla, "sal"), await ask(olla, "arroz")
    for _ in range(5):
        await ask(olla, "lentejas", audience=Audience.PEERS)
    assert [line.uri for line in await lines(olla, reader=reader, limit=3)] == [second, first]
    assert [line.uri for line in await lines(olla, reader=reader, limit=1)] == [second]


async def test_what_is_not_announced_is_on_no_board_of_strangers(olla: Instance) -> None:
    listed = await ask(olla, "sal")
    for urgent in ("sí", "no"):
        await ask(olla, "lentejas", audience=Audience.UNLISTED, urgent=urgent)
    assert [line.uri for line in await lines(olla)] == [listed]
    assert len(await lines(olla, reader=olla.uri())) == 3


async def test_a_need_whose_deadline_is_over_is_not_open_any_more(olla: Instance, world: World) -> None:
    day = (world.clock() + timedelta(days=2)).date().isoformat()
    late, standing = await ask(olla, "sal", by=day), await ask(olla, "arroz")
    assert {line.uri: line.state for line in await lines(olla)} == {late: "open", standing: "open"}
    world.ahead += timedelta(days=10)
    assert {line.uri: line.state for line in await lines(olla)} == {late: "expired", standing: "open"}
    assert [line.uri for line in await lines(olla, only_open=True)] == [standing]


async def test_what_is_urgent_stands_first_on_however_many_pages(olla: Instance, world: World) -> None:
    day = (world.clock() + timedelta(days=2)).date().isoformat()
    plain = [await ask(olla, "sal"), await ask(olla, "arroz")]
    gas = await ask(olla, "gas", urgent="sí")
    plain.append(await ask(olla, "aceite"))
    water = await ask(olla, "agua", urgente="sí", by=day)
    wanted = [water, gas, *reversed(plain)]
    shown = await lines(olla)
    assert [line.uri for line in shown] == wanted
    assert [line.urgent for line in shown] == [True, True, False, False, False]
    paged = await lines(olla, limit=1)
    while page := await lines(olla, limit=1, before=paged[-1].id):
        paged += page
    assert [line.uri for line in paged] == wanted
    world.ahead += timedelta(days=10)
    assert [line.uri for line in await lines(olla)] == [gas, water, *reversed(plain)]
    assert [line.uri for line in await lines(olla, only_open=True)] == [gas, *reversed(plain)]


async def test_who_follows_only_the_kitchen_sees_what_arrived_of_pledges_it_never_heard_of(
    olla: Instance, world: World
) -> None:
    giver, reader = await world.node("cooperativa"), await world.node("vecina")
    for instance in (giver, reader):
        await instance.follow(olla.address())
    need = await ask(olla, "arroz")
    await giver.until(lambda: giver.reads(need))
    said = await giver.node.publisher.publish(giver.who(), "pledge", {"need": need, "quantity": "8 kg"})
    await world.quiet()
    await olla.node.publisher.accept(olla.who(), said.uri)
    fields = {"of": said.uri, "quantity": "3 kg", "more": "sí"}
    await olla.node.publisher.publish(olla.who(), "receipt", fields)
    await world.quiet()
    for instance in (olla, giver, reader):
        (line,) = await lines(instance, reader=instance.uri())
        assert [str(q and q.value) for q in (line.received, line.promised, line.lacking)] == ["3", "5", "2"]


async def test_only_what_is_said_here_or_by_whom_we_follow_stands_on_the_board(
    olla: Instance, world: World
) -> None:
    shop = await world.node("tienda")
    asked = {"what": "relojes", "quantity": "9 unidades", "urgent": "sí"}
    for fields in (asked, asked | {"urgent": ""}):
        said = await shop.node.publisher.publish(shop.who(), "need", fields, to=(olla.uri(),))
        await olla.until(lambda uri=said.uri: olla.thing(uri))
    for reader in ("", olla.uri()):
        assert await lines(olla, reader=reader) == []
    await olla.follow(shop.address())
    for reader in ("", olla.uri()):
        assert [line.what for line in await lines(olla, reader=reader)] == ["relojes", "relojes"]
    await olla.node.relations.unfollow(olla.who(), shop.uri())
    for reader in ("", olla.uri()):
        assert await lines(olla, reader=reader) == []


class Counted(Snapshot):
    """A snapshot that counts what is asked of it."""

    asked = 0

    def one(self, sql: str, *parameters: Any) -> Row | None:
        self.asked += 1
        return super().one(sql, *parameters)

    def all(self, sql: str, *parameters: Any) -> list[Row]:
        self.asked += 1
        return super().all(sql, *parameters)

    def value(self, sql: str, *parameters: Any) -> Any:
        self.asked += 1
        return super().value(sql, *parameters)


async def statements(olla: Instance) -> int:
    def look(snapshot: Snapshot) -> int:
        counted = Counted(snapshot._connection, snapshot.now)
        own = next(iter(collectives.every(snapshot)))
        desk = Desk(counted, olla.origin, own, Tongue.of("es", ZoneInfo(own.timezone)))
        desk.waiting("Elena", "steward")
        desk.news(0)
        board(counted, olla.origin, own.uri)
        return counted.asked

    found: int = await olla.look(look)
    return found


async def test_more_needs_ask_the_database_for_no_more_statements(olla: Instance) -> None:
    await ask(olla, "sal")
    few = await statements(olla)
    for what in ("arroz", "aceite", "gas", "porotos"):
        await ask(olla, what)
    assert await statements(olla) == few


async def test_a_board_of_what_others_lack_is_not_filled_with_ones_own(olla: Instance) -> None:
    uri = await ask(olla, "sal")

    def others(reader: str) -> Callable[[Snapshot], list[Line]]:
        return lambda s: board(s, olla.origin, reader, limit=1, others=True)

    assert await olla.look(others(olla.uri())) == []
    assert [line.uri for line in await olla.look(others("https://elsewhere.example/c/coop"))] == [uri]


async def test_whom_we_block_stands_on_no_board_of_ours_whoever_else_here_follows_them(world: World) -> None:
    here, theirs = await world.node("esperanza", "norte"), await world.node("vecina")
    await here.follow(theirs.address(), by="norte")
    asked = await ask(theirs, "arroz")
    await here.until(lambda: here.reads(asked, "norte"))
    need = await ask(here, "sal")
    await theirs.node.relations.follow(theirs.who(), here.address("esperanza"))
    reply = await theirs.say("llevo 5 kg", in_reply_to=need)
    await here.until(lambda: here.thing(reply.uri))
    await theirs.node.publisher.publish(theirs.who(), "pledge", {"need": need, "quantity": "3 kg"})
    await world.quiet()

    def waits(snapshot: Snapshot) -> tuple[int, int, int]:
        own = collectives.by_uri(snapshot, here.uri("esperanza"))
        assert own is not None
        desk = Desk(snapshot, here.origin, own, Tongue.of("es", ZoneInfo("America/Santiago")))
        about = [each for each in desk.news(0) if each.who.uri == theirs.uri()]
        waiting = desk.waiting("Elena", "steward")
        return len(waiting.replies), len(waiting.offers), len(about)

    async def shown(handle: str) -> set[str]:
        found = await lines(here, reader=here.uri(handle))
        return {line.uri for line in found}

    assert asked in await shown("esperanza")
    assert all(await here.look(waits))
    esperanza = here.who("esperanza")
    await here.node.moderation.limit(esperanza, await own_of(here, "esperanza"), theirs.uri(), "")
    assert await here.look(waits) == (0, 1, 0)  # what she offers by name is still to be answered
    await here.node.relations.block(esperanza, theirs.address(), "")
    with pytest.raises(InvalidError, match="whom you do not block"):  # from a form that was opened before
        await here.node.publisher.publish(esperanza, "pledge", {"need": asked, "quantity": "1 kg"})
    assert asked not in await shown("esperanza")
    assert await here.look(waits) == (0, 0, 0)
    assert asked in await shown("norte")


async def test_who_promised_reads_that_it_was_refused_and_why(olla: Instance, world: World) -> None:
    coop = await world.node("cooperativa")
    await coop.follow(olla.address())
    need = await ask(olla, "arroz")
    await coop.until(lambda: coop.reads(need))
    for answer in (olla.node.publisher.accept, olla.node.publisher.reject):
        said = await coop.node.publisher.publish(coop.who(), "pledge", {"need": need, "quantity": "4 kg"})
        await world.quiet()
        reason = () if answer == olla.node.publisher.accept else ("ya nos trajeron",)
        await answer(olla.who(), said.uri, *reason)
        await world.quiet()

    taken = await coop.node.publisher.publish(coop.who(), "pledge", {"need": need, "quantity": "5 kg"})
    await world.quiet()
    for answer, reason in ((olla.node.publisher.accept, ()), (olla.node.publisher.reject, ("al final no",))):
        await answer(olla.who(), taken.uri, *reason)
        await world.quiet()

    def news(snapshot: Snapshot) -> list[str]:
        own = next(iter(collectives.every(snapshot)))
        desk = Desk(snapshot, coop.origin, own, Tongue.of("es", ZoneInfo(own.timezone)))
        return [each.post.text().plain for each in desk.news(0) if each.type == "mention" and each.post]

    later, told = await coop.look(news)
    assert "no pudo recibir lo que ofrecimos: 5 kg" in later  # and not that they counted on it before
    assert "no pudo recibir lo que ofrecimos: 4 kg" in told
    assert "ya nos trajeron" in told

    await olla.follow(coop.address())
    # Each offer tells coop's keepers something that waits on the board, and each post is news.
    for number in range(10):
        await olla.say(f"buenos días {number}")
        mine = await ask(coop, f"sal {number}")
        await olla.until(lambda mine=mine: olla.reads(mine))  # type: ignore[misc]
        await olla.node.publisher.publish(olla.who(), "pledge", {"need": mine, "quantity": "1 kg"})
    await world.quiet()
    assert [later, told] == [text for text in await coop.look(news) if "no pudo recibir" in text]


async def test_whoever_blocks_the_name_above_its_own_host_still_answers_for_its_own_needs(
    olla: Instance, world: World
) -> None:
    coop = await world.node("cooperativa")
    need = await ask(olla, "arroz")
    await coop.node.relations.follow(coop.who(), olla.address())
    reply = await coop.say("llevo 4 kg", in_reply_to=need)
    await olla.until(lambda: olla.thing(reply.uri))
    await olla.node.relations.block(olla.who(), olla.address().partition("@")[2].partition(":")[0])
    said = await olla.node.publisher.confirm(olla.who(), reply.uri, {"quantity": "4 kg"})
    rosa = await app(olla)
    assert said.uri in [each["uri"] for each in await rosa.get("/api/v1/timelines/home")]
    await rosa.post("/api/v1/statuses", status="#servimos 118")  # she is asked of what, by her own node
    told = await olla.look(lambda s: posts.notifications(s, next(iter(collectives.every(s))).id))
    assert olla.uri() in [each.actor for each in told]


async def test_nothing_waits_for_a_member_that_her_role_may_not_answer(olla: Instance, world: World) -> None:
    coop = await world.node("cooperativa")
    await coop.follow(olla.address())
    need = await ask(olla, "arroz")
    await coop.until(lambda: coop.reads(need))
    await coop.node.publisher.publish(coop.who(), "pledge", {"need": need, "quantity": "4 kg"})
    await world.quiet()

    def waits(snapshot: Snapshot) -> dict[str, int]:
        own = next(iter(collectives.every(snapshot)))
        desk = Desk(snapshot, olla.origin, own, Tongue.of("es", ZoneInfo(own.timezone)))
        return {
            role: desk.waiting("Elena", role).count for role in ("steward", "cook", "newcomer", "advisor")
        }

    assert await olla.look(waits) == {"steward": 1, "cook": 1, "newcomer": 0, "advisor": 0}


async def test_what_a_blocked_collective_asks_of_a_fund_waits_for_nobody(world: World) -> None:
    fund, coop = await world.node("fondo"), await world.node("cooperativa")
    await coop.follow(fund.address())
    await coop.node.publisher.publish(coop.who(), "join", {"fund": fund.uri()})
    await world.quiet()

    def waits(snapshot: Snapshot) -> list[str]:
        own = next(iter(collectives.every(snapshot)))
        desk = Desk(snapshot, fund.origin, own, Tongue.of("es", ZoneInfo(own.timezone)))
        return [each.sort for each in desk.waiting("Elena", "steward").errands]

    assert await fund.look(waits) == ["join"]
    await fund.node.relations.block(fund.who(), coop.address(), "")
    assert await fund.look(waits) == []
