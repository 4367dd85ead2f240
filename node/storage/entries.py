"""The leaves of public accounts, in the place that each got when it was published, and the balances that they sum to."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms

SIGNAL = "account"
"""Woken when there is a leaf that the log has not yet."""

_ENTRY = "LedgerEntry"


@dataclass(frozen=True, slots=True)
class Log:
    """One log of a collective. `size` is the place that the next leaf gets; `quorum` how many witnesses must cosign."""

    id: int
    collective: int
    number: int
    size: int
    quorum: int


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """One leaf. `fields` is what it says besides type, seq, activity and date; postings in it are [account, amount, commodity]."""

    seq: int
    type: str
    activity: str
    date: str
    fields: Mapping[str, Any]

    @property
    def postings(self) -> tuple[tuple[str, int, str], ...]:
        """The postings of an entry, the balances carried over by a succession."""
        listed = self.fields.get("postings") or self.fields.get("balances") or ()
        return tuple((account, amount, commodity) for account, amount, commodity in listed)


def _log(row: Row) -> Log:
    return Log(row["id"], row["collective"], row["number"], row["size"], row["quorum"])


def _leaf(row: Row) -> StoredLeaf:
    return StoredLeaf(row["seq"], row["type"], row["activity"], row["date"], json.loads(row["fields"]))


def log_of(snapshot: Snapshot, collective: int) -> Log | None:
    """The log that a collective writes in: the one with the highest number."""
    row = snapshot.one("SELECT * FROM logs WHERE collective = ? ORDER BY number DESC LIMIT 1", collective)
    return None if row is None else _log(row)


def logs_of(snapshot: Snapshot, collective: int) -> list[Log]:
    """Every log of a collective, oldest first."""
    return [
        _log(row)
        for row in snapshot.all("SELECT * FROM logs WHERE collective = ? ORDER BY number", collective)
    ]


def begin(transaction: Transaction, collective: int) -> Log:
    """Begin a collective's first or next log, with no leaf in it, and of which no witness has seen any."""
    former = log_of(transaction, collective)
    number, quorum = (former.number + 1, former.quorum) if former else (1, 0)
    log = Log(transaction.next_id(), collective, number, 0, quorum)
    transaction.execute(
        "INSERT INTO logs (id, collective, number, size, quorum, begun) VALUES (?, ?, ?, 0, ?, ?)",
        log.id,
        collective,
        number,
        quorum,
        to_ms(transaction.now),
    )
    transaction.execute("UPDATE witnesses SET size = 0, cosigned = NULL WHERE collective = ?", collective)
    return log


def append(
    transaction: Transaction,
    log: int,
    type: str,
    fields: Mapping[str, Any],
    *,
    activity: str = "",
    date: str = "",
) -> int:
    """Give a leaf the next place in a log; the place. What it books is in the balances at once."""
    row = transaction.one("SELECT * FROM logs WHERE id = ?", log)
    if row is None:
        raise LookupError(f"there is no log {log}")
    seq: int = row["size"]
    transaction.execute(
        "INSERT INTO leaves (log, seq, type, activity, date, fields) VALUES (?, ?, ?, ?, ?, ?)",
        log,
        seq,
        type,
        activity,
        date,
        json.dumps(fields, ensure_ascii=False, separators=(",", ":")),
    )
    transaction.execute("UPDATE logs SET size = ? WHERE id = ?", seq + 1, log)
    if type == _ENTRY:
        _book(transaction, row["collective"], fields["postings"])
    transaction.wake(SIGNAL)
    return seq


def _book(transaction: Transaction, collective: int, postings: Iterable[tuple[str, int, str]]) -> None:
    transaction.many(
        "INSERT INTO balances (collective, account, commodity, amount) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET amount = amount + excluded.amount",
        [(collective, account, commodity, amount) for account, amount, commodity in postings],
    )


def leaves(snapshot: Snapshot, log: int, start: int, end: int) -> list[StoredLeaf]:
    """The leaves from `start` up to, not including, `end`, in their order."""
    rows = snapshot.all(
        "SELECT * FROM leaves WHERE log = ? AND seq >= ? AND seq < ? ORDER BY seq", log, start, end
    )
    return [_leaf(row) for row in rows]


