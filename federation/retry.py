"""When to try again: a pure policy from a delivery and its last answer to `done`, `later`, `dropped` or `gone`.

Two things can fail, and they wait differently.

- **The host** (no answer, 502, 503, 504): it is set aside at once, with everything that waits for it, and only probed by
  one delivery at a time: every second or two for half a minute (it was only restarted), every 4 to 8 s until ten minutes
  are over, then more and more rarely, at last every 30 min.
  What waits is given up once the host has failed for seven days without a break.
- **The delivery** (500, 408, a redirect, 401 once): this row alone waits, in growing gaps, for two days of its own:
  what it lost while its host was down does not count.

429 and `Retry-After` are obeyed for the whole host, which is alive; a 429 that is for one sender (`over-allowance`: strangers
sent too much) holds up that delivery alone. Every other 4xx is final. All gaps are jittered,
so that those who failed together do not come back together. `chance` is a number in [0, 1) given by the caller.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from federation.interfaces import Due, HostState, Scheme, Settled

PROBE_AT_ONCE = timedelta(seconds=1)
PROBE_AT_ONCE_WHILE = timedelta(seconds=30)
PROBE_SOON = timedelta(seconds=4)
PROBE_SOON_WHILE = timedelta(minutes=10)
PROBE_LONGEST = timedelta(minutes=30)
HOST_GIVEN_UP = timedelta(days=7)
FIRST_GAP = timedelta(seconds=5)
LONGEST_GAP = timedelta(hours=6)
DELIVERY_GIVEN_UP = timedelta(days=2)
# So often a delivery fails by itself in two days, at the least; fewer failures mean that its host was down meanwhile.
FAILURES_BEFORE_GIVING_UP = 16
# A host may be down for a week, and throttle us for another.
THROTTLED_GIVEN_UP = 2 * HOST_GIVEN_UP
LONGEST_RETRY_AFTER = timedelta(days=1)

# After the first minutes: one fortieth of the time already lost, so 15 s at first and 30 min after twenty hours.
_PROBE_SHARE = 40


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one attempt.

    `status` 0: no answer. `retry_after` in seconds. `scheme` is the one in which the request was signed, or that the
    answer asks for; `ed25519` whether with that kind of key, `refused_ed25519` whether only another kind was taken.
    `forbidden`: the guard refused the address, which no waiting changes. `of_sender`: the refusal is for who sent it, not for
    its host.
    """

    status: int
    retry_after: int | None = None
    scheme: Scheme | None = None
    ed25519: bool = False
    refused_ed25519: bool = False
    forbidden: bool = False
    of_sender: bool = False
    reason: str = ""


def settle(due: Due, reply: Reply, now: datetime, chance: float) -> Settled:
    """Say what becomes of a delivery and of what is known of its host. `now` is when the attempt ended."""
    status = reply.status
    if 200 <= status < 300:
        return Settled(due, "done", status, recovered(due.state, reply))
    if reply.forbidden:
        return Settled(due, "dropped", status, due.state, reason=reply.reason)
    if status in (0, 502, 503, 504):
        return _host_failed(due, reply, now, chance)
    alive = recovered(due.state)
    if status == 429:
        return _throttled(due, reply, alive, now, chance)
    if _repeatable(due, status):
        return _failed(due, reply, alive, now, chance)
    return Settled(due, "gone" if status == 410 else "dropped", status, alive, reason=reply.reason)


def recovered(state: HostState, reply: Reply | None = None) -> HostState:
    """The state of a host that answers: breaker closed; with a reply that it accepted, what it takes is known."""
    healthy = replace(state, failures=0, failing_since=None, open_until=None)
    if reply is None or reply.scheme is None:
        return healthy
    takes = not reply.refused_ed25519 and (healthy.takes_ed25519 or reply.ed25519)
    return replace(healthy, scheme=reply.scheme, takes_ed25519=takes)


def failed(state: HostState, now: datetime, chance: float, wait: timedelta | None = None) -> HostState:
    """The state of a host after one more failure: left alone until the next probe, or for `wait` if that is longer."""
    since = state.failing_since or now
    pause = probe_gap(now - since, chance)
    return replace(
        state,
        failures=state.failures + 1,
        failing_since=since,
        open_until=now + max(pause, wait or pause),
    )


def probe_gap(failing_for: timedelta, chance: float) -> timedelta:
    """How long to leave a host alone that has failed for so long: 1-2 s at first, then 4-8 s, at most 30 min."""
    if failing_for < PROBE_AT_ONCE_WHILE:
        return PROBE_AT_ONCE * (1 + chance)
    if failing_for < PROBE_SOON_WHILE:
        return PROBE_SOON * (1 + chance)
    return min(PROBE_LONGEST, (failing_for / _PROBE_SHARE) * (1 + chance))


def gap(attempts: int, chance: float) -> timedelta:
    """How long a single delivery waits after so many attempts before this one: doubling from 5 s up to 6 h, jittered."""
    doubled: timedelta = FIRST_GAP * (1 << min(max(attempts, 0), 16))
    return min(LONGEST_GAP, doubled) * (1 + chance / 2)


def _host_failed(due: Due, reply: Reply, now: datetime, chance: float) -> Settled:
    wait = _asked_to_wait(reply, timedelta())
    state = failed(due.state, now, chance, wait)
    since = state.failing_since or now
    if now - since >= HOST_GIVEN_UP:
        return Settled(due, "dropped", reply.status, state, reason=reply.reason or "host given up")
    return Settled(due, "later", reply.status, state, state.open_until, reply.reason, due.attempts)


def _repeatable(due: Due, status: int) -> bool:
    if status == 401:  # the peer may just have lost our key: once more, no oftener
        return due.status != 401
    return status >= 500 or status == 408 or 300 <= status < 400


def _throttled(due: Due, reply: Reply, state: HostState, now: datetime, chance: float) -> Settled:
    until = now + _asked_to_wait(reply, gap(due.attempts, chance))
    if reply.of_sender:
        until = max(until, now + gap(due.attempts, chance))
    else:
        state = replace(state, open_until=until)
    if now - due.first >= THROTTLED_GIVEN_UP:
        return Settled(due, "dropped", reply.status, state, reason=reply.reason)
    # Where the host says how long, waiting is no failure of the delivery; else the gaps must grow.
    attempts = due.attempts + (reply.retry_after is None or reply.of_sender)
    return Settled(due, "later", reply.status, state, until, reply.reason, attempts)


def _failed(due: Due, reply: Reply, state: HostState, now: datetime, chance: float) -> Settled:
    if due.attempts >= FAILURES_BEFORE_GIVING_UP and now - due.first >= DELIVERY_GIVEN_UP:
        return Settled(due, "dropped", reply.status, state, reason=reply.reason)
    until = now + gap(due.attempts, chance)
    return Settled(due, "later", reply.status, state, until, reply.reason, due.attempts + 1)


def _asked_to_wait(reply: Reply, otherwise: timedelta) -> timedelta:
    if reply.retry_after is None:
        return otherwise
    return min(timedelta(seconds=max(reply.retry_after, 0)), LONGEST_RETRY_AFTER)
