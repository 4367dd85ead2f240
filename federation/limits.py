"""Every budget that a stranger can hit, in one place: sizes, depths, counts and times.

Embedded in the node's configuration, so each field carries its help in its own declaration. Sizes are bytes,
times seconds. The defaults follow SECURITY.md section 4: large enough for every honest peer that was recorded,
small enough that one request cannot hold up a board with one core.
"""

from collections import OrderedDict
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

__all__ = ["DEFAULT_LIMITS", "Allowance", "Limits"]

_HOSTS = 10_000
"""Hosts whose use is remembered."""


def _count(help_: str) -> Meta:
    return Meta(ge=1, description=help_)


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Budgets of one node. Every value is at least 1; `Limits()` is what a node runs with unless told otherwise."""

    # What comes in.
    body_bytes: Annotated[int, _count("largest body of a request to an inbox, in bytes")] = 1_048_576
    fetched_bytes: Annotated[int, _count("largest answer to a fetch, in bytes after decompression")] = (
        2_097_152
    )
    json_depth: Annotated[int, _count("deepest nesting of arrays and objects in a document")] = 48
    header_bytes: Annotated[int, _count("longest signature header that is read, in bytes")] = 8192
    signatures: Annotated[int, _count("signatures of one request that are looked at")] = 4
    recipients: Annotated[int, _count("entries of to and cc together that are accepted")] = 5000

    # What one incoming activity, or one question of a member, may make us fetch.
    fetches_per_activity: Annotated[int, _count("fetches that one activity may cause")] = 100
    redirects: Annotated[int, _count("redirects of one fetch that are followed")] = 5
    fetch_seconds: Annotated[float, _count("time for one whole fetch, redirects included, in seconds")] = 10.0
    connections_per_host: Annotated[int, _count("connections to one host at the same time")] = 2
    connections: Annotated[int, _count("connections to all hosts at the same time")] = 200

    # Signatures and keys.
    signature_seconds: Annotated[int, _count("how old a signature may be, in seconds")] = 3600
    clock_skew_seconds: Annotated[int, _count("how far ahead a peer's clock may be, in seconds")] = 300
    key_refetch_seconds: Annotated[int, _count("least time between two fetches of one key, in seconds")] = 300
    actor_fresh_seconds: Annotated[
        int, _count("how long a fetched actor is believed unasked, in seconds")
    ] = 86_400
    cached_keys: Annotated[int, _count("public keys that are kept ready in memory")] = 1024
    cached_bytes: Annotated[
        int, _count("documents that are kept ready in memory, and as many pages, in bytes")
    ] = 16_000_000

    # What a day (UTC) may bring of actors whom nobody here follows or trusts, for each of their hosts.
    stranger_bytes: Annotated[
        int, _count("activities of strangers that are taken from one host in a day, in bytes")
    ] = 16_000_000
    stranger_activities: Annotated[
        int, _count("activities of strangers that are taken from one host in a day")
    ] = 5000
    stranger_replies: Annotated[
        int, _count("replies of strangers of one host that are forwarded to our followers in a day")
    ] = 50
    stranger_hosts: Annotated[
        int, _count("how many times what one host may send of strangers all hosts together may send in a day")
    ] = 10

    # Load.
    pending_inbound: Annotated[int, _count("requests to an inbox that are worked on at the same time")] = 64
    delivery_seconds: Annotated[float, _count("time for one delivery, in seconds")] = 10.0
    answer_bytes: Annotated[int, _count("bytes of the answer to a delivery that are read")] = 4096


class Allowance:
    """How much of something each host may still have today, and `hosts` times as much all of them together: whoever owns a domain
    has as many hosts as she likes. In memory only, and bounded: a start renews it, and the host that was not heard for longest
    makes room."""

    def __init__(self, most: int, hosts: int) -> None:
        self._most = most
        self._hosts = hosts
        self._used: OrderedDict[str, tuple[date, int]] = OrderedDict()
        self._all = (date.min, 0)

    def left(self, host: str, amount: int, today: date) -> bool:
        """Whether so much of a host's is left."""
        used, together = self._with(host, amount, today)
        return used <= self._most and together <= self._most * self._hosts

    def take(self, host: str, amount: int, today: date) -> bool:
        """Use up so much of a host's; False, and nothing is used, where that is not left."""
        if not self.left(host, amount, today):
            return False
        used, together = self._with(host, amount, today)
        self._all = today, together
        self._used[host] = today, used
        self._used.move_to_end(host)
        if len(self._used) > _HOSTS:
            self._used.popitem(last=False)
        return True

    def _with(self, host: str, amount: int, today: date) -> tuple[int, int]:
        """What of a host's, and of all, is used today, with so much more."""
        used, together = (
            amount + (used if day == today else 0)
            for day, used in (self._used.get(host, (today, 0)), self._all)
        )
        return used, together


DEFAULT_LIMITS = Limits()
