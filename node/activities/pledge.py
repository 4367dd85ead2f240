"""pledge: what a collective promises for a need.

    offered ──Accept──► accepted ──Delete of the echo──► withdrawn
       ├──Reject──► rejected ◄──Reject──┘
       └──Undo──► withdrawn

A pledge is known by its Offer's id everywhere. When it is accepted its owner echoes it in a public Note, which is the same
thing: made smaller by Update, withdrawn by Delete, and by Undo of the Offer for who asked, whom the echo may never have
reached; of a rejected pledge Delete takes out the echo alone. Whoever asked may also confirm what somebody promised in a plain reply:
that is an informal pledge, said by the need's owner, accepted from the start, without a word of who promised. A peer that
knows only the echo keeps it as `echoed`; it never changes what is lacking.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace as changed
from typing import Any

from node.domain.agreement import AGREEMENT, claimed, deleted, unwrap, withdrawn
from node.domain.dates import refuse_past
from node.domain.kind import (
    Audience,
    Heard,
    JsonObject,
    Kind,
    Link,
    NotAllowedError,
    Saying,
    Scene,
    Speaker,
    Thing,
    Thread,
    Verb,
    of_origin,
    only_author,
    parts_of,
)
from node.domain.matching import (
    delivered,
    intent_of,
    need_of,
    pledges_of,
    refuse_wider,
    restate,
    still_lacking,
    useful_from,
)
from node.domain.wording import amount_of, delivered_by, good_name, paragraphs
from node.tongues import Tongue, message
from schemas import Record, SchemaError, from_wire
from schemas.need import Need
from schemas.pledge import Pledge

ANSWERS = (Verb.ACCEPT, Verb.REJECT)


def complete(record: Pledge, _speaker: Speaker, scene: Scene, _chance: Callable[[int], bytes]) -> Pledge:
    """The need named by the id of its intent, however it was typed."""
    need = need_of(record, scene)
    return record.changed(need=intent_of(need)) if need else record


def _agreed(heard: Heard, before: Thing | None, scene: Scene) -> Thing | None:
    """The pledge that an activity is about; of a first echo, the one that its agreement belongs to."""
    context = heard.document.get("context")
    if before is not None or heard.verb is not Verb.CREATE or not isinstance(context, str):
        return before
    found = scene.thing(context)
    return found if found is not None and found.kind == "pledge" and found.owner == heard.actor else None


def _asker(pledge: Thing, scene: Scene) -> str:
    """Who asked for what this pledge promises; "" where the need is not known here."""
    need = need_of(pledge.record, scene) if isinstance(pledge.record, Pledge) else None
    return need.owner if need else ""


def _informal(record: Pledge, actor: str, scene: Scene) -> bool:
    need = need_of(record, scene)
    return need is not None and need.owner == actor


def may(speaker: Speaker, heard: Heard, before: Thing | None, scene: Scene) -> None:
    """Only who asked answers, and only who promised changes it or takes it back."""
    if heard.verb in ANSWERS:
        if before is not None and before.record is not None and _asker(before, scene) != speaker.actor:
            raise NotAllowedError("owner", "answered by who asked")
    else:
        only_author(speaker, heard, before, scene)


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """A new pledge is for an open need and fits into what is lacking; an accepted one only becomes smaller."""
    match heard.verb:
        case Verb.ACCEPT | Verb.REJECT:
            _check_answer(heard, before, scene)
        case Verb.OFFER if isinstance(heard.record, Pledge):
            _refuse_twice(heard.record, heard.actor, scene)
            _check_new(heard.record, heard, scene)
            refuse_wider(need_of(heard.record, scene), heard.aside.get("audience"), scene)
        case Verb.CREATE if (agreed := _agreed(heard, before, scene)) is not None:
            _refuse_growth(heard.record, agreed)
        case Verb.CREATE if isinstance(heard.record, Pledge) and scene.ours(heard.actor):
            if not _informal(heard.record, heard.actor, scene):
                raise NotAllowedError("reply", "a reply to a need of yours")
            _refuse_confirmed(heard.record, heard, scene)
            _check_new(heard.record, heard, scene)
        case Verb.UPDATE if before is not None:
            if before.state not in ("accepted", "echoed"):
                raise NotAllowedError(
                    "pledge", "a pledge that is accepted; withdraw this one and make another"
                )
            _refuse_growth(heard.record, before)
        case Verb.UNDO | Verb.DELETE if before is not None and scene.ours(heard.actor):
            if before.state == "accepted" and delivered(before, scene)[1]:
                raise NotAllowedError("pledge", "a pledge that was not received yet")


def _check_new(record: Pledge, heard: Heard, scene: Scene) -> None:
    need = _open_need(record, heard, scene)
    _refuse_amount(record, need, over="over" in heard.options)
    refuse_past(record.by, "by", heard)


def _open_need(record: Pledge, heard: Heard, scene: Scene) -> Need:
    """The need that a pledge is for; NotAllowedError where none is open."""
    need = need_of(record, scene)
    if need is None or not (scene.ours(heard.actor) or scene.ours(need.owner)):
        raise NotAllowedError("need", "the id of a need that this node knows")
    if not isinstance(need.record, Need):
        raise NotAllowedError("need", "a need that was not withdrawn")
    if not still_lacking(need.record).value:
        raise NotAllowedError("need", "a need that is not covered yet")
    if need.due is not None and need.due <= heard.at:
        raise NotAllowedError("need", "a need whose deadline is not over")
    return need.record


def _refuse_amount(record: Pledge, need: Need, *, over: bool) -> None:
    """NotAllowedError for an amount that does not fit what is lacking."""
    left = still_lacking(need)
    if record.quantity.unit is not left.unit:
        raise NotAllowedError("quantity", "an amount in {unit}, as it was asked for", unit=left.unit)
    if record.quantity.value > left.value and not over:
        raise NotAllowedError("quantity", "at most what is lacking: only {left} is lacking", left=left)
    least = useful_from(need)
    if least is not None and record.quantity.value < least.value:
        raise NotAllowedError("quantity", "at least {minimum}", minimum=least)


def _refuse_twice(record: Pledge, actor: str, scene: Scene) -> None:
    """NotAllowedError for an offer to oneself, or a second one before the first is answered."""
    need = need_of(record, scene)
    if need is None:
        return
    if need.owner == actor:
        raise NotAllowedError("need", "a need of somebody else")
    if any(other.owner == actor and other.state == "offered" for other in pledges_of(need, scene)):
        raise NotAllowedError("need", "a need without an offer of yours that waits for its answer")


def _refuse_confirmed(record: Pledge, heard: Heard, scene: Scene) -> None:
    """NotAllowedError for a reply that was confirmed already, or that itself says what was agreed."""
    need, reply = need_of(record, scene), heard.aside.get("reply")
    if need is None or reply is None:
        return
    if any(
        pledge.state == "accepted"
        and reply in (pledge.id, pledge.facts.get("reply"), pledge.facts.get("echo"))
        for pledge in pledges_of(need, scene)
    ):
        raise NotAllowedError("reply", "a reply that was not confirmed yet; this one is already confirmed")


def _refuse_growth(record: Record | None, pledge: Thing) -> None:
    """NotAllowedError for more than was agreed, for another need, or for what does not read."""
    agreed = pledge.record
    if not isinstance(record, Pledge):
        raise NotAllowedError("record", "the whole pledge: which need and how much")
    if not isinstance(agreed, Pledge):
        if pledge.state == "accepted":
            raise NotAllowedError("pledge", "a pledge whose agreed amount can still be read")
        return
    if record.need != agreed.need:
        raise NotAllowedError("need", "the same need as before")
    if record.quantity.unit is not agreed.quantity.unit or record.quantity.value > agreed.quantity.value:
        raise NotAllowedError(
            "quantity",
            "at most {quantity}: a pledge that was accepted only becomes smaller",
            quantity=agreed.quantity,
        )


def _check_answer(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """Only what waits is accepted, and fits into what is lacking now, unless the keeper wants it `over`."""
    accepting = heard.verb is Verb.ACCEPT
    fitting = ("offered",) if accepting else ("offered", "accepted")
    if before is None or not isinstance(before.record, Pledge) or before.state not in fitting:
        raise NotAllowedError("pledge", "a pledge that waits for an answer")
    if not accepting and delivered(before, scene)[0]:
        raise NotAllowedError("pledge", "a pledge of which nothing was received")
    if not accepting:
        return
    agreement = (heard.result or {}).get("id")
    if not isinstance(agreement, str) or not of_origin(agreement, heard.actor):
        raise NotAllowedError("result", "the agreement with an id of its own")
    if not scene.ours(heard.actor):
        _refuse_other_terms(dict(heard.result or {}), before.record, scene)
    elif "over" not in heard.options:
        _refuse_amount(before.record, _open_need(before.record, heard, scene), over=False)


def _refuse_other_terms(agreement: JsonObject, offered: Pledge, scene: Scene) -> None:
    """NotAllowedError for an agreement that says another amount or another need than what was offered."""
    carried = unwrap(agreement)
    if not isinstance(carried["record"], dict):
        return
    try:
        agreed = from_wire(carried)
    except SchemaError as error:
        raise NotAllowedError("result", "the agreement as it was offered") from error
    if not isinstance(agreed, Pledge) or agreed.quantity != offered.quantity:
        raise NotAllowedError("result", "the agreement as it was offered")
    need, asked = need_of(agreed, scene), need_of(offered, scene)
    if agreed.need != offered.need and (need is None or asked is None or need.id != asked.id):
        raise NotAllowedError("result", "the agreement as it was offered")


def fold(before: Thing | None, heard: Heard, scene: Scene) -> Thing | None:
    """The state as drawn above. An activity that fits no arrow changes nothing."""
    before = _agreed(heard, before, scene)
    match heard.verb:
        case Verb.OFFER:
            return before or _new(heard, scene, "offered", **heard.aside)
        case Verb.ACCEPT if before and before.state == "offered":
            agreement = (heard.result or {}).get("id")
            return changed(before, state="accepted", facts={**before.facts, "agreement": agreement})
        case Verb.REJECT if before and before.state in ("offered", "accepted"):
            return changed(before, state="rejected", facts={**before.facts, "reason": heard.reason})
        case Verb.CREATE if before is None:
            informal = isinstance(heard.record, Pledge) and _informal(heard.record, heard.actor, scene)
            return (
                _new(heard, scene, "accepted", informal=True, **heard.aside)
                if informal
                else _new(heard, scene, "echoed", **claimed(heard))
            )
        case Verb.CREATE | Verb.UPDATE if before and before.state in ("accepted", "echoed"):
            facts = (
                before.facts if before.id == heard.object_id else {**before.facts, "echo": heard.object_id}
            )
            return changed(
                before,
                record=heard.record,
                document=heard.document,
                audience=heard.audience if heard.verb is Verb.CREATE else before.audience,
                due=getattr(heard.record, "by", None),
                facts=facts,
            )
        case Verb.UNDO if before and before.state in ("offered", "accepted"):
            return withdrawn(before)
        case Verb.DELETE if before:
            return deleted(before, heard.object_id)
        case _:
            return before


def _new(heard: Heard, scene: Scene, state: str, **facts: Any) -> Thing:
    return Thing(
        id=heard.object_id,
        kind="pledge",
        owner=heard.actor,
        state=state,
        record=heard.record,
        document=heard.document,
        audience=heard.audience,
        published=heard.at,
        due=getattr(heard.record, "by", None),
        facts=facts,
        local=scene.ours(heard.actor),
    )


def names(thing: Thing) -> tuple[str, ...]:
    """Its agreement, the commitment in it, and its echo with its record."""
    agreement, echo = thing.facts.get("agreement"), thing.facts.get("echo")
    agreed = (agreement, f"{agreement}#primary") if agreement and thing.state != "echoed" else ()
    return (*agreed, *((echo, f"{echo}#record") if echo else ()), *(() if echo else parts_of(thing)))


def consequences(before: Thing | None, after: Thing | None, heard: Heard, scene: Scene) -> Sequence[Saying]:
    """Accepted, it is echoed by its owner; whatever changes what is lacking, the need says it anew."""
    if after is None:
        return ()
    said = after if isinstance(after.record, Pledge) else before
    if said is None or not isinstance(said.record, Pledge):
        return ()
    need = need_of(said.record, scene)
    sayings = restate(need, scene) if after.state != "offered" else ()
    if not scene.ours(after.owner):
        return sayings
    match heard.verb:
        case Verb.ACCEPT if after.state == "accepted" and need is not None:
            echo = Saying(
                Verb.CREATE,
                "pledge",
                by=after.owner,
                record=after.record,
                in_reply_to=need.id,
                context=after.facts["agreement"],
                audience=Audience(after.facts["audience"]) if "audience" in after.facts else None,
            )
            return (*sayings, echo)
        case Verb.REJECT if before is not None and "echo" in before.facts:
            return (*sayings, Saying(Verb.DELETE, "pledge", by=after.owner, about=before.facts["echo"]))
        case Verb.DELETE if before and before.state == "accepted" and need and not scene.ours(need.owner):
            # An echo that still waited is delivered no more, and its Delete alone says nothing to who asked.
            return (*sayings, Saying(Verb.UNDO, "pledge", by=after.owner, about=after.id, to=(need.owner,)))
    return sayings


def lapse(thing: Thing, scene: Scene) -> Sequence[Saying]:
    """An informal pledge that nothing came of by its day is taken back, so that the need opens again."""
    if thing.facts.get("informal") and thing.state == "accepted" and not delivered(thing, scene)[0]:
        return (Saying(Verb.DELETE, "pledge", by=thing.owner, about=thing.id),)
    return ()


def withdrawal(thing: Thing) -> tuple[Verb, str]:
    """Undo of the Offer before it is accepted, Delete of the echo afterwards."""
    if thing.state == "accepted":
        return Verb.DELETE, thing.facts.get("echo", thing.id)
    return Verb.UNDO, thing.id


def thread(record: Pledge, scene: Scene) -> Thread:
    """It answers the need."""
    need = need_of(record, scene)
    return Thread(in_reply_to=need.id if need else None)


def addressees(record: Pledge, scene: Scene) -> tuple[str, ...]:
    """Whoever asked."""
    need = need_of(record, scene)
    return (need.owner,) if need and need.owner != scene.here else ()


def text(record: Pledge, tongue: Tongue, scene: Scene) -> str:
    """`Comprometemos 25 kg de lentejas para la Olla La Esperanza, entrega hasta el 27 de agosto de 2020.`"""
    need = need_of(record, scene)
    asked = need.record if need and isinstance(need.record, Need) else None
    amount = (
        amount_of(record.quantity, good_name(asked.what, tongue), tongue)
        if asked
        else tongue.quantity(record.quantity)
    )
    if need is not None and need.owner == scene.here:
        opening = tongue.say("We confirm {amount} that were promised to us in reply.", amount=amount)
    else:
        opening = tongue.say(
            "We pledge {amount} for {name}.",
            amount=amount,
            name=scene.name(need.owner) if need else record.need,
        )
    return paragraphs(scene, [opening, delivered_by(record.by, tongue)], record.details)


KIND = Kind(
    name="pledge",
    record=Pledge,
    text=text,
    opening=Verb.OFFER,
    verbs=frozenset(
        {
            ("Offer", "Agreement"),
            ("Create", "Note"),
            ("Update", "Note"),
            ("Delete", "Note"),
            ("Accept", "Offer"),
            ("Reject", "Offer"),
            ("Undo", "Offer"),
        }
    ),
    envelope=AGREEMENT,
    links=lambda record: (Link("satisfies", record.need),),
    complete=complete,
    check=check,
    may=may,
    fold=fold,
    names=names,
    thread=thread,
    addressees=addressees,
    consequences=consequences,
    withdrawal=withdrawal,
    lapse=lapse,
    hashtags=lambda _record, tongue: (tongue.say(message("pledge")),),
)
