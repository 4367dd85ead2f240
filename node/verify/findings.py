"""What a visit tells of the activities behind an account: one line for each check that held."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from node.verify.activities import Evidence, Examination

_MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """One check that held: its name and its figure. `warning`: it held, and yet says something that one should know."""

    check: str
    figure: str
    warning: bool = False


def findings(found: Evidence, examination: Examination) -> Iterator[Finding]:
    """The lines of an examination that is over; `found` is of the log that is written in now."""
    yield from _activities(found, examination)
    yield from _shares(examination)
    yield from _others(examination)
    yield from _periods(examination)


def _activities(found: Evidence, examination: Examination) -> Iterator[Finding]:
    bookings, matches = examination.bookings, examination.matches
    yield Finding(
        "activities",
        f"{found.matching} match their digests and are signed by the collective, {len(found.withdrawn)} withdrawn;"
        f" {examination.sampled} of them, taken by chance, are served so to everybody",
    )
    yield from _note("withdrawn", "CANNOT BE CHECKED, their words are gone", found.withdrawn)
    yield Finding("bookings", f"{bookings.compared} book exactly what their signed records say")
    yield from _note(
        "bookings",
        "COULD NOT BE COMPARED, what they change is not in this log",
        [*bookings.uncompared, *bookings.unanswered],
    )
    if matches.count or matches.uncompared:
        yield Finding(
            "matches",
            f"{matches.compared} gifts and payments reckoned again within the limits of {matches.count} matches"
            + (f"; {matches.uncompared} could not be compared" if matches.uncompared else ""),
            warning=bool(matches.uncompared),
        )


def _shares(examination: Examination) -> Iterator[Finding]:
    allocations, transfers = examination.allocations, examination.transfers
    yield Finding(
        "allocations",
        f"{len(allocations.known)} reckoned again: {allocations.shares} shares as published;"
        f" {len(allocations.rounds)} rounds as they closed",
    )
    yield from _note(
        "allocations", "without a round of their own, so without claims or criteria", allocations.unasked_for
    )
    yield from _note(
        "rounds",
        "closed by leaves that keep no digest of them, so that the moments until which they took claims and appeals may have been"
        " changed since",
        allocations.unbound,
    )
    yield from _note(
        "allocations",
        "in place of others, whether decisions stand behind them WAS NOT CHECKED",
        allocations.replaced,
    )
    if transfers.compared:
        awaited = (
            "after the appeals"
            if transfers.awaited == transfers.compared
            else f"{transfers.awaited} of them after the appeals of a round, the others of no round that this log shows"
        )
        yield Finding("transfers", f"{transfers.compared} hand over no more than a share, {awaited}")
    yield from _note(
        "transfers", "COULD NOT BE COMPARED, of shares whose words are not in this log", transfers.uncompared
    )


def _periods(examination: Examination) -> Iterator[Finding]:
    periods = examination.periods
    if periods.last is not None:
        yield Finding(
            "periods",
            f"{periods.compared} closed as their entries sum, the last with {periods.last.isoformat()}",
        )
    yield from _note("periods", "COULD NOT BE COMPARED, the words of entries are gone", periods.uncompared)
    if not examination.periods_listed:
        yield Finding("periods", "its node does not say which periods it closed", warning=True)


def _others(examination: Examination) -> Iterator[Finding]:
    """What others sign of it themselves."""
    asked, receipts = examination.allocations.asked, examination.receipts
    if receipts.confirmed:
        yield Finding("receipts", f"{receipts.confirmed} transfers are confirmed by who was to receive them")
    yield from _note(
        "receipts", "of transfers NOT CONFIRMED by who was to receive them", receipts.unconfirmed
    )
    if examination.allocations.rounds:
        yield Finding(
            "claims",
            f"{asked.claims}; the rule and price of {asked.criteria} allocations are those of their criteria",
            warning=not asked.claims.whole,
        )
        yield Finding(
            "criteria",
            f"those of {asked.criteria} allocations were adopted before their rounds opened, as their decisions list; of the"
            f" stances {asked.stances}",
            warning=not asked.stances.whole,
        )


def _note(check: str, said: str, listed: Sequence[str]) -> Iterator[Finding]:
    """What one should know of, one by one as far as that can be read; nothing where there is none."""
    if listed:
        more = f" and {len(listed) - _MOST_LISTED} more" if len(listed) > _MOST_LISTED else ""
        yield Finding(check, f"{len(listed)} {said}: {', '.join(listed[:_MOST_LISTED])}{more}", warning=True)
