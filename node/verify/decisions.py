"""The decision by which the criteria of an allocation were adopted before its round, and the stances that carried it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from federation.integrity import read_time
from node.domain.consent import refuse_other
from node.domain.dates import EARLIEST_ZONE
from node.domain.digest import DigestError, digest_of
from node.domain.kind import NotAllowedError
from node.verify.claims import Asked
from node.verify.source import DifferenceError, Source
from schemas import SchemaError, from_wire
from schemas.allocation import Allocation
from schemas.criteria import Criteria
from schemas.decision import Decision, Position
from schemas.round import Round
from schemas.stance import Stance

JsonObject = dict[str, Any]
R = TypeVar("R", Decision, Round, Criteria)
Check = Callable[[JsonObject, str], None]
"""Raises DifferenceError unless a document carries a valid proof by the collective."""


def compare_decision(source: Source, check: Check, uri: str, record: Allocation, asked: Asked) -> None:
    """DifferenceError where what an allocation cites as its decision did not adopt its criteria before the round opened.

    What cannot be fetched is counted, also stances: each member keeps its own.
    """
    if record.criteria is None or record.decision is None or record.round is None:
        raise DifferenceError("criteria", f"{uri} names no criteria, or no decision that adopted them")
    documents = [asked.fetch(source, str(each)) for each in (record.decision, record.round, record.criteria)]
    decision, round, criteria = documents
    if decision is None or round is None or criteria is None:
        asked.unasked += 1
        return
    for document in (decision, round, criteria):
        check(document, "criteria")
    said, opened, terms = _read(decision, Decision), _read(round, Round), _read(criteria, Criteria)
    if said.about != record.criteria or opened.criteria != record.criteria or said.outcome != "adopted":
        raise DifferenceError(
            "criteria", f"{record.decision} does not adopt {record.criteria} for {record.round}"
        )
    late = terms.valid_from > (_moment(round) + EARLIEST_ZONE).date()
    if _moment(decision) > _moment(round) or late:
        raise DifferenceError(
            "criteria", f"{record.criteria} was not adopted and valid before {record.round} opened"
        )
    try:
        refuse_other(said)
    except NotAllowedError as error:
        raise DifferenceError(
            "criteria", f"the stances of {record.decision} do not adopt: {error}"
        ) from error
    for position in said.stances:
        if position.id is not None:
            _compare(source, str(record.decision), said, position, digest_of(criteria), asked)
    asked.adopted += 1


def _compare(
    source: Source, uri: str, decision: Decision, position: Position, about: str, asked: Asked
) -> None:
    """A stance that still has the digest that the decision lists must say what it is listed with, of what has the digest `about`."""
    document = asked.fetch(source, str(position.id))
    if document is None:
        return
    try:
        stance, same = from_wire(document), digest_of(document) == position.digest
    except (SchemaError, DigestError):
        return
    if not same or not isinstance(stance, Stance):
        return
    listed = (position.by, position.stance, decision.about)
    if listed != (document.get("attributedTo"), stance.stance, stance.about):
        raise DifferenceError(
            "criteria",
            f"{uri} lists {position.by} with {position.stance}; {position.id} says {stance.stance}",
        )
    if stance.digest not in (None, about):
        raise DifferenceError(
            "criteria", f"{position.id} is about something else than what stands now at {decision.about}"
        )
    asked.stances += 1


def _read(document: Mapping[str, Any], kind: type[R]) -> R:
    try:
        record = from_wire(document)
    except SchemaError as error:
        raise DifferenceError("criteria", f"{document.get('id')} cannot be read: {error}") from error
    if not isinstance(record, kind):
        raise DifferenceError("criteria", f"{document.get('id')} is no {kind.kind()}")
    return record


def _moment(document: Mapping[str, Any]) -> datetime:
    moment = read_time(document.get("published"))
    if moment is None:
        raise DifferenceError("criteria", f"{document.get('id')} does not say when it was published")
    return moment
