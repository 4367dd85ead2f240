"""What the receivers of transfers say that they received, fetched from themselves."""

from collections.abc import Iterable

from federation import same_origin
from node.verify.claims import Asked, Missing
from node.verify.source import Source, said_money
from schemas import SchemaError, from_wire
from schemas.receipt import Receipt
from schemas.transfer import Transfer

_MOST_ASKED = 20
"""Replies to one transfer that are looked at."""


class Receipts:
    """Transfers that their receivers confirm, and those of which nothing shows that they arrived."""

    def __init__(self) -> None:
        self.confirmed = 0
        self.unconfirmed: list[str] = []

    def compare(self, source: Source, asked: Asked, transfers: Iterable[tuple[str, Transfer]]) -> None:
        """Ask for the receipts of each transfer, at its receiver's own server."""
        for uri, transfer in transfers:
            received = sum(
                _received(source, asked, uri, transfer, reply)
                for reply in _own_replies(source.replies(uri), transfer.to)
            )
            if received >= transfer.amount.minor:
                self.confirmed += 1
            else:
                self.unconfirmed.append(f"{said_money(transfer.amount)} to {transfer.to}")


def _own_replies(replies: Iterable[str], receiver: str) -> list[str]:
    """What its receiver answered, each answer once: whom it lists, and how often, is the fund's word."""
    return list(dict.fromkeys(reply for reply in replies if same_origin(reply, receiver)))[:_MOST_ASKED]


def _received(source: Source, asked: Asked, uri: str, transfer: Transfer, reply: str) -> int:
    """What one reply confirms of a transfer, in minor units; nothing where it is no receipt of it by who was paid."""
    document = asked.fetch(source, reply)
    if isinstance(document, Missing) or document.get("attributedTo") != transfer.to:
        return 0
    try:
        record = from_wire(document)
    except SchemaError:
        return 0
    if not isinstance(record, Receipt) or record.of.partition("#")[0] != uri or record.amount is None:
        return 0
    return record.amount.minor if record.amount.currency == transfer.amount.currency else 0
