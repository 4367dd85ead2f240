"""A member's own page: where she is logged in, which apps act for her, her password, what is known about her, and the way out."""

import json

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.access import SESSION_COOKIE
from node.errors import InvalidError
from node.storage.members import Grant, Member
from node.tongues import Tongue
from node.web import roles
from node.web.consent import SCOPES
from node.web.drawing import Visit
from node.web.members import PLACE, own_of
from node.web.reception import ComeInError, Pages
from node.web.sheets import fitting

_PATH = "/me"
_ACTS = 20
"""Acts that the page shows; the file has all."""


class Me(Pages):
    """The pages of one member about herself."""

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        guarded = self._reception.guarded
        return [
            Route(_PATH, guarded(self._own), methods=["GET", "HEAD"]),
            Route(f"{_PATH}/sessions/end", guarded(self._end_sessions), methods=["POST"]),
            Route(f"{_PATH}/apps/{{id:int}}/revoke", guarded(self._revoke), methods=["POST"]),
            Route(f"{_PATH}/password", guarded(self._ask_password), methods=["GET", "HEAD"]),
            Route(f"{_PATH}/password", guarded(self._change_password), methods=["POST"]),
            Route(f"{_PATH}/known", guarded(self._known), methods=["GET", "HEAD"]),
            Route(f"{_PATH}/known.json", guarded(self._export), methods=["GET", "HEAD"]),
            Route(f"{_PATH}/leave", guarded(self._leaving), methods=["GET", "HEAD"]),
            Route(f"{_PATH}/leave", guarded(self._leave), methods=["POST"]),
        ]

    async def _own(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE)
        member = _member(visit)
        tongue = await self._reception.tongue(request, visit)
        known = await self._doors.dossier.known(member)
        return await self._reception.page(
            request,
            "me.html",
            visit,
            tongue=tongue,
            known=known,
            sessions=await self._doors.access.sessions(member, _cookie(request)),
            names={own.id: own.name for own, _ in known.memberships},
            roles=roles.names(tongue),
            may=roles.sentences(tongue)[visit.role],
            may_do={each.id: _may(each, tongue) for each in known.grants},
        )

    async def _end_sessions(self, request: Request) -> Response:
        visit, _ = await self._reception.posted(request, PLACE, personal=True)
        await self._doors.access.end_sessions(_member(visit))
        response = RedirectResponse("/login?next=/me", 303)
        response.delete_cookie(SESSION_COOKIE, path="/")
        return response

    async def _revoke(self, request: Request) -> Response:
        visit, _ = await self._reception.posted(request, PLACE, personal=True)
        await self._doors.access.revoke_grant(_member(visit), request.path_params["id"])
        return RedirectResponse(f"{_PATH}?done=app", 303)

    async def _ask_password(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE)
        return await self._password(request, visit)

    async def _password(
        self, request: Request, visit: Visit, field: str = "", problem: str = "", status: int = 200
    ) -> Response:
        errors = {"old": "", "new": "", field: problem}
        return await self._reception.page(request, "password.html", visit, status=status, errors=errors)

    async def _change_password(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, PLACE, personal=True)
        try:
            await self._doors.access.change_password(
                _member(visit), form["old"], form["new"], _cookie(request)
            )
        except InvalidError as error:
            tongue = await self._reception.tongue(request, visit)
            return await self._password(request, visit, error.field, fitting(error, tongue), error.status)
        return RedirectResponse(f"{_PATH}?done=password", 303)

    async def _known(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE)
        known = await self._doors.dossier.known(_member(visit))
        tongue = await self._reception.tongue(request, visit)
        return await self._reception.page(
            request,
            "known.html",
            visit,
            tongue=tongue,
            known=known,
            acts=known.acts[:_ACTS],
            roles=roles.names(tongue),
        )

    async def _export(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE)
        known = await self._doors.dossier.known(_member(visit))
        body = json.dumps(known.document(self._doors.clock()), ensure_ascii=False, indent=2)
        headers = {
            "content-disposition": 'attachment; filename="minga-me.json"',
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }
        return Response(body, media_type="application/json", headers=headers)

    async def _leaving(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE)
        known = await self._doors.dossier.known(_member(visit))
        return await self._reception.page(request, "leave.html", visit, known=known, own=own_of(visit))

    async def _leave(self, request: Request) -> Response:
        visit, _ = await self._reception.posted(request, PLACE, personal=True)
        await self._doors.dossier.leave(_member(visit))
        response = RedirectResponse("/", 303)
        response.delete_cookie(SESSION_COOKIE, path="/")
        return response


def _may(grant: Grant, tongue: Tongue) -> list[str]:
    """What an app may do, in words."""
    verbs = dict.fromkeys(scope.partition(":")[0] for scope in grant.scopes)
    return [tongue.say(SCOPES[verb]) for verb in verbs if verb in SCOPES]


def _member(visit: Visit) -> Member:
    if visit.member is None:
        raise ComeInError
    return visit.member


def _cookie(request: Request) -> str:
    return request.cookies.get(SESSION_COOKIE, "")
