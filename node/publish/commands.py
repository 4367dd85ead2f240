"""DOOR. What members do from an ordinary app: posts and answers that are commands (`domain.grammar`).

A command is done, and its author alone is told what was understood and how to undo it. What is no command, or cannot be done,
is said as the plain post that it is, with the reason to its author: nothing is lost. Only an answer that is a command and no
more, like `#confirmar`, is not said to everybody where it fails. All of it is one transaction.
"""

from collections.abc import Callable, Mapping

from node.domain.acts import SAID, Act, Command, Unclear, Understood
from node.domain.grammar import command_in_passing, is_bare, read
from node.domain.kind import Audience, NotAllowedError, Speaker, Thing, Verb
from node.domain.measure import read_quantity
from node.domain.wording import delivered_by, unended
from node.errors import InvalidError, NodeError, UnapprovedError
from node.publish.door import Door, Finder, known, require_role
from node.publish.drafts import Draft, Typed, Withdrawal, answering
from node.publish.idempotency import Idempotency, remember, repeated
from node.publish.publisher import Publisher
from node.publish.sight import Sight, offer_told, sight
from node.publish.vouching import ask_again, decline, is_unconfirmed, promise_in, untold
from node.speak import LiveScene, Said, Speech, tongues
from node.speak.whisper import command, in_short, promised, tell_of_answer, whisper
from node.storage import objects
from node.storage.collectives import Collective
from node.storage.database import Database, Transaction
from node.tongues import Tongue
from schemas import SchemaError
from schemas.pledge import Pledge

_ANSWERS = frozenset((Act.CONFIRM, Act.REJECT, Act.UNDO, Act.PLEDGE, Act.RECEIPT))
"""Acts that, where they cannot be done, say nothing to others or would be counted by them all the same."""
_OPEN = (None, Audience.PUBLIC, Audience.UNLISTED)
_NEW = {Act.NEED: "need", Act.OFFER: "offer", Act.MEAL: "meal"}


Deed = Callable[[Transaction], Said]


