"""Commands about the public account and its log."""

import asyncio
import json
from typing import Any

from node.account import figures
from node.account.books import Book
from node.account.cosigners import has_signed, read_witness
from node.account.export import FORMATS, Booked
from node.control.commands import Call, Handler
from node.control.wire import Progress
from node.domain import logbook
from node.domain.campaigns import over_committed
from node.domain.posting import written
from node.errors import ConflictError, InvalidError, UnknownError
from node.speak import tongues
from node.storage import actors, entries
from node.storage.database import Snapshot
from node.tlog.checkpoint import Checkpoint
from node.tlog.note import ED25519, Note, VerifierKey
from node.tongues import message

MENDING = frozenset({"account.recover", "account.succeed", "fsck", "status"})
"""Commands that may be performed where the database is older than its log."""

_LINES = 200


async def book_of(call: Call) -> Book:
    """The log of the collective that is meant. UnknownError where it has none yet."""
    collective = await call.collective()
    book = await call.doors.accounts.books.of(collective.uri)
    if book is None:
        raise UnknownError(
            message("{name} has no account yet."),
            hint=message("It begins with the first thing that is booked, like a donation."),
            name=collective.name,
        )
    return book


async def show_account(call: Call, *, limit: int = 20, before: int | None = None) -> Any:
    """The figures, every balance, and the newest entries."""
    book = await book_of(call)
    tongue = tongues(book.collective)[0]

    def look(snapshot: Snapshot) -> dict[str, Any]:
        rows = figures.page(snapshot, book, before=before, limit=max(1, min(limit, _LINES)))
        return {
            "account": f"{book.collective.uri}/account",
            "totals": [
                {
                    "commodity": each.commodity,
                    **{
                        name: written(getattr(each, name), each.commodity)
                        for name in ("received", "spent", "promised", "held", "unallocated")
                    },
                    "over_committed": each.unallocated < 0,
                    "warning": over_committed(each.unallocated, each.promised, each.commodity, tongue),
                }
                for each in figures.standing(snapshot, book.collective)
            ],
            "balances": [
                {"account": account, "amount": written(amount, commodity), "commodity": commodity}
                for (account, commodity), amount in entries.balances(snapshot, book.collective.id).items()
            ],
            "entries": [
                {
                    "seq": row.seq,
                    "type": row.type,
                    "date": row.date,
                    "activity": row.activity,
                    "postings": [
                        {"account": account, "amount": written(amount, commodity), "commodity": commodity}
                        for account, amount, commodity in row.postings
                    ],
                }
                for row in rows
            ],
        }

    told = await call.doors.database.reader.run(look)
    return {**told, "language": tongue.language, "log": await _log(call, book)}


async def export(call: Call, *, format: str) -> Any:
    """The whole account in another program's format, as one text."""
    if format not in FORMATS:
        raise InvalidError("export", message("one of these: {known}"), known=", ".join(FORMATS))
    book = await book_of(call)

    def look(snapshot: Snapshot) -> str:
        leaves = (row for row in entries.every(snapshot, book.log.id) if row.postings)
        return "".join(FORMATS[format](Booked(entries.accounts(snapshot, book.collective.id), leaves)))

    return {"format": format, "text": await call.doors.database.reader.run(look)}


async def show_log(call: Call) -> Any:
    """What the log shows, who witnesses it, and what was kept against logs that this node witnesses."""
    collective = await call.collective()
    book = await call.doors.accounts.books.of(collective.uri)
    checkpoints = call.doors.accounts.checkpoints
    kept = await asyncio.to_thread(checkpoints.evidence)
    waiting = await asyncio.to_thread(checkpoints.doubts)
    return {
        **({"origin": None} if book is None else await _log(call, book)),
        "evidence": [
            {
                "log": each.origin,
                "what": each.what,
                "size": each.size,
                "at": each.at.isoformat(),
                "shown": each.shown.decode(),
                "held": each.held.decode(),
            }
            for each in kept
            if each.keeper == collective.uri
        ],
        "doubts": [
            {"log": each.tip.origin, "size": each.tip.size, "at": each.tip.at.isoformat()}
            for each in waiting
            if each.keeper == collective.uri
        ],
    }


