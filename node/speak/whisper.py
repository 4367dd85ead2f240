"""Words for one reader alone: what a node answers to whoever wrote to it, and what it tells its own keepers in their apps.

A whisper is a direct post of the collective, so that every app shows it. Beside it the node keeps what it is about
(`aside`, never sent): who answers the whisper means that thing.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from node.domain.kind import Audience, Saying, Speaker, Thing, Verb
from node.domain.markup import MENTION, to_text
from node.domain.matching import delivered, need_of, pledges_of
from node.domain.wording import amount_of, delivered_by, good_name
from node.speak.scene import LiveScene, tongues
from node.speak.scene import tongue as tongue_in
from node.speak.speech import Said, Speech
from node.storage import activities, collectives, objects, posts
from node.storage.collectives import Collective
from node.storage.database import Snapshot, Transaction
from node.tongues import Tongue, languages, message
from schemas import Quantity, Record
from schemas.need import Need
from schemas.note import Note
from schemas.parts import plain
from schemas.pledge import Pledge

COMMANDS: Mapping[str, Mapping[str, str]] = {
    "es": {"confirm": "#confirmar", "reject": "#rechazar", "undo": "#deshacer"},
    "en": {"confirm": "#confirm", "reject": "#reject", "undo": "#undo"},
}
"""The hashtag by which each thing is asked for, by language; others use those of English."""

_ANCESTORS = 50
_LONGEST = 400
_COUNTED_ON = message("Thank you! {name} counts on what you promised: {amount}.")
_NO_MORE = message("{name} does not count on what you promised any more: {amount}.")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def command(act: str, tongue: Tongue) -> str:
    """The hashtag of an act in a language."""
    return COMMANDS.get(tongue.language, COMMANDS["en"])[act]


def _unmentioned(text: str) -> str:
    """A text that mentions nobody. What is left of one mention may be another; each round takes an @ away, so it ends."""
    while MENTION.search(text):
        text = MENTION.sub(lambda found: found[1].partition("@")[0], text)
    return text


def whisper(
    speech: Speech,
    transaction: Transaction,
    own: Collective,
    text: str,
    *,
    about: str = "",
    in_reply_to: str | None = None,
    to: Sequence[str] = (),
    promised: Quantity | None = None,
    declined: bool = False,
) -> Said:
    """Say something to these actors alone; to nobody but the collective's own members where none is named. Whoever is
    mentioned in words that it quotes is not addressed, nor is who said what it answers, or reads it alone: where that is somebody
    else to whom it is not said, it stands by itself. `promised` is the amount that it tells of the answer that it is about,
    `declined` that this cannot be taken."""
    answered = objects.by_alias(transaction, in_reply_to) if in_reply_to else None
    if answered is not None:
        alone = answered.audience == Audience.DIRECT and answered.owner == own.uri
        addressed = {answered.owner, *(answered.readers if alone else ())}
        if not addressed <= {own.uri, *to}:
            in_reply_to = None
    saying = Saying(
        Verb.CREATE,
        "note",
        by=own.uri,
        record=Note(text=_unmentioned(text)),
        audience=Audience.DIRECT,
        to=tuple(to),
        in_reply_to=in_reply_to,
    )
    aside = {"about": about} if about else {}
    if promised is not None:
        aside["promised"] = written(promised)
    if declined:
        aside["declined"] = "yes"
    said = speech.say(transaction, Speaker(own.uri, role="operator"), saying, aside=aside)
    if not to:
        posts.notify(transaction, own.id, "mention", own.uri, said.id)
    return said


def beside(snapshot: Snapshot, uri: str) -> Mapping[str, str]:
    """What is kept beside a whisper: what it is `about`, and the amount `promised` that it tells. Nothing where it is none."""
    for activity in activities.about(snapshot, uri)[:1]:
        if activity.collective is not None:
            kept: Mapping[str, str] = json.loads(activity.aside)
            return kept
    return {}


def written(promised: Quantity) -> str:
    """An amount as it is kept beside a whisper (`answers.told_of`)."""
    return f"{plain(promised.value)} {promised.unit}"


def in_short(html: str) -> str:
    """The sentences of a published text, without those that hold an address, and without hashtags."""
    sentences = [part for part in _SENTENCE.split(to_text(html)) if "://" not in part]
    plain = " ".join(" ".join(re.sub(r"#\w+", "", part).split()) for part in sentences).strip()
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST].rpartition(' ')[0]}…"


def promised(pledge: Thing, tongue: Tongue, scene: LiveScene) -> str:
    """`25 kg de lentejas`"""
    record = pledge.record
    if not isinstance(record, Pledge):
        return ""
    need = need_of(record, scene)
    if need is None or not isinstance(need.record, Need):
        return tongue.quantity(record.quantity)
    return amount_of(record.quantity, good_name(need.record.what, tongue), tongue)


def tell_of_offer(speech: Speech, transaction: Transaction, offer: str) -> None:
    """Tell the keepers of a need of ours that somebody offers something for it, and how to answer from an app."""
    scene = LiveScene(transaction, speech.origin)
    pledge = scene.thing(offer)
    if pledge is None or pledge.state != "offered" or not isinstance(pledge.record, Pledge):
        return
    need = need_of(pledge.record, scene)
    own = None if need is None else collectives.by_uri(transaction, need.owner)
    if need is None or own is None:
        return
    tongue = tongues(own)[0]
    words = [
        tongue.say(
            "{name} offers {amount}.",
            name=scene.name(pledge.owner),
            amount=promised(pledge, tongue, scene),
        ),
        delivered_by(pledge.record.by, tongue),
        pledge.record.details or "",
        tongue.say(
            "Answer this message with {confirm} to accept it, or with {reject} and a reason.",
            confirm=command("confirm", tongue),
            reject=command("reject", tongue),
        ),
    ]
    whisper(speech, transaction, own, " ".join(filter(None, words)), about=pledge.id, in_reply_to=need.id)


def tell_of_answer(speech: Speech, transaction: Transaction, offer: str) -> None:
    """Tell the keepers of a pledge of ours that it was accepted, or refused and why; of an informal one, who promised it."""
    scene = LiveScene(transaction, speech.origin)
    pledge = scene.thing(offer)
    own = None if pledge is None else collectives.by_uri(transaction, pledge.owner)
    if pledge is None or own is None or not isinstance(pledge.record, Pledge):
        return
    need = need_of(pledge.record, scene)
    if pledge.state not in ("accepted", "rejected"):
        return
    if need and need.owner == own.uri:
        _tell_promiser(speech, transaction, pledge, _NO_MORE)
        return
    tongue = tongues(own)[0]
    said = {
        "name": scene.name(need.owner) if need else pledge.record.need,
        "amount": promised(pledge, tongue, scene),
    }
    if pledge.state == "accepted":
        text = tongue.say("{name} counts on what we offered: {amount}.", **said)
    else:
        refused = tongue.say("{name} could not take what we offered: {amount}.", **said)
        text = f"{refused} {pledge.facts.get('reason') or ''}".strip()
    whisper(speech, transaction, own, text, about=pledge.id)


def tell_of_confirmation(
    speech: Speech, transaction: Transaction, confirmed: str, before: Record | None = None
) -> None:
    """Tell whoever promised something in a plain answer, and nobody else, how much of it we count on: again, where it was another
    amount `before`, and is still to come."""
    scene = LiveScene(transaction, speech.origin)
    pledge = scene.thing(confirmed)
    if pledge is None or not isinstance(pledge.record, Pledge):
        return
    same = isinstance(before, Pledge) and pledge.record.quantity == before.quantity
    if not same and not delivered(pledge, scene)[1]:
        _tell_promiser(speech, transaction, pledge, _COUNTED_ON)


def tell_of_withdrawal(speech: Speech, transaction: Transaction, thing: Thing) -> None:
    """Tell of what is taken back, as it was before. Of a need, and of a pledge: who promised it in a plain answer, that we do not count
    on it any more. Of somebody else's pledge for a need of ours: the keepers."""
    scene = LiveScene(transaction, speech.origin)
    for pledge in pledges_of(thing, scene) if isinstance(thing.record, Need) else (thing,):
        if pledge.state == "accepted" and not delivered(pledge, scene)[1]:
            _tell_promiser(speech, transaction, pledge, _NO_MORE)
    record, taken = thing.record, thing.state in ("offered", "accepted")
    need = need_of(record, scene) if isinstance(record, Pledge) and taken else None
    own = None if need is None else collectives.by_uri(transaction, need.owner)
    if need and own and own.uri != thing.owner and not delivered(thing, scene)[1]:
        tongue = tongues(own)[0]
        text = tongue.say(
            "{name} took back what it offered: {amount}.",
            name=scene.name(thing.owner),
            amount=promised(thing, tongue, scene),
        )
        whisper(speech, transaction, own, text, about=thing.id, in_reply_to=need.id)


