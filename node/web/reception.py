"""Who comes to a page and how she is answered: cookie, language, forms that come from our own pages, refusals as pages.

A visitor gets no cookie. A member's cookie is a random word of which only the digest is stored; each form of hers carries
a seal made from it, so that no other site can send one in her name.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from node.access import SESSION_COOKIE
from node.attachments import UPLOAD_BYTES
from node.attachments.room import Share
from node.bodies import read_form, read_texts, take_out, told_length
from node.domain.kind import Speaker
from node.doors import Doors
from node.errors import ElsewhereError, NodeError, NotPermittedError, TooLargeError, UnauthorizedError
from node.shown import Photograph
from node.storage import collectives
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.sessions import SESSIONS
from node.tongues import Tongue, message
from node.web import roles
from node.web.done import DONE
from node.web.drawing import STRANGER, Visit, named_language, page, tongue_for
from node.web.held import Held, held, opens

CHOSEN_COOKIE = "collective"
"""The collective for which a member of several acts."""
LANGUAGE_COOKIE = "language"
"""The language that a member chose for herself."""
ENDED = message("Your session has ended. Come in: what you typed is still here.")
TOO_LARGE = message(
    "Only members come in here, and what you sent was too large to be kept meanwhile. Come in, go back to your form"
    " and send it once more."
)
FIELDS = 200
BOX_BYTES = 100_000
"""Of one box of a form; files are bounded by whoever reads them."""
STRANGER_BYTES = 1 << 18
"""Of a form of whom we do not know."""
_TYPED_BYTES = STRANGER_BYTES // 4
"""Of a form of a member whose session ended: what she typed comes once more with the login, where a letter takes more room."""
MEMBER_BYTES = 2 * UPLOAD_BYTES + (1 << 20)
"""Of a form of a member: the largest photographs one by one, those of most telephones four at once."""
_LETTER = 4
"""Bytes that a letter takes at most."""

_log = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]


class ComeInError(UnauthorizedError):
    """Only members get this page, and nobody has come in."""

    def __init__(self) -> None:
        super().__init__(message("Only members come in here."))


class Form:
    """What was typed into a form, every text at most once."""

    def __init__(self, data: FormData, share: Share) -> None:
        self._data = data
        self._share = share

    def __getitem__(self, name: str) -> str:
        """The text of a box, "" where there is none."""
        value = self._data.get(name, "")
        return value.strip().replace("\r\n", "\n") if isinstance(value, str) else ""

    def raw(self, name: str) -> str:
        """The text of a box with all its spaces and line ends, "" where there is none."""
        value = self._data.get(name, "")
        return value.replace("\r\n", "\n") if isinstance(value, str) else ""

    async def close(self) -> None:
        """Let the files go."""
        await self._data.close()

    def texts(self) -> dict[str, str]:
        """All texts by name."""
        return {name: self[name] for name, value in self._data.items() if isinstance(value, str)}

    def held(self, to: str) -> Held | None:
        """What was sent to a path, to be sent once more."""
        sent = self._data.multi_items()
        boxes = tuple((name, text.replace("\r\n", "\n")) for name, text in sent if isinstance(text, str))
        return held(to, boxes, files=any(self.files(name) for name in self._data))

    def files(self, name: str) -> list[UploadFile]:
        """The files of a box, those that hold something."""
        return [f for f in self._data.getlist(name) if isinstance(f, UploadFile) and f.size]

    async def take_out(self, file: UploadFile) -> bytes:
        """A photograph that came with the form, which holds it no longer; of one that is too large enough to see it."""
        return await take_out(file, self._share, most=UPLOAD_BYTES + 1)


class Reception:
    """Receives the readers of one node."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self.origin = doors.config.origin
        self.host = doors.config.host

    @property
    def secure(self) -> bool:
        """Whether cookies only travel encrypted."""
        return self.origin.startswith("https://")

    async def visit(self, request: Request, place: str = "") -> Visit:
        """Who reads."""
        return await self.visit_by(request, request.cookies.get(SESSION_COOKIE, ""), place)

    async def visit_by(self, request: Request, cookie: str, place: str = "") -> Visit:
        """Who reads with the cookie of a session."""
        lang = named_language(request)
        session = await self.doors.access.session(cookie) if cookie else None
        if session is None or not session.collectives:
            return Visit(lang=lang) if lang else STRANGER
        chosen = request.cookies.get(CHOSEN_COOKIE, "")
        collective = next((c for c in session.collectives if c.handle == chosen), session.collectives[0])
        role = session.roles[collective.id]
        return Visit(session.member, collective, role, seal_of(cookie, collective), lang, place)

    async def member(self, request: Request, place: str = "", *, steward: bool = False) -> Visit:
        """The member who reads; ComeInError for a stranger, NotPermittedError where only stewards come."""
        visit = await self.visit(request, place)
        if visit.member is None:
            raise ComeInError
        if steward and not visit.steers:
            raise NotPermittedError(message("Only a steward may do this."), hint=message("Ask a steward."))
        return visit

    async def posted(
        self, request: Request, place: str = "", *, steward: bool = False, personal: bool = False
    ) -> tuple[Visit, Form]:
        """A member and what she sent with a form of ours; NotPermittedError where the form is not hers, or was opened for another
        collective than the one for which she acts now, unless it is `personal` and says nothing for any."""
        visit = await self.member(request, place, steward=steward)
        form = await self.typed(request, limit=MEMBER_BYTES)
        if form["csrf"] == visit.csrf:
            return visit, form
        cookie = request.cookies.get(SESSION_COOKIE, "")
        session = await self.doors.access.session(cookie)
        hers = session.collectives if session is not None else ()
        opened = next((each for each in hers if form["csrf"] == seal_of(cookie, each)), None)
        if opened is None or visit.collective is None:
            raise NotPermittedError(
                message("This form is not from this session."),
                hint=message("Open the page again and send it once more."),
            )
        if not personal:
            raise NotPermittedError(
                message("This form was opened for {name}, and you act for {now} now. Nothing was sent."),
                hint=message(
                    "Send it once more only if it is for {now}. Else choose {name} first, under “More”."
                ),
                name=opened.name,
                now=visit.collective.name,
            )
        return visit, form

    def _refuse_other_sites(self, request: Request) -> None:
        site = request.headers.get("sec-fetch-site", "same-origin")
        origin = request.headers.get("origin", "null")
        if site not in ("same-origin", "none") or origin not in ("null", self.origin):
            raise NotPermittedError(message("This form was sent by another site."))

    async def typed(self, request: Request, *, limit: int = STRANGER_BYTES) -> Form:
        """What was sent by a form; NotPermittedError where another site sent it, TooLargeError where it or a box holds too much."""
        self._refuse_other_sites(request)
        try:
            share = request.state.share
            data = await read_form(request, limit=limit, fields=FIELDS, box=BOX_BYTES, share=share)
        except MultiPartException as error:
            raise TooLargeError(
                message("This is more than a form takes: at most some {number} letters in one box."),
                hint=message("Write less; a long list of servers is sent as a file."),
                cause=error.message,
                number=BOX_BYTES // _LETTER,
            ) from error
        request.state.form = form = Form(data, share)
        return form

    def remember(self, response: Response, name: str, value: str) -> None:
        """Give a member a cookie: her session, or what she chose. Strangers get none."""
        response.set_cookie(
            name,
            value,
            max_age=int(SESSIONS.total_seconds()),
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def speaker(self, visit: Visit) -> Speaker:
        """In whose name a member acts."""
        if visit.member is None or visit.collective is None:
            raise ComeInError
        return Speaker(visit.collective.uri, visit.role, visit.member.id)

    async def tongue(self, request: Request, visit: Visit = STRANGER, author: str = "") -> Tongue:
        """The tongue of a page: of the reader, else of the member's collective, of the author's, of the first one here."""
        collective = visit.collective or await self.doors.database.reader.run(lambda s: _first(s, author))
        return self.tongue_in(request, visit, collective)

    def tongue_in(self, request: Request, visit: Visit, collective: Collective | None) -> Tongue:
        """The tongue of a page: of the reader, else of this collective."""
        chosen = visit.lang or (request.cookies.get(LANGUAGE_COOKIE, "") if visit.member else "")
        if collective is None:
            return tongue_for(request, "es", "UTC", chosen=chosen)
        return tongue_for(request, collective.locale, collective.timezone, chosen=chosen)

    async def page(
        self,
        request: Request,
        template: str,
        visit: Visit = STRANGER,
        *,
        status: int = 200,
        tongue: Tongue | None = None,
        **values: Any,
    ) -> Response:
        """Draw a page for a reader."""
        tongue = tongue or await self.tongue(request, visit)
        head = request.method == "HEAD"
        done = DONE.get(request.query_params.get("done", "")) if visit.member else None
        said = tongue.say(done) if done else ""
        held = {"host": self.host, "small": self._small, "large": self._large, "done": said, **values}
        media = self.doors.config.media_origin
        query = request.url.query if request.method in ("GET", "HEAD") else ""
        return page(template, tongue, held, status=status, head=head, visit=visit, media=media, query=query)

    def _small(self, picture: Photograph) -> str:
        """Where a page finds a picture as it is shown in lists."""
        return self.doors.attachments.address(picture.url, picture.name, small=True)

    def _large(self, picture: Photograph) -> str:
        """Where it finds the whole of it."""
        return self.doors.attachments.address(picture.url, picture.name)

    def guarded(self, handler: Handler) -> Handler:
        """The same handler; strangers are led to the login, and a refusal is a page in words."""

        async def answer(request: Request) -> Response:
            with self.doors.attachments.room.share() as request.state.share:
                try:
                    return await handler(request)
                except ComeInError:
                    return await self._outside(request)
                except ClientDisconnect:
                    return Response(status_code=400)  # which nobody reads
                except NodeError as error:
                    if error.status >= 500 and not isinstance(error, ElsewhereError):
                        _log.error("%s (%s)", error.public, error.cause)
                    return await self.refused(request, error)
                finally:
                    if isinstance(form := getattr(request.state, "form", None), Form):
                        await form.close()

        return answer

    async def _outside(self, request: Request) -> Response:
        """Lead a stranger to the login; what a member typed while her session ended goes along."""
        if request.method != "POST":
            return RedirectResponse(f"/login?next={quote(request.url.path)}", 303)
        large, to = (told_length(request) or 0) > _TYPED_BYTES, request.url.path
        try:
            form = await (self._beginning(request) if large else self.typed(request, limit=_TYPED_BYTES))
            left = form.held(to)
        except TooLargeError:
            large, left = True, None
        except ClientDisconnect:
            return Response(status_code=400)
        except NodeError as error:
            return await self.refused(request, error)
        if left is None and not large:
            return RedirectResponse("/login?next=/home", 303)
        tongue = await self.tongue(request)
        return await self.page(
            request,
            "come_in.html",
            status=401,
            tongue=tongue,
            next=to if opens(to) else "/home",
            problem=tongue.say(ENDED if left else TOO_LARGE),
            name="",
            held=replace(left, files=True) if left and large else left,
        )

    async def _beginning(self, request: Request) -> Form:
        """What stands in a form before its photographs."""
        self._refuse_other_sites(request)
        return Form(await read_texts(request, limit=_TYPED_BYTES, fields=FIELDS), request.state.share)

    async def refused(self, request: Request, error: NodeError) -> Response:
        """A refusal as a page, with what a member typed."""
        visit = await self.visit(request)
        form = getattr(request.state, "form", None) if visit.member else None
        tongue = await self.tongue(request, visit)
        return await self.page(
            request,
            "refused.html",
            visit,
            status=error.status,
            tongue=tongue,
            text=error.said(tongue.say),
            explained=_advised(error, tongue),
            held=form.held(request.url.path) if form else None,
            posted=request.method == "POST",
        )


class Pages:
    """Pages of one node, with what all of them draw from."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._doors = reception.doors
        self._origin = reception.origin
        self._reader = reception.doors.database.reader


def failed(request: Request, host: str, now: datetime) -> Response:
    """What is said where the node itself failed: when it was, for whoever looks it up, and nothing of the cause, which the log
    has. It asks nothing of the database, which may be what failed."""
    tongue, browsing = _reader_of(request)
    if not browsing:
        return JSONResponse({"error": tongue.say("Something went wrong on this server.")}, 500)
    again = request.url.path if request.method == "GET" else ""
    values = {"host": host, "small": str, "large": str, "now": now, "again": again}
    return page("failed.html", tongue, values, status=500, head=request.method == "HEAD")


def refusal(request: Request, host: str, error: NodeError) -> Response:
    """A refusal where nobody asks who reads: a page for people, else one shape of JSON."""
    tongue, browsing = _reader_of(request)
    if not browsing:
        return JSONResponse({"error": error.public}, error.status)
    values = {
        "host": host,
        "small": str,
        "large": str,
        "text": error.said(tongue.say),
        "explained": _advised(error, tongue),
        "held": None,
        "posted": request.method == "POST",
    }
    return page("refused.html", tongue, values, status=error.status, head=request.method == "HEAD")


def _advised(error: NodeError, tongue: Tongue) -> str:
    """What can be done about a refusal, as people read it: roles by their names, commands without the marks of a terminal."""
    names = roles.names(tongue)

    def say(msgid: str, **values: object) -> str:
        if isinstance(meant := values.get("roles"), str):
            values["roles"] = tongue.join([names.get(each, each) for each in meant.split(", ")])
        return tongue.say(msgid, **values)

    return error.hinted(say).replace("`", "")


def _reader_of(request: Request) -> tuple[Tongue, bool]:
    """The tongue of who asks, without looking her up, and whether she reads pages."""
    browsing = "text/html" in request.headers.get("accept", "")
    chosen = named_language(request) or request.cookies.get(LANGUAGE_COOKIE, "")
    return tongue_for(request, "es" if browsing else "en", "UTC", chosen=chosen), browsing


def _first(snapshot: Snapshot, author: str) -> Collective | None:
    return collectives.by_uri(snapshot, author) or next(iter(collectives.every(snapshot)), None)


def seal_of(cookie: str, collective: Collective) -> str:
    """What every form of a member carries that is opened for a collective; whoever does not know her cookie cannot make it."""
    return hashlib.sha256(f"form {collective.id} {cookie}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
