"""The queue on disk against a model that is too simple to be wrong: order in each thread, `ready` of each host."""

import sqlite3
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from federation.interfaces import Due, HostState, Settled
from node.storage import activities, deliveries
from node.storage.database import Ids, Transaction, to_ms
from node.storage.migrate import migrate

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
INBOXES = {
    "https://a.example/inbox": "a.example",
    "https://a.example/u/inbox": "a.example",
    "https://b.example/inbox": "b.example",
}
THREADS = ("https://olla.example/o/1", "https://olla.example/o/2")
SENDERS = ("https://olla.example/c/x", "https://olla.example/c/y")


@dataclass
class Row:
    """One delivery, as the model has it."""

    id: int
    activity: int
    inbox: str
    thread: str
    sender: str
    deleting: bool
    next: datetime


@dataclass
class Model:
    """Rows in a list, hosts in a dictionary."""

    rows: list[Row] = field(default_factory=list)
    closed: dict[str, datetime] = field(default_factory=dict)

    def first_of_threads(self) -> list[Row]:
        seen: set[tuple[str, str]] = set()
        found = []
        for row in sorted(self.rows, key=lambda row: row.id):
            if (row.inbox, row.thread) not in seen:
                found.append(row)
            seen.add((row.inbox, row.thread))
        return found

    def due(self, now: datetime) -> dict[str, list[Row]]:
        """Rows that may be taken, by host."""
        found: dict[str, list[Row]] = {}
        for row in self.first_of_threads():
            host = INBOXES[row.inbox]
            if row.next <= now and self.closed.get(host, now) <= now:
                found.setdefault(host, []).append(row)
        return found


