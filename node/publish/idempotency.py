"""A request that may come twice, from a phone in a bad network: it is done once, and answered the same both times."""

from dataclasses import dataclass

import msgspec

from node.domain.kind import Speaker
from node.errors import InvalidError
from node.speak import Said
from node.storage import traces
from node.storage.database import Snapshot, Transaction
from node.tongues import message


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A request that may come twice: its key, and the body that it must come with both times."""

    route: str
    key: str
    body: bytes

    def known(self, snapshot: Snapshot, speaker: Speaker) -> str | None:
        """What the request was answered when it came first; RepeatedError where it came with another body."""
        found = traces.answered(snapshot, speaker.member or 0, self._asked(speaker), self.key, self.body)
        if found is None:
            return None
        same, result = found
        if not same:
            raise RepeatedError(result)
        return result

    def keep(self, transaction: Transaction, speaker: Speaker, result: str) -> None:
        """Remember what the request was answered."""
        traces.answer(transaction, speaker.member or 0, self._asked(speaker), self.key, self.body, result)

    def _asked(self, speaker: Speaker) -> str:
        """What was asked of whom: a member of two collectives may use the same key for both."""
        return f"{self.route} {speaker.actor}"


class RepeatedError(InvalidError):
    """The key of a request came before with another body; `result` is what that one was answered."""

    def __init__(self, result: str) -> None:
        super().__init__("Idempotency-Key", message("a new key: this one came before with another body"))
        self.result = result


def repeated(snapshot: Snapshot, speaker: Speaker, idempotency: Idempotency) -> Said | None:
    """What was said when the same request came before. RepeatedError where it came with another body."""
    result = idempotency.known(snapshot, speaker)
    return None if result is None else msgspec.json.decode(result, type=Said)


def remember(transaction: Transaction, speaker: Speaker, idempotency: Idempotency, said: Said) -> None:
    """Keep what was said, for when the same request comes again."""
    idempotency.keep(transaction, speaker, msgspec.json.encode(said).decode())
