"""What was accepted at the door waits once, in order, whatever comes twice; and refused attempts are counted within bounds."""

import asyncio
from datetime import timedelta

from node.storage import activities, hosts, inbound, objects, posts
from node.storage.collectives import Collective
from node.storage.database import Database, Transaction
from node.storage.inbound import INCIDENTS
from tests.node.conftest import NOW

OLLA = "https://peer.example/users/olla"


def arrive(uri: str = "https://peer.example/a/1", *, inbox: str = "", actor: str = OLLA):
    def job(transaction: Transaction) -> bool:
        return inbound.keep(
            transaction,
            uri=uri,
            actor=actor,
            type="Create",
            inbox=inbox,
            scheme="cavage",
            key=f"{actor}#main-key",
            transport="inbox",
            body=b"{}",
        )

    return job


async def test_copies_at_the_same_instant_are_kept_once(database: Database) -> None:
    kept = await asyncio.gather(*(database.writer.run(arrive()) for _ in range(20)))
    assert sorted(kept) == [False] * 19 + [True]
    assert await database.reader.run(inbound.count) == 1


async def test_what_was_processed_before_is_not_taken_again(database: Database) -> None:
    def processed(transaction: Transaction) -> None:
        activities.add(
            transaction, number=1, uri="https://peer.example/a/1", actor=OLLA, type="Create",
            object="https://peer.example/o/1", kind="note", collective=None, audience="public", body=b"{}",
        )  # fmt: skip

    await database.writer.run(processed)
    assert await database.writer.run(arrive()) is False
    assert await database.reader.run(inbound.count) == 0


async def test_an_id_that_a_neighbour_used_waits_for_each_of_them(database: Database) -> None:
    kept = [await database.writer.run(arrive(actor=actor)) for actor in (f"{OLLA}2", OLLA, OLLA)]
    assert kept == [True, True, False]
    assert await database.reader.run(inbound.count) == 2


async def test_inboxes_that_took_a_waiting_copy_are_noted_once_each(database: Database) -> None:
    for inbox in ("https://olla.example/c/a", "https://olla.example/c/b", "https://olla.example/c/a", ""):
        await database.writer.run(arrive(inbox=inbox))
    waiting = await database.reader.run(lambda s: inbound.due(s, 10))
    assert waiting[0].inbox.split() == ["https://olla.example/c/a", "https://olla.example/c/b"]


async def test_somebody_else_cannot_add_an_inbox_to_a_waiting_activity(database: Database) -> None:
    await database.writer.run(arrive(inbox="https://olla.example/c/a"))
    await database.writer.run(arrive(inbox="https://olla.example/c/b", actor="https://evil.example/u/x"))
    waiting = await database.reader.run(lambda s: inbound.due(s, 10))
    assert waiting[0].inbox == "https://olla.example/c/a"


async def test_a_second_of_our_inboxes_lets_its_collective_read_what_the_first_got(
    database: Database, esperanza: Collective, villasol: Collective
) -> None:
    uri = "https://peer.example/o/1"

    def processed(transaction: Transaction) -> None:
        activities.add(
            transaction, number=1, uri="https://peer.example/a/1", actor=OLLA, type="Create", object=uri,
            kind="note", collective=None, audience="peers", body=b"{}",
        )  # fmt: skip
        objects.put(
            transaction,
            objects.Object(
                2, uri, "note", OLLA, None, "open", "peers", (esperanza.uri,), NOW, NOW, None, {}, b"{}"
            ),
        )
        posts.add(transaction, posts.Post(2, uri, OLLA, None, None, None, uri, "peers", "note", NOW, None))

    await database.writer.run(processed)
    await database.writer.run(arrive(inbox=villasol.uri))
    read = await database.reader.run(lambda s: objects.by_uri(s, uri))
    assert read is not None
    assert read.readers == tuple(sorted((esperanza.uri, villasol.uri)))
    assert [p.uri for p in await database.reader.run(lambda s: posts.home(s, villasol.id))] == [uri]


async def test_what_waits_is_given_oldest_first_but_not_of_busy_actors_nor_before_its_time(
    database: Database,
) -> None:
    for number in range(3):
        await database.writer.run(arrive(f"https://peer.example/a/{number}"))
    await database.writer.run(arrive("https://other.example/a/1", actor="https://other.example/u"))
    due = await database.reader.run(lambda s: inbound.due(s, 10))
    assert [w.uri[-1] for w in due] == ["0", "1", "2", "1"]
    await database.writer.run(lambda t: inbound.later(t, due[0].id, timedelta(minutes=1)))
    await database.writer.run(lambda t: inbound.done(t, due[1].id))
    left = await database.reader.run(lambda s: inbound.due(s, 10, frozenset({"https://other.example/u"})))
    assert [w.uri for w in left] == ["https://peer.example/a/2"]
    busy = frozenset({OLLA, "https://other.example/u"})
    assert await database.reader.run(lambda s: inbound.next_due(s, busy)) is None
    await database.writer.run(lambda t: inbound.done(t, left[0].id))
    assert await database.reader.run(
        lambda s: inbound.next_due(s, frozenset({"https://other.example/u"}))
    ) == NOW + timedelta(minutes=1)


async def test_refused_attempts_are_counted_within_bounds_and_new_ones_are_not_lost(
    database: Database,
) -> None:
    def many(transaction: Transaction) -> None:
        transaction.many(
            "INSERT INTO incidents (day, actor, code, object, count) VALUES ('2026-01-01', ?, 'bad', '', 1)",
            [(str(number),) for number in range(INCIDENTS)],
        )
        for _ in range(3):
            inbound.incident(transaction, actor="x" * 9000, code="bad", object="y" * 9000)

    await database.writer.run(many)
    assert await database.reader.run(lambda s: s.value("SELECT count(*) FROM incidents")) == INCIDENTS
    newest = (await database.reader.run(inbound.incidents))[0]
    assert newest[0] == "2026-11-20"
    assert newest[4] == 3
    assert len(newest[1]) == len(newest[3]) == 500


async def test_a_flood_of_one_day_does_not_empty_the_count(database: Database) -> None:
    def flood(transaction: Transaction) -> None:
        transaction.many(
            "INSERT INTO incidents (day, actor, code, object, count) VALUES ('2026-11-20', ?, 'bad', '', 1)",
            [(f"{number:06}",) for number in range(INCIDENTS)],
        )
        inbound.incident(transaction, actor="z", code="bad", object="")

    await database.writer.run(flood)
    assert await database.reader.run(lambda s: s.value("SELECT count(*) FROM incidents")) == INCIDENTS


def test_hosts_are_named_in_one_spelling() -> None:
    spellings = ("https://Peer.Example/users/x", "https://peer.example:443/x", "https://peer.example./x")
    assert {hosts.host_of(each) for each in spellings} == {"peer.example"}
    assert hosts.host_of("http://127.0.0.1:8000/c/a") == "127.0.0.1:8000"
    assert hosts.host_of("http://[::1]:80/c/a") == "[::1]"
    assert hosts.host_of("https://ñandú.example/x") == "xn--and-6ma2c.example"
    assert [hosts.host_of(each) for each in ("http://[", "https://x:y/", "", "mailto:a@b")] == [""] * 4
