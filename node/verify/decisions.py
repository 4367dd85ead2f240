"""The decision by which the criteria of an allocation were adopted before its round, and the stances that carried it."""

from typing import Any

from node.domain.assembly import Voice
from node.domain.consent import refuse_other
from node.domain.dates import CLOCKS, EARLIEST_ZONE, said_at
from node.domain.digest import DigestError, digest_of
from node.domain.kind import NotAllowedError
from node.verify.claims import Asked, Missing, refuse_elsewhere
from node.verify.own import Own, Said
from node.verify.source import DifferenceError, Source
from schemas import SchemaError, from_wire
from schemas.allocation import Allocation
from schemas.criteria import Criteria
from schemas.decision import Decision, Position
from schemas.round import Round
from schemas.stance import Stance

JsonObject = dict[str, Any]


def compare_decision(
    source: Source, own: Own, uri: str, record: Allocation, round: Said[Round], asked: Asked
) -> Criteria:
    """The criteria of an allocation, after the decision that adopted them before its round opened.

    DifferenceError where what it cites did not. Stances that cannot be fetched are counted: each member keeps its own.
    """
    if record.criteria is None or record.decision is None:
        raise DifferenceError("criteria", f"{uri} names no criteria, or no decision that adopted them")
    decision = own.read(record.decision, Decision, "criteria")
    criteria = own.read(record.criteria, Criteria, "criteria")
    said, terms = decision.record, criteria.record
    if said.about != record.criteria or round.record.criteria != record.criteria or said.outcome != "adopted":
        raise DifferenceError(
            "criteria", f"{record.decision} does not adopt {record.criteria} for {record.round}"
        )
    late = terms.valid_from > (round.published + EARLIEST_ZONE).date()
    if decision.published > round.published or late:
        raise DifferenceError(
            "criteria", f"{record.criteria} was not adopted and valid before {record.round} opened"
        )
    try:
        refuse_other(said)
    except NotAllowedError as error:
        raise DifferenceError(
            "criteria", f"the stances of {record.decision} do not adopt: {error}"
        ) from error
    about = digest_of(criteria.document)
    for position in said.stances:
        _compare(source, decision, position, about, asked)
    return terms


def _compare(source: Source, decided: Said[Decision], position: Position, about: str, asked: Asked) -> None:
    """A stance that still has the digest that the decision lists must say what it is listed with, of what has the digest `about`."""
    decision, uri = decided.record, decided.document.get("id")
    if position.stance == Voice.ABSENT:
        return
    if position.id is None or position.digest is None:
        raise DifferenceError(
            "criteria", f"{uri} lists {position.by} with {position.stance}, and nothing in which it said so"
        )
    refuse_elsewhere("criteria", position.id, position.by)
    document = asked.fetch(source, position.id)
    if isinstance(document, Missing):
        asked.stances.count(document)
        return
    try:
        stance, same = from_wire(document), digest_of(document) == position.digest
    except (SchemaError, DigestError):
        same = False
    if not same or not isinstance(stance, Stance):
        asked.stances.changed += 1
        return
    listed = (position.by, position.stance, decision.about)
    if listed != (document.get("attributedTo"), stance.stance, stance.about):
        raise DifferenceError(
            "criteria",
            f"{uri} lists {position.by} with {position.stance}; {position.id} says {stance.stance}",
        )
    said = said_at(document)
    if said is None or said - decided.published > CLOCKS:
        raise DifferenceError(
            "criteria", f"{uri} of {decided.published} counts {position.id}, which was said on {said}"
        )
    if stance.digest not in (None, about):
        raise DifferenceError(
            "criteria", f"{position.id} is about something else than what stands now at {decision.about}"
        )
    asked.stances.same += 1
