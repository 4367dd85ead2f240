"""The signed activities behind the entries: their digests, their proofs, allocations reckoned again, rounds as they closed."""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice, takewhile
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federation import FederationError, check_proof, public_key, read_proofs
from federation.integrity import read_time
from node.account.leaf import SUCCESSION, digest
from node.domain.allocation import AllocationError
from node.domain.posting import Posting
from node.domain.recompute import differences, recompute
from node.tlog.tiles import WIDTH
from node.verify.bookings import Bookings, compare_day
from node.verify.claims import Asked, compare_claims, compare_closing
from node.verify.decisions import compare_decision
from node.verify.matches import Matches
from node.verify.own import Own
from node.verify.promises import Promises
from node.verify.source import DifferenceError, Source, amount
from node.verify.transfers import Transfers
from node.verify.tree import Account, Booked, Tell
from schemas import SchemaError, from_wire
from schemas.allocation import Allocation
from schemas.round import Round

JsonObject = dict[str, Any]


@dataclass
class Evidence:
    """What was found behind the entries."""

    matching: int = 0
    withdrawn: list[str] = field(default_factory=list)
    lost: int = 0
    compared: int = 0
    uncompared: int = 0
    matches: int = 0
    matched: int = 0
    unmatched: int = 0
    transferred: int = 0
    untransferred: list[str] = field(default_factory=list)
    allocations: int = 0
    unasked_for: list[str] = field(default_factory=list)
    shares: int = 0
    rounds: set[str] = field(default_factory=set)
    asked: Asked = field(default_factory=Asked)


@dataclass(frozen=True)
class Signer:
    """The collective, and every Multikey that its actor document lists, with the date of its revocation."""

    actor: str
    keys: Mapping[str, tuple[Ed25519PublicKey, datetime | None]]
    now: datetime

    @classmethod
    def of(cls, document: Mapping[str, Any], now: datetime) -> "Signer":
        """The keys of an actor document. DifferenceError where one cannot be read."""
        keys: dict[str, tuple[Ed25519PublicKey, datetime | None]] = {}
        actor = str(document["id"])
        listed = document.get("assertionMethod")
        for entry in listed if isinstance(listed, list) else []:
            try:
                key = public_key(str(entry["publicKeyMultibase"]))
                id_, controller = str(entry["id"]), entry.get("controller")
            except (FederationError, KeyError, TypeError) as error:
                raise DifferenceError("actor", f"a key that cannot be read: {str(entry)[:300]}") from error
            if isinstance(key, Ed25519PublicKey) and controller == actor and id_.startswith(f"{actor}#"):
                keys[id_] = key, read_time(entry["revoked"]) if "revoked" in entry else None
        return cls(actor, keys, now)

    def check(self, document: JsonObject, check: str) -> None:
        """Raise DifferenceError unless the document carries a valid proof by one of the keys, made before its revocation."""
        try:
            for proof in read_proofs(document):
                key, revoked = self.keys.get(proof.verification_method, (None, None))
                if key is None:
                    continue
                check_proof(document, proof, key, self.now)
                if revoked is not None and (proof.created is None or proof.created > revoked):
                    raise DifferenceError(
                        check,
                        f"{document.get('id')} is signed by {proof.verification_method} after its revocation",
                    )
                return
        except FederationError as error:
            raise DifferenceError(
                check, f"{document.get('id')} carries no valid proof: {error}"[:1000]
            ) from error
        raise DifferenceError(check, f"{document.get('id')} carries no proof by {self.actor}")


def examine(
    source: Source, signer: Signer, account: Account, tell: Tell, *, former: bool = False
) -> Evidence:
    """Compare every activity that is served with the digest that its entry keeps. DifferenceError names the first that differs.

    Of a `former` log activities may be lost, which is what another may have had to go on for: they are counted.
    """
    found = Evidence()
    total = len(account.booked)
    partial = account.first is not None and account.first.type == SUCCESSION
    bookings = Bookings(partial)
    own, promises = Own(source, signer.check), Promises()
    matches, transfers = Matches(own, partial), Transfers(own, promises)
    if partial and account.first is not None:
        promises.unread(account.first.postings)
    before = ""
    for start in range(0, total, WIDTH):
        lines = _read(source.evidence(start), start)
        for place in range(start, min(start + WIDTH, total)):
            leaf = account.booked[place]
            uri, expected = leaf.activity, leaf.digest
            if not uri or uri == before:
                continue
            before = uri
            line = lines.get(uri)
            if line is None and former:
                found.lost += 1
                bookings.partial = matches.partial = True
                promises.unread(_postings(account, place))
                continue
            if line is None:
                raise DifferenceError("activities", f"leaf {place} was booked for {uri}, which is not served")
            if line.get("withdrawn") is True:
                found.withdrawn.append(uri)
                bookings.withdrawn(uri, _postings(account, place))
                promises.unread(_postings(account, place))
                continue
            _match(uri, line, expected, place)
            signer.check(line["activity"], "activities")
            _owner(line["activity"], uri, signer.actor)
            found.matching += 1
            _reckon(source, own, line["activity"], account, found, signer.now)
            bookings.check(line["activity"], _postings(account, place), leaf.stated, place)
            matches.gift(line["activity"])
            transfers.said(line["activity"])
            compare_day(line["activity"], _dates(account, place), place)
        tell("activities", min(start + WIDTH, total), total)
    if not found.lost:
        bookings.finish()
    if account.overpaid is not None:
        raise DifferenceError("transfers", account.overpaid)
    found.compared, found.uncompared = bookings.compared, bookings.uncompared
    found.matches, found.matched, found.unmatched = matches.count, matches.compared, matches.uncompared
    found.transferred, found.untransferred = transfers.compared, transfers.uncompared
    return found