async def _log(call: Call, book: Book) -> dict[str, Any]:
    shown = await asyncio.to_thread(book.files.checkpoint)
    note = None if shown is None else Note.parse(shown)
    head = None if note is None else Checkpoint.parse(note.text)
    witnesses = await call.doors.database.reader.run(lambda s: entries.witnesses(s, book.collective.id))
    size = head.size if head else 0
    stopped = call.doors.accounts.sequencer.stopped.get(book.origin)
    return {
        "origin": book.origin,
        "prefix": logbook.prefix(book.collective.uri, book.log.number),
        "key": json.loads(book.collective.document)["log"]["key"],
        "size": size,
        "root": None if head is None else head.root.hex(),
        "waiting": book.log.size - size,
        "stopped": None if stopped is None else {"why": stopped.why, "hint": stopped.hint},
        "quorum": min(max(book.log.quorum, 1), len(witnesses)),
        "witnesses": [
            {
                "actor": each.actor,
                "key": each.key,
                "size": each.size,
                "up_to_date": each.size == size and note is not None and has_signed(note, each),
                "refused": each.refused or None,
                "refused_since": None if each.refused_at is None else each.refused_at.isoformat(),
            }
            for each in witnesses
        ],
    }


async def add_witness(call: Call, *, ref: str) -> Any:
    """Ask a collective that this node knows to witness the log from now on."""
    book = await book_of(call)
    speaker = await call.speaker()
    actor = await call.doors.relations.find(speaker, ref)
    if actor.startswith(f"{call.doors.config.origin}/"):
        raise InvalidError(
            "witness", message("a collective of another node: one of our own would witness nothing")
        )
    known = await call.doors.database.reader.run(lambda s: actors.profile(s, actor))
    if known is None:
        raise UnknownError(message("{name} is not known here."), hint=message("Follow it first."), name=ref)
    key, url = read_witness(actor, known.document)
    await call.doors.database.writer.run(
        lambda t: entries.put_witness(t, book.collective.id, actor, key, url)
    )
    return await show_log(call)


async def drop_witness(call: Call, *, ref: str) -> Any:
    """Ask a witness no more."""
    book = await book_of(call)
    actor = await call.doors.relations.find(await call.speaker(), ref)
    gone = await call.doors.database.writer.run(lambda t: entries.drop_witness(t, book.collective.id, actor))
    if not gone:
        raise UnknownError(
            message("{name} is no witness of this log."), hint=message("`minga log` lists them."), name=ref
        )
    return await show_log(call)


async def set_quorum(call: Call, *, quorum: int) -> Any:
    """Say how many witnesses must cosign before the log calls itself witnessed."""
    book = await book_of(call)
    if quorum < 1:
        raise InvalidError("quorum", message("one or more"))
    await call.doors.database.writer.run(lambda t: entries.set_quorum(t, book.log.id, quorum))
    return await show_log(call)


async def recover(call: Call, *, source: str = "") -> Any:
    """Bring back a log that is ahead of a restored database, from a copy of its files."""
    book = await book_of(call)
    call.report(Progress("reading the copy"))
    key = VerifierKey.parse(json.loads(book.collective.document)["log"]["key"], ED25519)
    found = await call.doors.accounts.recover(book.collective.uri, source, key)
    return {"log": book.origin, "size": found.size, "brought_back": found.brought_back}


async def succeed(call: Call, *, yes: bool = False) -> Any:
    """Close the log and begin the next, whose first leaf cites the last checkpoint of the former."""
    book = await book_of(call)
    head = await call.doors.accounts.last_shown(book.collective.uri)
    if not yes:
        raise ConflictError(
            message(
                "This closes {log} for ever, at {size} leaves; what was published in it after that is lost."
            ),
            hint=message(
                "Try `minga recover` first: of itself it reads the log's files here; with --from DIR_OR_URL a copy or a mirror. Then say --yes."
            ),
            log=book.origin,
            size=head.size,
        )
    number = await call.doors.collectives.succeed(book.collective.uri, head.origin, head.size, head.root)
    return {"former": head.origin, "size": head.size, "log": logbook.origin(book.collective.uri, number)}


COMMANDS: dict[str, Handler] = {
    "account.show": show_account,
    "account.export": export,
    "account.recover": recover,
    "account.succeed": succeed,
    "log.show": show_log,
    "log.witness.add": add_witness,
    "log.witness.drop": drop_witness,
    "log.quorum": set_quorum,
}