def every(snapshot: Snapshot, log: int) -> Iterator[StoredLeaf]:
    """All leaves of a log, read in pages."""
    start = 0
    while page := leaves(snapshot, log, start, start + 500):
        yield from page
        start += 500


def between(snapshot: Snapshot, log: int, first: str, last: str) -> list[StoredLeaf]:
    """The entries of a stretch of days (ISO, both included), in their order."""
    rows = snapshot.all(
        "SELECT * FROM leaves WHERE log = ? AND date <> '' AND date >= ? AND date <= ? ORDER BY seq",
        log,
        first,
        last,
    )
    return [_leaf(row) for row in rows]


def of_activity(snapshot: Snapshot, activity: str) -> list[tuple[int, StoredLeaf]]:
    """Where an activity was booked: (log, leaf)."""
    rows = snapshot.all(
        "SELECT * FROM leaves WHERE activity = ? AND activity <> '' ORDER BY log, seq", activity
    )
    return [(row["log"], _leaf(row)) for row in rows]


def balances(snapshot: Snapshot, collective: int) -> dict[tuple[str, str], int]:
    """What each account of a collective holds, by (account, commodity); those at zero are left out."""
    rows = snapshot.all(
        "SELECT account, commodity, amount FROM balances WHERE collective = ? AND amount <> 0"
        " ORDER BY account, commodity",
        collective,
    )
    return {(row[0], row[1]): row[2] for row in rows}


def accounts(snapshot: Snapshot, collective: int) -> list[tuple[str, str]]:
    """Every (account, commodity) in which a collective ever booked."""
    rows = snapshot.all(
        "SELECT account, commodity FROM balances WHERE collective = ? ORDER BY account, commodity", collective
    )
    return [(row[0], row[1]) for row in rows]


def sums(snapshot: Snapshot, collective: int) -> dict[tuple[str, str], int]:
    """The same by the first word of the account (`assets`, `income`…), what is owed apart (`liabilities:payable`), for the head of
    a page."""
    rows = snapshot.all(
        "SELECT CASE WHEN account GLOB 'liabilities:payable:*' THEN 'liabilities:payable'"
        " ELSE substr(account, 1, instr(account, ':') - 1) END AS root, commodity, sum(amount) FROM balances"
        " WHERE collective = ? GROUP BY root, commodity",
        collective,
    )
    return {(row[0], row[1]): row[2] for row in rows}


def balance(snapshot: Snapshot, collective: int, account: str, commodity: str) -> int:
    """What one account holds of one commodity."""
    found: int | None = snapshot.value(
        "SELECT amount FROM balances WHERE collective = ? AND account = ? AND commodity = ?",
        collective,
        account,
        commodity,
    )
    return found or 0


def salt(transaction: Transaction, activity: str, value: bytes) -> None:
    """Keep the salt of an activity's digest."""
    transaction.execute("INSERT INTO salts (activity, salt) VALUES (?, ?)", activity, value)


def lose(transaction: Transaction, activity: str) -> None:
    """Note that an activity was booked whose words this node has not got any more."""
    transaction.execute("INSERT OR IGNORE INTO salts (activity, salt) VALUES (?, NULL)", activity)


def salt_of(snapshot: Snapshot, activity: str) -> tuple[bool, bytes | None]:
    """Whether an activity was booked, and its salt; None once it was withdrawn."""
    row = snapshot.one("SELECT salt FROM salts WHERE activity = ?", activity)
    return (False, None) if row is None else (True, row["salt"])


def withdraw(transaction: Transaction, object_uri: str) -> None:
    """Forget the salts of all that was erased about an object: its words can no longer be guessed from their digest."""
    transaction.execute(
        "UPDATE salts SET salt = NULL WHERE salt IS NOT NULL AND activity IN"
        " (SELECT uri FROM activities WHERE object = ? AND body IS NULL)",
        object_uri,
    )


def evidence(
    snapshot: Snapshot, log: int, start: int, end: int
) -> list[tuple[str, bytes | None, bytes | None]]:
    """What the entries from `start` on were booked for: (activity, salt, its exact bytes); None where withdrawn."""
    rows = snapshot.all(
        "SELECT l.activity, s.salt, a.body FROM leaves l LEFT JOIN salts s ON s.activity = l.activity"
        " LEFT JOIN activities a ON a.uri = l.activity"
        " WHERE l.log = ? AND l.seq >= ? AND l.seq < ? AND l.activity <> '' ORDER BY l.seq",
        log,
        start,
        end,
    )
    return [(row[0], row[1], row[2]) for row in rows]


