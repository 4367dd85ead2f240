"""What was handed over, compared with the shares: nobody gets more than hers, nothing goes out before the appeals are over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from federation.integrity import read_time
from node.verify.claims import Asked
from node.verify.source import DifferenceError, Source, amount
from schemas import SchemaError, from_wire
from schemas.allocation import Allocation
from schemas.round import Round
from schemas.transfer import Transfer

JsonObject = dict[str, Any]

_SECOND = timedelta(seconds=1)
"""What is said carries its whole second: up to one more may have passed."""

Check = Callable[[JsonObject, str], None]
"""Raises DifferenceError unless a document carries a valid proof by the collective."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """The shares of an allocation, and the first of those that it corrects, whose transfers count with its own."""

    first: str
    record: Allocation


class Transfers:
    """Every allocation and transfer in the order of the log. `partial`: the log began with balances of a former one."""

    def __init__(self, source: Source, check: Check, partial: bool) -> None:
        self._source, self._check, self.partial = source, check, partial
        self._asked = Asked()
        self._shared: dict[str, _Shared] = {}
        self._paid: dict[tuple[str, str, str], int] = {}
        self._paid_from: dict[str, datetime | None] = {}
        self.compared = 0
        self.uncompared = 0

    def said(self, document: JsonObject, withdrawn: bool) -> None:
        """DifferenceError where an activity hands over what is no share, or more of it, or too early.

        `withdrawn`: words of this log are gone, so that an allocation which is not in it may be one of those.
        """
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
            self._handed(id_, record, read_time(document.get("published")), withdrawn)

    def _handed(self, id_: str, record: Transfer, at: datetime | None, withdrawn: bool) -> None:
        shared = self._shared.get(record.allocation)
        if shared is None:
            if self.partial or withdrawn:
                self.uncompared += 1
                return
            raise DifferenceError(
                "transfers", f"{id_} hands over {amount(record.amount)} of no allocation in this log"
            )
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
        if allocation.round not in self._paid_from:
            self._paid_from[allocation.round] = self._appeals(allocation.round)
        paid_from = self._paid_from[allocation.round]
        if paid_from is not None and (at is None or at + _SECOND <= paid_from):
            raise DifferenceError(
                "transfers",
                f"{id_} was said on {at or 'no day'}, before the appeals of {allocation.round} were over ({paid_from})",
            )

    def _appeals(self, uri: str) -> datetime | None:
        """Until when a round can be appealed, as its collective signed it; None where it cannot be fetched."""
        document = self._asked.fetch(self._source, uri)
        if document is None:
            return None
        self._check(document, "transfers")
        try:
            record = from_wire(document)
        except SchemaError as error:
            raise DifferenceError("transfers", f"{uri} cannot be read: {error}") from error
        if not isinstance(record, Round) or document.get("id") != uri:
            raise DifferenceError("transfers", f"{uri} is no round")
        return max(record.appeal_until, record.pay_from or record.appeal_until)
