"""The claims behind an allocation, fetched from those who made them, and the criteria that it cites."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from federation import same_origin
from node.domain.dates import CLOCKS, said_at
from node.domain.digest import DigestError, digest_of
from node.domain.rounds import Closed, rows
from node.domain.ties import seed_of
from node.errors import ElsewhereError
from node.verify.own import Said
from node.verify.source import DifferenceError, SilentError, Source, authority, said_money
from schemas import SchemaError, from_wire
from schemas.allocation import Allocation
from schemas.allocation import Claim as Row
from schemas.claim import Claim
from schemas.criteria import Criteria
from schemas.round import Round

JsonObject = dict[str, Any]


class Missing(Enum):
    """Why there is nothing to compare: the server says that it is gone, or there was no usable answer."""

    GONE = "gone"
    UNREACHED = "unreached"


@dataclass
class Tally:
    """How much of what others sign could be fetched, and was the same."""

    same: int = 0
    changed: int = 0
    gone: int = 0
    unreached: int = 0

    @property
    def whole(self) -> bool:
        """Whether all of it is as it was."""
        return not (self.changed or self.gone or self.unreached)

    def count(self, missing: Missing) -> None:
        """One that is not there."""
        if missing is Missing.GONE:
            self.gone += 1
        else:
            self.unreached += 1

    def __str__(self) -> str:
        return (
            f"{self.same} are as their kitchens publish them, {self.changed} changed since, {self.gone} withdrawn since,"
            f" {self.unreached} not reached"
        )


@dataclass
class Asked:
    """How much of what allocations rest on could be fetched and was the same."""

    claims: Tally = field(default_factory=Tally)
    stances: Tally = field(default_factory=Tally)
    criteria: int = 0
    _silent: set[str] = field(default_factory=set)

    def fetch(self, source: Source, url: str) -> JsonObject | Missing:
        """What somebody else publishes at a URL, in whosever name: what of it counts is told by its digest and its author.

        A server that gave no answer at all is not asked again.
        """
        host = authority(url)
        if not host or host in self._silent:
            return Missing.UNREACHED
        try:
            document = source.thing(url)
        except SilentError:
            self._silent.add(host)
            return Missing.UNREACHED
        except ElsewhereError:
            return Missing.UNREACHED
        if document is None:
            return Missing.GONE
        if document.get("id") != url or not isinstance(document.get("attributedTo"), str):
            return (
                Missing.UNREACHED
            )  # what stands there now is something else: a page of a new owner, a tombstone
        return document


def refuse_elsewhere(check: str, uri: str, author: str) -> None:
    """DifferenceError where what somebody is said to have published stands on another server than her own, whether that answers or not."""
    if not same_origin(uri, author):
        raise DifferenceError(check, f"{uri} is said to be by {author}, who is elsewhere")


def compare_closing(
    check: str, uri: str, record: Allocation, claims: Sequence[tuple[str, str, str]], seed: str
) -> None:
    """DifferenceError unless an allocation answers each of the claims (id, digest, nonce) with which its round closed once, and
    these make the seed that its round, and it, name."""
    listed = Counter(claim[0] for claim in claims)
    if (twice := listed.most_common(1)) and twice[0][1] > 1:
        raise DifferenceError(check, f"{record.round} closed with the claim {twice[0][0]} more than once")
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
    source: Source,
    uri: str,
    record: Allocation,
    round: Said[Round],
    nonces: Mapping[str, str],
    criteria: Criteria,
    now: datetime,
    asked: Asked,
) -> None:
    """Compare each row of an allocation with the claim that it answers, and its terms with its criteria.

    DifferenceError where a claim that still has the digest with which its round closed says something else. A claim that cannot
    be fetched, or that was changed or withdrawn since, is counted.
    """
    _compare_terms(uri, record, criteria)
    asked.criteria += 1
    for row in record.claims:
        refuse_elsewhere("claims", str(row.claim), row.claimant)
        document = asked.fetch(source, str(row.claim))
        if isinstance(document, Missing):
            asked.claims.count(document)
            continue
        try:
            claim = from_wire(document)
            same = digest_of(document) == row.digest
        except (SchemaError, DigestError):
            same = False
        if not same or not isinstance(claim, Claim):
            asked.claims.changed += 1
            continue
        _refuse_late(uri, document, round.record)
        _compare(uri, record, row, claim, str(document.get("attributedTo")), nonces, criteria, now)
        asked.claims.same += 1


def _refuse_late(uri: str, document: JsonObject, round: Round) -> None:
    sent = said_at(document)
    if sent is None or sent - round.claims_until > CLOCKS:
        raise DifferenceError(
            "claims",
            f"{uri} answers {document.get('id')}, of {sent or 'no day'}; claims were taken until {round.claims_until}",
        )


def _compare_terms(uri: str, record: Allocation, criteria: Criteria) -> None:
    for name, used, said in (
        ("rule", record.rule, criteria.rule),
        ("price", said_money(record.unit_price), said_money(criteria.unit_price)),
    ):
        if used != said:
            raise DifferenceError(
                "criteria", f"{uri} shares out by the {name} {used}; {record.criteria} says {said}"
            )


def _compare(
    uri: str,
    record: Allocation,
    row: Row,
    claim: Claim,
    claimant: str,
    nonces: Mapping[str, str],
    criteria: Criteria,
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
    made = rows((closed,), criteria, now)[0]
    pairs: list[tuple[str, object, object]] = [
        ("claimant", row.claimant, claimant),
        ("weight", row.weight, claim.weight),
        ("nonce", nonces.get(str(row.claim)), claim.nonce),
        ("round", record.round, claim.round),
        ("cap", row.cap, made.cap),
        ("floor", row.floor, made.floor),
    ]
    for name, used, said in pairs:
        if used != said:
            raise DifferenceError(
                "claims", f"{uri} uses the {name} {used} for {row.claim}, which says {said}"
            )
