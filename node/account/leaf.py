"""What a leaf of an account's log says: RFC 8785 bytes with `type` and `seq`, its place in the log.

    LedgerEntry          date, activity (its id), digest, postings, stated?      no free text, no person
    IdentityStatement    statement (FEP-c390), the first leaf of a first log
    KeyStatement         statement
    ClaimsClosed         round, digest? (of the round's Note as it closed), seed, claims: [claim id, digest, nonce]…, at most 256 a leaf
    Succession           origin, size and root of the former log, balances that were carried over; first leaf of a further log

`read` is what a stranger reads them with: other bytes for the same leaf are refused, so that nothing can hide in a spelling.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from federation.errors import FederationError
from federation.jcs import canonical
from node.domain.errors import DomainError
from node.domain.posting import MOST_POSTINGS, Posting, PostingError, check, read, written

ENTRY = "LedgerEntry"
IDENTITY = "IdentityStatement"
KEYS = "KeyStatement"
CLOSED = "ClaimsClosed"
SUCCESSION = "Succession"
TYPES = (ENTRY, IDENTITY, KEYS, CLOSED, SUCCESSION)

_FIELDS = {
    ENTRY: ({"date", "activity", "digest", "postings"}, {"stated"}),
    IDENTITY: ({"statement"}, set[str]()),
    KEYS: ({"statement"}, set[str]()),
    CLOSED: ({"round", "seed", "claims"}, {"digest"}),
    SUCCESSION: ({"origin", "size", "root", "balances"}, set[str]()),
}
_FIRST = (IDENTITY, SUCCESSION)
"""With one of these a log begins; nowhere else does one stand."""
_STATED = {"amount", "currency", "rate"}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class LeafError(DomainError):
    """Bytes that are no leaf, or not the leaf at this place."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf. `postings` only of a LedgerEntry (and of a Succession: the balances carried over); `document` is all of it."""

    seq: int
    type: str
    postings: tuple[Posting, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def activity(self) -> str:
        """The id of the signed activity that an entry was booked for."""
        return str(self.document.get("activity", ""))

    @property
    def date(self) -> str:
        """The day of an entry."""
        return str(self.document.get("date", ""))


def entry(
    seq: int,
    *,
    date: str,
    activity: str,
    digest: str,
    postings: Sequence[Posting],
    stated: Mapping[str, str] | None,
) -> bytes:
    """The leaf of one entry."""
    document: dict[str, Any] = {
        "type": ENTRY,
        "seq": seq,
        "date": date,
        "activity": activity,
        "digest": digest,
        "postings": listed(postings),
    }
    if stated:
        document["stated"] = dict(stated)
    return canonical(document)


def other(seq: int, type: str, fields: Mapping[str, Any]) -> bytes:
    """Any other leaf, from its fields."""
    return canonical({"type": type, "seq": seq, **fields})


def listed(postings: Sequence[Posting]) -> list[dict[str, str]]:
    """Postings as a leaf spells them."""
    return [
        {"account": account, "amount": written(amount, commodity), "commodity": commodity}
        for account, amount, commodity in postings
    ]


def digest(salt: bytes, document: Mapping[str, Any]) -> str:
    """What an entry keeps of its activity: base64 SHA-256 over the salt and the RFC 8785 bytes, proof included."""
    return b64encode(sha256(salt + canonical(document)).digest()).decode()


def read_leaf(data: bytes, seq: int) -> Leaf:
    """The leaf that stands at `seq`. LeafError says what does not hold."""
    try:
        document = json.loads(data)
        if not isinstance(document, dict) or canonical(document) != data:
            raise LeafError(f"leaf {seq} is not in its canonical spelling (RFC 8785)")
    except (ValueError, RecursionError, FederationError) as error:
        raise LeafError(f"leaf {seq} is no JSON: {str(error)[:100]}") from error
    if document.get("seq") != seq or isinstance(document.get("seq"), bool):
        raise LeafError(f"leaf {seq} says that it is number {document.get('seq')!r}"[:200])
    return Leaf(seq, _type(document, seq), _postings(document, seq), document)


def _type(document: Mapping[str, Any], seq: int) -> str:
    type_ = document.get("type")
    if not isinstance(type_, str) or type_ not in TYPES:
        raise LeafError(f"leaf {seq} is of no known type: {type_!r}"[:200])
    needed, optional = _FIELDS[type_]
    names = document.keys() - {"type", "seq"}
    if not needed <= names or names - needed - optional:
        raise LeafError(f"leaf {seq} has not the fields of a {type_}")
    texts = ("date", "activity", "digest", "round", "seed", "origin", "root")
    if any(not isinstance(document[name], str) for name in texts if name in document):
        raise LeafError(f"leaf {seq} has a field that is no text")
    if (seq == 0) != (type_ in _FIRST):
        raise LeafError(
            f"leaf {seq} is a {type_}, which stands {'only' if seq else 'never'} at the beginning"
        )
    for name, holds in _HOLDS[type_].items():
        if name in document and not holds(document[name]):
            raise LeafError(f"leaf {seq} has a {name} that is none: {document[name]!r}"[:200])
    return type_


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_rate(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == _STATED and all(map(_is_text, value.values()))


def _are_claims(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(row, list) and len(row) == 3 and all(isinstance(part, str) for part in row)
        for row in value
    )


_HOLDS: Mapping[str, Mapping[str, Callable[[Any], bool]]] = {
    ENTRY: {
        "activity": _is_text,
        "digest": _is_text,
        "date": lambda value: _DAY.fullmatch(value) is not None,
        "stated": _is_rate,
    },
    IDENTITY: {"statement": lambda value: isinstance(value, dict)},
    KEYS: {"statement": lambda value: isinstance(value, dict)},
    CLOSED: {"digest": _is_text, "claims": _are_claims},
    SUCCESSION: {"size": _is_size},
}
"""What each field of a leaf must be, beyond what all leaves share."""


def _postings(document: Mapping[str, Any], seq: int) -> tuple[Posting, ...]:
    listed = document.get("postings", document.get("balances", []))
    try:
        postings = tuple(
            (row["account"], read(row["amount"], row["commodity"]), row["commodity"]) for row in listed
        )
        if any(row.keys() != {"account", "amount", "commodity"} for row in listed):
            raise LeafError(f"leaf {seq} has a posting with other fields")
        check(postings)
    except (TypeError, KeyError, AttributeError) as error:
        raise LeafError(f"leaf {seq} has a posting that cannot be read") from error
    except PostingError as error:
        raise LeafError(f"leaf {seq}: {error}") from error
    if document["type"] == ENTRY and not 0 < len(postings) <= MOST_POSTINGS:
        raise LeafError(f"leaf {seq} has {len(postings)} postings")
    return postings
