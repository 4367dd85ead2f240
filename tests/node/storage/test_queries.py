"""What is asked all the time is answered from an index, however much is stored: no query walks through a table that grows."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from federation.interfaces import HostState, Settled
from node.storage import (
    activities,
    actors,
    answers,
    collectives,
    deliveries,
    dossiers,
    entries,
    follows,
    gathering,
    inbound,
    limits,
    members,
    objects,
    pantry,
    pickups,
    posts,
    refusals,
    reports,
    sums,
    timelines,
    visits,
)
from node.storage.database import Ids, Transaction, equip
from node.storage.migrate import migrate
from node.storage.refusals import Refusal
from node.storage.window import Window
from tests.node.conftest import NOW, a_collective

GROWING = frozenset(
    {
        "activities", "objects", "links", "posts", "post_tags", "mentions", "likes", "home", "notifications",
        "leaves", "sums", "salts", "labels", "blocks", "limits", "refusals", "reports", "trusts", "traces", "tokens", "sessions",
        "actors", "featured", "keys", "followers", "following", "inbound", "deliveries", "hosts",
        "lots", "movements", "recipes", "ingredients", "cookings", "visits",
        "pickups", "pickup_hands", "pickup_weights",
    }
)  # fmt: skip
URI = "https://peer.example/o/1"
ACTOR = "https://peer.example/users/olla"
OWN = "https://olla.example/c/esperanza"
VIEWER = timelines.Viewer(1, OWN)
WINDOW = Window(limit=40)
_ALIASES = {
    "a": "activities",
    "d": "deliveries",
    "e": "deliveries",
    "h": "home",
    "k": "keys",
    "l": "links",
    "o": "objects",
    "p": "posts",
    "f": "following",
}


@pytest.fixture
def transaction() -> Iterator[Transaction]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    equip(connection)
    migrate(connection)
    made = Transaction(connection, NOW, Ids(0))
    collectives.add(made, replace(a_collective("esperanza"), id=1))
    post = posts.Post(5, URI, ACTOR, None, "https://x.example/1", None, URI, "public", "note", NOW, None)
    posts.add(made, post, tags=["olla"], mentions=[OWN])
    yield made
    connection.close()


def keep(transaction: Transaction) -> None:
    inbound.keep(
        transaction, uri=URI, actor=ACTOR, type="Create", inbox=OWN, scheme="cavage", key="k",
        transport="inbox", body=b"{}",
    )  # fmt: skip


def queue(transaction: Transaction) -> None:
    activities.add(
        transaction, number=7, uri=f"{OWN}/7", actor=OWN, type="Create", object=URI, kind="note",
        collective=1, audience="public", body=b"{}",
    )  # fmt: skip
    inboxes = [("https://peer.example/inbox", "peer.example")]
    deliveries.enqueue(transaction, activity=7, sender=OWN, inboxes=inboxes, thread=URI)
    (due,) = deliveries.take(transaction, 10, frozenset({"busy.example"}))
    later = Settled(due, "later", 500, HostState("peer.example"), NOW + timedelta(seconds=5))
    deliveries.settle(transaction, [later])
    deliveries.settle(transaction, [replace(later, outcome="done", next=None)])


HOT: dict[str, Callable[[Transaction], object]] = {
    "keep an arrival": keep,
    "what arrived": lambda t: inbound.due(t, 50, frozenset({"x", "y"})),
    "when the next is due": inbound.next_due,
    "queue, take and settle a delivery": queue,
    "when a delivery is due": lambda t: deliveries.next_due(t, frozenset({"busy.example"})),
    "wake a host": lambda t: deliveries.wake(t, "peer.example"),
    "what a host blocked gets": lambda t: deliveries.withhold(t, OWN, host="peer.example"),
    "an activity by id": lambda t: (activities.by_uri(t, URI), activities.known(t, URI), activities.by_author(t, URI, ACTOR), activities.heard(t, URI, ACTOR)),
    "what is about an object": lambda t: (activities.about(t, URI), activities.answer_to(t, URI, "Accept")),
    "erase": lambda t: activities.erase(t, URI),
    "outbox": lambda t: (activities.said(t, 1, before=None, limit=20), activities.count_said(t, 1)),
    "an object": lambda t: (objects.by_uri(t, URI), objects.by_alias(t, URI), objects.by_id(t, 5)),
    "what answers an object": lambda t: (objects.linking(t, URI, "concerns"), objects.links_of(t, URI), objects.replying(t, [URI], "receipt"), gathering.objects_linking(t, [URI], "satisfies"), gathering.answered(t, [URI])),
    "who is a peer": lambda t: follows.trusted_page(t, 1, after="", limit=30),
    "who is blocked": lambda t: follows.blocked_page(t, OWN, hosts=True, after="", limit=30),
    "what is refused of a server": lambda t: (
        refusals.add(t, 1, Refusal("x.example", media=True)), refusals.page(t, 1), refusals.reports_from(t, 1, ACTOR),
        refusals.without_pictures(t, 1), refusals.without_pictures(t, None), refusals.wanted_by_nobody(t, URI), refusals.lift(t, 1, "x.example"),
    ),
    "who is limited": lambda t: (limits.page(t, 1, actors=True, limit=30), limits.hides(t, 1, ACTOR)),
    "what was reported": lambda t: (
        reports.page(t, 1, resolved=False, before=None, limit=30),
        reports.page(t, 1, resolved=True, before=None, limit=30),
        reports.count_open(t, 1),
    ),
    "all about a member": lambda t: (dossiers.acts(t, 1), dossiers.forget(t, 1), members.grants(t, 1)),
    "board": lambda t: (objects.board(t, kinds=["need"], states=["open"], near=True), objects.pressing(t, "need", near=True)),
    "what is pressing": lambda t: (objects.pressing(t, "need"), objects.is_pressing(t, 5)),
    "what a collective has open": lambda t: objects.owned(t, ACTOR, "need", "open"),
    "what is in the pantry": lambda t: (pantry.there(t, 1), pantry.there(t, 1, "rice"), pantry.lot(t, 1, 5)),
    "what happened to a lot": lambda t: (pantry.movements(t, 5), pantry.used_for(t, URI), pantry.from_source(t, 1, URI)),
    "how much is open": lambda t: (objects.count_owned(t, OWN, "need", "open"), objects.count_shown(t, OWN, "need", "open")),
    "pick-ups": lambda t: (pickups.of(t, 1), pickups.by_id(t, 1, 5), pickups.signed_up(t, 1)),
    "who goes and what was brought": lambda t: (pickups.hands(t, 5, NOW.date()), pickups.weights(t, 5, NOW.date())),
    "recipes": lambda t: (pantry.recipes(t, 1), pantry.recipe(t, 1, 5), pantry.cooked_by(t, URI)),
    "what a member has seen": lambda t: visits.position(t, 7, 1),
    "what is due next": lambda t: objects.nearest(t, ACTOR, "need", since=NOW, limit=200),
    "things of an owner": lambda t: objects.of_owner(t, ACTOR, "need"),
    "a post": lambda t: (posts.by_uri(t, URI), posts.by_id(t, 5), posts.boosted(t, 5, OWN)),
    "replies": lambda t: posts.replies(t, URI),
    "conversation": lambda t: posts.conversation(t, URI),
    "posts of an actor": lambda t: (posts.of_actor(t, ACTOR), posts.shown_by(t, ACTOR)),
    "local timeline": posts.local,
    "home timeline": lambda t: (posts.put_home(t, 5, [1]), posts.home(t, 1)),
    "leave home": lambda t: posts.leave_home(t, 1, ACTOR),
    "who is in a post": lambda t: (posts.mentioned(t, 5), posts.like_by(t, 5, OWN)),
    "notify": lambda t: posts.notify(t, 1, "mention", ACTOR, 5),
    "notifications": lambda t: posts.notifications(t, 1),
    "who was answered": lambda t: (
        answers.answered(t, OWN, ACTOR, URI), answers.directly(t, OWN, timedelta(hours=1)), answers.told_of(t, OWN, URI, URI),
        answers.to_members(t, OWN, ACTOR, URI, timedelta(hours=1)), answers.respondents(t, OWN, URI),
    ),
    "timelines of apps": lambda t: (
        timelines.home(t, VIEWER, WINDOW), timelines.public(t, VIEWER, WINDOW), timelines.tagged(t, VIEWER, WINDOW, "olla"),
        timelines.of_actor(t, VIEWER, WINDOW, ACTOR, timelines.Choice()), timelines.conversation(t, VIEWER, URI),
        timelines.openings(t, ACTOR, limit=30),
        timelines.notifications(t, VIEWER, WINDOW, types=["mention"]), timelines.favourites(t, VIEWER, WINDOW),
    ),
    "what a page of apps needs": lambda t: (
        gathering.posts_by_id(t, [5]), gathering.posts_by_uri(t, [URI]), gathering.objects_by_uri(t, [URI]),
        gathering.profiles(t, [ACTOR]), gathering.counts(t, [5]), gathering.marks(t, 1, OWN, [5]),
    ),
    "edit and remove a post": lambda t: (posts.edit(t, 5, NOW, tags=[], mentions=[]), posts.remove(t, URI)),
    "an actor": lambda t: (actors.profile(t, ACTOR), actors.remote(t, ACTOR), actors.by_handle(t, "a@b"), actors.shown_as(t, "a@b")),
    "an actor of a collection": lambda t: actors.by_followers(t, f"{ACTOR}/followers"),
    "who is back": lambda t: (actors.asleep(t), actors.awake(t, ACTOR, "peer.example")),
    "who follows": lambda t: (follows.follower(t, 1, ACTOR), follows.following(t, 1, ACTOR)),
    "whom a Follow named": lambda t: follows.following_by_activity(t, URI),
    "who reads an actor": lambda t: follows.readers_of(t, ACTOR),
    "inboxes of followers": lambda t: follows.follower_inboxes(t, 1),
    "followers, a page": lambda t: (follows.followers_page(t, 1, WINDOW), follows.followers(t, 1, limit=40), follows.count_followers(t, 1)),
    "who is on the map": lambda t: follows.located(t, 1, for_all=True),
    "blocks": lambda t: (follows.blocks(t, OWN, ACTOR), follows.blocked_by(t, OWN)),
    "how far a campaign is": lambda t: sums.by_day(t, OWN, URI, "income:donations", "CLP"),
    "what an account held on a day": lambda t: sums.balances(t, OWN, "2026-09-30"),
    "entries of an account": lambda t: (entries.leaves(t, 1, 40, 60), entries.of_activity(t, URI)),
    "entries of some days": lambda t: entries.between(t, 1, "2026-09-01", "2026-09-30"),
    "what an entry was booked for": lambda t: (entries.evidence(t, 1, 0, 256), entries.salt_of(t, URI)),
    "whether anything of a kind was ever said": lambda t: objects.ever_said(t, OWN, "donation"),
    "what was said of a kind since yesterday": lambda t: objects.said_by(t, OWN, "expense", NOW),
    "a page of answers": lambda t: (posts.replies(t, URI, after=5), posts.count_replies(t, URI)),
    "gifts that are promised": lambda t: objects.owned(t, OWN, "donation", "pledged"),
    "the gift of a code": lambda t: objects.labelled(t, 1, "gift", "x"),
}  # fmt: skip


def plans(transaction: Transaction, ask: Callable[[Transaction], object]) -> Iterator[tuple[str, str]]:
    """Every statement that a function runs, with each line of its plan."""
    connection = transaction._connection
    ran: list[str] = []
    connection.set_trace_callback(ran.append)
    ask(transaction)
    connection.set_trace_callback(None)
    for statement in ran:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}"):
                yield statement, row["detail"]


def walks(detail: str) -> bool:
    """Whether a line of a plan reads a growing table from end to end, or all of a kind in it. Reading an index in order, up to
    a LIMIT, is none."""
    scanned = re.match(r"SCAN (\w+)(.*)", detail)
    if scanned is None:
        return detail.endswith("(kind=?)")
    table = _ALIASES.get(scanned[1], scanned[1])
    return table in GROWING and "USING" not in scanned[2]


@pytest.mark.parametrize("what", HOT)
def test_no_query_of_every_day_walks_through_a_table_that_grows(transaction: Transaction, what: str) -> None:
    seen = list(plans(transaction, HOT[what]))
    assert seen, "it asked nothing"
    assert [each for each in seen if walks(each[1])] == []
    sorting = [each for each in seen if "TEMP B-TREE FOR ORDER BY" in each[1]]
    assert what in SORTED or sorting == []


SORTED = frozenset(
    {
        "all about a member",
        "entries of some days",
        "an activity by id",
        "an actor",
        "an actor of a collection",
        "an object",
        "what answers an object",
        "what is due next",
        "blocks",
    }
)
"""Where what was found by an index is a handful and is sorted."""


def test_the_judge_of_plans_sees_a_walk(transaction: Transaction) -> None:
    details = [
        detail for _, detail in plans(transaction, lambda t: t.all("SELECT * FROM posts WHERE kind = 'x'"))
    ]
    assert any(map(walks, details))


def test_the_local_timeline_does_not_read_past_posts_of_others(transaction: Transaction) -> None:
    (detail,) = [detail for _, detail in plans(transaction, posts.local)]
    assert "posts_here" in detail


def test_what_is_pressing_does_not_read_past_what_is_not(transaction: Transaction) -> None:
    details = [detail for _, detail in plans(transaction, lambda t: objects.pressing(t, "need"))]
    assert any("objects_pressing" in detail for detail in details)
