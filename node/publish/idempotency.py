"""A request that comes twice, because a phone in a bad network sends it again: it is answered twice and done once."""

from dataclasses import dataclass

import msgspec

from node.domain.kind import Speaker
from node.errors import InvalidError
from node.speak import Said
from node.storage import traces
from node.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A request that may come twice: its key, and the body that it must come with both times."""

    route: str
    key: str
    body: bytes


def repeated(transaction: Transaction, speaker: Speaker, idempotency: Idempotency) -> Said | None:
    """What was answered to the same request before. InvalidError where it came with another body."""
    known = traces.answered(
        transaction, speaker.member or 0, idempotency.route, idempotency.key, idempotency.body
    )
    if known is None:
        return None
    same, result = known
    if not same:
        raise InvalidError("Idempotency-Key", "a new key: this one came before with another body")
    return msgspec.json.decode(result, type=Said)


def remember(transaction: Transaction, speaker: Speaker, idempotency: Idempotency, said: Said) -> None:
    """Keep what was answered, for when the same request comes again."""
    traces.answer(
        transaction,
        speaker.member or 0,
        idempotency.route,
        idempotency.key,
        idempotency.body,
        msgspec.json.encode(said).decode(),
    )
