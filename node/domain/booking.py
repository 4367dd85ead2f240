"""What a published thing stands for in the public account: its postings, booked and corrected by differences.

Every thing that moves money keeps its moves among its facts, also when its words are gone: `[day, account, minor units,
commodity]` each, in the order in which they were booked, and what the money is `for`. So an account can be added up to any day, on the node of the fund and on every
node that follows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace as changed
from datetime import date

from node.domain.kind import Entry, Heard, NotAllowedError, Scene, Thing
from node.domain.ledger import BANK, CASH, held
from node.domain.posting import PAYABLE, Balances, Posting
from node.tongues import message
from schemas import Money
from schemas.period import Period

Move = tuple[str, str, int, str]
"""Day (ISO), account, minor units, commodity."""

SPENT = "expenses:running"
OUT_OF = {"bank": BANK, "cash": CASH}
"""The account out of which money goes, by the channel that was said."""
SHORT = {
    BANK: message("at most {most}, which is in the bank"),
    CASH: message("at most {most}, which is in the cash box"),
}


def moves(thing: Thing | None) -> tuple[Move, ...]:
    """Everything that a thing has booked."""
    rows: Sequence[Move] = thing.facts.get("moves", ()) if thing is not None else ()
    return tuple((day, account, minor, commodity) for day, account, minor, commodity in rows)


def difference(before: Thing | None, postings: Sequence[Posting], day: date) -> tuple[Move, ...]:
    """The moves by which a thing comes to stand for `postings`, sorted by account."""
    missing: dict[tuple[str, str], int] = {}
    for account, minor, commodity in postings:
        missing[account, commodity] = missing.get((account, commodity), 0) + minor
    for _, account, minor, commodity in moves(before):
        missing[account, commodity] = missing.get((account, commodity), 0) - minor
    return tuple(
        (day.isoformat(), account, minor, commodity)
        for (account, commodity), minor in sorted(missing.items())
        if minor
    )


def book(
    before: Thing | None, after: Thing, postings: Sequence[Posting], day: date, subject: str = ""
) -> Thing:
    """`after` with the moves of `before` and those by which it comes to stand for `postings`.

    `subject` is what the money is for; it stays with the moves when the words are gone.
    """
    booked = (*moves(before), *difference(before, postings, day))
    if not booked:
        return after
    subject = subject or (str(before.facts.get("for", "")) if before is not None else "")
    kept = {"moves": [list(move) for move in booked], **({"for": subject} if subject else {})}
    return changed(after, facts={**after.facts, **kept})


def entry(before: Thing | None, after: Thing | None, stated: Mapping[str, str] | None = None) -> Entry | None:
    """The entry of what changed between two states of a thing; None where nothing was booked."""
    new = moves(after)[len(moves(before)) :]
    if not new:
        return None
    return Entry(
        new[0][0], tuple((account, minor, commodity) for _, account, minor, commodity in new), stated
    )


def carried(amount: Money) -> list[Posting]:
    """What is booked when cash is brought to the bank."""
    return [(BANK, amount.minor, amount.currency), (CASH, -amount.minor, amount.currency)]


def unallocated(balances: Balances, currency: str) -> int:
    """What is there and promised to nobody; below zero the fund is over-committed."""
    return held(balances, "assets", currency) + held(balances, "liabilities", currency)


def promised(balances: Balances, currency: str) -> int:
    """What was allotted to somebody and not handed over yet."""
    return -held(balances, PAYABLE.rstrip(":"), currency)


def refuse_closed(day: date, field: str, heard: Heard, scene: Scene) -> None:
    """NotAllowedError for a day in a period of ours that is closed."""
    if not scene.ours(heard.actor):
        return
    for thing in scene.said(heard.actor, Period.kind()):
        if isinstance(thing.record, Period) and day <= thing.record.closes:
            raise NotAllowedError(
                field, "a day after {day}: until then the account is closed", day=thing.record.closes
            )


def refuse_short(account: str, amount: Money, balances: Balances) -> None:
    """NotAllowedError where more would go out of a cash box or a bank account than is in it."""
    left = held(balances, account, amount.currency)
    if amount.minor > left:
        most = Money(max(0, left), amount.currency)
        raise NotAllowedError("amount", SHORT[account], most=most)


def refuse_foreign(amount: Money, field: str, currency: str) -> None:
    """NotAllowedError for money in another currency than what it belongs to."""
    if amount.currency != currency:
        raise NotAllowedError(field, "an amount in {currency}", currency=currency)
