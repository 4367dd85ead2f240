from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.interfaces import Due, HostState
from federation.retry import Reply, gap, probe_gap, settle

NOW = datetime(2020, 8, 20, 12, tzinfo=UTC)
HEALTHY = HostState("peer.example")
CHANCE = st.floats(0, 1, exclude_max=True)


def due(attempts: int = 0, first: datetime = NOW, state: HostState = HEALTHY, status: int = 0) -> Due:
    return Due(
        1,
        "https://we.example/c/olla",
        "https://peer.example/inbox",
        "peer.example",
        b"{}",
        attempts,
        first,
        state,
        status,
    )


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_an_acceptance_ends_it_and_teaches_the_scheme(status: int) -> None:
    failing = HostState("peer.example", failures=3, failing_since=NOW, open_until=NOW)
    settled = settle(due(state=failing), Reply(status, scheme="rfc9421", ed25519=True), NOW, 0)
    assert settled.outcome == "done"
    assert settled.state == HostState("peer.example", scheme="rfc9421", takes_ed25519=True)


@pytest.mark.parametrize("status", [0, 502, 503, 504])
def test_a_host_that_fails_is_set_aside_at_once_and_probed_within_two_seconds(status: int) -> None:
    settled = settle(due(), Reply(status), NOW, 0.5)
    assert settled.outcome == "later"
    assert settled.state.failures == 1
    assert settled.next == settled.state.open_until
    assert timedelta(seconds=1) <= settled.state.open_until - NOW <= timedelta(seconds=2)


@pytest.mark.parametrize("status", [500, 501, 408, 301])
def test_a_delivery_that_fails_alone_does_not_hold_up_its_host(status: int) -> None:
    settled = settle(due(), Reply(status), NOW, 0.5)
    assert settled.outcome == "later"
    assert settled.state == HEALTHY
    assert timedelta(seconds=5) <= settled.next - NOW <= timedelta(seconds=10)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 406, 413, 422])
def test_a_final_refusal_is_not_repeated(status: int) -> None:
    assert settle(due(), Reply(status), NOW, 0).outcome == "dropped"


def test_410_is_gone_for_good() -> None:
    assert settle(due(), Reply(410), NOW, 0).outcome == "gone"


def test_401_is_repeated_once() -> None:
    assert settle(due(status=0), Reply(401), NOW, 0).outcome == "later"
    assert settle(due(status=401), Reply(401), NOW, 0).outcome == "dropped"


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_post_survives_the_first_answer_of_a_host_that_was_down_for_three_days(status: int) -> None:
    since = NOW - timedelta(days=3)
    waiting = due(first=since, state=HostState("peer.example", failures=50, failing_since=since))
    for _ in range(50):
        waiting = replace(waiting, attempts=settle(waiting, Reply(0), NOW, 0).attempts)
    first = settle(waiting, Reply(status), NOW, 0)
    assert first.outcome == "later"
    again = replace(waiting, attempts=first.attempts, status=status, state=first.state)
    assert settle(again, Reply(500), NOW + timedelta(minutes=1), 0).outcome == "later"


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_us_to_wait_is_obeyed_for_a_week(status: int) -> None:
    at, waiting = NOW, due()
    while at < NOW + timedelta(days=6.9):
        settled = settle(waiting, Reply(status, retry_after=1800), at, 0)
        assert settled.outcome == "later"
        waiting = replace(waiting, attempts=settled.attempts, status=status, state=settled.state)
        at = settled.next
    assert settle(waiting, Reply(500), at, 0).outcome == "later"


def test_an_address_that_is_forbidden_is_not_tried_again() -> None:
    settled = settle(due(), Reply(0, forbidden=True), NOW, 0)
    assert settled.outcome == "dropped"
    assert settled.state == HEALTHY


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed_for_the_whole_host(status: int) -> None:
    settled = settle(due(), Reply(status, retry_after=120), NOW, 0)
    assert settled.outcome == "later"
    assert settled.next == settled.state.open_until == NOW + timedelta(seconds=120)


def test_a_refusal_of_one_sender_holds_up_nobody_else_of_that_host() -> None:
    at, waiting = NOW, due()
    for wait in (900, 900, 900):
        settled = settle(waiting, Reply(429, retry_after=900, of_sender=True), at, 0)
        assert (settled.outcome, settled.state) == ("later", HEALTHY)
        assert settled.next == at + timedelta(seconds=wait)
        waiting = replace(waiting, attempts=settled.attempts, status=429)
        at = settled.next
    late = replace(waiting, attempts=12)
    assert settle(late, Reply(429, retry_after=900, of_sender=True), at, 0).next - at > timedelta(hours=5)
    assert (
        settle(late, Reply(429, retry_after=900, of_sender=True), NOW + timedelta(days=14), 0).outcome
        == "dropped"
    )


def test_a_retry_after_of_years_is_cut_to_a_day() -> None:
    assert settle(due(), Reply(429, retry_after=10**9), NOW, 0).next == NOW + timedelta(days=1)


def test_a_host_is_given_up_after_seven_days_and_not_before() -> None:
    for days, outcome in ((6.9, "later"), (7, "dropped")):
        state = HostState("peer.example", failures=9, failing_since=NOW - timedelta(days=days))
        assert settle(due(state=state), Reply(0), NOW, 0).outcome == outcome


def test_a_delivery_is_given_up_after_two_days_and_not_before() -> None:
    for hours, outcome in ((47, "later"), (48, "dropped")):
        first = NOW - timedelta(hours=hours)
        assert settle(due(attempts=18, first=first), Reply(500), NOW, 0).outcome == outcome


def test_any_answer_of_a_host_that_was_down_closes_the_breaker() -> None:
    down = HostState("peer.example", failures=9, failing_since=NOW - timedelta(hours=1), open_until=NOW)
    assert settle(due(state=down), Reply(404), NOW, 0).state == HEALTHY


@given(st.integers(0, 60), CHANCE)
def test_gaps_grow_and_stay_within_their_bounds(attempts: int, chance: float) -> None:
    assert timedelta(seconds=5) <= gap(attempts, chance) <= timedelta(hours=9)
    assert gap(attempts + 1, chance) >= gap(attempts, chance)


@given(CHANCE)
def test_a_delivery_that_always_fails_is_tried_some_twenty_times_in_two_days(chance: float) -> None:
    at, attempts = NOW, 0
    while (settled := settle(due(attempts), Reply(500), at, chance)).outcome == "later":
        at, attempts = settled.next, attempts + 1
    assert timedelta(days=2) <= at - NOW <= timedelta(days=2, hours=9)
    assert 12 <= attempts <= 25


@given(st.integers(0, 7 * 86_400), CHANCE)
def test_a_dead_host_is_probed_every_few_seconds_at_first_and_every_half_hour_at_last(
    seconds: int, chance: float
) -> None:
    pause = probe_gap(timedelta(seconds=seconds), chance)
    assert timedelta(seconds=1 if seconds < 30 else 4) <= pause <= timedelta(minutes=30)
    if seconds < 600:
        assert pause <= timedelta(seconds=2 if seconds < 30 else 8)
    if seconds > 86_400:
        assert pause == timedelta(minutes=30)


@given(st.integers(0, 600), st.integers(0, 3600), CHANCE)
def test_every_outcome_is_one_of_four_and_later_has_a_time(
    status: int, retry_after: int, chance: float
) -> None:
    settled = settle(due(), Reply(status, retry_after=retry_after), NOW, chance)
    assert (settled.next is not None) == (settled.outcome == "later")
    assert settled.next is None or settled.next > NOW or retry_after == 0