def _leaves(account: Account, place: int) -> Iterator[Booked]:
    """All leaves of one activity, from its first on."""
    activity = account.booked[place].activity
    return takewhile(lambda leaf: leaf.activity == activity, islice(account.booked, place, None))


def _postings(account: Account, place: int) -> list[Posting]:
    return [posting for leaf in _leaves(account, place) for posting in leaf.postings]


def _dates(account: Account, place: int) -> set[str]:
    return {leaf.date for leaf in _leaves(account, place)}


def _read(lines: Sequence[bytes], start: int) -> dict[str, JsonObject]:
    found = {}
    for number, text in enumerate(lines, 1):
        try:
            line = json.loads(text)
            found[str(line["id"])] = line
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            shown = text[:300].decode("utf-8", "backslashreplace")
            raise DifferenceError(
                "activities", f"line {number} of the activities from leaf {start} on cannot be read: {shown}…"
            ) from error
    return found


def _match(uri: str, line: JsonObject, expected: str, place: int) -> None:
    document, salt = line.get("activity"), line.get("salt")
    try:
        made = digest(b64decode(str(salt), validate=True), document if isinstance(document, dict) else {})
    except (ValueError, FederationError) as error:
        raise DifferenceError("activities", f"{uri} cannot be hashed: {error}"[:500]) from error
    if made != expected:
        raise DifferenceError(
            "activities",
            f"{uri} was changed: its digest is {made}, leaf {place} keeps {expected}{_changed_share(document)}",
        )


def _changed_share(document: object) -> str:
    """Which share of a changed allocation is not the one that its own claims give, where that is what was changed."""
    inner = document.get("object") if isinstance(document, dict) else None
    if not isinstance(inner, dict) or inner.get("kind") != "allocation":
        return ""
    try:
        record = from_wire(inner)
        wrong = differences(record, recompute(record)) if isinstance(record, Allocation) else ()
    except (SchemaError, AllocationError) as error:
        return f"; it cannot be reckoned again: {error}"
    if not wrong:
        return ""
    line = wrong[0]
    return f"; the share of {line.claimant or 'what is carried over'} reads {amount(line.published)}, its claims give {amount(line.reckoned)}"


def _owner(document: JsonObject, uri: str, actor: str) -> None:
    if document.get("id") != uri or document.get("actor") != actor:
        raise DifferenceError("activities", f"{uri} is not an activity of {actor}")


def _reckon(
    source: Source, own: Own, document: JsonObject, account: Account, found: Evidence, now: datetime
) -> None:
    inner = document.get("object")
    if not isinstance(inner, dict) or inner.get("kind") != "allocation" or document.get("type") != "Create":
        return
    uri = str(inner.get("id"))
    try:
        record = from_wire(inner)
        if not isinstance(record, Allocation):
            raise DifferenceError("allocations", f"{uri} is no allocation")
        wrong = differences(record, recompute(record))
    except (SchemaError, AllocationError) as error:
        raise DifferenceError("allocations", f"{uri} cannot be reckoned again: {error}") from error
    if wrong:
        line = wrong[0]
        raise DifferenceError(
            "allocations",
            f"{uri}: {line.claimant or 'carried over'} was given {amount(line.published)}, {record.rule} gives {amount(line.reckoned)}",
        )
    if record.round is None:
        found.unasked_for.append(uri)
    else:
        nonces = _closed(uri, record, account, found)
        round = own.read(record.round, Round, "rounds")
        criteria = compare_decision(source, own, uri, record, round, found.asked)
        compare_claims(source, uri, record, nonces, criteria, now, found.asked)
    found.allocations += 1
    found.shares += len(record.allotments)


def _closed(uri: str, record: Allocation, account: Account, found: Evidence) -> dict[str, str]:
    """An allocation of a round uses its seed and its claims as they stood when it closed; the nonce of each claim."""
    leaves = account.closed.get(str(record.round))
    if not leaves:
        raise DifferenceError("rounds", f"{uri} shares out {record.round}, whose closing is not in the log")
    claims = [(str(a), str(b), str(c)) for leaf in leaves for a, b, c in leaf.document["claims"]]
    compare_closing("rounds", uri, record, claims, str(leaves[0].document["seed"]))
    found.rounds.add(str(record.round))
    return {claim[0]: claim[2] for claim in claims}