def set_quorum(transaction: Transaction, log: int, quorum: int) -> None:
    """Say how many witnesses must cosign."""
    transaction.execute("UPDATE logs SET quorum = ? WHERE id = ?", quorum, log)


@dataclass(frozen=True, slots=True)
class Witness:
    """A peer that cosigns our checkpoints. `key` is its vkey, `url` where it is asked, `size` the largest tree of the log that it
    cosigned or showed; `refused` why it did not the last time, since `refused_at`, "" where it did."""

    actor: str
    key: str
    url: str
    size: int
    cosigned: int | None
    refused: str = ""
    refused_at: datetime | None = None


def witnesses(snapshot: Snapshot, collective: int) -> list[Witness]:
    """The witnesses of a collective's log."""
    rows = snapshot.all("SELECT * FROM witnesses WHERE collective = ? ORDER BY actor", collective)
    return [
        Witness(
            row["actor"],
            row["key"],
            row["url"],
            row["size"],
            row["cosigned"],
            row["refused"] or "",
            None if row["refused_at"] is None else from_ms(row["refused_at"]),
        )
        for row in rows
    ]


def put_witness(transaction: Transaction, collective: int, actor: str, key: str, url: str) -> None:
    """Ask a peer to be witness from now on."""
    transaction.execute(
        "INSERT INTO witnesses (collective, actor, key, url) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET key = excluded.key, url = excluded.url, size = 0, cosigned = NULL",
        collective,
        actor,
        key,
        url,
    )
    transaction.wake(SIGNAL)


def drop_witness(transaction: Transaction, collective: int, actor: str) -> bool:
    """Ask it no more. Whether it was one."""
    changed = transaction.execute(
        "DELETE FROM witnesses WHERE collective = ? AND actor = ?", collective, actor
    )
    return changed == 1


_KEEPER = "(SELECT l.collective FROM logs l WHERE l.id = ?1 AND l.number = (SELECT max(n.number) FROM logs n WHERE n.collective = l.collective))"
"""Whose log it is, as long as no other goes on from it: what a witness answers may come after that."""


def cosigned(transaction: Transaction, log: int, actor: str, size: int) -> None:
    """Note what a witness of a log has cosigned; nothing once another log went on from it."""
    transaction.execute(
        f"UPDATE witnesses SET size = ?3, cosigned = ?4, refused = NULL, refused_at = NULL WHERE collective = {_KEEPER} AND actor = ?2",  # noqa: S608
        log,
        actor,
        size,
        to_ms(transaction.now),
    )


def shown(transaction: Transaction, log: int, actor: str, size: int) -> None:
    """Note the largest tree of a log that a witness showed, signed by the log itself; else as `cosigned`."""
    transaction.execute(
        f"UPDATE witnesses SET size = max(size, ?3) WHERE collective = {_KEEPER} AND actor = ?2",  # noqa: S608
        log,
        actor,
        size,
    )


def behind(snapshot: Snapshot, actor: str) -> tuple[int, int] | None:
    """How many leaves of an actor's log this database has, and how many a witness showed, where it showed more."""
    row = snapshot.one(
        "SELECT l.size, max(w.size) AS seen FROM collectives c JOIN witnesses w ON w.collective = c.id"
        " JOIN logs l ON l.collective = c.id WHERE c.uri = ?"
        " AND l.number = (SELECT max(number) FROM logs WHERE collective = c.id)",
        actor,
    )
    return (
        None
        if row is None or row["seen"] is None or row["seen"] <= row["size"]
        else (row["size"], row["seen"])
    )


def refused(transaction: Transaction, log: int, actor: str, why: str) -> None:
    """Note why a witness did not cosign a log; of the same reason, since when; else as `cosigned`."""
    transaction.execute(
        f"UPDATE witnesses SET refused = ?3, refused_at = ?4 WHERE collective = {_KEEPER} AND actor = ?2"  # noqa: S608
        " AND refused IS NOT ?3",
        log,
        actor,
        why,
        to_ms(transaction.now),
    )
