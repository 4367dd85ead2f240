import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BadSignature, Malformed, StaleSignature
from federation.limits import Limits
from federation.message import HttpMessage, check_age, http_date, read_http_date
from tests.correspondents import NOW, ORIGIN


def request(*headers: tuple[str, str], origin: str = ORIGIN) -> HttpMessage:
    return HttpMessage("GET", "/", headers, b"", origin)


def test_a_header_with_a_line_break_could_pretend_to_be_another_and_is_malformed() -> None:
    for value in ("a\nhost: b", "a\r", "a\0"):
        with pytest.raises(Malformed):
            request(("date", value))


def test_lines_of_one_field_are_joined_in_their_order() -> None:
    message = request(("Digest", " a "), ("X", "y"), ("digest", "b"))
    assert message.field("digest") == "a, b"
    assert message.field("absent") is None
    with pytest.raises(BadSignature):
        message.single("digest")
    with pytest.raises(BadSignature):
        message.single("absent")


@pytest.mark.parametrize(
    ("host", "origin", "ours"),
    [
        ("minga.example", "https://minga.example", True),
        ("Minga.Example:443", "https://minga.example", True),
        ("127.0.0.1:8091", "http://127.0.0.1:8091", True),
        ("minga.example:80", "http://minga.example", True),
        ("minga.example:80", "https://minga.example", False),
        ("minga.example:8443", "https://minga.example", False),
        ("other.example", "https://minga.example", False),
        ("minga.example.other.example", "https://minga.example", False),
        ("", "https://minga.example", False),
    ],
)
def test_only_our_own_host_is_ours(host: str, origin: str, ours: bool) -> None:
    message = request(("Host", host), origin=origin)
    if ours:
        message.check_host()
    else:
        with pytest.raises(BadSignature):
            message.check_host()


@given(st.integers(0, 2**33))
def test_dates_are_written_and_read(seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert read_http_date(http_date(moment)) == moment


@given(st.text(max_size=40) | st.text("Sun, 2Nov06:9GMT-+", max_size=40))
def test_any_date_ends_in_a_moment_or_a_verdict(text: str) -> None:
    with contextlib.suppress(BadSignature):
        assert read_http_date(text).tzinfo is UTC


def test_signatures_have_an_age_and_an_end() -> None:
    limits = Limits(signature_seconds=3600, clock_skew_seconds=300)
    for seconds in (-3600, 0, 300):
        check_age(NOW + timedelta(seconds=seconds), None, NOW, limits)
    for seconds in (-3601, 301):
        with pytest.raises(StaleSignature):
            check_age(NOW + timedelta(seconds=seconds), None, NOW, limits)
    check_age(NOW, NOW + timedelta(seconds=1), NOW, limits)
    with pytest.raises(StaleSignature):
        check_age(NOW, NOW, NOW, limits)
