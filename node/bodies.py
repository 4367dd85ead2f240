"""What is sent to this node, read within bounds and in memory: of a photograph as it came nothing is ever written down."""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from node.attachments.room import Share
from node.errors import NodeError, TooLargeError
from node.tongues import message

TEXT_BYTES = 2 << 20
"""The largest body in which no file can come."""

_FILES = 4
_SMALL = 1 << 18
"""What is read of anybody whatever room there is."""
_SILENCE = 60
"""Seconds after which a sender of whom nothing more comes is gone."""
_GRACE = 30
"""Seconds after which a sender who is slower than _PACE (bytes a second) is gone."""
_PACE = 1024
_LONGEST = 1800
"""Seconds after which any sender is gone; with bad signal a photograph takes a quarter of an hour."""
_ESCAPED = 3
"""Bytes that one of a text takes in a form without files, `%C3`: as much fits in it as in one with files."""
_MORE = re.compile(r"exceeded|Too many")
"""How the parsers say that a form has more than is taken."""


class BadRequestError(NodeError):
    """The body is not what its content type says."""

    status = 400


def media_type(request: Request) -> str:
    """What the body says that it is."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def told_length(request: Request) -> int | None:
    """How long the body says that it is."""
    told = request.headers.get("content-length", "")
    return int(told[:20]) if told.isdecimal() else None


async def pieces(request: Request, *, limit: int, share: Share | None = None) -> AsyncGenerator[bytes, None]:
    """The body as it comes; what is not small counts in a share of the room. TooLargeError, before any of it is read where its
    length is told; ClientDisconnect where it ends early."""
    length = told_length(request)
    if length is None:
        length = limit
    elif length > limit:
        raise _too_large()
    if share is not None:
        share.rest = max(0, length - _SMALL)
    size = 0
    async for piece in _coming(request):
        size += len(piece)
        if size > limit:
            raise _too_large()
        if share is not None and size > _SMALL:
            await share.take(min(len(piece), size - _SMALL))
        yield piece
    if share is not None:
        share.rest = 0


async def _coming(request: Request) -> AsyncGenerator[bytes, None]:
    """The body as it comes. ClientDisconnect where it ends early, or comes too slowly; only the sender's own time counts."""
    now, stream = asyncio.get_running_loop().time, request.stream()
    size, spent = 0, 0.0
    while True:
        began = now()
        try:
            async with asyncio.timeout(min(spent + _SILENCE, _LONGEST, max(_GRACE, size / _PACE)) - spent):
                piece = await anext(stream, None)
        except TimeoutError as error:
            raise ClientDisconnect from error
        if piece is None:
            return
        spent += now() - began
        size += len(piece)
        yield piece


async def read_form(
    request: Request, *, limit: int, fields: int, box: int, share: Share | None = None
) -> FormData:
    """A form: of at most so many `fields`, each text in them of at most `box` bytes; files count in `share`. BadRequestError for what
    is none, MultiPartException for what has more."""
    kind = media_type(request)
    try:
        if kind == "multipart/form-data":
            body = pieces(request, limit=limit, share=share)
            parser = MultiPartParser(
                request.headers, body, max_files=_FILES, max_fields=fields, max_part_size=box
            )
            parser.spool_max_size = limit  # so that no file is written to the disk
            return await parser.parse()
        if kind == "application/x-www-form-urlencoded":
            body = pieces(request, limit=min(limit, TEXT_BYTES))
            return await FormParser(
                request.headers, body, max_fields=fields, max_part_size=_ESCAPED * box
            ).parse()
    except (KeyError, ValueError, MultiPartException) as error:
        if isinstance(error, MultiPartException) and _MORE.search(error.message):
            raise
        raise BadRequestError(message("The form cannot be read."), cause=str(error)) from error
    return FormData()


async def read_texts(request: Request, *, limit: int, fields: int) -> FormData:
    """The texts of a form with files that stand before the first of these, of which nothing is read. TooLargeError where they are
    longer than `limit`."""

    async def beginning() -> AsyncGenerator[bytes, None]:
        size = 0
        async for piece in _coming(request):
            yield piece[: limit - size]
            size += len(piece)
            if size > limit:
                raise _too_large()

    parser = MultiPartParser(
        request.headers, beginning(), max_files=0, max_fields=fields, max_part_size=limit
    )
    with contextlib.suppress(MultiPartException, KeyError, ValueError):
        await parser.parse()
    return FormData(parser.items)


async def take_out(upload: UploadFile, share: Share, *, most: int) -> bytes:
    """At most so many bytes of a file, which its form holds no longer."""
    body = await upload.read(most)
    await upload.close()
    share.give_back(upload.size or 0)
    return body


def _too_large() -> TooLargeError:
    return TooLargeError(
        message("The request is larger than this server takes."),
        hint=message("Send less at once: fewer photographs, or smaller ones."),
    )
