"""The queue of deliveries on disk, and what is known of each host.

`hosts.ready` is when the next row of a host may be tried: taking due rows never looks at rows that are not due. Rows of one
object to one inbox keep their order; a row is only taken when no earlier one of its thread waits.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from federation.interfaces import Due, HostState, Settled
from node.storage import follows
from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Failing:
    """A host that does not answer, for `minga status`."""

    host: str
    failures: int
    since: datetime | None
    waiting: int
    reason: str


def enqueue(
    transaction: Transaction,
    *,
    activity: int,
    sender: str,
    inboxes: Iterable[tuple[str, str]],
    thread: str,
    wait: Callable[[], int] = lambda: 0,
) -> int:
    """Queue one activity to inboxes, given as (inbox, host); how many were new. Each waits so many milliseconds first."""
    now = to_ms(transaction.now)
    queued = 0
    for inbox, host in inboxes:
        earlier = transaction.value(
            "SELECT max(next) FROM deliveries WHERE inbox = ? AND thread = ?", inbox, thread
        )
        after = max(now + wait(), earlier or 0)
        new = transaction.execute(
            "INSERT OR IGNORE INTO deliveries (id, activity, sender, inbox, host, thread, first, next)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            transaction.next_id(),
            activity,
            sender,
            inbox,
            host,
            thread,
            now,
            after,
        )
        if not new:
            continue
        queued += 1
        transaction.execute(
            "INSERT INTO hosts (host, ready) VALUES (?1, ?2) ON CONFLICT (host) DO UPDATE SET"
            " ready = min(coalesce(ready, 1 << 62), max(?2, coalesce(open_until, 0)))",
            host,
            after,
        )
    if queued:
        transaction.wake("deliver")
    return queued


def take(snapshot: Snapshot, limit: int, busy: frozenset[str]) -> list[Due]:
    """Due rows, at most one a host, none for busy hosts."""
    now = to_ms(snapshot.now)
    hosts = snapshot.all(
        "SELECT * FROM hosts WHERE ready <= ? ORDER BY ready LIMIT ?", now, limit + len(busy)
    )
    found: list[Due] = []
    for host in hosts:
        if host["host"] in busy:
            continue
        row = _first(snapshot, host["host"], now)
        if row is not None:
            found.append(_due(row, host))
        if len(found) == limit:
            break
    return found


def _first(snapshot: Snapshot, host: str, now: int) -> Row | None:
    return snapshot.one(
        "SELECT d.*, a.body FROM deliveries d JOIN activities a ON a.id = d.activity WHERE d.host = ? AND d.next <= ?"
        " AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.inbox = d.inbox AND e.thread = d.thread AND e.id < d.id)"
        " ORDER BY d.next, d.id LIMIT 1",
        host,
        now,
    )


def _due(row: Row, host: Row) -> Due:
    return Due(
        id=row["id"],
        sender=row["sender"],
        inbox=row["inbox"],
        host=row["host"],
        body=row["body"],
        attempts=row["attempts"],
        first=from_ms(row["first"]),
        state=_state(host),
        status=row["status"],
    )


def _state(row: Row) -> HostState:
    return HostState(
        host=row["host"],
        scheme=row["scheme"],
        takes_ed25519=bool(row["takes_ed25519"]),
        failures=row["failures"],
        failing_since=None if row["failing_since"] is None else from_ms(row["failing_since"]),
        open_until=None if row["open_until"] is None else from_ms(row["open_until"]),
    )


def state(snapshot: Snapshot, host: str) -> HostState:
    """What is known of a host."""
    row = snapshot.one("SELECT * FROM hosts WHERE host = ?", host)
    return HostState(host) if row is None else _state(row)


def settle(transaction: Transaction, results: Sequence[Settled]) -> None:
    """Record what became of a batch. `gone` also stops everything to that inbox.

    What was learned of a host while the delivery was on its way holds: where it showed that it lives, what failed on the
    way is tried at once.
    """
    for result in results:
        due = result.due
        held = state(transaction, due.host)
        woken = bool(result.state.failures and due.state.failures) and not held.failures
        learn(transaction, _merged(held, result, woken=woken))
        if result.outcome == "later" and result.next is not None:
            moment = to_ms(transaction.now if woken else result.next)
            transaction.execute(
                "UPDATE deliveries SET attempts = ?, next = ?, status = ?, reason = ? WHERE id = ?",
                result.attempts,
                moment,
                result.status,
                result.reason[:200],
                due.id,
            )
            _shift_thread(transaction, due, moment)
        elif result.outcome == "gone":
            transaction.execute("DELETE FROM deliveries WHERE inbox = ?", due.inbox)
            follows.forget_inbox(transaction, due.inbox)
        else:
            _shift_thread(transaction, due, to_ms(transaction.now))
            transaction.execute("DELETE FROM deliveries WHERE id = ?", due.id)
    for host in {result.due.host for result in results}:
        refresh(transaction, host)


def _merged(held: HostState, result: Settled, *, woken: bool) -> HostState:
    """What is known of a host after an answer: what others taught of it meanwhile is newer than what the answer was sent with."""
    before, after = result.due.state, result.state
    breaker = held if woken else after
    return HostState(
        host=held.host,
        scheme=after.scheme if held.scheme == before.scheme else held.scheme,
        takes_ed25519=after.takes_ed25519
        if held.takes_ed25519 == before.takes_ed25519
        else held.takes_ed25519,
        failures=breaker.failures,
        failing_since=breaker.failing_since,
        open_until=breaker.open_until,
    )


def _shift_thread(transaction: Transaction, due: Due, moment: int) -> None:
    """Rows behind this one in its thread fall due no earlier than it, so that they are not looked at in vain."""
    transaction.execute(
        "UPDATE deliveries SET next = ?1 WHERE inbox = ?2 AND id > ?3"
        " AND thread = (SELECT thread FROM deliveries WHERE id = ?3)",
        moment,
        due.inbox,
        due.id,
    )


def learn(transaction: Transaction, known: HostState) -> None:
    """Store what is known of a host."""
    transaction.execute(
        "INSERT INTO hosts (host, scheme, takes_ed25519, failures, failing_since, open_until) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (host) DO UPDATE SET scheme = excluded.scheme, takes_ed25519 = excluded.takes_ed25519,"
        " failures = excluded.failures, failing_since = excluded.failing_since, open_until = excluded.open_until",
        known.host,
        known.scheme,
        int(known.takes_ed25519),
        known.failures,
        None if known.failing_since is None else to_ms(known.failing_since),
        None if known.open_until is None else to_ms(known.open_until),
    )


def refresh(transaction: Transaction, host: str) -> None:
    """Work out anew when the next row of a host may be tried."""
    transaction.execute(
        "UPDATE hosts SET ready = (SELECT max(min(next), coalesce(hosts.open_until, 0)) FROM deliveries"
        " WHERE host = hosts.host) WHERE host = ?",
        host,
    )


def wake(transaction: Transaction, host: str) -> None:
    """A host showed that it lives: try what waits for it at once."""
    now = to_ms(transaction.now)
    transaction.execute("UPDATE deliveries SET next = ? WHERE host = ? AND next > ?", now, host, now)
    transaction.execute(
        "UPDATE hosts SET failures = 0, failing_since = NULL, open_until = NULL WHERE host = ?", host
    )
    refresh(transaction, host)
    transaction.wake("deliver")


def next_due(snapshot: Snapshot, busy: frozenset[str]) -> datetime | None:
    """When the next row outside the busy hosts falls due."""
    for row in snapshot.all(
        "SELECT host, ready FROM hosts WHERE ready IS NOT NULL ORDER BY ready LIMIT ?", len(busy) + 1
    ):
        if row["host"] not in busy:
            return from_ms(row["ready"])
    return None


def forget(transaction: Transaction) -> None:
    """Drop everything that waits: after a restore."""
    transaction.execute("DELETE FROM deliveries")
    transaction.execute("UPDATE hosts SET ready = NULL")


def recall(transaction: Transaction, thread: str) -> None:
    """Drop what waits about an object, but its Delete: the words are no longer here to be sent."""
    waiting = transaction.all(
        "SELECT d.id, d.host FROM activities a JOIN deliveries d ON d.activity = a.id"
        " WHERE a.object = ? AND a.type <> 'Delete'",
        thread,
    )
    _drop(transaction, waiting)


def hosts(snapshot: Snapshot, sender: str) -> list[str]:
    """The hosts for which something of a collective waits."""
    return [row[0] for row in snapshot.all("SELECT DISTINCT host FROM deliveries WHERE sender = ?", sender)]


def withhold(transaction: Transaction, sender: str, *, host: str, inbox: str = "") -> None:
    """Drop what waits from one collective for a host that it blocks, or for only one inbox there."""
    waiting = transaction.all(
        "SELECT id, host FROM deliveries WHERE host = ?1 AND sender = ?2 AND (?3 = '' OR inbox = ?3)",
        host,
        sender,
        inbox,
    )
    _drop(transaction, waiting)


def _drop(transaction: Transaction, waiting: Sequence[Row]) -> None:
    transaction.many("DELETE FROM deliveries WHERE id = ?", [(row["id"],) for row in waiting])
    for host in {row["host"] for row in waiting}:
        refresh(transaction, host)


def skew(transaction: Transaction, host: str, milliseconds: int) -> None:
    """How far a host's clock runs before ours."""
    transaction.execute(
        "INSERT INTO hosts (host, skew) VALUES (?1, ?2) ON CONFLICT (host) DO UPDATE SET skew = ?2",
        host,
        milliseconds,
    )


