"""The claims behind an allocation, fetched from those who made them, and the criteria that it cites."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from node.domain.digest import DigestError, digest_of
from node.domain.rounds import Closed, rows
from node.domain.ties import seed_of
from node.errors import NodeError
from node.verify.source import DifferenceError, Source
from schemas import SchemaError, from_wire
from schemas.allocation import Allocation
from schemas.allocation import Claim as Row
from schemas.claim import Claim
from schemas.criteria import Criteria

JsonObject = dict[str, Any]

_AS2 = "application/activity+json"


@dataclass
class Asked:
    """How much of what allocations rest on could be fetched and was the same."""

    same: int = 0
    unreachable: int = 0
    changed: int = 0
    criteria: int = 0
    adopted: int = 0
    unasked: int = 0
    stances: int = 0
    _silent: set[str] = field(default_factory=set)

    def fetch(self, source: Source, url: str) -> JsonObject | None:
        """A document at a URL; None where none comes. A server that did not answer is not asked again."""
        host = urlsplit(url).netloc
        if urlsplit(url).scheme not in ("http", "https") or host in self._silent:
            return None
        try:
            document = json.loads(source.get(url, _AS2))
        except NodeError:
            self._silent.add(host)
            return None
        except (ValueError, RecursionError):
            return None
        return document if isinstance(document, dict) else None


def compare_closing(
    check: str, uri: str, record: Allocation, claims: Sequence[tuple[str, str, str]], seed: str
) -> None:
    """DifferenceError unless an allocation answers each of the claims (id, digest, nonce) with which its round closed once, and
    these make the seed that its round, and it, name."""
    if seed_of(claims) != seed:
        raise DifferenceError(
            check, f"the seed of {record.round} is {seed}, its claims give {seed_of(claims)}"
        )
    if record.seed != seed:
        raise DifferenceError(check, f"{uri} uses the seed {record.seed}, {record.round} closed with {seed}")
    known = {claim[0]: claim[1] for claim in claims}
    for row in record.claims:
        if row.claim is None or known.get(row.claim) != row.digest:
            raise DifferenceError(
                check, f"{uri} answers {row.claim}, which is not as it stood when the round closed"
            )
    answered = [str(row.claim) for row in record.claims]
    missing = sorted(known.keys() - set(answered))
    if missing or len(answered) != len(known):
        raise DifferenceError(
            check,
            f"{uri} answers {len(answered)} of the {len(known)} claims with which {record.round} closed;"
            f" left out: {', '.join(missing[:6]) or 'none, one comes twice'}",
        )


def compare_claims(
    source: Source, uri: str, record: Allocation, nonces: Mapping[str, str], now: datetime, asked: Asked
) -> None:
    """Compare each row of an allocation with the claim that it answers, and its terms with its criteria.

    DifferenceError where a claim that still has the digest with which its round closed says something else. A claim that cannot
    be fetched, or that was changed since, is counted.
    """
    criteria = _criteria(source, uri, record, asked)
    for row in record.claims:
        document = asked.fetch(source, str(row.claim))
        if document is None:
            asked.unreachable += 1
            continue
        try:
            claim = from_wire(document)
            same = digest_of(document) == row.digest
        except (SchemaError, DigestError):
            same = False
        if not same or not isinstance(claim, Claim):
            asked.changed += 1
            continue
        _compare(uri, row, claim, str(document.get("attributedTo")), nonces, criteria, now)
        asked.same += 1


def _criteria(source: Source, uri: str, record: Allocation, asked: Asked) -> Criteria | None:
    document = asked.fetch(source, record.criteria) if record.criteria else None
    try:
        criteria = None if document is None else from_wire(document)
    except SchemaError:
        return None
    if not isinstance(criteria, Criteria):
        return None
    if (criteria.rule, criteria.unit_price) != (record.rule, record.unit_price):
        raise DifferenceError(
            "criteria",
            f"{uri} shares out by {record.rule} at {record.unit_price}, {record.criteria} says {criteria.rule}"
            f" at {criteria.unit_price}",
        )
    asked.criteria += 1
    return criteria


def _compare(
    uri: str,
    row: Row,
    claim: Claim,
    claimant: str,
    nonces: Mapping[str, str],
    criteria: Criteria | None,
    now: datetime,
) -> None:
    need = claim.need.minor if claim.need else None
    closed = Closed(
        str(row.claim),
        claimant,
        row.digest or "",
        claim.nonce or "",
        format(claim.weight, "f"),
        claim.cap,
        need,
    )
    pairs: list[tuple[str, object, object]] = [
        ("claimant", row.claimant, claimant),
        ("weight", row.weight, claim.weight),
        ("nonce", nonces.get(str(row.claim)), claim.nonce),
    ]
    if criteria is not None:
        made = rows((closed,), criteria, now)[0]
        pairs += [("cap", row.cap, made.cap), ("floor", row.floor, made.floor)]
    for name, used, said in pairs:
        if used != said:
            raise DifferenceError(
                "claims", f"{uri} uses the {name} {used} for {row.claim}, which says {said}"
            )
