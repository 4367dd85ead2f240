"""One HTTP message as signatures see it: its target, its fields, its body, and the origin it was meant for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

from federation.errors import BadSignature, Malformed, StaleSignature
from federation.limits import Limits

__all__ = ["HttpMessage", "check_age", "http_date", "read_http_date"]

_LINE_BREAK = re.compile(r"[\r\n\0]")
_DEFAULT_PORT = {"https": ":443", "http": ":80"}


@dataclass(frozen=True, slots=True)
class HttpMessage:
    """A request that came in; for published test vectors also an answer, which has a `status`.

    `target` is the path with its query, as sent. `origin` is the node's own, from its configuration
    (`https://minga.example`), never from the request: a signature made for another host must not verify here.
    `headers` are (name, value) pairs in their order; a value with a line break is Malformed, since it could pretend
    to be a line of what was signed.
    """

    method: str
    target: str
    headers: Iterable[tuple[str, str]]
    body: bytes
    origin: str
    status: int = 0
    _fields: dict[str, list[str]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.headers:
            if not value.isprintable() and _LINE_BREAK.search(value):
                raise Malformed(f"a line break in header {name[:40]!r}")
            self._fields.setdefault(name.lower(), []).append(value.strip(" \t"))

    def field(self, name: str) -> str | None:
        """The value of a field, those of several lines joined (RFC 9110 section 5.2); None where it is absent."""
        values = self._fields.get(name)
        return ", ".join(values) if values is not None else None

    def single(self, name: str) -> str:
        """The value of a field that must stand exactly once. Raises BadSignature."""
        values = self._fields.get(name, ())
        if len(values) != 1:
            raise BadSignature(f"{len(values)} {name} headers")
        return values[0]

    @property
    def authority(self) -> str:
        """Host and port this message was meant for, as `origin` says."""
        return self.origin.partition("://")[2]

    @property
    def has_content(self) -> bool:
        """Whether there is a body that a signature must cover."""
        return bool(self.body) or self.method in {"POST", "PUT", "PATCH"}

    def check_host(self) -> None:
        """Refuse a Host header that is not ours: this request was signed for another server. Raises BadSignature."""
        host = self.single("host").lower()
        if host.removesuffix(_DEFAULT_PORT[self.origin.partition("://")[0]]) != self.authority:
            raise BadSignature(f"signed for host {host[:100]!r}")


def http_date(moment: datetime) -> str:
    """A Date header: IMF-fixdate (RFC 9110 section 5.6.7)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


@lru_cache(maxsize=64)
def read_http_date(text: str) -> datetime:
    """The moment a Date header names; the last ones are remembered, since requests come in bursts.

    Raises BadSignature.
    """
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise BadSignature(f"a date that is none: {text[:60]!r}") from error


def check_age(signed_at: datetime, expires: datetime | None, now: datetime, limits: Limits) -> None:
    """Refuse what was signed too long ago, has expired, or is dated in the future. Raises StaleSignature."""
    if now - signed_at > timedelta(seconds=limits.signature_seconds):
        raise StaleSignature(f"signed at {signed_at.isoformat()}")
    if signed_at - now > timedelta(seconds=limits.clock_skew_seconds):
        raise StaleSignature(f"signed in the future, at {signed_at.isoformat()}")
    if expires is not None and expires <= now:
        raise StaleSignature(f"expired at {expires.isoformat()}")
