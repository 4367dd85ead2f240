"""DOOR. A member says something: who may, what it must hold, whom it names; then it is said in one transaction.

`draft` does what is slow before it: handles in the text and ids typed as URLs are looked up elsewhere. What cannot be found
in the text stays plain text; what was named on purpose (`to`, `in_reply_to`, an id in a field) must be found.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from node.domain.gifts import code_digest
from node.domain.kind import AnyKind, Audience, Saying, Speaker, Thing, Verb
from node.domain.markup import mentions
from node.domain.typed import field_named
from node.errors import ElsewhereError, InvalidError, NotPermittedError, UnknownError, WithdrawnError
from node.publish.door import (
    Door,
    Finder,
    answered,
    asked_above,
    known,
    own,
    own_document,
    refuse_barred,
    require_approval,
    require_role,
)
from node.publish.drafts import Change, Draft, Withdrawal, answering
from node.publish.idempotency import Idempotency, remember, repeated
from node.publish.photographs import photographs
from node.publish.typed import read_cover, read_record, refuse_long
from node.speak import Said, Speech
from node.speak.whisper import tell_of_answer, tell_of_confirmation, tell_of_offer, tell_of_withdrawal
from node.storage import media, objects
from node.storage.collectives import Collective
from node.storage.database import Database, Transaction
from node.tongues import message
from schemas import Record, Uri
from schemas.note import Note
from schemas.pledge import Pledge

Also = Callable[[Transaction, Said], None]
"""What is done in the transaction in which something was said."""

_LAPSING = 50
_MENTIONS = 10
"""Handles in one text that are looked up elsewhere."""
ENOUGH = 1000
"""Approvals that suffice for anything."""


class Publisher(Door):
    """The door by which members speak. `text_limit` is the longest text in characters; `media` the address below which
    photographs are served; `answered` is told of every answer and what it was before, nothing said where it is taken back."""

    def __init__(
        self,
        database: Database,
        speech: Speech,
        finder: Finder,
        *,
        text_limit: int,
        answered: Callable[[Transaction, Said | None, Thing | None], None],
        media: str = "",
    ) -> None:
        super().__init__(database, speech, finder)
        self._media = media or f"{speech.origin}/media"
        self._text_limit = text_limit
        self._answered = answered

    async def publish(
        self,
        speaker: Speaker,
        kind: str,
        given: Mapping[str, Any],
        *,
        audience: Audience | None = None,
        to: Sequence[str] = (),
        in_reply_to: str | None = None,
        pictures: Sequence[int] = (),
        idempotency: Idempotency | None = None,
        aside: Mapping[str, str] | None = None,
        verb: Verb | None = None,
        also: Also | None = None,
    ) -> Said:
        """Publish a thing of a kind from its fields as typed; `verb` where not as its kind opens.

        InvalidError names the field; NotPermittedError where the member's role may not; ConflictError where the same
        key came with another body. `pictures` are numbers of photographs that the collective sent before; `also` is done in
        the same transaction.
        """
        draft = await self.draft(speaker, kind, given, audience=audience, to=to, in_reply_to=in_reply_to)

        def apply(transaction: Transaction) -> Said:
            if idempotency is not None and (known := repeated(transaction, speaker, idempotency)):
                return known
            said = self.say(transaction, speaker, draft, pictures=pictures, aside=aside, verb=verb)
            if also is not None:
                also(transaction, said)
            if idempotency is not None:
                remember(transaction, speaker, idempotency, said)
            return said

        return await self.apply(speaker, apply)

    async def draft(
        self,
        speaker: Speaker,
        kind: str,
        given: Mapping[str, Any],
        *,
        audience: Audience | None = None,
        to: Sequence[str] = (),
        in_reply_to: str | None = None,
        language: str = "",
    ) -> Draft:
        """Look up what a thing needs before it can be said; `language` as in `Saying`. Raises what `publish` raises."""
        spoken = known(kind)
        require_role(speaker, spoken)
        refuse_long(spoken, given, self._text_limit)
        if audience is Audience.DIRECT and not to and in_reply_to is None:
            raise InvalidError("to", message("somebody to send it to: --to HANDLE"))
        named = [await self._finder.actor(speaker, handle) for handle in to]
        parent = None if in_reply_to is None else await self.locate(speaker, in_reply_to)
        given = await self._with_actors(speaker, spoken, given)
        found = await self._mentioned(speaker, given)
        ids = await self._ids(speaker, spoken, given)
        return Draft(spoken, given, found, ids, audience, tuple(named), parent, language)

    def say(
        self,
        transaction: Transaction,
        speaker: Speaker,
        draft: Draft,
        *,
        pictures: Sequence[int] = (),
        aside: Mapping[str, str] | None = None,
        approvals: int = 0,
        verb: Verb | None = None,
        cover: Mapping[str, Any] | None = None,
    ) -> Said:
        """The half of `publish` that is one transaction. UnapprovedError where more members must approve it first.

        `cover` are the fields of the note as which it was typed: its warning stands before what it says.
        """
        collective = own(transaction, speaker)
        parent = None if draft.parent is None else answered(transaction, speaker, draft.parent)
        kind = draft.kind
        record = read_record(transaction, collective, kind, draft.given, draft.ids, None)
        if isinstance(record, Pledge):
            refuse_barred(transaction, self._speech.origin, collective, record)
        saying = draft.saying(collective.uri, record, parent, verb)
        shown = photographs(transaction, collective, pictures, self._media)
        said = self._speech.say(
            transaction,
            speaker,
            saying,
            found=draft.found,
            aside=aside,
            attachment=shown,
            cover=read_cover(transaction, collective, cover),
        )
        self._require_approval(transaction, None, said, approvals, kind.name)
        if pictures:
            media.attach(transaction, said.id, pictures)
        if parent is not None:
            self._answered(transaction, said, None)
        if kind.envelope is not None:
            tell_of_offer(self._speech, transaction, said.uri)
            tell_of_confirmation(self._speech, transaction, said.uri)
        return replace(said, code=self._code(transaction, collective, kind, said))

    def _require_approval(
        self, transaction: Transaction, former: Record | None, said: Said, approvals: int, what: str
    ) -> None:
        """Judged when it is said: what the node adds to it, as the stances to a decision, may make others necessary."""
        kind, thing = self._thing(transaction, said.uri)
        if thing.record is not None:
            needed = kind.approvals(former, thing.record, self._scene(transaction, thing))
            require_approval(needed, approvals, f"{what} …")

    def _code(self, transaction: Transaction, collective: Collective, kind: AnyKind, said: Said) -> str:
        """The code of a gift; only its digest is kept."""
        if not kind.gift_code:
            return ""
        code = self._speech.new_code()
        objects.label(transaction, collective.id, "gift", code_digest(code), said.uri)
        return code

    async def confirm(
        self,
        speaker: Speaker,
        ref: str,
        given: Mapping[str, Any],
        *,
        idempotency: Idempotency | None = None,
        also: Also | None = None,
    ) -> Said:
        """Make an informal pledge out of what somebody promised in a plain reply to a need of ours; `also` as in `publish`.

        UnknownError where the reply is not known here; InvalidError where it answers no need.
        """
        reply = await self.locate(speaker, ref)
        need = await self._database.reader.run(lambda snapshot: asked_above(snapshot, reply, speaker.actor))
        return await self.publish(
            speaker,
            Pledge.kind(),
            {"need": need, **given},
            idempotency=idempotency,
            aside={"reply": reply},
            verb=Verb.CREATE,
            also=also,
        )

    async def lapse(self) -> bool:
        """Say what is to be said of things of ours whose moment has passed; whether there may be more."""
        return await self._database.writer.run(lambda t: self._speech.lapse(t, _LAPSING)) == _LAPSING

    async def revise(
        self,
        speaker: Speaker,
        ref: str,
        given: Mapping[str, Any],
        *,
        pictures: Sequence[int] | None = None,
        described: Sequence[media.Description] = (),
        cover: Mapping[str, Any] | None = None,
        language: str = "",
        idempotency: Idempotency | None = None,
        also: Also | None = None,
    ) -> Said:
        """Change fields of a thing that the collective published; "" empties a field. `pictures` and `cover` (as in `say`) None
        leave them, as "" does the `language`; photographs are `described`, and `also` done, in the same transaction. Twice is once."""
        change = await self.redraft(speaker, ref, given, language=language)

        def apply(transaction: Transaction) -> Said:
            known = repeated(transaction, speaker, idempotency) if idempotency is not None else None
            if known is not None:
                return known
            said = self.amend(
                transaction, speaker, change, pictures=pictures, described=described, cover=cover
            )
            if also is not None:
                also(transaction, said)
            if idempotency is not None:
                remember(transaction, speaker, idempotency, said)
            return said

        return await self.apply(speaker, apply)

    async def redraft(
        self, speaker: Speaker, ref: str, given: Mapping[str, Any], *, language: str = ""
    ) -> Change:
        """Look up what a change needs before it can be said. Raises what `revise` raises."""
        uri = await self.locate_own(speaker, ref)
        kind = await self._kind_of(uri)
        refuse_long(kind, given, self._text_limit)
        given = await self._with_actors(speaker, kind, given)
        found = await self._mentioned(speaker, given)
        return Change(uri, given, await self._ids(speaker, kind, given), found, kind.name, language)

    def amend(
        self,
        transaction: Transaction,
        speaker: Speaker,
        change: Change,
        *,
        pictures: Sequence[int] | None = None,
        described: Sequence[media.Description] = (),
        cover: Mapping[str, Any] | None = None,
        aside: Mapping[str, str] | None = None,
        approvals: int = 0,
    ) -> Said:
        """The half of `revise` that is one transaction. UnapprovedError where more members must approve it first."""
        collective = own(transaction, speaker)
        kind, thing = self._thing(transaction, change.uri)
        require_role(speaker, kind)
        about = own_document(transaction, thing, change.uri, speaker)
        record = read_record(transaction, collective, kind, change.given, change.ids, thing.record)
        saying = change.saying(collective.uri, about, record, kind)
        shown = photographs(transaction, collective, pictures, self._media, thing=about, described=described)
        said = self._speech.say(
            transaction,
            speaker,
            saying,
            found=change.found,
            aside=aside,
            attachment=shown,
            cover=read_cover(transaction, collective, cover),
        )
        self._require_approval(transaction, thing.record, said, approvals, about.rpartition("/")[2])
        if pictures is not None:
            media.attach(transaction, said.id, pictures)
        if kind.name == Note.kind():
            self._answered(transaction, said, thing)
        tell_of_confirmation(self._speech, transaction, said.uri, before=thing.record)
        return said

    async def withdraw(self, speaker: Speaker, ref: str) -> Said:
        """Take back what the collective published: a tombstone stays at its URL."""
        withdrawal = await self.withdrawal(speaker, ref)
        return await self.apply(speaker, lambda transaction: self.unsay(transaction, speaker, withdrawal))

    async def withdrawal(self, speaker: Speaker, ref: str) -> Withdrawal:
        """What is to be taken back. UnknownError where there is nothing."""
        uri = await self.locate_own(speaker, ref)
        return Withdrawal(uri, (await self._kind_of(uri)).name)

    def unsay(
        self,
        transaction: Transaction,
        speaker: Speaker,
        withdrawal: Withdrawal,
        *,
        aside: Mapping[str, str] | None = None,
        approvals: int = 0,
    ) -> Said:
        """The half of `withdraw` that is one transaction. UnapprovedError where more members must approve it first."""
        collective = own(transaction, speaker)
        kind, thing = self._thing(transaction, withdrawal.uri)
        require_role(speaker, kind)
        if thing.owner != speaker.actor:
            raise NotPermittedError(message("Only the collective that published this may withdraw it."))
        if not thing.document:
            raise WithdrawnError(message("{url} was withdrawn."), url=thing.id)
        if kind.name == Note.kind():
            self._answered(transaction, None, thing)
        tell_of_withdrawal(self._speech, transaction, thing)
        verb, about = kind.withdrawal(thing)
        saying = Saying(verb=verb, kind=kind.name, by=collective.uri, about=about)
        said = self._speech.say(transaction, speaker, saying, aside=aside)
        if thing.record is not None:
            needed = kind.unsaying(thing.record, self._scene(transaction, thing))
            require_approval(needed, approvals, f"{withdrawal.uri.rpartition('/')[2]} --withdraw")
        return said

    async def accept(self, speaker: Speaker, ref: str, options: frozenset[str] = frozenset()) -> Said:
        """Accept what somebody offered; `options` are the keeper's explicit choices (`over`)."""
        return await self._answer(speaker, ref, Verb.ACCEPT, "", options)

    async def reject(self, speaker: Speaker, ref: str, reason: str) -> Said:
        """Refuse what somebody offered, with the reason that they will read."""
        return await self._answer(speaker, ref, Verb.REJECT, reason, frozenset())

    async def _answer(
        self, speaker: Speaker, ref: str, verb: Verb, reason: str, options: frozenset[str]
    ) -> Said:
        uri = await self.locate(speaker, ref)

        def apply(transaction: Transaction) -> Said:
            collective = own(transaction, speaker)
            kind, thing = self._thing(transaction, uri)
            require_role(speaker, kind)
            if kind.envelope is None:
                raise InvalidError(
                    "id", message("something that was offered; this is of the kind {kind}"), kind=kind.name
                )
            saying = answering(verb, kind, collective.uri, thing.id, reason)
            said = self._speech.say(transaction, speaker, saying, options=options)
            tell_of_answer(self._speech, transaction, thing.id)
            return said

        return await self.apply(speaker, apply)

    async def _mentioned(self, speaker: Speaker, given: Mapping[str, Any]) -> dict[str, str]:
        """Handles in the texts that were found, by handle."""
        handles = {
            handle.lower() for text in given.values() if isinstance(text, str) for handle in mentions(text)
        }
        handles = {handle for handle in handles if "@" in handle}

        async def find(handle: str) -> tuple[str, str] | None:
            try:
                return handle, await self._finder.actor(speaker, handle)
            except (UnknownError, ElsewhereError, NotPermittedError):
                return None  # a name that nobody answers to stays plain text

        found = await asyncio.gather(*(find(handle) for handle in sorted(handles)[:_MENTIONS]))
        return dict(pair for pair in found if pair is not None)

    async def _ids(self, speaker: Speaker, kind: AnyKind, given: Mapping[str, Any]) -> dict[str, str]:
        """Ids typed as URLs in fields that name a published thing, fetched where they are not known."""
        record: type[Record] = kind.record
        typed = [
            text.strip()
            for name, text in given.items()
            if isinstance(text, str) and (info := field_named(record, name)) and info.type is Uri
            if not info.declared.actor
        ]
        located: dict[str, str] = {}
        for ref in typed:
            if ref.startswith(("http://", "https://")):
                try:
                    located[ref] = await self.locate(speaker, ref)
                except (UnknownError, ElsewhereError):
                    located[ref] = ref  # the kind judges whether it must be known
        return located
