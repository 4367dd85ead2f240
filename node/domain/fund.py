"""Who belongs to a fund, and what it decided: a fold over what its members and it published."""

from datetime import date, datetime

from node.domain.assembly import review_due
from node.domain.kind import Scene, Thing
from schemas.admission import Admission
from schemas.decision import Decision
from schemas.join import Join


def members(fund: str, scene: Scene, before: datetime | None = None) -> dict[str, Thing]:
    """The admission of every collective that belongs to a fund, by actor; with `before`, of those admitted before that moment.

    The last word of the fund on a request counts; a request that was withdrawn is a member that left.
    """
    found: dict[str, Thing] = {}
    for thing in scene.said(fund, Admission.kind()):
        if not isinstance(thing.record, Admission) or (before is not None and thing.published >= before):
            continue
        join = scene.thing(thing.record.join)
        if join is None or not isinstance(join.record, Join) or join.record.fund != fund:
            continue
        if thing.record.outcome == "admitted":
            found[join.owner] = thing
        else:
            found.pop(join.owner, None)
    return found


def admission_of(actor: str, fund: str, scene: Scene, before: datetime | None = None) -> Thing | None:
    """The admission by which one collective belongs to a fund; the same answer as `members`, without asking for all."""
    found = None
    for join in scene.said(actor, Join.kind()):
        if not isinstance(join.record, Join) or join.record.fund != fund:
            continue
        for thing in scene.answering(join.id, "join"):
            if thing.owner != fund or not isinstance(thing.record, Admission):
                continue
            if before is None or thing.published < before:
                found = thing if thing.record.outcome == "admitted" else None
    return found


def own_answers(thing: Thing, relation: str, scene: Scene) -> list[Thing]:
    """What the owner of a thing says of it itself, oldest first: what strangers say of it counts for nothing, whatever it names."""
    return [each for each in scene.answering(thing.id, relation) if each.owner == thing.owner]


def is_relied_on(criteria: Thing, scene: Scene) -> bool:
    """Whether anybody took a stance on criteria, or their fund decided on them or opened a round with them: then they stay as they are."""
    said = (each for each in scene.answering(criteria.id, "about") if each.record is not None)
    decided = (each for each in own_answers(criteria, "about", scene) if each.kind == "decision")
    return (
        any(each.kind == "stance" for each in said)
        or any(decided)
        or bool(own_answers(criteria, "criteria", scene))
    )


def last_decision(about: str, fund: str, scene: Scene) -> Thing | None:
    """What a fund said last about something, adopted or not."""
    found = [
        thing
        for thing in scene.answering(about, "about")
        if thing.owner == fund and isinstance(thing.record, Decision)
    ]
    return found[-1] if found else None


def under_review(decision: Thing, today: date, scene: Scene) -> bool:
    """Whether the day of its review has come and nothing was decided about the same since; until then it holds all the same."""
    record = decision.record
    if not isinstance(record, Decision) or record.review_on is None or record.outcome != "adopted":
        return False
    last = last_decision(record.about, decision.owner, scene)
    return last is not None and last.id == decision.id and review_due(record.review_on, today)


def decided(about: str, fund: str, scene: Scene) -> Thing | None:
    """The last decision of a fund about something, if it adopted it."""
    last = last_decision(about, fund, scene)
    adopted = last is not None and isinstance(last.record, Decision) and last.record.outcome == "adopted"
    return last if adopted else None
