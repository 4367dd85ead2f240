"""Promises in plain replies from anywhere: the node tells their author, once, what it understood; a keeper confirms.

Unconfirmed they change nothing. Nobody is answered twice about one need, programs never, whoever offered something for it
already as a collective does neither, and all of them together ten times an hour at most; the keepers are told of every promise, and of its
changes up to a limit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from node.domain.acts import Act, Command, Unclear, Understood
from node.domain.grammar import read
from node.domain.kind import Heard, Saying, Speaker, Thing, Verb
from node.domain.markup import to_text
from node.domain.matching import confirmed_of, delivered, owed, pledges_of, still_lacking
from node.domain.measure import read_quantity
from node.domain.promise import READ_CHARS, read_written_promise, says_the_same
from node.domain.typed import read_fields
from node.domain.wording import amount_of, delivered_by, good_name
from node.speak import LiveScene, Said, Speech, tongues
from node.speak.whisper import OVER, command, need_above, tongue_of, whisper
from node.storage import actors, answers, collectives, follows, objects, posts
from node.storage.collectives import Collective
from node.storage.database import Transaction
from node.storage.posts import Post
from node.tongues import Tongue, message
from schemas import Quantity, Uri
from schemas.need import Need
from schemas.note import Note
from schemas.pledge import Pledge

ANSWERS = 10
"""Automatic answers of one collective in an hour, and what its keepers are told in it of one author's changes about one need."""
_HOUR = timedelta(hours=1)
_PROGRAMS = ("Service", "Application")


class Ears(Protocol):
    """Where a reply is heard: what comes from other servers (`Hearing`), or what was said here."""

    @property
    def transaction(self) -> Transaction:
        """In which it is answered."""

    @property
    def speech(self) -> Speech:
        """What answers it."""

    def scene(self, url: str = "") -> LiveScene:
        """What kinds may look at."""

    def barred(self, collective: str) -> bool:
        """Whether a collective of ours blocks whoever says it."""


@dataclass(frozen=True, slots=True)
class _Here:
    """What a collective of this node says, which no server brings."""

    transaction: Transaction
    speech: Speech
    actor: str

    def scene(self, url: str = "") -> LiveScene:
        return LiveScene(self.transaction, self.speech.origin, url=url)

    def barred(self, collective: str) -> bool:
        return follows.blocks(self.transaction, collective, self.actor)


