"""Processing what was accepted at the door: look up what is missing, then fold it in one transaction.

A refused activity is counted as an incident and changes nothing; an unknown one is accepted politely and ignored. What could
not be looked up because somebody else did not answer is tried again later.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

from federation import (
    Activity,
    Budget,
    FederationError,
    Gone,
    NotFound,
    Unreachable,
    own_object,
    read_activity,
)
from federation.limits import Allowance, Limits
from node.domain.kind import NotAllowedError
from node.receive import offers, reactions, statements
from node.receive.fetching import Directory, Fetching
from node.receive.hearing import ContestedError, Hearing, Prepared
from node.relations import Others
from node.speak import Speech
from node.storage import activities, collectives, follows, inbound, posts
from node.storage.database import Database, Snapshot, Transaction
from node.storage.inbound import Waiting

_ATTEMPTS = 8
"""How often something that others do not answer for is tried, with growing gaps."""

_READY = Prepared()

VERBS: Mapping[str, Callable[[Hearing], None]] = MappingProxyType(
    {
        "Create": statements.create,
        "Update": statements.update,
        "Delete": statements.delete,
        "Offer": offers.offer,
        "Accept": offers.answer,
        "Reject": offers.answer,
        "Undo": reactions.undo,
        "Like": reactions.like,
        "Announce": reactions.announce,
        "Add": reactions.add,
        "Remove": reactions.remove,
        "Follow": reactions.follow,
        "Block": reactions.block,
        "Move": reactions.move,
        "Flag": reactions.flag,
    }
)
"""What is understood; anything else is taken politely and ignored."""


class Receiver:
    """The door of what others say."""

    def __init__(
        self,
        database: Database,
        speech: Speech,
        others: Others,
        directory: Directory,
        fetching: Fetching,
        *,
        limits: Limits,
    ) -> None:
        self._database = database
        self._speech = speech
        self._others = others
        self._directory = directory
        self._fetching = fetching
        self._limits = limits
        self._forwarding = Allowance(limits.stranger_replies, limits.stranger_hosts)

    async def process(self, arrivals: Sequence[Waiting]) -> None:
        """Process activities of one actor in their order; afterwards their rows are gone, or due again later.

        They are folded in the order in which they are queued, and may share a commit. The first failure of our own is
        raised when all are through.
        """
        folding: list[tuple[Waiting, asyncio.Future[None]]] = []
        failures: list[Exception] = []
        for waiting in arrivals:
            try:
                job = await self._job(waiting)
            except Exception as defect:
                failures.append(defect)
                await self._again(waiting)
                continue
            if job is not None:
                folding.append((waiting, asyncio.ensure_future(self._database.writer.run(job))))
        failures += [failure for each in folding if (failure := await self._folded(*each)) is not None]
        if failures:
            raise failures[0]

    async def _job(
        self, waiting: Waiting, *, contested: bool = False
    ) -> Callable[[Transaction], None] | None:
        """What is to be done in the transaction, when all that it needs was looked up; None where nothing is."""
        try:
            activity = read_activity(waiting.body, self._limits)
            look_up = self._author if contested else self._prepare
            prepared = await look_up(activity, waiting)
        except Unreachable as failure:
            await self._later(waiting, failure)
            return None
        except FederationError as refusal:
            await self._refuse(waiting, refusal.code)
            return None
        return lambda transaction: self._apply(transaction, activity, waiting, prepared)

    async def _folded(self, waiting: Waiting, folding: "asyncio.Future[None]") -> Exception | None:
        """Wait until it is stored. A refusal is an incident; a failure of our own is given back. Of what goes by an id that another
        used, the origin is asked first."""
        try:
            try:
                await folding
            except ContestedError:
                job = await self._job(waiting, contested=True)
                if job is not None:
                    await self._database.writer.run(job)
        except NotAllowedError as refusal:
            await self._refuse(waiting, f"not-allowed-{refusal.field}"[:60])
        except Exception as failure:
            await self._again(waiting)
            return failure
        return None

    async def _again(self, waiting: Waiting) -> None:
        """After a failure of our own: it was answered 202, so it is tried again, ever less often, and never dropped."""
        wait = timedelta(minutes=2 ** min(waiting.attempts, _ATTEMPTS))
        await self._database.writer.run(lambda t: inbound.later(t, waiting.id, wait))

    def _apply(
        self, transaction: Transaction, activity: Activity, waiting: Waiting, prepared: Prepared
    ) -> None:
        inbound.done(transaction, waiting.id)
        verb = VERBS.get(activity.type)
        known = activities.heard(transaction, activity.id, activity.actor)
        if verb is None or known or _deaf(transaction, activity.actor):
            return
        verb(Hearing(transaction, activity, waiting, prepared, self._speech, self._others, self._forwarding))

    async def _prepare(self, activity: Activity, waiting: Waiting) -> Prepared:
        """Look up what the transaction will need. Most activities need nothing, and nobody makes us look anything up whom
        we do not hear."""
        if not _refers(activity) or await self._database.reader.run(lambda s: _deaf(s, activity.actor)):
            return _READY
        budget = Budget(self._limits)
        match activity.type:
            case "Create":
                reader = next(iter(waiting.inbox.split()), None)
                await self._fetching.fetch(
                    activity.object_id, budget=budget, on_behalf_of=reader, asked=False, by=activity.actor
                )
            case "Announce":
                await self._boosted(activity, budget)
            case "Move":
                return await self._moved(activity, budget)
            case "Update":
                await self._directory.actor(activity.actor, refresh=True, budget=budget)
            case "Delete":
                return Prepared(gone=await self._is_gone(activity.actor))
        return _READY

    async def _author(self, activity: Activity, waiting: Waiting) -> Prepared:
        """Ask the origin of what is published who its author is."""

        def reader(snapshot: Snapshot) -> str | None:
            followers = (collectives.by_id(snapshot, n) for n in follows.readers_of(snapshot, activity.actor))
            found = (own.uri for own in followers if own is not None)
            return next(iter(waiting.inbox.split()), None) or next(found, None)

        on_behalf_of = await self._database.reader.run(reader)
        author = await self._fetching.author(
            activity.object_id, budget=Budget(self._limits), on_behalf_of=on_behalf_of
        )
        return Prepared(author=author)

    async def _moved(self, activity: Activity, budget: Budget) -> Prepared:
        """Look up where somebody whom we follow moved: its old place must name the new one, as the new one the old."""
        if not await self._database.reader.run(lambda s: follows.readers_of(s, activity.actor)):
            return _READY
        former = await self._directory.actor(activity.actor, refresh=True, budget=budget)
        if former.moved_to != activity.target:
            return _READY
        return Prepared(target=await self._directory.actor(activity.target, refresh=True, budget=budget))

    async def _boosted(self, activity: Activity, budget: Budget) -> None:
        """Fetch what a followed actor boosts, if we do not know it. What cannot be fetched is not shown."""

        def wanted(snapshot: Snapshot) -> bool:
            known = posts.meant(snapshot, activity.object_id) is not None
            ours = activity.object_id.startswith(f"{self._speech.origin}/")
            return bool(follows.readers_of(snapshot, activity.actor)) and not known and not ours

        if await self._database.reader.run(wanted):
            try:
                await self._fetching.fetch(activity.object_id, budget=budget)
            except (NotFound, Gone):
                return

    async def _is_gone(self, actor: str) -> bool:
        try:
            await self._directory.actor(actor, refresh=True)
        except (NotFound, Gone):
            return True
        return False

    async def _later(self, waiting: Waiting, failure: Unreachable) -> None:
        def note(transaction: Transaction) -> None:
            if waiting.attempts + 1 >= _ATTEMPTS or isinstance(failure, NotFound | Gone):
                inbound.done(transaction, waiting.id)
                inbound.incident(transaction, actor=waiting.actor, code=failure.code, object=waiting.uri)
            else:
                inbound.later(transaction, waiting.id, timedelta(seconds=10 * 3**waiting.attempts))

        await self._database.writer.run(note)

    async def _refuse(self, waiting: Waiting, code: str) -> None:
        def note(transaction: Transaction) -> None:
            inbound.done(transaction, waiting.id)
            inbound.incident(transaction, actor=waiting.actor, code=code, object=waiting.uri)

        await self._database.writer.run(note)


def _refers(activity: Activity) -> bool:
    """Whether it speaks of what must be looked up: what it does not embed, the one who moved, its own actor."""
    match activity.type:
        case "Create":
            return own_object(activity) is None
        case "Announce":
            return True
        case "Move":
            return bool(activity.target)
        case "Update" | "Delete":
            return activity.object_id == activity.actor
    return False


def _deaf(snapshot: Snapshot, actor: str) -> bool:
    """Whether every collective of ours blocks the actor or its host."""
    ours = collectives.every(snapshot)
    return bool(ours) and all(follows.blocks(snapshot, own.uri, actor) for own in ours)
