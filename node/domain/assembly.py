"""How a group decides: stances, quorum, consent and majority, and when a decision holds.

Each member collective has one voice, the last that was heard of it; those who said nothing are absent. Consent, objection
and abstention all count as taking part. By consent a proposal is adopted when somebody consents and no objection stands; by
majority, when more consent than object. Without the quorum nothing is decided, either way.

An assembly is a page over a decision and its stances, not a kind of its own. What is refused is a NotAllowedError.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from node.domain.kind import NotAllowedError


class Voice(StrEnum):
    """What a member says to a proposal; ABSENT is what is noted of those who said nothing."""

    CONSENT = "consent"
    OBJECTION = "objection"
    ABSTAIN = "abstain"
    ABSENT = "absent"


class Process(StrEnum):
    """How voices become an outcome."""

    CONSENT = "consent"
    MAJORITY = "majority"


class Outcome(StrEnum):
    """What came out: BLOCKED by an objection that stands, REJECTED by no consent or no majority."""

    ADOPTED = "adopted"
    BLOCKED = "blocked"
    REJECTED = "rejected"
    NO_QUORUM = "no-quorum"


@dataclass(frozen=True, slots=True)
class Stance:
    """What one collective said. `id` and `digest` name the signed activity; both are empty where nothing was said."""

    by: str
    voice: Voice
    reason: str = ""
    id: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """The voices of all members, by actor in order of their ids, and what follows from them.

    `settled` are the objectors whose objection was resolved with them. `outsiders` spoke without being members: they
    are listed, and not counted.
    """

    process: Process
    quorum: int
    stances: Mapping[str, Stance]
    settled: frozenset[str]
    outsiders: tuple[Stance, ...]

    def count(self, voice: Voice) -> int:
        """How many members said so."""
        return sum(stance.voice is voice for stance in self.stances.values())

    @property
    def taking_part(self) -> int:
        """How many count towards the quorum."""
        return len(self.stances) - self.count(Voice.ABSENT)

    @property
    def standing_objections(self) -> tuple[Stance, ...]:
        """Objections neither withdrawn nor resolved: each blocks a decision by consent."""
        return tuple(
            stance
            for stance in self.stances.values()
            if stance.voice is Voice.OBJECTION and stance.by not in self.settled
        )

    @property
    def outcome(self) -> Outcome:
        """What these voices decide."""
        if self.taking_part < self.quorum:
            return Outcome.NO_QUORUM
        if self.process is Process.CONSENT and self.standing_objections:
            return Outcome.BLOCKED
        against = self.count(Voice.OBJECTION) if self.process is Process.MAJORITY else 0
        return Outcome.ADOPTED if self.count(Voice.CONSENT) > against else Outcome.REJECTED


def tally(
    process: Process,
    quorum: int,
    members: Collection[str],
    stances: Iterable[Stance],
    settled: Collection[str] = (),
) -> Tally:
    """Count the stances heard, oldest first; a later one of the same member replaces the former.

    Raises NotAllowedError for a quorum that is no number of members.
    """
    if not members:
        raise NotAllowedError("quorum", "members; nobody belongs to this collective yet, and members decide")
    if not 1 <= quorum <= len(set(members)):
        raise NotAllowedError(
            "quorum",
            "a number of members, from 1 to {members}; not {quorum}",
            members=len(set(members)),
            quorum=quorum,
        )
    voices = {member: Stance(member, Voice.ABSENT) for member in sorted(members)}
    outsiders: dict[str, Stance] = {}
    for stance in stances:
        (voices if stance.by in voices else outsiders)[stance.by] = stance
    return Tally(process, quorum, voices, frozenset(settled), tuple(outsiders.values()))


def refuse_stance(stance: Stance, members: Collection[str]) -> None:
    """A stance is a member's, says something, and gives its reason where it objects. Raises NotAllowedError."""
    if stance.by not in members:
        raise NotAllowedError("about", "a proposal of a fund or network of which you are a member")
    if stance.voice is Voice.ABSENT:
        raise NotAllowedError("stance", "consent, objection or abstain")
    if stance.voice is Voice.OBJECTION and not stance.reason.strip():
        raise NotAllowedError("reason", "the reason of the objection, so that it can be resolved")


def refuse_settled(counted: Tally) -> None:
    """Only an objection that stands can be resolved. Raises NotAllowedError."""
    for who in sorted(counted.settled):
        stance = counted.stances.get(who)
        if stance is None or stance.voice is not Voice.OBJECTION:
            raise NotAllowedError(
                "resolved", "members whose objection stands; {who} does not object", who=who
            )


def refuse_outcome(claimed: Outcome, counted: Tally) -> None:
    """A decision may only say what its stances give; one without quorum cannot be adopted. Raises NotAllowedError."""
    if claimed is counted.outcome:
        return
    if counted.outcome is Outcome.NO_QUORUM:
        raise NotAllowedError(
            "outcome",
            "a quorum of {quorum} first; {present} took part",
            quorum=counted.quorum,
            present=counted.taking_part,
        )
    if counted.outcome is Outcome.BLOCKED:
        objectors = ", ".join(stance.by for stance in counted.standing_objections)
        raise NotAllowedError(
            "outcome", "every objection withdrawn or resolved first: {objectors}", objectors=objectors
        )
    raise NotAllowedError("outcome", "what the stances give: {outcome}", outcome=str(counted.outcome))


def review_due(review_on: date, today: date) -> bool:
    """Whether a decision is to be looked at again; until another one is adopted it holds all the same."""
    return today >= review_on
