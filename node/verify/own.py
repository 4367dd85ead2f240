"""What the collective itself publishes beside its log, and on which its shares rest: rounds, criteria, decisions, matches."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from federation import same_origin
from node.verify.act import moment_of
from node.verify.signer import Signer
from node.verify.source import DifferenceError, Source
from schemas import Record, SchemaError, from_wire

JsonObject = dict[str, Any]
R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Said(Generic[R]):
    """One thing as the collective signed it."""

    document: JsonObject
    record: R
    published: datetime


class Own:
    """The things of one collective, each fetched once, and signed by it."""

    def __init__(self, source: Source, signer: Signer) -> None:
        self._source, self._signer = source, signer
        self._documents: dict[str, JsonObject] = {}

    def read(self, uri: str, kind: type[R], check: str, *, keep: bool = True) -> Said[R]:
        """A thing at its address, and kept for the next time unless it is needed once. DifferenceError, named `check`, where it is gone,
        not signed, or of another kind.

        ElsewhereError where the server does not answer: of its own things it must, since all else was read there.
        """
        document = self._document(uri, check, keep)
        try:
            record = from_wire(document)
        except SchemaError as error:
            raise DifferenceError(check, f"{uri} cannot be read: {error}") from error
        if not isinstance(record, kind):
            raise DifferenceError(check, f"{uri} is no {kind.kind()}")
        return Said(document, record, moment_of(document, self._signer.now, check))

    def _document(self, uri: str, check: str, keep: bool) -> JsonObject:
        document = self._documents.get(uri)
        if document is None:
            if not same_origin(uri, self._source.actor):
                raise DifferenceError(check, f"{uri} is nothing that {self._source.actor} says")
            document = self._source.thing(uri)
            if document is None:
                raise DifferenceError(
                    check, f"{uri} is not served any more, and what was published rests on it"
                )
            if document.get("id") != uri or document.get("attributedTo") != self._source.actor:
                raise DifferenceError(check, f"{uri} is nothing that {self._source.actor} says")
            self._signer.check(document, check)
            if keep:
                self._documents[uri] = document
        return document
