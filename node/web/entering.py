"""Coming in and going out: the login, the first minute of a collective, and joining with a link."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node import invitations
from node.access import SESSION_COOKIE
from node.errors import (
    ConflictError,
    InvalidError,
    NotPermittedError,
    TooLargeError,
    TooManyError,
    UnauthorizedError,
)
from node.invitations import Offered
from node.rates import Rates, household
from node.storage.database import Transaction
from node.storage.members import Member
from node.tongues import message
from node.web import roles
from node.web.about import FIELDS, choices, misread, read_change, typed_of
from node.web.drawing import STRANGER, Visit
from node.web.held import Held, unpacked
from node.web.public import qr
from node.web.reception import ENDED, MEMBER_BYTES, STRANGER_BYTES, Reception
from node.web.sheets import fitting

HOME = "/home"
_WAIT = 300


class Entering:
    """The pages by which people come in and go out. `rates` bounds how often somebody may try."""

    def __init__(self, reception: Reception, rates: Rates) -> None:
        self._reception = reception
        self._doors = reception.doors
        self._rates = rates

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        guarded = self._reception.guarded
        return [
            Route("/login", guarded(self._login), methods=["GET", "HEAD"]),
            Route("/login", guarded(self._log_in), methods=["POST"]),
            Route("/logout", guarded(self._logout), methods=["GET", "HEAD"]),
            Route("/logout", guarded(self._log_out), methods=["POST"]),
            Route("/join/{token}", guarded(self._joining), methods=["GET", "HEAD"]),
            Route("/join/{token}", guarded(self._join), methods=["POST"]),
            Route("/welcome", guarded(self._founded), methods=["GET", "HEAD"]),
            Route("/welcome/{token}", guarded(self._joining), methods=["GET", "HEAD"]),
            Route("/welcome/{token}", guarded(self._join), methods=["POST"]),
        ]

    async def _login(self, request: Request) -> Response:
        there = local_path(request.query_params.get("next", ""))
        if (await self._reception.visit(request)).member:
            return RedirectResponse(there, 303)
        waits = (await self._reception.tongue(request)).say(ENDED) if "ended" in request.query_params else ""
        return await self._ask(request, there, problem=waits)

    async def _ask(
        self,
        request: Request,
        there: str,
        *,
        problem: str = "",
        name: str = "",
        held: Held | None = None,
        status: int = 200,
    ) -> Response:
        return await self._reception.page(
            request,
            "come_in.html",
            await self._reception.visit(request),
            status=status,
            next=there,
            problem=problem,
            name=name,
            held=held,
        )

    async def _log_in(self, request: Request) -> Response:
        form = await self._reception.typed(request)
        there, name, held = local_path(form["next"]), form["name"], unpacked(form.raw("held"))
        tongue = await self._reception.tongue(request)
        try:
            self._spend(request, f"name:{name.casefold()}")
            member = await self._doors.access.log_in(name, form["password"])
        except UnauthorizedError:
            problem = tongue.say("Name or password is wrong.")
            return await self._ask(request, there, problem=problem, name=name, held=held, status=401)
        except TooManyError:
            problem = tongue.say("Too many attempts. Wait some minutes.")
            return await self._ask(request, there, problem=problem, name=name, held=held, status=429)
        return await (self._held(request, member, held) if held else self._let_in(member, there))

    async def _held(self, request: Request, member: Member, held: Held) -> Response:
        """She is in, and what she typed before is there to be sent."""
        cookie = await self._doors.access.begin_session(member)
        visit = await self._reception.visit_by(request, cookie)
        form = replace(held, to=local_path(held.to))
        response = await self._reception.page(request, "held.html", visit, held=form)
        self._reception.remember(response, SESSION_COOKIE, cookie)
        return response

    async def _let_in(self, member: Member, there: str) -> Response:
        cookie = await self._doors.access.begin_session(member)
        response = RedirectResponse(there, 303)
        self._reception.remember(response, SESSION_COOKIE, cookie)
        return response

    async def _logout(self, request: Request) -> Response:
        visit = await self._reception.member(request, "/more")
        return await self._reception.page(request, "go_out.html", visit)

    async def _log_out(self, request: Request) -> Response:
        await self._reception.posted(request, personal=True)
        await self._doors.access.end_session(request.cookies.get(SESSION_COOKIE, ""))
        response = RedirectResponse("/login", 303)
        response.delete_cookie(SESSION_COOKIE, path="/")
        response.headers["clear-site-data"] = '"storage"'  # pages that were seen, and forms that wait
        return response

    async def _joining(self, request: Request) -> Response:
        offered = await self._doors.invitations.offered(request.path_params["token"])
        if offered.used:
            raise _used()
        return await self._form(request, offered, {}, {})

    async def _form(
        self,
        request: Request,
        offered: Offered,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        status: int = 200,
    ) -> Response:
        own = offered.collective
        tongue = await self._reception.tongue(request, STRANGER, own.uri)
        return await self._reception.page(
            request,
            "welcome.html" if offered.first else "join.html",
            Visit(lang=(await self._reception.visit(request)).lang),
            status=status,
            tongue=tongue,
            offered=offered,
            collective=own,
            handle=f"@{own.handle}@{self._reception.host}",
            typed={**typed_of(own, tongue, new=self._doors.config.trial), "member": "", **typed},
            errors={"member": "", "password": "", "picture": "", **dict.fromkeys(FIELDS, ""), **errors},
            problem=bool(errors),
            request_path=request.url.path,
            role=roles.names(tongue)[offered.role],
            may=roles.sentences(tongue)[offered.role],
            **choices(tongue, own),
        )

    async def _join(self, request: Request) -> Response:
        token = request.path_params["token"]
        offered = await self._doors.invitations.offered(token)
        # Whoever has the first link sends the picture of the collective too.
        limit = MEMBER_BYTES if offered.first else STRANGER_BYTES
        try:
            form = await self._reception.typed(request, limit=limit)
        except TooLargeError as error:
            raise _used() if offered.used else error from error
        tongue = await self._reception.tongue(request, STRANGER, offered.collective.uri)
        try:
            self._spend(request)
            change = await read_change(self._doors, offered.collective, form) if offered.first else None

            def found(transaction: Transaction) -> None:
                if change is not None:
                    self._doors.collectives.changed(transaction, offered.collective.uri, change)

            member = await self._doors.invitations.accept(token, form["member"], form["password"], found)
        except InvalidError as error:
            also = [] if offered.renews else invitations.misread(form["member"], form["password"])
            also += misread(form) if offered.first else []
            errors = {each.field: fitting(each, tongue) for each in (error, *also)}
            return await self._form(request, offered, form.texts(), errors, error.status)
        return await self._let_in(member, "/welcome" if offered.first else HOME)

    async def _founded(self, request: Request) -> Response:
        """How to be followed, and where to begin."""
        visit = await self._reception.member(request, "/more", steward=True)
        own = visit.collective
        if own is None:
            raise NotPermittedError(message("Only members come in here."))
        return await self._reception.page(
            request,
            "founded.html",
            visit,
            collective=own,
            handle=f"@{own.handle}@{self._reception.host}",
            qr=qr(own.uri),
            onward=HOME,
        )

    def _spend(self, request: Request, *who: str) -> None:
        """Count an attempt, by the address it comes from and by what is tried."""
        address = household(request.scope.get("client"))
        for each in (address, *who):
            if self._rates.spend(each, "login").over:
                raise TooManyError(message("Too many attempts. Wait some minutes."), retry_after=_WAIT)


def _used() -> ConflictError:
    return ConflictError(
        message("This link was used already."),
        hint=message("If it was you, come in with your name and password. If not, ask for a new one."),
    )


def local_path(typed: str) -> str:
    """Where to go after the login: a path of this node, else the board. Nobody is led elsewhere by a link of ours."""
    parts = urlsplit(typed)
    if not typed.startswith("/") or parts.scheme or parts.netloc or "\\" in typed or not typed.isprintable():
        return HOME
    return quote(typed, safe="/?=&%+,.-_~:@#")