class Queue(RuleBasedStateMachine):
    """Say, take, settle, wake, recall, withhold, in any order, while time goes on."""

    @initialize()
    def begin(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        migrate(self.connection)
        self.now = START
        self.ids = Ids(0)
        self.model = Model()
        self.taken: list[Due] = []

    @property
    def transaction(self) -> Transaction:
        return Transaction(self.connection, self.now, self.ids)

    def teardown(self) -> None:
        if hasattr(self, "connection"):
            self.connection.close()

    @rule(
        inboxes=st.lists(st.sampled_from(sorted(INBOXES)), unique=True, min_size=1),
        thread=st.sampled_from(THREADS),
        sender=st.sampled_from(SENDERS),
        deleting=st.booleans(),
    )
    def say(self, inboxes: list[str], thread: str, sender: str, deleting: bool) -> None:
        transaction = self.transaction
        number = transaction.next_id()
        activities.add(
            transaction, number=number, uri=f"https://olla.example/s/{number}", actor=sender,
            type="Delete" if deleting else "Update", object=thread, kind="note", collective=None,
            audience="public", body=b"{}",
        )  # fmt: skip
        before = self.ids.last
        deliveries.enqueue(
            transaction,
            activity=number,
            sender=sender,
            inboxes=[(inbox, INBOXES[inbox]) for inbox in inboxes],
            thread=thread,
        )
        for place, inbox in enumerate(inboxes, 1):
            ahead = [row.next for row in self.model.rows if (row.inbox, row.thread) == (inbox, thread)]
            after = max([self.now, *ahead])
            self.model.rows.append(Row(before + place, number, inbox, thread, sender, deleting, after))

    @rule(seconds=st.sampled_from([1, 30, 600]))
    def time_goes_on(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(busy=st.frozensets(st.sampled_from(sorted(set(INBOXES.values())))))
    def take(self, busy: frozenset[str]) -> None:
        taken = deliveries.take(self.transaction, 10, busy)
        may = {host: rows for host, rows in self.model.due(self.now).items() if host not in busy}
        assert sorted(due.host for due in taken) == sorted(may)
        for due in taken:
            assert due.id in [row.id for row in may[due.host]]
            assert due.body == b"{}"
        self.taken = [*self.taken, *taken]

    @precondition(lambda self: self.taken)
    @rule(
        outcome=st.sampled_from(["done", "later", "dropped", "gone"]),
        wait=st.sampled_from([5, 300]),
        closed=st.booleans(),
    )
    def settle(self, outcome: str, wait: int, closed: bool) -> None:
        due = self.taken.pop(0)
        next_ = self.now + timedelta(seconds=wait) if outcome == "later" else None
        until = self.now + timedelta(seconds=60) if closed else None
        state = replace(due.state, failures=int(closed), open_until=until)
        deliveries.settle(self.transaction, [Settled(due, outcome, 500, state, next_)])
        known = {row.id: row for row in self.model.rows}
        if closed and due.state.failures and due.host not in self.model.closed:
            next_ = next_ and self.now  # it was woken meanwhile
        elif until is None:
            self.model.closed.pop(due.host, None)
        else:
            self.model.closed[due.host] = until
        settled = known.get(due.id)
        if outcome == "gone":
            self.model.rows = [row for row in self.model.rows if row.inbox != due.inbox]
        elif settled is not None:
            behind = [
                row
                for row in self.model.rows
                if row.inbox == settled.inbox and row.thread == settled.thread and row.id >= settled.id
            ]
            for row in behind:
                row.next = next_ or self.now
            if next_ is None:
                self.model.rows.remove(settled)

    @rule(host=st.sampled_from(sorted(set(INBOXES.values()))))
    def wake(self, host: str) -> None:
        deliveries.wake(self.transaction, host)
        self.model.closed.pop(host, None)
        for row in self.model.rows:
            if INBOXES[row.inbox] == host:
                row.next = min(row.next, self.now)

    @rule(thread=st.sampled_from(THREADS))
    def recall(self, thread: str) -> None:
        deliveries.recall(self.transaction, thread)
        self.model.rows = [row for row in self.model.rows if row.thread != thread or row.deleting]

    @rule(sender=st.sampled_from(SENDERS), host=st.sampled_from(sorted(set(INBOXES.values()))))
    def withhold(self, sender: str, host: str) -> None:
        deliveries.withhold(self.transaction, sender, host=host)
        self.model.rows = [
            row for row in self.model.rows if row.sender != sender or INBOXES[row.inbox] != host
        ]

    @invariant()
    def the_same_rows_wait(self) -> None:
        if hasattr(self, "connection"):
            assert deliveries.count(self.transaction) == len(self.model.rows)

    @invariant()
    def a_host_is_ready_exactly_when_something_for_it_may_be_tried(self) -> None:
        if not hasattr(self, "connection"):
            return
        for host in set(INBOXES.values()):
            ready = self.transaction.value("SELECT ready FROM hosts WHERE host = ?", host)
            waiting = [row.next for row in self.model.first_of_threads() if INBOXES[row.inbox] == host]
            if not waiting:
                assert ready is None
            else:
                assert ready == max(
                    to_ms(min(waiting)), to_ms(self.model.closed.get(host, START - timedelta(days=1)))
                )


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def test_a_row_tells_what_delivery_needs() -> None:
    queue = Queue()
    queue.begin()
    queue.say(["https://a.example/inbox"], THREADS[0], SENDERS[0], deleting=False)
    (due,) = deliveries.take(queue.transaction, 10, frozenset())
    assert (due.sender, due.inbox, due.host, due.attempts, due.first) == (
        SENDERS[0],
        "https://a.example/inbox",
        "a.example",
        0,
        START,
    )
    assert due.state == HostState("a.example")
    assert deliveries.next_due(queue.transaction, frozenset()) == START
    assert deliveries.next_due(queue.transaction, frozenset({"a.example"})) is None
    queue.teardown()


def test_what_was_learned_of_a_host_while_a_delivery_was_on_its_way_holds() -> None:
    queue = Queue()
    queue.begin()
    queue.say(["https://a.example/inbox"], THREADS[0], SENDERS[0], deleting=False)
    for failures in (1, 2):
        (due,) = deliveries.take(queue.transaction, 10, frozenset())
        if failures == 2:
            learnt = replace(due.state, scheme="rfc9421", takes_ed25519=True)
            deliveries.learn(queue.transaction, learnt)
            deliveries.wake(queue.transaction, due.host)
        until = queue.now + timedelta(minutes=30)
        down = replace(due.state, failures=failures, failing_since=START, open_until=until)
        deliveries.settle(queue.transaction, [Settled(due, "later", 0, down, until)])
        queue.time_goes_on(1800 if failures == 1 else 0)
    known = deliveries.state(queue.transaction, "a.example")
    assert known == HostState("a.example", scheme="rfc9421", takes_ed25519=True)
    assert deliveries.next_due(queue.transaction, frozenset()) == queue.now
    queue.teardown()
