"""Promises in plain replies from anywhere: the node tells their author, once, what it understood; a keeper confirms.

Unconfirmed they change nothing. Nobody is answered twice about one need, programs never, whoever offered something for it
already as a collective does neither, and all of them together ten times an hour at most; the keepers are told of every promise.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

import msgspec

from node.domain.acts import Act, Command, Unclear, Understood
from node.domain.grammar import read
from node.domain.kind import Heard, Thing, Verb
from node.domain.markup import to_text
from node.domain.matching import owed, pledges_of, still_lacking
from node.domain.measure import read_quantity
from node.domain.promise import read_promise
from node.domain.typed import read_fields
from node.domain.wording import amount_of, good_name
from node.speak import LiveScene, Said, Speech, tongues
from node.speak.whisper import OVER, command, need_above, tongue_of, whisper
from node.storage import actors, answers, collectives, follows, objects, posts
from node.storage.collectives import Collective
from node.storage.database import Transaction
from node.tongues import Tongue, message
from schemas import Uri
from schemas.need import Need
from schemas.note import Note
from schemas.pledge import Pledge

ANSWERS = 10
"""Automatic answers of one collective in an hour."""
_HOUR = timedelta(hours=1)
_CHARS = 5000
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


def overhear(speech: Speech, transaction: Transaction, said: Said) -> None:
    """Hear what a collective of this node answers to another one of it."""
    row = objects.by_uri(transaction, said.uri)
    if row is None or row.kind != Note.kind():
        return
    document = msgspec.json.decode(row.document)
    heard = Heard(said.activity, Verb.CREATE, row.owner, row.uri, transaction.now, document=document)
    hear(_Here(transaction, speech, row.owner), heard)


def hear(hearing: Ears, heard: Heard) -> None:
    """Answer a reply that promises something for a need of ours."""
    post = posts.by_uri(hearing.transaction, heard.object_id)
    parent = posts.by_uri(hearing.transaction, post.reply_to) if post and post.reply_to else None
    if post is None or parent is None or parent.collective is None or parent.actor == heard.actor:
        return
    uri = parent.uri if parent.kind == Need.kind() else need_above(hearing.transaction, parent.uri)
    own = collectives.by_id(hearing.transaction, parent.collective)
    need = hearing.scene(uri).thing(uri) if uri else None
    if own is None or need is None or need.owner != own.uri or not isinstance(need.record, Need):
        return
    content = heard.document.get("content")
    text = to_text(content)[:_CHARS] if isinstance(content, str) else ""
    tongue = tongues(own)[0]
    today = tongue.today(hearing.transaction.now)
    promise = _promise(text, tongue, today, need.record, direct=parent.kind == Need.kind())
    if promise is None or not _counts(hearing, own, heard.actor, post.conversation, need):
        return
    theirs = tongue_of(heard.document, own)
    over = not still_lacking(need.record).value or (need.due and need.due <= hearing.transaction.now)
    if over:
        _answer(hearing, own, heard, theirs.say(OVER))
    elif isinstance(promise, Unclear):
        said = theirs.say(promise.expected, **promise.values)
        _answer(
            hearing, own, heard, theirs.say("Thank you! We did not understand one thing: {what}.", what=said)
        )
    else:
        _understood(hearing, own, heard, promise, need.record, need.id, theirs)


def _promise(text: str, tongue: Tongue, today: date, need: Need, *, direct: bool) -> Understood:
    """What a reply promises. A command of somebody who is no member here counts for nothing but a promise."""
    unit = need.quantity.unit
    asked = read(text, tongue, today, unit, need.what)
    if asked is not None and asked.act is not Act.PLEDGE:
        return None
    promise = read_promise(text, tongue, today, unit, need.what, direct=direct)
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
    known = actors.profile(hearing.transaction, author)
    sister = collectives.by_uri(hearing.transaction, author) is not None
    if not sister and (known is None or known.type in _PROGRAMS):
        return False
    if hearing.barred(own.uri):
        return False
    if answers.answered(hearing.transaction, own.uri, author, conversation):
        return False
    if _too_many(hearing, own) and posts.spoke_before(hearing.transaction, conversation, author):
        return False  # she was not answered, and the keepers know already
    scene = hearing.scene(need.id)
    theirs = (pledge for pledge in pledges_of(need, scene) if pledge.owner == author)
    return not any(pledge.state == "offered" or owed(pledge, scene) for pledge in theirs)


def _understood(
    hearing: Ears,
    own: Collective,
    heard: Heard,
    promise: Command,
    need: Need,
    uri: str,
    theirs: Tongue,
) -> None:
    ours = tongues(own)[0]
    fields = {"need": uri, **promise.fields}
    today = ours.today(hearing.transaction.now)
    pledge = read_fields(Pledge, fields, ours, today, lambda _field, ref: Uri(ref))
    if not isinstance(pledge, Pledge):
        return
    amount = amount_of(pledge.quantity, good_name(need.what, theirs), theirs)
    _answer(
        hearing,
        own,
        heard,
        theirs.say(
            "Thank you! We understood: {amount}. Somebody of {name} will confirm it. To change it, edit your answer; to take it"
            " back, delete it.",
            amount=amount,
            name=own.name,
        ),
    )
    text = ours.say(
        "In an answer somebody promises {amount}. Answer this message with {confirm} to count on it.",
        amount=amount_of(pledge.quantity, good_name(need.what, ours), ours),
        confirm=command("confirm", ours),
    )
    whisper(hearing.speech, hearing.transaction, own, text, about=heard.object_id, in_reply_to=uri)


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