def overhear(speech: Speech, transaction: Transaction, said: Said | None, before: Thing | None) -> None:
    """Hear what a collective of this node answers to another one of it; `before` is what it answered until now, where it changes
    that, or is about to take it back: then nothing is `said`."""
    if said is None:
        if before is not None:
            gone = Heard("", Verb.DELETE, before.owner, before.id, transaction.now)
            hear_no_more(_Here(transaction, speech, before.owner), gone)
        return
    row = objects.by_uri(transaction, said.uri)
    if row is None or row.kind != Note.kind():
        return
    document = msgspec.json.decode(row.document)
    verb = Verb.CREATE if before is None else Verb.UPDATE
    heard = Heard(said.activity, verb, row.owner, row.uri, transaction.now, document=document)
    here = _Here(transaction, speech, row.owner)
    if before is None:
        hear(here, heard)
    else:
        hear_again(here, heard, before)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A need of ours that a reply answers (`post`), `direct`ly or further down its thread."""

    own: Collective
    need: Thing
    record: Need
    post: Post
    direct: bool

    @property
    def conversation(self) -> str:
        """The thread in which it is answered."""
        return self.post.conversation

    def promise(self, document: Mapping[str, Any], now: datetime) -> Understood:
        """What the words of the reply promise."""
        return _promise(_words(document), self, now)

    def over(self, now: datetime) -> bool:
        """Whether nothing of it is lacking any more, or its day has passed."""
        return not still_lacking(self.record).value or bool(self.need.due and self.need.due <= now)


def _asked(hearing: Ears, heard: Heard) -> _Asked | None:
    post = posts.meant(hearing.transaction, heard.object_id)
    parent = posts.meant(hearing.transaction, post.reply_to) if post and post.reply_to else None
    if post is None or parent is None or parent.collective is None or parent.actor == heard.actor:
        return None
    direct = parent.kind == Need.kind()
    uri = parent.uri if direct else need_above(hearing.transaction, parent.uri)
    own = collectives.by_id(hearing.transaction, parent.collective)
    need = hearing.scene(uri).thing(uri) if uri else None
    if own is None or need is None or need.owner != own.uri or not isinstance(need.record, Need):
        return None
    return _Asked(own, need, need.record, post, direct)


def _words(document: Mapping[str, Any]) -> str:
    content = document.get("content")
    return to_text(content)[:READ_CHARS] if isinstance(content, str) else ""


def hear(hearing: Ears, heard: Heard) -> None:
    """Answer a reply that promises something for a need of ours."""
    asked = _asked(hearing, heard)
    if asked is None:
        return
    own, need = asked.own, asked.need
    promise = asked.promise(heard.document, hearing.transaction.now)
    if promise is None or not _counts(hearing, own, heard.actor, asked.conversation, need):
        return
    theirs = tongue_of(heard.document, own)
    if asked.over(hearing.transaction.now):
        _answer(hearing, own, heard, theirs.say(OVER))
    elif isinstance(promise, Unclear):
        _answer(hearing, own, heard, _not_understood(promise, theirs))
    else:
        _understood(hearing, asked, heard, promise)


def _not_understood(promise: Unclear, theirs: Tongue) -> str:
    said = theirs.say(promise.expected, **promise.values)
    return theirs.say("Thank you! We did not understand one thing: {what}.", what=said)


def hear_again(hearing: Ears, heard: Heard, before: Thing | None) -> None:
    """Look at a reply that its author changed. While it promises the same, nothing changes. Else what was confirmed of it is not
    counted any more, she and the keepers are told so, and what it promises now is theirs to confirm."""
    asked = _asked(hearing, heard)
    if asked is None or before is None or _words(before.document) == _words(heard.document):
        return
    promise = asked.promise(heard.document, hearing.transaction.now)
    former_promise = asked.promise(before.document, hearing.transaction.now)
    amount, former = _amount(promise, asked), _amount(former_promise, asked)
    scene = hearing.scene(asked.need.id)
    confirmed = confirmed_of(heard.object_id, asked.need, scene)
    counted = [each.record.quantity for each in confirmed if isinstance(each.record, Pledge)]
    if amount is not None and (amount == former or counted == [amount]):
        return
    same = amount is None and promise == former_promise
    if same and says_the_same(_words(before.document), _words(heard.document)):
        return
    if any(delivered(pledge, scene)[0] for pledge in confirmed):
        if any(owed(pledge, scene) for pledge in confirmed) and not _told_enough(hearing, asked, heard):
            _partly_arrived(hearing, asked, heard)
        return
    for pledge in confirmed:
        withdrawn = Saying(Verb.DELETE, pledge.kind, by=pledge.owner, about=pledge.id)
        hearing.speech.say(hearing.transaction, Speaker(pledge.owner, role="operator"), withdrawn)
    if confirmed:
        _no_longer(hearing, asked, heard, counted)
    elif asked.over(hearing.transaction.now) or _told_enough(hearing, asked, heard):
        return
    if not _is_heard_of(hearing, asked.own, heard.actor) or _offers(hearing, heard.actor, asked.need):
        return
    if isinstance(promise, Command):
        _understood(hearing, asked, heard, promise)
    elif isinstance(promise, Unclear):
        _answer(hearing, asked.own, heard, _not_understood(promise, tongue_of(heard.document, asked.own)))


def hear_no_more(hearing: Ears, heard: Heard) -> None:
    """Look at a reply that its author is about to delete. The keepers are told that what was confirmed of it is not counted any
    more (`activities.note`); of what arrived in part, that it is theirs to settle."""
    asked = _asked(hearing, heard)
    post = posts.by_uri(hearing.transaction, heard.object_id)
    if asked is None or post is None or post.actor != heard.actor:
        return
    scene = hearing.scene(asked.need.id)
    confirmed = confirmed_of(heard.object_id, asked.need, scene)
    if any(delivered(pledge, scene)[0] for pledge in confirmed):
        if any(owed(pledge, scene) for pledge in confirmed):
            _partly_arrived(hearing, asked, heard)
        return
    for pledge in confirmed:
        if isinstance(pledge.record, Pledge):
            _tell_gone(hearing, asked, heard, pledge.record.quantity)


def _tell_gone(hearing: Ears, asked: _Asked, heard: Heard, quantity: Quantity) -> None:
    own = asked.own
    tongue = tongues(own)[0]
    text = tongue.say(
        "The answer that promised {amount} was deleted, so that is not counted any more.",
        amount=amount_of(quantity, good_name(asked.record.what, tongue), tongue),
    )
    whisper(hearing.speech, hearing.transaction, own, text, about=heard.object_id, in_reply_to=asked.need.id)


def _amount(promise: Understood, asked: _Asked) -> Quantity | None:
    if not isinstance(promise, Command):
        return None
    return read_quantity(promise.fields["quantity"], "quantity", tongues(asked.own)[0])


def _told_enough(hearing: Ears, asked: _Asked, heard: Heard) -> bool:
    """Whether the keepers were told enough, lately, of what this author says about the need."""
    told = answers.to_members(hearing.transaction, asked.own.uri, heard.actor, asked.conversation, _HOUR)
    return told >= ANSWERS


def _partly_arrived(hearing: Ears, asked: _Asked, heard: Heard) -> None:
    """Tell the keepers that an answer was changed or deleted of which a part arrived: they settle the rest with who brought it."""
    tongue = tongues(asked.own)[0]
    text = (
        tongue.say(
            "An answer was deleted of which a part had arrived. What it still owes counts on; settle it with its author."
        )
        if heard.verb is Verb.DELETE
        else tongue.say(
            "An answer was changed of which a part had arrived. What it still owes counts on; settle it with its author."
        )
    )
    whisper(
        hearing.speech, hearing.transaction, asked.own, text, about=heard.object_id, in_reply_to=asked.need.id
    )


def _no_longer(hearing: Ears, asked: _Asked, heard: Heard, counted: Sequence[Quantity]) -> None:
    """Tell the keepers and who changed a reply that what was confirmed of it is not counted any more."""
    own, need = asked.own, asked.need.id

    def text(quantity: Quantity, tongue: Tongue) -> str:
        amount = amount_of(quantity, good_name(asked.record.what, tongue), tongue)
        return tongue.say(
            "The answer that promised {amount} was changed, so that is not counted any more.", amount=amount
        )

    for quantity in counted:
        _answer(hearing, own, heard, text(quantity, tongue_of(heard.document, own)))
        ours = text(quantity, tongues(own)[0])
        whisper(hearing.speech, hearing.transaction, own, ours, about=heard.object_id, in_reply_to=need)


def _promise(text: str, asked: _Asked, now: datetime) -> Understood:
    """What a reply promises. A command of somebody who is no member here counts for nothing but a promise."""
    tongue, unit, what = tongues(asked.own)[0], asked.record.quantity.unit, asked.record.what
    told = read(text, tongue, tongue.today(now), unit, what)
    if told is not None and told.act is not Act.PLEDGE:
        return None
    published, edited = asked.post.published, asked.post.edited
    promise = read_written_promise(text, tongue, now, published, edited, unit, what, direct=asked.direct)
    if not isinstance(promise, Command):
        return promise
    amount = read_quantity(promise.fields["quantity"], "quantity", tongue)
    if amount.unit is unit:
        return promise
    return Unclear(
        Act.PLEDGE, "quantity", message("an amount in {unit}, as it was asked for"), {"unit": unit}
    )


def _counts(hearing: Ears, own: Collective, author: str, conversation: str, need: Thing) -> bool:
    """Whether a promise is somebody's first word about a need: no program's, and of nobody whose pledge for it is known."""
    if not _is_heard_of(hearing, own, author):
        return False
    if answers.answered(hearing.transaction, own.uri, author, conversation):
        return False
    if _too_many(hearing, own) and posts.spoke_before(hearing.transaction, conversation, author):
        return False  # she was not answered, and the keepers know already
    return not _offers(hearing, author, need)


def _offers(hearing: Ears, author: str, need: Thing) -> bool:
    """Whether somebody's own pledge for a need is open."""
    scene = hearing.scene(need.id)
    theirs = (pledge for pledge in pledges_of(need, scene) if pledge.owner == author)
    return any(pledge.state == "offered" or owed(pledge, scene) for pledge in theirs)


