"""Booking: what is said writes itself into the public account, in the transaction that says it.

A collective's log begins with its identity statement: a fund's when it is founded, any other's with its first entry.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from node.account.leaf import CLOSED, ENTRY, IDENTITY, digest
from node.domain.digest import digest_of
from node.domain.kind import ClaimsClosed, Entry, NotAllowedError
from node.domain.posting import MOST_POSTINGS, PostingError, split
from node.storage import entries
from node.storage.collectives import Collective
from node.storage.database import Transaction
from node.storage.entries import Log
from node.tongues import message

_SALT_BYTES = 16


def begin_account(transaction: Transaction, collective: Collective) -> Log:
    """The log that a collective writes in; begun with its identity statement where there is none yet."""
    log = entries.log_of(transaction, collective.id)
    if log is None:
        log = entries.begin(transaction, collective.id)
        statement = {"statement": json.loads(collective.identity)}
        entries.append(transaction, log.id, IDENTITY, statement)
    return log


def closed_fields(written: ClaimsClosed, activity: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What the leaves say with which a round closed, in the order of its claims."""
    closed = digest_of(activity["object"])
    for start in range(0, len(written.claims), MOST_POSTINGS):
        claims = [list(claim) for claim in written.claims[start : start + MOST_POSTINGS]]
        yield {"round": written.round, "digest": closed, "seed": written.seed, "claims": claims}


def book(
    transaction: Transaction,
    collective: Collective,
    written: Entry | ClaimsClosed,
    activity: Mapping[str, Any],
    chance: Callable[[int], bytes],
) -> None:
    """Give what a kind writes its place in the log. NotAllowedError where it does not balance; then nothing is stored."""
    log = begin_account(transaction, collective)
    if isinstance(written, ClaimsClosed):
        for fields in closed_fields(written, activity):
            entries.append(transaction, log.id, CLOSED, fields)
        return
    salt = chance(_SALT_BYTES)
    uri = str(activity["id"])
    entries.salt(transaction, uri, salt)
    said = {"digest": digest(salt, activity), **({"stated": dict(written.stated)} if written.stated else {})}
    try:
        for part in split(written.postings):
            entries.append(
                transaction,
                log.id,
                ENTRY,
                {**said, "postings": part},
                activity=uri,
                date=written.date,
            )
    except PostingError as error:
        raise NotAllowedError(
            error.field, message("amounts that balance in every commodity ({cause})"), cause=str(error)
        ) from error
