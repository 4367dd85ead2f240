"""Where the members of a fund stand on a proposal, as they published it: what a decision counts and lists."""

from collections.abc import Collection

from node.domain.assembly import Outcome, Process, Stance, Tally, Voice, refuse_outcome, refuse_settled, tally
from node.domain.digest import DigestError, digest_of
from node.domain.fund import members
from node.domain.kind import Scene, Thing
from schemas import Uri
from schemas.decision import Decision, Position
from schemas.stance import Stance as Said


def voices(about: str, scene: Scene) -> list[Stance]:
    """Every stance on a thing as it stands now, oldest first, with the digest of what was signed; none on what stood there before.

    A stance of an older Minga names no digest: it counts where the thing was never changed.
    """
    subject = scene.thing(about)
    if subject is None or not subject.document:
        return []
    try:
        now = digest_of(subject.document)
    except DigestError:
        return []
    meant = (now,) if "updated" in subject.document else (now, None)
    found = (_voice(thing, meant) for thing in scene.answering(about, "about"))
    return [stance for stance in found if stance is not None]


def _voice(thing: Thing, meant: Collection[str | None]) -> Stance | None:
    if not isinstance(thing.record, Said) or thing.record.digest not in meant:
        return None
    try:
        digest = digest_of(thing.document)
    except DigestError:
        return None
    return Stance(thing.owner, Voice(thing.record.stance), thing.record.reason or "", thing.id, digest)


def counted(record: Decision, fund: str, scene: Scene) -> Tally:
    """All members of a fund with their last stance. NotAllowedError for a quorum that is no number of members."""
    process = Process(record.process)
    return tally(process, record.quorum, members(fund, scene), voices(record.about, scene), _settled(record))


def _settled(record: Decision) -> set[str]:
    return {each.by for each in record.resolved}


def positions(count: Tally) -> tuple[Position, ...]:
    """What a decision lists of a tally: every member, the absent ones too."""
    return tuple(
        Position(
            by=Uri(stance.by),
            stance=stance.voice.value,
            id=Uri(stance.id) if stance.id else None,
            digest=stance.digest or None,
        )
        for stance in count.stances.values()
    )


def refuse_other(record: Decision) -> None:
    """NotAllowedError where a decision says another outcome than its own stances give, or resolves what nobody objected."""
    listed = {each.by: Stance(each.by, Voice(each.stance)) for each in record.stances}
    spoken = [stance for stance in listed.values() if stance.voice is not Voice.ABSENT]
    count = tally(Process(record.process), record.quorum, listed.keys(), spoken, _settled(record))
    refuse_settled(count)
    refuse_outcome(Outcome(record.outcome), count)


def passed_over(record: Decision) -> bool:
    """Whether something is adopted although an objection stands that nobody resolved."""
    objecting = {each.by for each in record.stances if each.stance == Voice.OBJECTION}
    return record.outcome == Outcome.ADOPTED and not objecting <= _settled(record)


def small_quorum(record: Decision) -> bool:
    """Whether something is decided for which fewer than a majority of the members had to take part."""
    return record.outcome != Outcome.NO_QUORUM and 2 * record.quorum <= len(record.stances)


def signers(record: Decision) -> int:
    """Two where an objection does not block what is decided, resolved or not, or the quorum is small: nobody decides that alone."""
    return 2 if record.resolved or passed_over(record) or small_quorum(record) else 0