def _tell_promiser(speech: Speech, transaction: Transaction, pledge: Thing, text: str) -> None:
    """Say something of an informal pledge of ours, and why, to whoever promised it in a plain answer that still stands, for a need
    that still does."""
    scene, own = LiveScene(transaction, speech.origin), collectives.by_uri(transaction, pledge.owner)
    need = need_of(pledge.record, scene) if isinstance(pledge.record, Pledge) else None
    if need is None or need.record is None:
        return
    reply = pledge.facts.get("reply")
    answer = posts.meant(transaction, reply) if isinstance(reply, str) else None
    if own is None or answer is None or answer.actor == own.uri:
        return
    held = objects.by_uri(transaction, answer.uri)
    tongue = tongue_of(json.loads(held.document) if held and held.document else {}, own)
    amount = promised(pledge, tongue, scene)
    words = f"{tongue.say(text, name=own.name, amount=amount)} {pledge.facts.get('reason') or ''}".strip()
    whisper(speech, transaction, own, words, about=pledge.id, in_reply_to=answer.uri, to=(answer.actor,))


def tongue_of(document: Mapping[str, Any], own: Collective) -> Tongue:
    """The language that a post of somebody else says it is in, where we speak it; else the collective's."""
    mapped = document.get("contentMap")
    named = next(iter(mapped), "") if isinstance(mapped, dict) else ""
    language = named[:2].lower() if isinstance(named, str) else ""
    return tongue_in(language if language in languages() else own.locale, own.timezone)


def need_above(snapshot: Snapshot, reply: str) -> str | None:
    """The need that a post answers, directly or further up its thread."""
    post = posts.meant(snapshot, reply)
    for _ in range(_ANCESTORS):
        if post is None or post.reply_to is None:
            return None
        above = objects.by_alias(snapshot, post.reply_to)
        if above is not None and above.kind == Need.kind():
            return above.uri
        post = posts.meant(snapshot, post.reply_to)
    return None


OVER = message("Thank you! Nothing of it is lacking any more.")
