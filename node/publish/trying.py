"""What would come of saying something: it is said, looked at, and taken back, so that nothing of it stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from node.domain.gifts import UNLABELLED
from node.domain.kind import AnyKind, Audience, Speaker
from node.domain.markup import sanitise
from node.errors import UnknownError
from node.publish.door import FIND, known, own
from node.publish.publisher import ENOUGH, Publisher
from node.speak import LiveScene, tongues
from node.storage.database import Transaction
from node.tongues import message
from schemas.donation import Donation


@dataclass(frozen=True, slots=True)
class Tried:
    """How a thing would read, as safe HTML by language, the collective's own first; `approvals` members must approve it before."""

    texts: tuple[tuple[str, str], ...]
    audience: str
    approvals: int


class Trying:
    """The door by which a member looks before she speaks."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def publish(
        self,
        speaker: Speaker,
        kind: str,
        given: Mapping[str, Any],
        *,
        audience: Audience | None = None,
        in_reply_to: str | None = None,
        pictures: Sequence[int] = (),
    ) -> Tried:
        """How it would read. Raises what `Publisher.publish` raises, but never that others must approve it first."""
        draft = await self._publisher.draft(speaker, kind, given, audience=audience, in_reply_to=in_reply_to)

        def apply(transaction: Transaction) -> Tried:
            with transaction.trial():
                said = self._publisher.say(transaction, speaker, draft, pictures=pictures, approvals=ENOUGH)
                return self._look(transaction, speaker, draft.kind, said.uri, new=True)

        return await self._publisher.apply(speaker, apply)

    async def revise(self, speaker: Speaker, ref: str, given: Mapping[str, Any]) -> Tried:
        """How a thing of ours would read once it is changed. Raises what `Publisher.revise` raises, but never that others
        must approve it first."""
        change = await self._publisher.redraft(speaker, ref, given)

        def apply(transaction: Transaction) -> Tried:
            with transaction.trial():
                said = self._publisher.amend(transaction, speaker, change, approvals=ENOUGH)
                return self._look(transaction, speaker, known(change.kind), said.uri)

        return await self._publisher.apply(speaker, apply)

    def _look(
        self, transaction: Transaction, speaker: Speaker, kind: AnyKind, uri: str, *, new: bool = False
    ) -> Tried:
        """An offer has no text yet: it will have that of its echo. What is new has no label yet: the one of this trial it will
        hardly get."""
        collective = own(transaction, speaker)
        scene = LiveScene(transaction, self._publisher.origin, here=collective.uri, url=uri)
        thing = scene.thing(uri)
        if thing is None or thing.record is None:
            raise UnknownError(message("Nothing with that id is known here."), hint=FIND)
        written = thing.document.get("contentMap")
        if not isinstance(written, Mapping):
            languages = tongues(collective, translated=kind.translated)
            written = {each.language: kind.text(thing.record, each, scene) for each in languages}
        label = thing.record.label if new and isinstance(thing.record, Donation) else None
        texts = tuple(
            (language, sanitise(str(html).replace(label, UNLABELLED) if label else str(html)))
            for language, html in written.items()
        )
        return Tried(texts, thing.audience.value, kind.approvals(None, thing.record, scene))
