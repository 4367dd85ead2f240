"""The audit of public accounts at a replay: every leaf is what an activity of ours books, and the balances are the sums of the leaves.

Of a thing whose words were erased, and of entries that were brought back without their words, only the sums can be checked.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from federation.jcs import canonical
from node.account.leaf import CLOSED, ENTRY, IDENTITY, SUCCESSION, digest
from node.domain.kind import ClaimsClosed, Entry
from node.domain.posting import PostingError, check, split
from node.speak.booking import closed_fields
from node.storage import activities, collectives, entries
from node.storage.activities import Activity
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.entries import StoredLeaf

Sums = dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something of which replay says something else than what is stored. `check` is `replay`, or `account` for what is booked."""

    uri: str
    what: str
    check: str = "replay"


class Audit:
    """Hears every activity in its order, then looks through the logs once."""

    def __init__(self) -> None:
        self._found: list[Difference] = []
        self._erased: set[str] = set()
        self._closed: dict[str, list[tuple[bytes, str]]] = {}

    def erased(self, *uris: str) -> None:
        """The words of these things are gone: what they book cannot be worked out anew."""
        self._erased.update(uris)

    def booked(
        self, snapshot: Snapshot, activity: Activity, thing: str, document: Mapping[str, Any], written: Any
    ) -> None:
        """Compare what an activity of ours writes into the account with the leaves that name it. `thing` is what it changed."""
        if self._erased & {activity.object, thing, activity.folded}:
            return
        if isinstance(written, ClaimsClosed):
            fields = [_apart(each) for each in closed_fields(written, document)]
            self._closed.setdefault(written.round, []).extend(fields)
        leaves = [leaf for _, leaf in entries.of_activity(snapshot, activity.uri)]
        entry = written if isinstance(written, Entry) else None
        if not leaves and entry is None:
            return
        _, salt = entries.salt_of(snapshot, activity.uri)
        said = None if salt is None else digest(salt, document)
        try:
            parts = [] if entry is None else [list(part) for part in split(entry.postings)]
        except PostingError as error:
            self._differs(activity.uri, f"what it books cannot be booked: {error}")
            return
        if [list(leaf.postings) for leaf in leaves] != parts:
            self._differs(activity.uri, "what it books is not what the account holds of it")
        elif entry is not None and any(
            (leaf.date, leaf.fields.get("stated") or {}, leaf.fields["digest"])
            != (entry.date, dict(entry.stated or {}), said)
            for leaf in leaves
        ):
            self._differs(activity.uri, "its entry in the account has another day, digest or stated amount")

    def whole(self, snapshot: Snapshot) -> list[Difference]:
        """Everything that was found, after all logs were looked through."""
        for own in collectives.every(snapshot):
            sums: Sums = {}
            for log in entries.logs_of(snapshot, own.id):
                for number, leaf in enumerate(entries.every(snapshot, log.id)):
                    where = f"{own.uri} leaf {leaf.seq} of log {log.number}"
                    for what in self._wrong(snapshot, own, log.number, leaf, sums):
                        self._differs(where, what)
                    if leaf.seq != number:
                        self._differs(where, f"leaf {number} before it is missing")
            if _kept(sums) != entries.balances(snapshot, own.id):
                self._differs(own.uri, "the balances are not the sums of the entries")
        for round, left in self._closed.items():
            if left:
                self._differs(round, "the claims with which it closed are not in the log")
        return self._found

    def _wrong(
        self, snapshot: Snapshot, own: Collective, log: int, leaf: StoredLeaf, sums: Sums
    ) -> Iterator[str]:
        first = IDENTITY if log == 1 else SUCCESSION
        if (leaf.seq == 0) != (leaf.type in (IDENTITY, SUCCESSION)) or (leaf.seq == 0 and leaf.type != first):
            yield f"a {leaf.type} does not stand there"
        if leaf.type == ENTRY:
            yield from _unknown(snapshot, own, leaf)
            for account, amount, commodity in leaf.postings:
                sums[account, commodity] = sums.get((account, commodity), 0) + amount
        elif leaf.type == SUCCESSION and {(a, c): m for a, m, c in leaf.postings} != _kept(sums):
            yield "it carries over other balances than the sums of the entries before"
        elif leaf.type == IDENTITY and leaf.fields.get("statement") != json.loads(own.identity):
            yield "it is not the collective's identity statement"
        elif leaf.type == CLOSED and leaf.fields["round"] not in self._erased:
            waiting = self._closed.get(leaf.fields["round"], [])
            claims, said = _apart(leaf.fields)
            # Older leaves say nothing of the round itself.
            same = [each for each in waiting if each[0] == claims and said in ("", each[1])]
            if not same:
                yield "no round of ours closed with these claims"
            for each in same[:1]:
                waiting.remove(each)

    def _differs(self, uri: str, what: str) -> None:
        self._found.append(Difference(uri, what, "account"))


def _apart(fields: Mapping[str, Any]) -> tuple[bytes, str]:
    """The claims that a leaf closes a round with, and the digest of the round, "" where it has none."""
    return canonical({name: fields[name] for name in ("round", "seed", "claims")}), fields.get("digest", "")


def _unknown(snapshot: Snapshot, own: Collective, leaf: StoredLeaf) -> Iterator[str]:
    """What is wrong with an entry whatever it books: nobody's, or out of balance."""
    try:
        check(leaf.postings)
    except PostingError as error:
        yield str(error)
    said = activities.heard(snapshot, leaf.activity, own.uri)
    lost = bool(leaf.activity) and entries.salt_of(snapshot, leaf.activity) == (True, None)
    if not said and not lost:
        yield "booked, but no activity says it"


def _kept(sums: Sums) -> Sums:
    return {name: amount for name, amount in sums.items() if amount}
