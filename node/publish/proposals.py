"""What several members must approve before it is said or changed: proposed by one, signed by each, published with the last signature.

The operator of the machine may propose, and never counts. Signature and publication are one transaction: what is refused when the
last one signs leaves it unsigned, so that she can sign again when the reason is gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from node.activities import roles
from node.domain.assembly import Voice
from node.domain.kind import Speaker
from node.errors import (
    AnsweredError,
    ConflictError,
    InvalidError,
    NotPermittedError,
    UnapprovedError,
    UnknownError,
)
from node.publish.door import known, own, require_role
from node.publish.drafts import Change, Draft, Withdrawal
from node.publish.idempotency import Idempotency
from node.publish.publisher import ENOUGH, Publisher
from node.speak import LiveScene, Said
from node.storage import members, objects, proposals
from node.storage.database import Snapshot, Transaction
from node.storage.proposals import Proposal
from node.tongues import message
from schemas.decision import Decision


@dataclass(frozen=True, slots=True)
class Signed:
    """How far a proposal is. `said` is there once the last signature published it."""

    proposal: Proposal
    said: Said | None = None


class Proposals:
    """The door of what is said by several members together."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def propose(
        self,
        speaker: Speaker,
        kind: str,
        given: Mapping[str, Any],
        *,
        about: str = "",
        idempotency: Idempotency | None = None,
        approving: bool = False,
    ) -> Proposal:
        """Keep a thing of a `kind`, or a change of what is there `about` (its withdrawal, where nothing is given), until it is
        approved; with `approving`, the member who proposes it is the first who does. Refused at once where it would be refused
        then."""
        draft = await self._drafted(speaker, kind, given, about)

        def apply(transaction: Transaction) -> Proposal:
            collective = own(transaction, speaker)
            known = None if idempotency is None else idempotency.known(transaction, speaker)
            if known is not None:
                return _known(transaction, collective.id, int(known))
            if not self._needs_approval(transaction, speaker, draft):
                raise InvalidError(
                    "kind", message("something that several must approve; this one can be said at once")
                )
            uri = "" if isinstance(draft, Draft) else draft.uri
            standing = self._standing(transaction, speaker, draft)
            number = proposals.add(transaction, collective.id, _kind(draft), given, uri, standing)
            if approving and speaker.member is not None:
                proposals.approve(transaction, number, speaker.member, _name(transaction, speaker.member))
            if idempotency is not None:
                idempotency.keep(transaction, speaker, str(number))
            return _known(transaction, collective.id, number)

        return await self._publisher.apply(speaker, apply)

    async def _drafted(
        self, speaker: Speaker, kind: str, given: Mapping[str, Any], about: str
    ) -> Draft | Change | Withdrawal:
        if about and not given:
            return await self._publisher.withdrawal(speaker, about)
        if about:
            return await self._publisher.redraft(speaker, about, given)
        return await self._publisher.draft(speaker, kind, given)

    def _say(
        self,
        transaction: Transaction,
        speaker: Speaker,
        draft: Draft | Change | Withdrawal,
        *,
        approvals: int,
        aside: Mapping[str, str] | None = None,
    ) -> Said:
        if isinstance(draft, Change):
            return self._publisher.amend(transaction, speaker, draft, aside=aside, approvals=approvals)
        if isinstance(draft, Withdrawal):
            return self._publisher.unsay(transaction, speaker, draft, aside=aside, approvals=approvals)
        return self._publisher.say(transaction, speaker, draft, aside=aside, approvals=approvals)

    def _needs_approval(
        self, transaction: Transaction, speaker: Speaker, draft: Draft | Change | Withdrawal
    ) -> bool:
        try:
            self._try(transaction, speaker, draft, approvals=0)
        except UnapprovedError:
            self._try(transaction, speaker, draft, approvals=ENOUGH)
            return True
        return False

    def _try(
        self,
        transaction: Transaction,
        speaker: Speaker,
        draft: Draft | Change | Withdrawal,
        *,
        approvals: int,
    ) -> None:
        """Say it, and take it back: raises what saying it would raise."""
        with transaction.trial():
            self._say(transaction, speaker, draft, approvals=approvals)

    def _standing(
        self, transaction: Transaction, speaker: Speaker, draft: Draft | Change | Withdrawal
    ) -> bytes | None:
        """The digest of what whoever signs is shown besides what was typed: of what stands where something would be changed, or
        of the objections to what would be decided. None where there is nothing that could change meanwhile."""
        if not isinstance(draft, Draft):
            row = objects.by_alias(transaction, draft.uri)
            return None if row is None else sha256(row.document).digest()
        if draft.kind.record is not Decision:
            return None
        with transaction.trial():
            said = self._say(transaction, speaker, draft, approvals=ENOUGH)
            thing = LiveScene(transaction, self._publisher.origin).thing(said.uri)
        stances = thing.record.stances if thing and isinstance(thing.record, Decision) else ()
        objections = sorted(each.digest or "" for each in stances if each.stance == Voice.OBJECTION)
        return sha256("\n".join(objections).encode()).digest()

    async def sign(self, speaker: Speaker, number: int) -> Signed:
        """Approve a proposal as a member; the last signature that is needed publishes it. Where a signature counts again, since whoever
        gave it has her role back, that is any of those who signed, signing again.

        AnsweredError for a second signature of the same member that publishes nothing; ConflictError where it was published or taken back already, or
        where what it would change is not any more what those who signed before saw.
        """
        _require_member(speaker)
        waiting = await self._publisher.read(lambda snapshot: self._signable(snapshot, speaker, number))
        draft = await self._drafted(speaker, waiting.kind, waiting.fields, waiting.about)

        def apply(transaction: Transaction) -> Signed:
            proposed = self._signable(transaction, speaker, number).standing
            if proposed != self._standing(transaction, speaker, draft):
                raise ConflictError(
                    message("What this proposal is about was changed since it was made."),
                    hint=message("Take this proposal back, and propose it again."),
                )
            answered = None
            try:
                self._answer(transaction, speaker, number)
            except AnsweredError as error:
                answered = error
            count = proposals.count(transaction, number, roles(waiting.kind))
            said = None
            try:
                with transaction.attempt():
                    said = self._say(
                        transaction, speaker, draft, aside={"approvals": str(count)}, approvals=count
                    )
                    proposals.publish(transaction, number, said.uri)
            except UnapprovedError:
                if answered is not None:
                    raise answered from None
                said = None
            return Signed(_known(transaction, own(transaction, speaker).id, number), said)

        return await self._publisher.apply(speaker, apply)

    async def recuse(self, speaker: Speaker, number: int) -> Proposal:
        """Leave a proposal to others, as a member who has a stake in it, also one who approved it: she cannot any more."""
        _require_member(speaker)

        def apply(transaction: Transaction) -> Proposal:
            self._waiting(transaction, speaker, number)
            self._answer(transaction, speaker, number, recused=True)
            return _known(transaction, own(transaction, speaker).id, number)

        return await self._publisher.apply(speaker, apply)

    def _answer(
        self, transaction: Transaction, speaker: Speaker, number: int, *, recused: bool = False
    ) -> None:
        """Note that a member approves, or leaves it to others. AnsweredError where she said so already, ConflictError where she
        said the other."""
        member = speaker.member or 0
        name = _name(transaction, member)
        if not proposals.approve(transaction, number, member, name, recused=recused):
            said = _known(transaction, own(transaction, speaker).id, number)
            left = name in said.recused
            error = AnsweredError if left == recused else ConflictError
            if left:
                raise error(message("She left this proposal to others, and cannot approve it any more."))
            raise error(message("She approved this already; another member must."))

    async def withdraw(self, speaker: Speaker, number: int) -> Proposal:
        """Take a proposal back, which waits for nobody then; a second time changes nothing.

        ConflictError where it was published; NotPermittedError where the member's role could not have proposed it.
        """

        def apply(transaction: Transaction) -> Proposal:
            collective = own(transaction, speaker)
            proposal = _known(transaction, collective.id, number)
            require_role(speaker, known(proposal.kind))
            if proposal.withdrawn is None:
                self._waiting(transaction, speaker, number)
                proposals.withdraw(transaction, number)
            return _known(transaction, collective.id, number)

        return await self._publisher.apply(speaker, apply)

    async def known(self, speaker: Speaker, number: int) -> Proposal:
        """A proposal of the collective, published or not. UnknownError where there is none."""
        return await self._publisher.read(
            lambda snapshot: _known(snapshot, own(snapshot, speaker).id, number)
        )

    async def waiting(self, speaker: Speaker) -> list[Proposal]:
        """What waits for signatures."""
        return await self._publisher.read(
            lambda snapshot: proposals.waiting(snapshot, own(snapshot, speaker).id, roles)
        )

    def _signable(self, snapshot: Snapshot, speaker: Speaker, number: int) -> Proposal:
        """What waits; AnsweredError where it was published already and this member is among those who approved it."""
        proposal = _known(snapshot, own(snapshot, speaker).id, number)
        if proposal.said is not None and _name(snapshot, speaker.member or 0) in proposal.approvals:
            raise AnsweredError(message("That was approved and published already."), hint=proposal.said)
        return self._waiting(snapshot, speaker, number)

    def _waiting(self, snapshot: Snapshot, speaker: Speaker, number: int) -> Proposal:
        proposal = _known(snapshot, own(snapshot, speaker).id, number)
        if proposal.said is not None:
            raise ConflictError(message("That was approved and published already."), hint=proposal.said)
        if proposal.withdrawn is not None:
            raise ConflictError(message("This proposal was taken back."))
        return proposal


def _kind(draft: Draft | Change | Withdrawal) -> str:
    return draft.kind.name if isinstance(draft, Draft) else draft.kind


def _require_member(speaker: Speaker) -> None:
    if speaker.member is None:
        raise NotPermittedError(
            message("Only a member approves; the operator of the machine never counts."),
            hint=message("Name her with --as."),
        )


def _name(snapshot: Snapshot, number: int) -> str:
    member = members.by_id(snapshot, number)
    return member.name if member is not None else ""


def _known(snapshot: Snapshot, collective: int, number: int) -> Proposal:
    proposal = proposals.by_id(snapshot, collective, number, roles)
    if proposal is None:
        raise UnknownError(
            message("There is no proposal of that number here."),
            hint=message("`minga proposals` lists them."),
        )
    return proposal
