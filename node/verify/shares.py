"""One allocation from outside: its signature, the seed of its round, and every share reckoned again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from federation import same_origin
from node.errors import ElsewhereError, InvalidError
from node.tongues import message
from node.verify.claims import compare_closing
from node.verify.signer import Signer
from node.verify.source import DifferenceError, Source, joined, read_json
from schemas import Record, SchemaError, from_wire
from schemas.allocation import Allocation
from schemas.round import Round

JsonObject = dict[str, Any]

_AS2 = "application/activity+json"


@dataclass(frozen=True, slots=True)
class Published:
    """An allocation as its collective published and signed it."""

    uri: str
    actor: str
    record: Allocation
    claims: int | None
    """Claims with which its round closed, every one of which it answers; None where it has no round."""


def published(source: Source, url: str, now: datetime) -> Published:
    """The allocation at an address, or by which the round at that address was shared out.

    InvalidError where there is neither; DifferenceError where it is not signed by its collective, does not use the round's seed, or
    leaves out a claim with which the round closed: they make the seed, so that none can be left out of their list either.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise InvalidError("url", message("the address of a round or an allocation"))
    document, record = _read(source, url)
    if isinstance(record, Round):
        answer = source.answer(f"{document['id']}/allocation")
        if "location" not in answer.headers:
            raise InvalidError("url", message("a round that was shared out; this one was not yet"))
        document, record = _read(source, joined(url, answer.headers["location"]))
    if not isinstance(record, Allocation):
        raise InvalidError("url", message("a round or an allocation"))
    uri, actor = str(document["id"]), document.get("attributedTo")
    if not isinstance(actor, str) or not same_origin(uri, actor):
        raise DifferenceError("allocation", f"{uri} says that it is by {actor}, of another server"[:1000])
    source.actor = actor
    signer = Signer.of(_named(source, actor), now)
    signer.check(document, "allocation")
    claims = None
    if record.round is not None:
        round = _named(source, record.round)
        signer.check(round, "round")
        terms = _record(round)
        if not isinstance(terms, Round):
            raise DifferenceError("round", f"{record.round} is no round")
        listed = source.claims(record.round)
        compare_closing("claims", uri, record, listed, str(terms.seed))
        claims = len(listed)
    return Published(uri, actor, record, claims)


def _read(source: Source, url: str) -> tuple[JsonObject, Record]:
    """What stands at an address that somebody typed. InvalidError where it is no record."""
    document = _document(source, url)
    if document.get("kind") not in (Round.kind(), Allocation.kind()):
        raise InvalidError("url", message("the address of a round or an allocation"))
    if not isinstance(document.get("id"), str):
        raise InvalidError("url", message("a round or an allocation that says its id"))
    try:
        return document, from_wire(document)
    except SchemaError as error:
        raise InvalidError(
            "url", message("a round or an allocation that can be read: {error}"), error=error
        ) from error


def _named(source: Source, uri: str) -> JsonObject:
    """What stands at its own address. DifferenceError where that is something else."""
    document = _document(source, uri)
    if document.get("id") != uri:
        raise DifferenceError("allocation", f"{uri} serves {document.get('id')!r}"[:1000])
    return document


def _record(document: JsonObject) -> Record:
    try:
        return from_wire(document)
    except SchemaError as error:
        raise DifferenceError("round", f"{document.get('id')} cannot be read: {error}") from error


def _document(source: Source, url: str) -> JsonObject:
    try:
        document = read_json(source.get(url, _AS2))
    except (ValueError, RecursionError) as error:
        raise ElsewhereError(message("{url} answers with something that is no JSON."), url=url) from error
    if not isinstance(document, dict):
        raise ElsewhereError(message("{url} answers with something that is no JSON object."), url=url)
    return document
