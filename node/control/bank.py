"""Commands that compare the account with a bank's statement, and book what was promised and came."""

from datetime import date, timedelta
from typing import Any

import msgspec

from node.account.books import Book
from node.control.account import book_of
from node.control.commands import Call, Handler
from node.domain.ledger import BANK
from node.domain.reconciling import DAYS, Line, Match, Matched, Movement, Promise, reconcile
from node.domain.spending import signers_in_turn
from node.errors import ConflictError, InvalidError
from node.publish import Change
from node.speak import LiveScene
from node.storage import activities, entries, objects
from node.storage.collectives import Collective
from node.storage.database import Snapshot, Transaction
from node.tongues import message
from schemas import Money
from schemas.donation import Donation

_MOST = 20_000
_PROMISES = 5_000


class Sent(msgspec.Struct, frozen=True):
    """One line of a statement as it comes from the treasurer: no word of it but the labels of gifts."""

    on: date
    amount: int
    labels: tuple[str, ...] = ()


async def where(call: Call) -> Any:
    """In which currency the account of the bank is kept."""
    book = await book_of(call)
    return {"currency": book.collective.currency, "language": book.collective.locale}


async def compare(
    call: Call,
    *,
    lines: list[Sent],
    currency: str,
    opening: int | None = None,
    closing: int | None = None,
    closes: date | None = None,
    book: bool = False,
) -> Any:
    """Which line of a statement is which entry; with `book`, what was promised and came is booked, all of it or nothing.

    ConflictError where the account held something else before the first line than the bank says: then nothing is booked.
    """
    if not 0 < len(lines) <= _MOST:
        raise InvalidError("file", message("between 1 and {limit} lines"), limit=_MOST)
    books, speaker = await book_of(call), await call.speaker()
    if currency != books.collective.currency:
        raise InvalidError(
            "file",
            message("a statement in {currency}; this one is in {other}"),
            currency=books.collective.currency,
            other=currency,
        )
    first, last = min(line.on for line in lines), max(line.on for line in lines)
    origin = call.doors.config.origin

    def look(snapshot: Snapshot) -> dict[str, Any]:
        found = reconcile(
            [Line(each.on, each.amount, each.labels) for each in lines],
            _movements(snapshot, books, first - timedelta(days=DAYS), last + timedelta(days=DAYS)),
            _promises(snapshot, books.collective, origin),
            [
                each
                for line in lines
                for each in line.labels
                if _is_ours(snapshot, each, books.collective, origin)
            ],
        )
        scene = LiveScene(snapshot, origin, here=books.collective.uri)
        held_before = _held(snapshot, books.collective, origin, first - timedelta(days=1))
        return {
            "lines": [
                {**_line(snapshot, each), "by_two": needed > 1}
                for each, needed in zip(
                    found.lines,
                    signers_in_turn(map(_to_book, found.lines), currency, snapshot.now, scene),
                    strict=True,
                )
            ],
            "missing": [
                {"seq": each.seq, "on": each.on.isoformat(), "amount": each.amount}
                for each in found.missing
                if first <= each.on <= last
            ],
            "opening": {"bank": opening, "account": held_before},
            "closing": {
                "bank": closing,
                "account": _held(snapshot, books.collective, origin, closes or last),
                "on": (closes or last).isoformat(),
            },
            "booked": [],
        }

    def apply(transaction: Transaction) -> dict[str, Any]:
        told = look(transaction)
        held = told["opening"]["account"]
        if opening is not None and opening != held:
            raise ConflictError(
                message(
                    "Before the first line the bank held {bank}, the account {account}: nothing was booked."
                ),
                hint=message("Import the statement before this one first, or find the entry that is wrong."),
                bank=Money(opening, currency),
                account=Money(held, currency),
            )
        publisher = call.doors.publisher
        booked = []
        for line in told["lines"]:
            if line["match"] == Match.PLEDGED:
                given = {"status": "cleared", "on": line["on"]}
                said = publisher.amend(transaction, speaker, Change(line["uri"], given))
                booked.append(said.uri)
        return {**look(transaction), "booked": booked}

    if book:
        return await call.doors.publisher.apply(speaker, apply)
    return await call.doors.database.reader.run(look)


def _movements(snapshot: Snapshot, book: Book, first: date, last: date) -> list[Movement]:
    """What was booked in the account of the bank in these days, by the activity that it was booked for."""
    found: dict[str, Movement] = {}
    for leaf in entries.between(snapshot, book.log.id, first.isoformat(), last.isoformat()):
        amount = sum(
            minor
            for account, minor, commodity in leaf.postings
            if (account, commodity) == (BANK, book.collective.currency)
        )
        if not amount:
            continue
        before = found.get(leaf.activity)
        seq, total = (before.seq, before.amount) if before else (leaf.seq, 0)
        label = before.label if before else _label(snapshot, leaf.activity)
        found[leaf.activity] = Movement(seq, date.fromisoformat(leaf.date), total + amount, label)
    return list(found.values())


def _label(snapshot: Snapshot, uri: str) -> str:
    activity = activities.by_uri(snapshot, uri)
    links = [] if activity is None else objects.links_of(snapshot, activity.object)
    return next((target for relation, target in links if relation == "label"), "")


def _is_ours(snapshot: Snapshot, label: str, collective: Collective, origin: str) -> bool:
    """Whether a gift to this account has the label, however it was given and whatever became of it."""
    scene = LiveScene(snapshot, origin, here=collective.uri)
    return any(thing.owner == collective.uri for thing in scene.answering(label, "label"))


def _promises(snapshot: Snapshot, collective: Collective, origin: str) -> list[Promise]:
    scene = LiveScene(snapshot, origin, here=collective.uri)
    rows = objects.owned(snapshot, collective.uri, "donation", "pledged", limit=_PROMISES)
    things = [scene.thing(row.uri) for row in rows]
    return [
        Promise(thing.id, thing.record.amount.minor - fee, thing.record.label or "")
        for thing in things
        if thing is not None
        and isinstance(thing.record, Donation)
        and thing.record.channel in ("bank", "platform", "card")
        and thing.record.amount.currency == collective.currency
        for fee in (thing.record.fee.minor if thing.record.fee else 0,)
    ]


def _held(snapshot: Snapshot, collective: Collective, origin: str, day: date) -> int:
    balances = LiveScene(snapshot, origin, here=collective.uri).balances(collective.uri, day)
    return balances.get((BANK, collective.currency), 0)


def _to_book(found: Matched) -> tuple[date, int]:
    """What the treasurer is told to book by hand, in the order of the lines; nothing where it is booked, or `--book` does it."""
    by_hand = found.match == Match.UNMATCHED or (found.match == Match.UNCLEAR and found.candidates)
    return found.line.on, found.line.amount if by_hand else 0


def _line(snapshot: Snapshot, found: Matched) -> dict[str, Any]:
    return {
        "on": found.line.on.isoformat(),
        "amount": found.line.amount,
        "match": str(found.match),
        "seq": found.seq,
        "uri": found.uri,
        "id": _number(snapshot, found.uri),
        "candidates": [_number(snapshot, uri) for uri in found.candidates],
    }


def _number(snapshot: Snapshot, uri: str) -> str:
    row = objects.by_uri(snapshot, uri) if uri else None
    return "" if row is None else str(row.id)


COMMANDS: dict[str, Handler] = {"account.bank": where, "account.compare": compare}
