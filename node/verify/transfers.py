"""What was handed over, compared with the shares: nobody gets more than hers, nothing goes out before the appeals are over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from federation.integrity import read_time
from node.domain.ledger import payable
from node.verify.own import Own
from node.verify.promises import Promises
from node.verify.source import DifferenceError, amount
from schemas import SchemaError, from_wire
from schemas.allocation import Allocation
from schemas.round import Round
from schemas.transfer import Transfer

JsonObject = dict[str, Any]

_SECOND = timedelta(seconds=1)
"""What is said carries its whole second: up to one more may have passed."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """The shares of an allocation, and the first of those that it corrects, whose transfers count with its own."""

    first: str
    record: Allocation


class Transfers:
    """Every allocation and transfer in the order of the log. `promises`: what is owed by words that nobody can read here."""

    def __init__(self, own: Own, promises: Promises) -> None:
        self._own, self._promises = own, promises
        self._shared: dict[str, _Shared] = {}
        self._paid: dict[tuple[str, str, str], int] = {}
        self.compared = 0
        self.uncompared: list[str] = []

    def said(self, document: JsonObject) -> None:
        """DifferenceError where an activity hands over what is no share, or more of it, or too early."""
        inner = document.get("object")
        kind = inner.get("kind") if isinstance(inner, dict) else None
        if not isinstance(inner, dict) or kind not in ("allocation", "transfer"):
            return
        try:
            record = from_wire(inner)
        except SchemaError as error:
            raise DifferenceError("transfers", f"{inner.get('id')} cannot be read: {error}") from error
        id_ = str(inner.get("id"))
        if isinstance(record, Allocation):
            corrected = self._shared.get(str(record.corrects)) if record.corrects else None
            self._shared[id_] = _Shared(corrected.first if corrected else id_, record)
        elif isinstance(record, Transfer) and document.get("type") == "Create":
            self._handed(id_, record, read_time(document.get("published")))

    def _handed(self, id_: str, record: Transfer, at: datetime | None) -> None:
        shared = self._shared.get(record.allocation)
        if shared is None:
            given = f"{amount(record.amount)} to {record.to}"
            if not self._promises.keep(payable(record.to), record.amount.minor, record.amount.currency):
                raise DifferenceError("transfers", f"{id_} hands over {given} of no allocation in this log")
            self.uncompared.append(given)
            return
        share = next((row.amount for row in shared.record.allotments if row.claimant == record.to), None)
        if share is None:
            raise DifferenceError(
                "transfers",
                f"{id_} hands over {amount(record.amount)} to {record.to}, who has no share in {record.allocation}",
            )
        key = shared.first, record.to, record.amount.currency
        self._paid[key] = self._paid.get(key, 0) + record.amount.minor
        if share.currency != record.amount.currency or self._paid[key] > share.minor:
            raise DifferenceError(
                "transfers",
                f"{id_} hands over {amount(record.amount)}, with which {record.to} has more than its share of {amount(share)}",
            )
        self._refuse_early(id_, shared.record, at)
        self.compared += 1

    def _refuse_early(self, id_: str, allocation: Allocation, at: datetime | None) -> None:
        if allocation.round is None:
            return
        round = self._own.read(allocation.round, Round, "transfers").record
        paid_from = max(round.appeal_until, round.pay_from or round.appeal_until)
        if at is None or at + _SECOND <= paid_from:
            raise DifferenceError(
                "transfers",
                f"{id_} was said on {at or 'no day'}, before the appeals of {allocation.round} were over ({paid_from})",
            )