class Commands(Door):
    """The door of apps in which one can only write."""

    def __init__(self, database: Database, speech: Speech, finder: Finder, publisher: Publisher) -> None:
        super().__init__(database, speech, finder)
        self._publisher = publisher

    async def say(self, speaker: Speaker, typed: Typed, *, idempotency: Idempotency | None = None) -> Said:
        """Do what a post asks for, or say it as it is. Comes back with the post that her app is to show."""
        parent = None if typed.in_reply_to is None else await self.locate(speaker, typed.in_reply_to)
        seen = await self.read(lambda snapshot: sight(snapshot, self._speech.origin, speaker, parent))
        understood = read(typed.text, seen.tongue, seen.today, seen.unit, seen.what)
        plain = await self._publisher.draft(
            speaker,
            "note",
            typed.fields,
            audience=typed.audience,
            to=typed.to,
            in_reply_to=parent,
            language=typed.language,
        )
        deed: Deed | None = None
        problem = ""
        try:
            deed = await self._deed(speaker, understood, typed, seen, plain)
        except (NotAllowedError, SchemaError) as refusal:
            problem = seen.tongue.say(refusal.expected, **refusal.values)

        def apply(transaction: Transaction) -> Said:
            if idempotency is not None and (before := repeated(transaction, speaker, idempotency)):
                return before
            said = self._do(transaction, speaker, typed, seen, plain, understood, deed, problem)
            if idempotency is not None:
                remember(transaction, speaker, idempotency, said)
            return said

        return await self.apply(speaker, apply)

    async def withdraw(self, speaker: Speaker, ref: str) -> Said:
        """Take back a post, and with the message that tells of an offer of ours which waits for its answer, that offer."""
        withdrawal = await self._publisher.withdrawal(speaker, ref)

        def apply(transaction: Transaction) -> Said:
            offer = offer_told(transaction, self._speech.origin, speaker.actor, withdrawal.uri)
            if offer is not None:
                self._publisher.unsay(transaction, speaker, Withdrawal(offer.id, offer.kind))
            return self._publisher.unsay(transaction, speaker, withdrawal)

        return await self.apply(speaker, apply)

    def uncounted(self, own: Collective, text: str) -> Callable[[Transaction, Said], None]:
        """Tells whoever changes a plain post into a command that it stays a plain post, in the transaction of the change."""

        def tell(transaction: Transaction, said: Said) -> None:
            tongue = tongues(own)[0]
            understood = read(text, tongue, tongue.today(transaction.now))
            if understood is None or understood.act not in SAID:
                return
            words = tongue.say(
                "This stays a plain text, and nothing of it is counted. Write it as a new post, and delete this one."
            )
            whisper(self._speech, transaction, own, words, about=said.uri, in_reply_to=said.uri)

        return tell

    def _do(
        self,
        transaction: Transaction,
        speaker: Speaker,
        typed: Typed,
        seen: Sight,
        plain: Draft,
        understood: Understood,
        deed: Deed | None,
        problem: str,
    ) -> Said:
        if deed is not None:
            try:
                with transaction.attempt():
                    return deed(transaction)
            except (NotAllowedError, SchemaError) as refusal:
                problem = seen.tongue.say(refusal.expected, **refusal.values)
            except NodeError as refusal:
                if refusal.status >= 500:
                    raise
                say = seen.tongue.say
                problem = refusal.expects(say) if isinstance(refusal, InvalidError) else refusal.said(say)
        say = seen.tongue.say
        if problem and plain.parent is not None and _only_asks(understood, typed):
            words = say(
                "Nothing was done or published; one thing was not understood: {what}.", what=unended(problem)
            )
            about = seen.thing.id if seen.thing else ""
            return whisper(self._speech, transaction, seen.own, words, about=about, in_reply_to=plain.parent)
        said = self._publisher.say(transaction, speaker, plain, pictures=typed.pictures)
        words = ""
        if problem:
            words = say(
                "This was published as it stands, because one thing was not understood: {what}. Write it again as a new post, and"
                " delete this one.",
                what=unended(problem),
            )
        elif example := command_in_passing(typed.text):
            words = say(
                "Published as a plain text. If it is to be counted, say in a new post how much, like {example}.",
                example=example,
            )
        if words:
            whisper(self._speech, transaction, seen.own, words, about=said.uri, in_reply_to=said.uri)
        return said

    async def _deed(
        self, speaker: Speaker, understood: Understood, typed: Typed, seen: Sight, plain: Draft
    ) -> Deed | None:
        """What is to be done; None where it is a plain post. NotAllowedError where something is missing."""
        if understood is None:
            return None
        if isinstance(understood, Unclear):
            raise NotAllowedError(understood.field, understood.expected, **understood.values)
        fields = understood.fields
        match understood.act:
            case Act.PLEDGE:
                return await self._pledge(speaker, seen, understood, typed)
            case Act.RECEIPT:
                of = {"of": seen.pledge_for(Act.RECEIPT).id}
                draft = await self._publisher.draft(
                    speaker, "receipt", {**of, **fields}, audience=_addressed(typed), to=typed.to
                )
                return self._published(speaker, seen, draft, typed, understood.beside)
            case Act.CONFIRM if seen.reply:
                return await self._confirmation(speaker, seen, fields, typed, plain)
            case Act.CONFIRM:
                pledge = seen.pledge_for(Act.CONFIRM)
                _refuse_part(pledge, fields, seen.tongue)
                return self._answer(speaker, seen, pledge, Verb.ACCEPT, "")
            case Act.REJECT:
                reason = fields.get("reason", "")
                if is_unconfirmed(seen):
                    require_role(speaker, known("pledge"))
                    return lambda transaction: decline(self._speech, transaction, seen, reason)
                return self._answer(speaker, seen, seen.pledge_for(Act.REJECT), Verb.REJECT, reason)
            case Act.UNDO:
                return self._undo(speaker, seen)
            case _:
                kind = _NEW[understood.act]
                draft = await self._publisher.draft(
                    speaker, kind, fields, audience=_addressed(typed), to=typed.to
                )
                return self._published(speaker, seen, draft, typed, understood.beside)

    def _published(self, speaker: Speaker, seen: Sight, draft: Draft, typed: Typed, beside: str) -> Deed:
        """`beside` is what stands in the post as well, uncounted."""

        def do(transaction: Transaction) -> Said:
            said = self._publisher.say(
                transaction, speaker, draft, pictures=typed.pictures, cover=typed.fields
            )
            text = seen.tongue.say("Understood and published: {what}", what=in_short(said.text))
            if beside:
                uncounted = seen.tongue.say(
                    "This was not counted; say it in a post of its own: {what}.", what=unended(beside)
                )
                text = f"{text} {uncounted}"
            self._tell(transaction, seen, text, said.uri, in_reply_to=said.uri)
            return said

        return do

    async def _pledge(self, speaker: Speaker, seen: Sight, understood: Command, typed: Typed) -> Deed:
        """A promise for somebody else's need: no post before it is accepted, so the app is shown what was understood.

        Once accepted everybody reads it who reads the need, so words that were typed for fewer are left out.
        """
        if seen.need is None:
            raise NotAllowedError("need", "an answer to the need that it is for")
        fields = {"need": seen.need.id, **understood.fields}
        left_out = "" if typed.audience in _OPEN else fields.pop("details", "")
        draft = await self._publisher.draft(speaker, "pledge", fields)

        def do(transaction: Transaction) -> Said:
            said = self._publisher.say(transaction, speaker, draft)
            scene = LiveScene(transaction, self._speech.origin)
            pledge = scene.thing(said.uri)
            text = seen.tongue.say(
                "Understood: you offer {amount} to {name}, who has to accept it.",
                amount=promised(pledge, seen.tongue, scene) if pledge else "",
                name=scene.name(seen.need.owner) if seen.need else "",
            )
            day = pledge.record.by if pledge and isinstance(pledge.record, Pledge) else None
            text = f"{text} {delivered_by(day, seen.tongue)}".rstrip()
            if left_out:
                unsaid = seen.tongue.say(
                    "These words were left out, because your answer is not for everybody: {what}.",
                    what=unended(left_out),
                )
                text = f"{text} {unsaid}"
            return self._tell(transaction, seen, text, said.uri)

        return do

    async def _confirmation(
        self, speaker: Speaker, seen: Sight, fields: Mapping[str, str], typed: Typed, plain: Draft
    ) -> Deed:
        """A keeper vouches for what somebody promised in a plain answer."""
        kind = known("pledge")
        require_role(speaker, kind)
        named = bool(fields)
        if not named:
            fields = promise_in(seen, seen.thing, seen.post)
        draft = await self._publisher.draft(
            speaker,
            "pledge",
            {"need": seen.need.id if seen.need else "", **fields},
        )

        def do(transaction: Transaction) -> Said:
            if not named and (now := untold(transaction, self._speech.origin, seen, fields)) is not None:
                bare = is_bare(typed.text) and not typed.pictures
                said = (
                    None
                    if bare
                    else self._publisher.say(transaction, speaker, plain, pictures=typed.pictures)
                )
                asked = ask_again(self._speech, transaction, seen, now)
                return said or asked
            said = self._publisher.say(
                transaction,
                speaker,
                draft,
                pictures=typed.pictures,
                aside={"reply": seen.reply},
                verb=Verb.CREATE,
                cover=typed.fields,
            )
            text = seen.tongue.say("Understood and published: {what}", what=in_short(said.text))
            self._tell(transaction, seen, text, said.uri, in_reply_to=said.uri)
            return said

        return do

    def _answer(self, speaker: Speaker, seen: Sight, pledge: Thing, verb: Verb, reason: str) -> Deed:
        kind = known("pledge")
        require_role(speaker, kind)

        def do(transaction: Transaction) -> Said:
            scene = LiveScene(transaction, self._speech.origin)
            values = {
                "amount": promised(pledge, seen.tongue, scene),
                "name": scene.name(pledge.owner),
            }
            saying = answering(verb, kind, seen.own.uri, pledge.id, reason)
            self._speech.say(transaction, speaker, saying)
            tell_of_answer(self._speech, transaction, pledge.id)
            accepted = verb is Verb.ACCEPT
            text = (
                seen.tongue.say("Understood: accepted, {amount} of {name}.", **values)
                if accepted
                else seen.tongue.say("Understood: refused, {amount} of {name}.", **values)
            )
            need = seen.need.id if seen.need else None
            return self._tell(transaction, seen, text, pledge.id, in_reply_to=need, undo=accepted)

        return do

    def _undo(self, speaker: Speaker, seen: Sight) -> Deed:
        """Take back what the answered post says, or what it is about."""
        thing = seen.pledge or seen.thing
        if thing is None:
            raise NotAllowedError("id", "an answer to what is to be undone")
        if thing.owner != seen.own.uri:
            if thing is not seen.pledge:
                raise NotAllowedError("id", "an answer to what is to be undone")
            return self._answer(speaker, seen, thing, Verb.REJECT, "")
        kind = known(thing.kind)
        require_role(speaker, kind)

        def do(transaction: Transaction) -> Said:
            words = in_short(str(thing.document.get("content", "")))
            try:
                with transaction.attempt():
                    self._publisher.unsay(transaction, speaker, Withdrawal(thing.id, kind.name))
            except UnapprovedError as refusal:
                return self._unapproved(transaction, seen, thing, refusal)
            text = seen.tongue.say("Understood: taken back. {what}", what=words).strip()
            return self._tell(transaction, seen, text, "", undo=False)

        return do

    def _unapproved(
        self, transaction: Transaction, seen: Sight, thing: Thing, refusal: UnapprovedError
    ) -> Said:
        """Tell the author alone that others must approve it first, and on which page she proposes it."""
        row = objects.by_uri(transaction, thing.id)
        text = seen.tongue.say(
            "Nothing was taken back: {needed} members must approve that. Propose it on this page: {page}",
            needed=refusal.values["needed"],
            page=f"{self._speech.origin}/withdraw/{row.id if row else 0}",
        )
        return self._tell(transaction, seen, text, thing.id, in_reply_to=thing.id, undo=False)

    def _tell(
        self,
        transaction: Transaction,
        seen: Sight,
        text: str,
        about: str,
        *,
        in_reply_to: str | None = None,
        undo: bool = True,
    ) -> Said:
        """Tell the author alone what was understood, and how to undo it."""
        if undo:
            way = seen.tongue.say(
                "To undo it, answer this message with {word}.", word=command("undo", seen.tongue)
            )
            text = f"{text} {way}"
        return whisper(self._speech, transaction, seen.own, text, about=about, in_reply_to=in_reply_to)


def _refuse_part(pledge: Thing, fields: Mapping[str, str], tongue: Tongue) -> None:
    """NotAllowedError where another amount is typed than what was offered: an offer is accepted whole (FEP-0837)."""
    record, typed = pledge.record, fields.get("quantity")
    if typed is None or not isinstance(record, Pledge):
        return
    if read_quantity(typed, "quantity", tongue) != record.quantity:
        raise NotAllowedError(
            "quantity",
            "all of what was offered, {quantity}: an offer is accepted whole, or refused with a reason",
            quantity=record.quantity,
        )


def _only_asks(understood: Understood, typed: Typed) -> bool:
    """Whether a post is nothing but a command about a promise, of no use to anybody else."""
    return (
        understood is not None and understood.act in _ANSWERS and is_bare(typed.text) and not typed.pictures
    )


def _addressed(typed: Typed) -> Audience | None:
    """Whom it was typed for; NotAllowedError where nobody but the author would read it."""
    if typed.audience is Audience.DIRECT and not typed.to:
        raise NotAllowedError("visibility", "a post that somebody else may read")
    return typed.audience
