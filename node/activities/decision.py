"""decision: what collectives decided, with where each of them stood. Nobody outside can change it, and nobody inside: another follows.

An objection blocks until whoever made it withdraws it, or until two members of the fund sign that it was resolved, and how. By majority
it does not block, but one person alone passes over nobody: then too two sign, and where the quorum is no majority of the members.
"""

from collections.abc import Callable
from dataclasses import replace as changed

from node.domain.assembly import Voice
from node.domain.consent import counted, passed_over, positions, refuse_other, signers, small_quorum
from node.domain.kind import (
    Heard,
    Kind,
    Link,
    NotAllowedError,
    Scene,
    Speaker,
    Thing,
    Thread,
    Verb,
    replace,
)
from node.domain.subject import subject
from node.domain.wording import ended, paragraphs
from node.tongues import Tongue, message
from schemas.decision import Decision

NAMED = 12
"""How many are named; of more only how many there are."""

SAID = {
    "adopted": message("Decision: we adopt {subject} {process}."),
    "blocked": message("Decision: {subject} is not adopted {process}, because objections stand."),
    "rejected": message("Decision: we do not adopt {subject} {process}."),
    "no-quorum": message("No decision on {subject} {process}: the quorum is not there."),
}
PROCESSES = {"consent": message("by consent"), "majority": message("by majority")}


def complete(record: Decision, speaker: Speaker, scene: Scene, _chance: Callable[[int], bytes]) -> Decision:
    """Where every member stands now, the absent ones too."""
    known = scene.thing(scene.url)
    if known is not None and isinstance(known.record, Decision):
        return record.changed(stances=known.record.stances)
    return record.changed(stances=positions(counted(record, speaker.actor, scene)))


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """What it is about is known; what is adopted is carried by its stances; a day of review to come; it is never changed."""
    record = heard.record
    if not scene.ours(heard.actor):
        return
    if before is not None and heard.verb in (Verb.UPDATE, Verb.DELETE):
        raise NotAllowedError("decision", "another decision; one that was published is never changed")
    if not isinstance(record, Decision):
        return
    thing = scene.thing(record.about)
    if thing is None or thing.record is None:
        raise NotAllowedError("about", "the id of something that this node knows")
    if record.review_on is not None and record.review_on <= scene.day(heard.at):
        raise NotAllowedError("review_on", "a day that is still to come")
    refuse_other(record)


def fold(before: Thing | None, heard: Heard, scene: Scene) -> Thing | None:
    """Its state is its outcome."""
    after = replace(before, heard, scene)
    if after is None or not isinstance(after.record, Decision):
        return after
    return changed(after, state=after.record.outcome)


def text(record: Decision, tongue: Tongue, scene: Scene) -> str:
    """`Decisión: aprobamos … por consentimiento. 4 consienten, 0 objeciones, 0 ausentes; quórum 3. Revisión: …`"""
    stances = record.stances
    numbers = {voice.value: sum(each.stance == voice for each in stances) for voice in Voice}
    return paragraphs(
        scene,
        [
            tongue.say(
                SAID[record.outcome],
                subject=subject(record.about, tongue, scene),
                process=tongue.say(PROCESSES[record.process]),
            ),
            tongue.say(
                "{consent} consent, {objection} object, {abstain} abstain, {absent} absent; quorum {quorum}.",
                **numbers,
                quorum=record.quorum,
            ),
            _named(message("Objecting: {names}."), "objection", record, tongue, scene),
            *(
                tongue.say(
                    "The objection of {name} was resolved: {how}",
                    name=scene.name(each.by),
                    how=ended(each.how),
                )
                for each in record.resolved
            ),
            tongue.say("It is adopted although objections stand; two people of the collective signed that.")
            if passed_over(record)
            else "",
            tongue.say("The quorum is no majority of the members; two people of the collective signed that.")
            if small_quorum(record)
            else "",
            _named(message("Absent: {names}."), "absent", record, tongue, scene),
            tongue.say(
                "Scope: {scope}.",
                scope=tongue.say(message("fund")) if record.scope == "fund" else record.scope,
            ),
            tongue.say("Review: {day}.", day=record.review_on) if record.review_on else "",
        ],
        record.reason,
    )


def _named(msgid: str, stance: str, record: Decision, tongue: Tongue, scene: Scene) -> str:
    names = [scene.name(each.by) for each in record.stances if each.stance == stance]
    return tongue.say(msgid, names=tongue.join(names)) if 0 < len(names) <= NAMED else ""


KIND = Kind(
    name="decision",
    record=Decision,
    text=text,
    roles=frozenset({"steward"}),
    links=lambda record: (Link("about", record.about),),
    complete=complete,
    check=check,
    fold=fold,
    approvals=lambda _former, record, _scene: signers(record),
    thread=lambda record, _scene: Thread(record.about),
    hashtags=lambda _record, tongue: (tongue.say(message("assembly")),),
)
