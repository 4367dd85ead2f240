"""Who is in the collective: the list, what each may, links for new ones, and how somebody is taken out."""

import base64
import hashlib
import hmac
import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.access import SESSION_COOKIE
from node.errors import UnknownError
from node.invitations import Link
from node.storage import members
from node.storage.collectives import Collective
from node.storage.members import Membership
from node.tongues import Tongue, message
from node.web import roles
from node.web.drawing import Visit
from node.web.public import qr
from node.web.reception import ComeInError, Form, Pages

PLACE = "/more"
_PATH = "/members"
_OFFERED = ("cook", "newcomer", "treasurer", "advisor", "steward")


class Members(Pages):
    """The pages about the people of a collective."""

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        guarded = self._reception.guarded
        one = f"{_PATH}/{{id:int}}"
        return [
            Route(_PATH, guarded(self._list), methods=["GET", "HEAD"]),
            Route(f"{_PATH}/invite", guarded(self._inviting), methods=["GET", "HEAD"]),
            Route(f"{_PATH}/invite", guarded(self._invite), methods=["POST"]),
            Route(f"{_PATH}/invite/{{id:int}}/revoke", guarded(self._revoke), methods=["POST"]),
            Route(f"{one}/role", guarded(self._changing), methods=["GET", "HEAD"]),
            Route(f"{one}/role", guarded(self._change), methods=["POST"]),
            Route(f"{one}/password", guarded(self._renewing), methods=["GET", "HEAD"]),
            Route(f"{one}/password", guarded(self._renew), methods=["POST"]),
            Route(f"{one}/remove", guarded(self._removing), methods=["GET", "HEAD"]),
            Route(f"{one}/remove", guarded(self._remove), methods=["POST"]),
        ]

    async def _list(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE)
        own = own_of(visit)
        tongue = await self._reception.tongue(request, visit)
        return await self._reception.page(
            request,
            "members.html",
            visit,
            tongue=tongue,
            people=await self._doors.access.list(own.id),
            waiting=await self._doors.invitations.waiting(own.id) if visit.steers else [],
            roles=roles.names(tongue),
            sentences=roles.sentences(tongue),
        )

    async def _inviting(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE, steward=True)
        tongue = await self._reception.tongue(request, visit)
        return await self._reception.page(
            request,
            "invite.html",
            visit,
            tongue=tongue,
            link=None,
            key=secrets.token_urlsafe(16),
            offers=offers(tongue),
        )

    async def _invite(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, PLACE, steward=True)
        link = await self._doors.invitations.make(own_of(visit).id, form["role"], _word(request, form))
        return await self._made(request, visit, link)

    async def _made(
        self, request: Request, visit: Visit, link: Link, person: Membership | None = None
    ) -> Response:
        """The one page that shows a link."""
        tongue = await self._reception.tongue(request, visit)
        url = f"{self._reception.origin}{link.path}"
        return await self._reception.page(
            request,
            "invite.html",
            visit,
            tongue=tongue,
            link=link,
            person=person,
            url=url,
            qr=qr(url),
            role=roles.names(tongue)[link.role],
            may=roles.sentences(tongue)[link.role],
        )

    async def _renewing(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE, steward=True)
        return await self._reception.page(
            request,
            "member_password.html",
            visit,
            person=await self._person(visit, request),
            key=secrets.token_urlsafe(16),
        )

    async def _renew(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, PLACE, steward=True)
        person = await self._person(visit, request)
        word = _word(request, form)
        link = await self._doors.invitations.renew(own_of(visit).id, person.member.id, word)
        return await self._made(request, visit, link, person)

    async def _revoke(self, request: Request) -> Response:
        visit, _ = await self._reception.posted(request, PLACE, steward=True)
        await self._doors.invitations.revoke(own_of(visit).id, request.path_params["id"])
        return RedirectResponse(f"{_PATH}?done=revoked", 303)

    async def _changing(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE, steward=True)
        tongue = await self._reception.tongue(request, visit)
        return await self._reception.page(
            request,
            "member_role.html",
            visit,
            tongue=tongue,
            person=await self._person(visit, request),
            offers=offers(tongue),
        )

    async def _change(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, PLACE, steward=True)
        person = await self._person(visit, request)
        await self._doors.access.set_role(own_of(visit).id, person.member.name, form["role"])
        return RedirectResponse(f"{_PATH}?done=role", 303)

    async def _removing(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE, steward=True)
        return await self._reception.page(
            request, "member_remove.html", visit, person=await self._person(visit, request)
        )

    async def _remove(self, request: Request) -> Response:
        visit, _ = await self._reception.posted(request, PLACE, steward=True)
        person = await self._person(visit, request)
        await self._doors.access.remove(own_of(visit).id, person.member.name)
        return RedirectResponse(f"{_PATH}?done=removed", 303)

    async def _person(self, visit: Visit, request: Request) -> Membership:
        """The member that an address names. UnknownError where she is not, or no longer, in the collective."""
        wanted, own = request.path_params["id"], own_of(visit)
        there = await self._doors.database.reader.run(lambda snapshot: members.of(snapshot, own.id))
        for each in there:
            if each.member.id == wanted:
                return each
        raise UnknownError(message("She is not a member any more."))


def own_of(visit: Visit) -> Collective:
    """The collective for which a member reads."""
    if visit.collective is None:
        raise ComeInError
    return visit.collective


def _word(request: Request, form: Form) -> str:
    """The word of a link, made from the form's key and this browser's cookie: the same form sent twice makes one link."""
    cookie = request.cookies.get(SESSION_COOKIE, "")
    digest = hmac.digest(
        cookie.encode("utf-8", "surrogatepass"), f"link {form['key']}".encode(), hashlib.sha256
    )
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def offers(tongue: Tongue) -> list[tuple[str, str, str]]:
    """The roles to choose from, with what each may; the one that most people need comes first."""
    names, sentences = roles.names(tongue), roles.sentences(tongue)
    return [(role, names[role], sentences[role]) for role in _OFFERED]
