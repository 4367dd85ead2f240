"""The public account in a reader's words: what an entry did, what an account is called, how an amount is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from node.domain.booking import SPENT
from node.domain.campaigns import over_committed
from node.domain.donations import COMMODITIES
from node.domain.matched import DEPOSITED, EARNED, OWED, PROMISED
from node.domain.posting import PAYABLE, Posting, Totals, decimal
from node.tongues import Tongue, message
from schemas import CURRENCIES, Money, Quantity

ACCOUNTS = {
    "assets:bank": message("bank"),
    "assets:cash": message("cash box"),
    "assets:goods": message("goods at hand"),
    "income:donations": message("gifts"),
    "income:in-kind": message("gifts in kind"),
    "expenses:allocations": message("shared out"),
    "expenses:fees": message("fees"),
    "expenses:running": message("spent on running"),
    "expenses:work": message("work given"),
    "liabilities:holding": message("gifts that wait for a decision"),
    PROMISED: message("matches promised, not yet paid in"),
}
_OF_A_MATCH = {
    DEPOSITED: message("paid in for the match {label}"),
    EARNED: message("added by the match {label}"),
    OWED: message("promised by the match {label}"),
}
EFFECTS = {
    "in": message("came in"),
    "out": message("went out"),
    "back": message("taken back"),
    "promised": message("promised"),
    "released": message("promised no more"),
    "moved": message("moved"),
    "beside": message("beside the money"),
}
_UNITS = {name: unit for unit, name in COMMODITIES.items()}


@dataclass(frozen=True, slots=True)
class Effect:
    """What an entry did in one commodity: `what` is a key of `EFFECTS`, `sign` is `+`, `−` or nothing."""

    what: str
    words: str
    sign: str
    amount: str


@dataclass(frozen=True, slots=True)
class Line:
    """One posting as people read it."""

    account: str
    words: str
    amount: str
    negative: bool


def effects(postings: Sequence[Posting], tongue: Tongue) -> list[Effect]:
    """What an entry did, one line a commodity: money that came or went, else what is promised, else what stands beside."""
    found = []
    for commodity in dict.fromkeys(commodity for _, _, commodity in postings):
        sums = {"assets": 0, "liabilities": 0}
        rows = [(account, amount) for account, amount, name in postings if name == commodity]
        for account, amount in rows:
            root = account.partition(":")[0]
            sums[root] = sums.get(root, 0) + amount
        there, owed = sums["assets"], sums["liabilities"]
        if there > 0 and any(amount < 0 and _went_out(account) for account, amount in rows):
            what, sign = "back", "+"
        elif there:
            what, sign = ("in", "+") if there > 0 else ("out", "−")
        elif owed:
            what, sign = ("promised", "") if owed < 0 else ("released", "")
        else:
            inside = any(account.startswith("assets:") for account, _ in rows)
            what, sign, there = "moved" if inside else "beside", "", max(amount for _, amount in rows)
        moved = abs(there or owed)
        found.append(Effect(what, tongue.say(EFFECTS[what]), sign, written(moved, commodity, tongue)))
    return found


def _went_out(account: str) -> bool:
    """Whether money that is put to an account was spent or handed over."""
    return account == SPENT or account.startswith(PAYABLE)


def lines(postings: Sequence[Posting], tongue: Tongue) -> list[Line]:
    """The postings of an entry, debits first as they stand."""
    return [
        Line(account, named(account, tongue), written(amount, commodity, tongue), amount < 0)
        for account, amount, commodity in postings
    ]


def named(account: str, tongue: Tongue) -> str:
    """What people call an account."""
    if account.startswith(PAYABLE):
        return tongue.say(message("promised to {name}"), name=account.removeprefix(PAYABLE))
    for prefix, words in _OF_A_MATCH.items():
        if account.startswith(prefix):
            return tongue.say(words, label=account.removeprefix(prefix).upper())
    return tongue.say(ACCOUNTS[account]) if account in ACCOUNTS else account


def written(amount: int, commodity: str, tongue: Tongue) -> str:
    """An amount with its currency or unit, the sign in front of it."""
    sign, size = ("−", -amount) if amount < 0 else ("", amount)
    if commodity in CURRENCIES:
        return f"{sign}{tongue.money(Money(size, commodity))}"
    unit = _UNITS.get(commodity)
    value = decimal(size, commodity).normalize()
    return f"{sign}{tongue.number(value) if unit is None else tongue.quantity(Quantity(value, unit))}"


@dataclass(frozen=True, slots=True)
class Total:
    """The figures of one commodity, as words; `held` is "" where nothing is held apart, `over` where nothing is lacking."""

    received: str
    spent: str
    promised: str
    held: str
    unallocated: str
    over: str
    widths: tuple[int, int]


def total_of(figure: Totals, tongue: Tongue) -> Total:
    """The figures of one currency in words."""

    def say(minor: int) -> str:
        return written(minor, figure.commodity, tongue)

    whole = max(figure.received, figure.spent + figure.promised, 1)
    return Total(
        received=say(figure.received),
        spent=say(figure.spent),
        promised=say(figure.promised),
        held=say(figure.held) if figure.held else "",
        unallocated=say(figure.unallocated),
        over=over_committed(figure.unallocated, figure.promised, figure.commodity, tongue),
        widths=(300 * max(0, figure.spent) // whole, 300 * max(0, figure.promised) // whole),
    )


@dataclass(frozen=True, slots=True)
class Stated:
    """What a foreign gift was before it was changed, and the rate."""

    amount: Money
    rate: Decimal


def stated_of(fields: Mapping[str, str] | None) -> Stated | None:
    """What an entry states of a foreign gift."""
    if not fields:
        return None
    amount = Money.of(Decimal(fields["amount"]), fields["currency"], "amount")
    return Stated(amount, Decimal(fields["rate"]))
