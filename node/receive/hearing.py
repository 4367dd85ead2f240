"""One activity of somebody else while it is processed: what came, and what may be done with it in its transaction."""

from dataclasses import dataclass

from federation import Activity
from federation.interfaces import RemoteActor
from federation.limits import Allowance
from node.domain.errors import DomainError
from node.domain.kind import AnyKind, Audience, Heard, Speaker
from node.relations import Others
from node.speak import LiveScene, Speech
from node.speak.fold import hear
from node.storage import activities, follows
from node.storage.database import Transaction
from node.storage.inbound import Waiting


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was looked up before the transaction: the moved-to actor, that the actor is gone, or whom the origin of an id that two
    use names as the author ("" where it names nobody, None where it was not asked)."""

    target: RemoteActor | None = None
    gone: bool = False
    author: str | None = None


class ContestedError(DomainError):
    """What somebody publishes goes by the id of what a neighbour on the same server published: only their origin knows the author,
    and it was not asked yet."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """An activity, the row that it waited in, and the transaction in which it is folded. `forwarding`: how many replies of
    strangers each host may have us forward."""

    transaction: Transaction
    activity: Activity
    waiting: Waiting
    prepared: Prepared
    speech: Speech
    others: Others
    forwarding: Allowance

    @property
    def inboxes(self) -> tuple[str, ...]:
        """Actors of ours whose own inboxes took it."""
        return tuple(self.waiting.inbox.split())

    def barred(self, collective: str) -> bool:
        """Whether a collective of ours blocks whoever says this."""
        return follows.blocks(self.transaction, collective, self.activity.actor)

    def scene(self, url: str = "") -> LiveScene:
        """What kinds may look at."""
        return LiveScene(self.transaction, self.speech.origin, url=url or self.activity.object_id)

    def keep(
        self, *, object: str, kind: str = "", audience: Audience = Audience.DIRECT, folded: str = ""
    ) -> int:
        """Append the activity to the spine; its number."""
        number = self.transaction.next_id()
        activities.add(
            self.transaction,
            number=number,
            uri=self.activity.id,
            actor=self.activity.actor,
            type=self.activity.type,
            object=object,
            kind=kind,
            collective=None,
            audience=audience.value,
            body=self.waiting.body,
            folded=folded,
            transport=self.waiting.transport,
            key=self.waiting.key,
        )
        return number

    def fold(self, kind: AnyKind, heard: Heard, *, readers: tuple[str, ...] = ()) -> None:
        """Judge, fold and keep it, and say what follows from it. NotAllowedError where the kind refuses."""
        folded = hear(
            self.transaction,
            self.scene(heard.object_id),
            kind,
            Speaker(heard.actor),
            heard,
            number=self.transaction.next_id(),
            collective=None,
            readers=readers,
        )
        elsewhere = folded.elsewhere(heard.object_id)
        self.keep(object=heard.object_id, kind=kind.name, audience=heard.audience, folded=elsewhere)
        self.speech.follow_up(self.transaction, kind, folded, heard)
