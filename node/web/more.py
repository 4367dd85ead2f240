"""The index of everything that is not done every day, the switch between collectives, and the language."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.access import SESSION_COOKIE
from node.storage import follows, reports
from node.storage.database import Snapshot
from node.tongues import languages
from node.web.drawing import LANGUAGE_NAMES
from node.web.members import PLACE, own_of
from node.web.reception import CHOSEN_COOKIE, LANGUAGE_COOKIE, Pages


class More(Pages):
    """The page behind "More"."""

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        guarded = self._reception.guarded
        return [
            Route("/more", guarded(self._index), methods=["GET", "HEAD"]),
            Route("/more/collective", guarded(self._switch), methods=["POST"]),
            Route("/more/language", guarded(self._speak), methods=["POST"]),
        ]

    async def _index(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE)
        own = own_of(visit)
        session = await self._doors.access.session(request.cookies.get(SESSION_COOKIE, ""))

        def look(snapshot: Snapshot) -> tuple[int, int]:
            waiting = follows.followers(snapshot, own.id, state="requested", limit=100)
            return len(waiting), reports.count_open(snapshot, own.id)

        requests, open_reports = await self._doors.database.reader.run(look)
        tongue = await self._reception.tongue(request, visit)
        return await self._reception.page(
            request,
            "more.html",
            visit,
            tongue=tongue,
            own=own,
            others=[] if session is None else [each for each in session.collectives if each.id != own.id],
            requests=requests,
            reports=open_reports,
            locales=[(each, LANGUAGE_NAMES.get(each, each)) for each in languages()],
        )

    async def _switch(self, request: Request) -> Response:
        _, form = await self._reception.posted(request, PLACE, personal=True)
        session = await self._doors.access.session(request.cookies.get(SESSION_COOKIE, ""))
        response = RedirectResponse("/home", 303)
        if session is not None and form["collective"] in {each.handle for each in session.collectives}:
            self._reception.remember(response, CHOSEN_COOKIE, form["collective"])
        return response

    async def _speak(self, request: Request) -> Response:
        _, form = await self._reception.posted(request, PLACE, personal=True)
        response = RedirectResponse("/more", 303)
        if form["language"] in languages():
            self._reception.remember(response, LANGUAGE_COOKIE, form["language"])
        return response
