"""What is sent to this node, read within bounds and in memory: of a photograph as it came nothing is ever written down."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from node.attachments.room import Share
from node.errors import TooLargeError
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
_LONGEST = 600
"""Seconds after which any sender is gone."""


def media_type(request: Request) -> str:
    """What the body says that it is."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def pieces(request: Request, *, limit: int, share: Share | None = None) -> AsyncGenerator[bytes, None]:
    """The body as it comes; what is not small counts in a share of the room. TooLargeError, before any of it is read where its
    length is told; ClientDisconnect where it ends early."""
    told = request.headers.get("content-length", "")
    length = int(told[:20]) if told.isdecimal() else limit
    if length > limit:
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
    """A form: of at most so many `fields`, each text in them of at most `box` bytes; files count in `share`. MultiPartException for
    what is none, or has more."""
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
            return await FormParser(request.headers, body, max_fields=fields, max_part_size=box).parse()
    except (KeyError, ValueError) as error:
        raise MultiPartException(str(error)) from error
    return FormData()


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