def skews(snapshot: Snapshot) -> list[int]:
    """How far the clocks of our peers run before ours, in milliseconds."""
    return [row[0] for row in snapshot.all("SELECT skew FROM hosts WHERE skew IS NOT NULL ORDER BY skew")]


def count(snapshot: Snapshot) -> int:
    """How many deliveries wait."""
    found: int = snapshot.value("SELECT count(*) FROM deliveries")
    return found


def failing(snapshot: Snapshot) -> list[Failing]:
    """Hosts that do not answer, the longest first."""
    rows = snapshot.all(
        "SELECT h.host, h.failures, h.failing_since,"
        " (SELECT count(*) FROM deliveries d WHERE d.host = h.host) AS waiting,"
        " coalesce((SELECT d.reason FROM deliveries d WHERE d.host = h.host AND d.reason <> '' LIMIT 1), '') AS reason"
        " FROM hosts h WHERE h.failures > 0 ORDER BY h.failing_since"
    )
    return [
        Failing(
            row["host"],
            row["failures"],
            None if row["failing_since"] is None else from_ms(row["failing_since"]),
            row["waiting"],
            row["reason"],
        )
        for row in rows
    ]


def forward(transaction: Transaction, uri: str) -> None:
    """Note that a post of somebody else went on to our followers."""
    transaction.execute("UPDATE posts SET forwarded = 1 WHERE uri = ?", uri)


def forwarded(snapshot: Snapshot, number: int) -> bool:
    """Whether a post of somebody else went on to our followers."""
    return bool(snapshot.value("SELECT forwarded FROM posts WHERE id = ?", number))
