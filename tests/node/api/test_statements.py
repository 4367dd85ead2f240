"""A page of forty costs as many SQL statements as a page of five: none is asked once for each row."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.fediverse import Instance, Person, World
from tests.node.api.conftest import App

PAGES = (
    "/api/v1/timelines/home",
    "/api/v1/timelines/public",
    "/api/v1/timelines/tag/olla",
    "/api/v1/accounts/{me}/statuses",
    "/api/v1/notifications",
    "/api/v1/favourites",
    "/api/v1/bookmarks",
    "/api/v2/search",
    "/api/v1/statuses/{root}/favourited_by",
    "/api/v1/accounts/{me}/followers",
)
MOST = 40
"""Statements of one request, whatever it shows."""
KINDS = 2
"""A longer page may hold a kind of thing that the shorter one has none of: its own collective's posts, or pictures."""


class Statements:
    """Counts what the node's reading connections run."""

    def __init__(self, instance: Instance) -> None:
        self._reader = instance.node.database.reader
        self.count = 0

    def _counted(self, _sql: str) -> None:
        self.count += 1

    async def watch(self) -> None:
        """Watch every connection: both are taken at the same time."""
        look = lambda snapshot: snapshot._connection.set_trace_callback(self._counted)  # noqa: E731
        await asyncio.gather(*(self._reader.run(look) for _ in range(2)))

    @contextmanager
    def counted(self) -> Iterator[list[int]]:
        """How many run inside of the `with`."""
        before, found = self.count, [0]
        yield found
        found[0] = self.count - before


@pytest.fixture
async def full(world: World, olla: Instance, rosa: App, ana: Person) -> dict[str, str]:
    """Forty of everything: posts by several, answers, likes, boosts, bookmarks, followers."""
    people = [ana, *(ana.peer.person(f"a{number}") for number in range(12))]
    await olla.hear(ana)
    root = await rosa.post("/api/v1/statuses", status="raíz #olla")
    for number in range(20):
        said = await rosa.post("/api/v1/statuses", status=f"uno {number} #olla", in_reply_to_id=root["id"])
        await rosa.post(f"/api/v1/statuses/{said['id']}/favourite")
        await rosa.post(f"/api/v1/statuses/{said['id']}/bookmark")
    for number in range(24):
        person = people[number % len(people)]
        tag = [
            {"type": "Hashtag", "name": "#olla"},
            {"type": "Mention", "href": olla.uri(), "name": "@esperanza"},
        ]
        note = person.note(f"dos {number}", tag=tag, inReplyTo=root["uri"])
        await person.post(person.activity("Create", note), f"{olla.origin}/inbox")
    for person in people:
        await person.post(person.activity("Like", root["uri"]), f"{olla.origin}/inbox")
        await person.post(person.activity("Follow", olla.uri()), f"{olla.origin}/inbox")
    await olla.digested()
    for status in (await rosa.get("/api/v1/timelines/public", limit=40))[:20]:
        await rosa.post(f"/api/v1/statuses/{status['id']}/favourite")
        await rosa.post(f"/api/v1/statuses/{status['id']}/bookmark")
        await rosa.post(f"/api/v1/statuses/{status['id']}/reblog")
    return {"me": root["account"]["id"], "root": root["id"]}


async def test_no_page_asks_for_each_of_its_rows(full: dict[str, str], olla: Instance, rosa: App) -> None:
    statements = Statements(olla)
    await statements.watch()
    grown = {}
    for page in PAGES:
        path = page.format(**full)
        with statements.counted() as few:
            short = await rosa.get(path, limit=5, q="a")
        with statements.counted() as many:
            long = await rosa.get(path, limit=40, q="a")
        rows = [value if isinstance(value, list) else value["accounts"] for value in (short, long)]
        assert len(rows[1]) > len(rows[0]) >= 3, page
        grown[page] = few[0], many[0]
    assert {
        page: counts for page, counts in grown.items() if counts[1] > counts[0] + KINDS or counts[1] > MOST
    } == {}


async def test_a_long_thread_costs_as_much_as_a_short_one(
    full: dict[str, str], olla: Instance, rosa: App
) -> None:
    statements = Statements(olla)
    await statements.watch()
    alone = await rosa.post("/api/v1/statuses", status="sola")
    await rosa.post("/api/v1/statuses", status="y su respuesta", in_reply_to_id=alone["id"])
    with statements.counted() as few:
        await rosa.get(f"/api/v1/statuses/{alone['id']}/context")
    with statements.counted() as many:
        thread = await rosa.get(f"/api/v1/statuses/{full['root']}/context")
    assert len(thread["descendants"]) >= 40
    assert many[0] <= few[0] + 1


NEED = {"what": "arroz", "quantity": "3 kg", "by": "2031-08-28"}
LISTS = {
    "/c/esperanza/feed.json": ("need", NEED, '"date_published"'),
    "/c/esperanza/calendar.ics": ("need", NEED, "BEGIN:VEVENT"),
    "/board.atom": ("need", NEED, "<entry>"),
    "/board.ics": ("need", NEED, "BEGIN:VEVENT"),
    "/c/esperanza/account.atom": ("expense", {"amount": "900 CLP", "purpose": "gas"}, "<entry>"),
}
"""What is published for a feed, and how often it must stand in it."""


async def published(olla: Instance, kind: str, given: dict[str, str], times: int) -> str:
    """The id of the last of so many things."""
    for _ in range(times):
        said = await olla.node.publisher.publish(olla.who(role="steward"), kind, given)
    return str(said.uri)


async def cost(statements: Statements, rosa: App, path: str) -> tuple[str, int]:
    """What an address answers, and of how many statements: as many twice, when nothing is at work any more on what was said."""
    counts: list[int] = []
    while len(counts) < 2 or counts[-1] != counts[-2]:
        with statements.counted() as found:
            answer = await rosa.client.get(f"{rosa.instance.origin}{path}")
        assert answer.status_code == 200
        counts.append(found[0])
    return answer.text, counts[-1]


@pytest.mark.parametrize("path", LISTS)
async def test_a_long_feed_costs_as_much_as_a_short_one(path: str, olla: Instance, rosa: App) -> None:
    kind, given, entry = LISTS[path]
    statements = Statements(olla)
    await statements.watch()
    await published(olla, kind, given, 3)
    few, short = await cost(statements, rosa, path)
    await published(olla, kind, given, 12)
    many, long = await cost(statements, rosa, path)
    assert (few.count(entry), many.count(entry)) == (3, 15)
    assert long <= short + 1


@pytest.mark.parametrize("path", ["/c/esperanza/badge.svg?lang=en", "/oembed?url={post}"])
async def test_what_other_sites_show_costs_as_much_where_much_was_said(
    path: str, olla: Instance, rosa: App
) -> None:
    statements = Statements(olla)
    await statements.watch()
    counted = []
    for times in (1, 12):
        await published(olla, "meal", {"menu": "porotos", "served": "10"}, times)
        post = await published(olla, "need", NEED, times)
        text, statements_run = await cost(statements, rosa, path.format(post=post))
        counted.append(statements_run)
    assert "130" in text or post in text
    assert counted[1] <= counted[0] + 1
    assert counted[1] <= MOST