def _is_heard_of(hearing: Ears, own: Collective, author: str) -> bool:
    """Whether somebody is no program, and nobody whom we block."""
    known = actors.profile(hearing.transaction, author)
    sister = collectives.by_uri(hearing.transaction, author) is not None
    if not sister and (known is None or known.type in _PROGRAMS):
        return False
    return not hearing.barred(own.uri)


def _understood(hearing: Ears, asked: _Asked, heard: Heard, promise: Command) -> None:
    own, need, uri = asked.own, asked.record, asked.need.id
    ours, theirs = tongues(own)[0], tongue_of(heard.document, own)
    fields = {"need": uri, **promise.fields}
    today = ours.today(hearing.transaction.now)
    pledge = read_fields(Pledge, fields, ours, today, lambda _field, ref: Uri(ref))
    if not isinstance(pledge, Pledge):
        return
    amount = amount_of(pledge.quantity, good_name(need.what, theirs), theirs)
    thanks = theirs.say(
        "Thank you! We understood: {amount}. Somebody of {name} will confirm it. To change it, edit your answer; to take it"
        " back, delete it.",
        amount=amount,
        name=own.name,
    )
    _answer(hearing, own, heard, f"{thanks} {delivered_by(pledge.by, theirs)}".rstrip())
    text = ours.say(
        "In an answer somebody promises {amount}. Answer this message with {confirm} to count on it.",
        amount=amount_of(pledge.quantity, good_name(need.what, ours), ours),
        confirm=command("confirm", ours),
    )
    whisper(
        hearing.speech,
        hearing.transaction,
        own,
        f"{text} {delivered_by(pledge.by, ours)}".rstrip(),
        about=heard.object_id,
        in_reply_to=uri,
        promised=pledge.quantity,
    )


def _too_many(hearing: Ears, own: Collective) -> bool:
    return answers.directly(hearing.transaction, own.uri, _HOUR) >= ANSWERS


def _answer(hearing: Ears, own: Collective, heard: Heard, text: str) -> None:
    """Answer the author alone, unless too many were answered lately."""
    if _too_many(hearing, own):
        return
    whisper(
        hearing.speech,
        hearing.transaction,
        own,
        text,
        about=heard.object_id,
        in_reply_to=heard.object_id,
        to=(heard.actor,),
    )
