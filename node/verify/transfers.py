"""What was handed over, compared with the shares: nobody gets more than hers, nothing goes out before the appeals are over."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from node.domain.ledger import payable
from node.verify.act import Act
from node.verify.allocations import Allocations, Shared
from node.verify.own import Own
from node.verify.promises import Promises
from node.verify.source import DifferenceError, said_money
from schemas import Money
from schemas.round import Round
from schemas.transfer import Transfer

_SECOND = timedelta(seconds=1)
"""What is said carries its whole second: up to one more may have passed."""


class Transfers:
    """Every transfer in the order of the log. `promises`: what is owed by words that nobody can read here."""

    def __init__(self, own: Own, promises: Promises, allocations: Allocations) -> None:
        self._own, self._promises, self._allocations = own, promises, allocations
        self._paid: dict[tuple[str, str, str], int] = {}
        self.compared = 0
        self.awaited = 0
        """Those of them that waited until the appeals of a round were over."""
        self.uncompared: list[str] = []
        self.every: list[tuple[str, Transfer]] = []

    def said(self, act: Act, free: Mapping[str, int]) -> None:
        """DifferenceError where an activity hands over what is no share, or more of it, or too early, or while more was promised than
        there was. `free`: what was there before it and promised to nobody, by currency."""
        record = act.record
        if not isinstance(record, Transfer):
            return
        self.every.append((act.thing, record))
        if (left := free.get(record.amount.currency, 0)) < 0:
            raise DifferenceError(
                "transfers",
                f"{act.thing} hands over {said_money(record.amount)} while"
                f" {said_money(Money(-left, record.amount.currency))} more was promised than there was",
            )
        self._handed(act.thing, record, act.at)

    def _handed(self, id_: str, record: Transfer, at: datetime) -> None:
        shared = self._allocations.known.get(record.allocation)
        if shared is None:
            given = f"{said_money(record.amount)} to {record.to}"
            if not self._promises.keep(payable(record.to), record.amount.minor, record.amount.currency):
                raise DifferenceError("transfers", f"{id_} hands over {given} of no allocation in this log")
            self.uncompared.append(given)
            return
        if shared.replaced:
            raise DifferenceError(
                "transfers",
                f"{id_} hands over {said_money(record.amount)} of {shared.uri}, whose place another one took",
            )
        share = next((row.amount for row in shared.record.allotments if row.claimant == record.to), None)
        if share is None:
            raise DifferenceError(
                "transfers",
                f"{id_} hands over {said_money(record.amount)} to {record.to}, who has no share in {record.allocation}",
            )
        key = shared.first, record.to, record.amount.currency
        self._paid[key] = self._paid.get(key, 0) + record.amount.minor
        if share.currency != record.amount.currency or self._paid[key] > share.minor:
            raise DifferenceError(
                "transfers",
                f"{id_} hands over {said_money(record.amount)}, with which {record.to} has more than its share of {said_money(share)}",
            )
        self._refuse_early(id_, shared, at)
        self.compared += 1
        self.awaited += bool(shared.rounds)

    def _refuse_early(self, id_: str, shared: Shared, at: datetime) -> None:
        """Of a round that is only that of what was corrected, the day from which it is paid was not always waited for."""
        for uri in sorted(shared.rounds):
            round = self._own.read(uri, Round, "transfers").record
            pay_from = round.pay_from if uri == shared.record.round else None
            paid_from = max(round.appeal_until, pay_from or round.appeal_until)
            if at + _SECOND <= paid_from:
                raise DifferenceError(
                    "transfers",
                    f"{id_} was said on {at}, before the appeals of {uri} were over ({paid_from})",
                )
