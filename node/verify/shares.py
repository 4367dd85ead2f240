"""One allocation from outside: its signature, the seed of its round, and every share reckoned again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from node.errors import ElsewhereError, InvalidError
from node.tongues import message
from node.verify.claims import compare_closing
from node.verify.signer import Signer
from node.verify.source import DifferenceError, Source
from schemas import SchemaError, from_wire
from schemas.allocation import Allocation

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
    document = _document(source, url)
    if document.get("kind") == "round":
        answer = source.answer(f"{document['id']}/allocation")
        if "location" not in answer.headers:
            raise InvalidError("url", message("a round that was shared out; this one was not yet"))
        document = _document(source, urljoin(url, answer.headers["location"]))
    if document.get("kind") != "allocation":
        raise InvalidError("url", message("a round or an allocation"))
    uri, actor = str(document.get("id")), str(document.get("attributedTo"))
    try:
        record = from_wire(document)
    except SchemaError as error:
        raise InvalidError(
            "url", message("an allocation that can be read: {error}"), error=str(error)
        ) from error
    if not isinstance(record, Allocation):
        raise InvalidError("url", message("a round or an allocation"))
    if urlsplit(uri)[:2] != urlsplit(actor)[:2]:
        raise DifferenceError("allocation", f"{uri} says that it is by {actor}, of another server")
    source.actor = actor
    signer = Signer.of(_document(source, actor), now)
    signer.check(document, "allocation")
    claims = None
    if record.round is not None:
        round = _document(source, record.round)
        signer.check(round, "round")
        listed = source.claims(record.round)
        compare_closing("claims", uri, record, listed, str(_record(round).get("seed")))
        claims = len(listed)
    return Published(uri, actor, record, claims)


def _document(source: Source, url: str) -> dict[str, Any]:
    try:
        document = json.loads(source.get(url, _AS2))
    except (ValueError, RecursionError) as error:
        raise ElsewhereError(message("{url} answers with something that is no JSON."), url=url) from error
    if not isinstance(document, dict):
        raise ElsewhereError(message("{url} answers with something that is no JSON object."), url=url)
    return document


def _record(document: Mapping[str, Any]) -> Mapping[str, Any]:
    record = document.get("record")
    return record if isinstance(record, dict) else {}
