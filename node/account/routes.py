"""The account's addresses for programs: the log's files, salts, balances, evidence, proofs, and the witness's door.

/c/HANDLE/log/checkpoint · /c/HANDLE/log/tile/… · /c/HANDLE/log/policy     the same below /log/2/ for a further log
/c/HANDLE/account/balances?size=N         what each account held when the log had N leaves
/c/HANDLE/account/evidence?start=N        the activities behind 256 leaves, one JSON object a line
/c/HANDLE/account/periods                 the ids of the periods that were closed
/c/HANDLE/account/entries/N/proof         that leaf N is in the log, as a file to carry away
/c/HANDLE/account/export/FORMAT           all of it, as csv, json, hledger or beancount; of a former log with ?log=N, like the others
/o/ID/allocation                          from a round to its allocation
/s/ID/salt                                the salt of an activity's digest; 410 once it was withdrawn
/o/ID/claims                              the claims with which a round closed, and that make its seed
/c/HANDLE/witness/add-checkpoint          POST, by the logs that this collective witnesses
/c/HANDLE/witness/checkpoint?origin=LOG   the last checkpoint of a log that it cosigned
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterator
from functools import partial

from starlette.requests import ClientDisconnect, Request
from starlette.responses import (
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import BaseRoute, Route

from node.account import figures
from node.account.accounts import Accounts
from node.account.books import Book
from node.account.cosigners import policy_of
from node.account.export import FORMATS, TYPES, Booked
from node.bodies import pieces
from node.domain.posting import written
from node.domain.rounds import closed
from node.errors import InvalidError, UnknownError, WithdrawnError
from node.numbers import whole
from node.storage import collectives, entries, objects
from node.storage.database import Snapshot
from node.storage.entries import StoredLeaf
from node.tlog.errors import MalformedError
from node.tlog.tiles import WIDTH, Tile
from node.tongues import message

_REQUEST_BYTES = 65_536
_AT_ONCE = 500
_PIECE = 32_768
_MOST_PERIODS = 1_000
_OPEN = {"access-control-allow-origin": "*"}
_FOR_EVER = _OPEN | {"cache-control": "public, max-age=31536000, immutable"}
_FRESH = _OPEN | {"cache-control": "no-cache"}
_NDJSON = "application/x-ndjson"


class AccountRoutes:
    """Answers for every collective of a node. `origin` is the node's own."""

    def __init__(self, accounts: Accounts, origin: str) -> None:
        self._accounts = accounts
        self._origin = origin

    def routes(self) -> list[BaseRoute]:
        """The routes, to be mounted before pages that take everything."""
        logs = ("/c/{handle}/log", "/c/{handle}/log/{number:int}")
        return [
            *(Route(f"{log}/checkpoint", self._checkpoint) for log in logs),
            *(Route(f"{log}/policy", self._policy) for log in logs),
            *(Route(f"{log}/tile/{{path:path}}", self._tile) for log in logs),
            Route("/c/{handle}/account/balances", self._balances),
            Route("/c/{handle}/account/evidence", self._evidence),
            Route("/c/{handle}/account/periods", self._periods),
            Route("/c/{handle}/account/entries/{seq:int}/proof", self._proof),
            Route("/c/{handle}/account/export/{format}", self._export),
            Route("/o/{id}/allocation", self._allocation),
            Route("/s/{id}/salt", self._salt),
            Route("/o/{id}/claims", self._claims),
            Route("/c/{handle}/witness/add-checkpoint", self._witness, methods=["POST"]),
            Route("/c/{handle}/witness/checkpoint", self._witnessed),
        ]

    async def _book(self, request: Request) -> Book:
        """The log that a request names. UnknownError where there is none."""
        handle, number = request.path_params["handle"], request.path_params.get("number")

        def look(snapshot: Snapshot) -> Book | None:
            collective = collectives.by_handle(snapshot, handle)
            logs = [] if collective is None else entries.logs_of(snapshot, collective.id)
            wanted = number if number is not None else 1
            if "/account/" in request.url.path and logs:
                wanted = _number(request, "log", logs[-1].number)
            return next(
                (
                    self._accounts.books.book(collective, log)
                    for log in logs
                    if collective and log.number == wanted
                ),
                None,
            )

        found = await self._accounts.books.database.reader.run(look)
        if found is None or number == 1:
            raise UnknownError(message("There is no account here."))
        return found

    async def _checkpoint(self, request: Request) -> Response:
        book = await self._book(request)
        note = await asyncio.to_thread(book.files.checkpoint)
        if note is None:
            raise UnknownError(message("This log shows nothing yet."))
        return PlainTextResponse(note, headers=_FRESH)

    async def _policy(self, request: Request) -> Response:
        book = await self._book(request)
        witnesses = await self._accounts.books.database.reader.run(
            lambda s: entries.witnesses(s, book.collective.id)
        )
        return PlainTextResponse(bytes(policy_of(book, witnesses)), headers=_FRESH)

    async def _tile(self, request: Request) -> Response:
        try:
            tile = Tile.parse(f"tile/{request.path_params['path']}")
        except MalformedError as error:
            raise UnknownError(message("There is no such tile."), cause=str(error)) from error
        book = await self._book(request)
        path = book.files.folder / tile.path
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise UnknownError(message("There is no such tile.")) from error
        return Response(content, media_type="application/octet-stream", headers=_FOR_EVER)

    async def _balances(self, request: Request) -> Response:
        book = await self._book(request)
        size = _number(request, "size", book.log.size)
        found = await self._accounts.books.database.reader.run(lambda s: figures.position(s, book, size))
        return JSONResponse(
            {
                "log": book.origin,
                "size": found.size,
                "balances": [
                    {"account": account, "amount": written(amount, commodity), "commodity": commodity}
                    for (account, commodity), amount in found.balances.items()
                ],
            },
            headers=_FRESH,
        )

    async def _evidence(self, request: Request) -> Response:
        book = await self._book(request)
        start = _number(request, "start", 0)
        rows = await self._accounts.books.database.reader.run(
            lambda s: entries.evidence(s, book.log.id, start, start + WIDTH)
        )
        lines: dict[str, bytes] = {}
        for activity, salt, body in rows:
            named = json.dumps(activity).encode()
            if salt is None or body is None:
                lines[activity] = b'{"id":%b,"withdrawn":true}\n' % named
            else:
                lines[activity] = b'{"id":%b,"salt":"%b","activity":%b}\n' % (named, b64encode(salt), body)
        return Response(b"".join(lines.values()), media_type=_NDJSON, headers=_FRESH)

    async def _periods(self, request: Request) -> Response:
        book = await self._book(request)
        found = await self._accounts.books.database.reader.run(
            lambda s: objects.of_owner(s, book.collective.uri, "period", limit=_MOST_PERIODS)
        )
        return JSONResponse({"periods": [each.uri for each in found]}, headers=_FRESH)

    async def _proof(self, request: Request) -> Response:
        book = await self._book(request)
        seq: int = request.path_params["seq"]
        rows = await self._accounts.books.database.reader.run(
            lambda s: entries.leaves(s, book.log.id, seq, seq + 1)
        )
        proof = await asyncio.to_thread(figures.proof, book, rows[0]) if rows else None
        if proof is None:
            raise UnknownError(
                message("This entry is not in the log yet."), hint=message("Ask again in a minute.")
            )
        name = f"{book.collective.handle}-{book.log.number}-{seq}.tlog-proof"
        return PlainTextResponse(
            proof, headers=_FRESH | {"content-disposition": f'attachment; filename="{name}"'}
        )

    async def _export(self, request: Request) -> Response:
        """The whole account for another program, read and sent piece by piece."""
        book, format = await self._book(request), request.path_params["format"]
        if format not in FORMATS:
            raise UnknownError(message("The account is exported as {known}."), known=", ".join(FORMATS))
        reader, loop = self._accounts.books.database.reader, asyncio.get_running_loop()
        named = await reader.run(lambda s: entries.accounts(s, book.collective.id))

        def leaves() -> Iterator[StoredLeaf]:
            for start in range(0, book.log.size, _AT_ONCE):
                end = min(start + _AT_ONCE, book.log.size)
                page = reader.run(partial(entries.leaves, log=book.log.id, start=start, end=end))
                yield from (
                    row for row in asyncio.run_coroutine_threadsafe(page, loop).result() if row.postings
                )

        type_, ending = TYPES[format]
        name = f"{book.collective.handle}-{book.log.number}.{ending}"
        return StreamingResponse(
            _chunked(FORMATS[format](Booked(named, leaves()))),
            media_type=type_,
            headers=_FRESH | {"content-disposition": f'attachment; filename="{name}"'},
        )

    async def _allocation(self, request: Request) -> Response:
        """To the allocation by which a round was shared out: the last, where one corrected another."""
        uri = f"{self._origin}/o/{request.path_params['id']}"

        def look(snapshot: Snapshot) -> str:
            round = objects.by_uri(snapshot, uri)
            owner = "" if round is None else round.owner

            def last(target: str, relation: str) -> str:
                found = objects.linking(snapshot, target, relation)
                ours = [e.uri for e in found if e.kind == "allocation" and e.document and e.owner == owner]
                return ours[-1] if ours else ""

            shared = standing = last(uri, "round")
            while standing:  # what corrects another one is younger than it: no circle
                shared, standing = standing, last(standing, "corrects")
            return shared

        found = await self._accounts.books.database.reader.run(look)
        if not found:
            raise UnknownError(message("This round was not shared out yet."))
        return RedirectResponse(found, 303)

    async def _claims(self, request: Request) -> Response:
        """[id, digest, nonce] of every claim with which a round closed, in the order that makes its seed."""
        uri = f"{self._origin}/o/{request.path_params['id']}"
        row = await self._accounts.books.database.reader.run(lambda s: objects.by_uri(s, uri))
        if row is None or row.kind != "round" or row.state != "closed":
            raise UnknownError(message("There is no closed round here."))
        claims = [[each.claim, each.digest, each.nonce] for each in closed(row.facts)]
        return JSONResponse({"claims": claims}, headers=_FRESH)

    async def _salt(self, request: Request) -> Response:
        uri = f"{self._origin}/s/{request.path_params['id']}"
        booked, salt = await self._accounts.books.database.reader.run(lambda s: entries.salt_of(s, uri))
        if not booked:
            raise UnknownError(message("Nothing was booked for this activity."))
        if salt is None:
            raise WithdrawnError(
                message("This was withdrawn: its text is gone, its sum stays in the account.")
            )
        return JSONResponse({"salt": b64encode(salt).decode()}, headers=_FRESH)

    async def _witness(self, request: Request) -> Response:
        try:
            body = b"".join([piece async for piece in pieces(request, limit=_REQUEST_BYTES)])
        except ClientDisconnect as error:
            raise InvalidError("body", message("a whole request")) from error
        verdict = await self._accounts.witness.add_checkpoint(request.path_params["handle"], body)
        if verdict is None:
            raise UnknownError(message("There is no witness here."))
        return Response(verdict.body, verdict.status, media_type=verdict.type)

    async def _witnessed(self, request: Request) -> Response:
        origin = request.query_params.get("origin", "")
        note = await self._accounts.witness.shown(request.path_params["handle"], origin)
        if note is None:
            raise UnknownError(message("This collective has cosigned no checkpoint of that log."))
        return PlainTextResponse(note, headers=_FRESH)


def _chunked(parts: Iterator[str]) -> Iterator[str]:
    """The same text in larger pieces."""
    held: list[str] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size > _PIECE:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)


def _number(request: Request, name: str, default: int) -> int:
    typed = request.query_params.get(name, str(default))
    value = whole(typed)
    if value is None:
        raise InvalidError(name, message("a number"))
    return value
