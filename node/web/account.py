"""The public account as people read it: what came in, went out and is promised, each entry with its proof, and one's own gift by its code.

/c/HANDLE/account · /account · /cuenta    the account; ?before=N goes on with older entries
/c/HANDLE/account/entries/N               one entry, with its postings and how to check it; ?log=N of a log that another goes on from
/c/HANDLE/account/gift                    POST a gift's code: nothing is noted, and no cookie is set
/c/HANDLE/account/help/treasurer · …/stranger
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib import import_module, resources
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.account import figures
from node.account.books import Book
from node.domain.gifts import code_digest
from node.domain.markup import beginning, sanitise, to_text
from node.domain.payouts import receipts_of
from node.errors import TooManyError
from node.rates import RATES, Rates, household
from node.speak import LiveScene
from node.storage import activities, collectives, entries, objects
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.entries import Log, StoredLeaf
from node.tongues import Tongue, message
from node.web.books import Effect, Line, Stated, Total, effects, lines, stated_of, total_of
from node.web.campaigns import Standing, standing_of
from node.web.public import Public, number
from node.web.reception import Reception
from schemas import CURRENCIES
from schemas.donation import Donation
from schemas.period import Period

ROWS = 20
"""Entries on one page."""
_CAMPAIGNS = 2
_PERIODS = 12
_EXCERPT = 180
_SHORTCUTS = ("/account", "/cuenta")
_HELP = ("treasurer", "stranger")
_OTHERS = {
    "IdentityStatement": message("Whose account this is: the statement of its identity"),
    "KeyStatement": message("A change of keys"),
    "ClaimsClosed": message("A round closed: its claims and their seed"),
    "Succession": message("This log goes on where another ended"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: its day (`said` in words), what it is, what it did; `url` is the page of what it was booked for."""

    seq: int
    day: str
    said: str
    kind: str
    text: str
    url: str
    activity: str
    effects: list[Effect]
    confirmed: list[str] | None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """Who cosigned the log: how many are asked, how many are up to date, whether the quorum is met, and when last."""

    asked: int
    current: int
    met: bool
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The account on one page. `former` is the number of the log from which it goes on; `past` whether another goes on from it."""

    collective: Collective
    totals: list[Total]
    beside: list[Total]
    campaigns: list[Standing]
    periods: list[tuple[str, Period]]
    rows: list[Row]
    older: int | None
    size: int
    log: str
    witnessed: Witnessed
    former: int | None
    past: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """One entry on a page of its own."""

    row: Row
    lines: list[Line]
    digest: str
    stated: Stated | None


@dataclass(frozen=True, slots=True)
class Gift:
    """A gift that somebody opened with its code."""

    label: str
    amount: str
    on: str
    url: str
    text: str
    rows: list[Row]


class AccountPages:
    """The pages of the public accounts."""

    def __init__(self, reception: Reception, public: Public) -> None:
        self._reception = reception
        self._public = public
        self._reader = reception.doors.database.reader
        self._books = reception.doors.accounts.books
        self._rates = Rates(reception.doors.clock)

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        account = "/c/{handle}/account"
        return [
            Route(account, self._account),
            Route(f"{account}/entries/{{seq:int}}", self._entry),
            Route(f"{account}/gift", self._reception.guarded(self._gift), methods=["GET", "POST"]),
            Route(f"{account}/help/{{about}}", self._help),
            *(Route(path, self._shortcut) for path in _SHORTCUTS),
        ]

    async def _shortcut(self, request: Request) -> Response:
        """To the account of the only collective, or of the only fund among several."""
        there = await self._reader.run(collectives.every)
        funds = [each for each in there if each.kind == "fund"] or there
        if len(funds) != 1:
            return await self._public.missing(request, 404)
        query = "?lang=es" if request.url.path == "/cuenta" else ""
        return RedirectResponse(f"{funds[0].uri}/account{query}", 303)

    async def _own(self, request: Request) -> tuple[Collective, Book | None] | None:
        handle = request.path_params["handle"].lower()

        def look(snapshot: Snapshot) -> tuple[Collective, Book | None] | None:
            own = collectives.by_handle(snapshot, handle)
            logs = [] if own is None else entries.logs_of(snapshot, own.id)
            wanted = number(request, "log") or (logs[-1].number if logs else 0)
            log = next((each for each in logs if each.number == wanted), None)
            return None if own is None else (own, None if log is None else self._books.book(own, log))

        return await self._reader.run(look)

    async def _account(self, request: Request) -> Response:
        found = await self._own(request)
        if found is None:
            return await self._public.missing(request, 404)
        own, book = found
        visit = await self._reception.visit(request)
        tongue = await self._reception.tongue(request, visit, own.uri)
        before = number(request, "before")
        ledger = (
            None
            if book is None
            else await self._reader.run(lambda snapshot: self._ledger(snapshot, book, before, tongue))
        )
        return await self._reception.page(
            request, "account.html", visit, tongue=tongue, collective=own, ledger=ledger, before=before
        )

    def _ledger(self, snapshot: Snapshot, book: Book, before: int | None, tongue: Tongue) -> Ledger:
        own = book.collective
        scene = self._scene(snapshot, own)
        standing = figures.standing(snapshot, own)
        leaves = figures.page(snapshot, book, before=before, limit=ROWS)
        campaigns = [
            each for each in objects.of_owner(snapshot, own.uri, "campaign", limit=10) if each.state == "open"
        ]
        return Ledger(
            collective=own,
            totals=[total_of(each, tongue) for each in standing if each.commodity in CURRENCIES],
            beside=[total_of(each, tongue) for each in standing if each.commodity not in CURRENCIES],
            campaigns=[
                found
                for each in campaigns[:_CAMPAIGNS]
                if (found := standing_of(scene.thing(each.uri), scene, tongue))
            ]
            if before is None
            else [],
            periods=[
                (each.uri, thing.record)
                for each in objects.of_owner(snapshot, own.uri, "period", limit=_PERIODS)
                if (thing := scene.thing(each.uri)) and isinstance(thing.record, Period)
            ],
            rows=[self._row(snapshot, leaf, scene, tongue, _query(snapshot, book.log)) for leaf in leaves],
            older=leaves[-1].seq if leaves and leaves[-1].seq else None,
            size=book.log.size,
            log=book.origin,
            witnessed=_witnessed(snapshot, book),
            former=book.log.number - 1 or None,
            past=bool(_query(snapshot, book.log)),
        )

    def _scene(self, snapshot: Snapshot, own: Collective) -> LiveScene:
        return LiveScene(snapshot, self._reception.origin, here=own.uri)

    def _row(
        self,
        snapshot: Snapshot,
        leaf: StoredLeaf,
        scene: LiveScene,
        tongue: Tongue,
        query: str,
        *,
        whole: bool = False,
    ) -> Row:
        if leaf.type in _OTHERS:
            text = tongue.say(_OTHERS[leaf.type])
            return Row(leaf.seq, "", "", "", text, str(leaf.fields.get("round", "")), "", [], None, query)
        activity = activities.by_uri(snapshot, leaf.activity)
        text = _said(None if activity is None else activity.body, tongue)
        thing = None if activity is None else scene.thing(activity.object)
        confirmed = None
        if thing is not None and thing.kind == "transfer" and thing.record is not None:
            confirmed = [receipt.id for receipt in receipts_of(thing, scene)]
        return Row(
            seq=leaf.seq,
            day=leaf.date,
            said=tongue.day(date.fromisoformat(leaf.date)),
            kind="" if activity is None else activity.kind,
            text=text if whole else beginning(text, _EXCERPT),
            url=activity.object if activity is not None and thing is not None and thing.document else "",
            activity=leaf.activity,
            effects=effects(leaf.postings, tongue),
            confirmed=confirmed,
            query=query,
        )

    async def _entry(self, request: Request) -> Response:
        found = await self._own(request)
        if found is None or found[1] is None:
            return await self._public.missing(request, 404)
        own, book = found[0], found[1]
        visit = await self._reception.visit(request)
        tongue = await self._reception.tongue(request, visit, own.uri)
        seq: int = request.path_params["seq"]

        def look(snapshot: Snapshot) -> Opened | None:
            rows = entries.leaves(snapshot, book.log.id, seq, seq + 1)
            if not rows:
                return None
            leaf = rows[0]
            query = _query(snapshot, book.log)
            row = self._row(snapshot, leaf, self._scene(snapshot, own), tongue, query, whole=True)
            digest = str(leaf.fields.get("digest", ""))
            return Opened(row, lines(leaf.postings, tongue), digest, stated_of(leaf.fields.get("stated")))

        opened = await self._reader.run(look)
        if opened is None:
            return await self._public.missing(request, 404)
        return await self._reception.page(
            request,
            "entry.html",
            visit,
            tongue=tongue,
            collective=own,
            entry=opened,
            size=book.log.size,
            proof=f"{own.handle}-{book.log.number}-{seq}.tlog-proof",
        )

    async def _gift(self, request: Request) -> Response:
        """The gift whose code was typed. Nothing is noted of who asks, and what is answered is not kept by anybody on the way."""
        found = await self._own(request)
        if found is None:
            return await self._public.missing(request, 404)
        own, _ = found
        visit = await self._reception.visit(request)
        tongue = await self._reception.tongue(request, visit, own.uri)
        gift, wrong = None, False
        if request.method == "POST":
            if self._rates.spend(household(request.scope.get("client")), "gift").over:
                raise TooManyError(
                    message("Too many codes were tried. Wait five minutes."),
                    retry_after=RATES["gift"].seconds,
                )
            code = (await self._reception.typed(request))["code"]
            gift = await self._reader.run(lambda snapshot: self._given(snapshot, own, code, tongue))
            wrong = gift is None
        response = await self._reception.page(
            request,
            "gift.html",
            visit,
            tongue=tongue,
            collective=own,
            gift=gift,
            wrong=wrong,
            status=404 if wrong else 200,
        )
        response.headers["cache-control"] = "no-store"
        return response

    def _given(self, snapshot: Snapshot, own: Collective, code: str, tongue: Tongue) -> Gift | None:
        uri = objects.labelled(snapshot, own.id, "gift", code_digest(code))
        scene = self._scene(snapshot, own)
        thing = None if uri is None else scene.thing(uri)
        if uri is None or thing is None or not isinstance(thing.record, Donation):
            return None
        record = thing.record
        logs = {each.id: _query(snapshot, each) for each in entries.logs_of(snapshot, own.id)}
        booked = [
            (leaf, logs[log])
            for each in activities.about(snapshot, uri)
            for log, leaf in entries.of_activity(snapshot, each.uri)
        ]
        return Gift(
            label=record.label or "",
            amount=tongue.money(record.amount),
            on=tongue.day(record.on),
            url=uri,
            text=to_text(sanitise(_content(thing.document, tongue))),
            rows=[self._row(snapshot, leaf, scene, tongue, query) for leaf, query in booked],
        )

    async def _help(self, request: Request) -> Response:
        """How we book, for a treasurer; how to check us, for a stranger."""
        found, about = await self._own(request), request.path_params["about"]
        if found is None or about not in _HELP:
            return await self._public.missing(request, 404)
        own, _ = found
        visit = await self._reception.visit(request)
        tongue = await self._reception.tongue(request, visit, own.uri)
        html = _document(about, tongue.language).replace("https://fondo.example/c/fondo", own.uri)
        title, _, body = html.partition("</h1>")
        return await self._reception.page(
            request,
            "help.html",
            visit,
            tongue=tongue,
            collective=own,
            title=to_text(title),
            body=body,
        )


@cache
def _document(about: str, language: str) -> str:
    folder = resources.files("node.account").joinpath("docs")
    file = folder.joinpath(f"{about}.{language}.md")
    text = (file if file.is_file() else folder.joinpath(f"{about}.en.md")).read_text(encoding="utf-8")
    # Loaded by the first reader: every start would pay 1 MiB and 40 ms for it.
    markdown = import_module("markdown_it").MarkdownIt("commonmark")
    rendered = str(markdown.enable("table").render(text))
    # Who copies an option by eye shall not see it broken between its hyphens.
    return re.sub(r"(?<![^\s>])--[a-z-]+", r'<span class="whole">\g<0></span>', rendered)


def _said(body: bytes | None, tongue: Tongue) -> str:
    """What an activity said when it was booked, on one line; "" where its words are gone."""
    inner = json.loads(body).get("object") if body else None
    text = to_text(sanitise(_content(inner, tongue))) if isinstance(inner, dict) else ""
    return " ".join(text.split())


def _content(document: Any, tongue: Tongue) -> str:
    mapped = document.get("contentMap")
    found = mapped.get(tongue.language) if isinstance(mapped, dict) else None
    return str(found or document.get("content") or "")


def _query(snapshot: Snapshot, log: Log) -> str:
    """What an address needs to mean a log from which another goes on; "" for the one that is written in."""
    last = entries.log_of(snapshot, log.collective)
    return "" if last is None or last.id == log.id else f"?log={log.number}"


def _witnessed(snapshot: Snapshot, book: Book) -> Witnessed:
    asked = entries.witnesses(snapshot, book.collective.id)
    current = [each for each in asked if each.size == book.log.size]
    times = [each.cosigned for each in current if each.cosigned]
    return Witnessed(
        asked=len(asked),
        current=len(current),
        met=bool(asked) and len(current) >= min(max(book.log.quorum, 1), len(asked)),
        last=datetime.fromtimestamp(max(times) / 1000, UTC) if times else None,
    )
