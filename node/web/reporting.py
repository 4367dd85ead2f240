"""Telling the stewards of harm: any member, about somebody else or a post of theirs. They alone read it."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.errors import InvalidError, UnknownError
from node.numbers import whole
from node.shown import Author, Shelf, Shown
from node.storage import actors, collectives, posts
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.tongues import message
from node.web.drawing import Visit
from node.web.members import own_of
from node.web.reception import Pages
from node.web.sheets import fitting, fresh_key

PATH = "/report"
CATEGORIES = {
    "exposes": message("It shows who somebody is, or where"),
    "violation": message("It hurts or threatens somebody"),
    "false": message("It is not true: nobody needs this, or the money went elsewhere"),
    "spam": message("It is advertising, or the same again and again"),
    "other": message("Something else"),
}
"""Why somebody reports; `spam`, `violation` and `other` are Mastodon's words."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a report is about, and which of their posts, with its number. `page` is the page of whom it is about."""

    author: Author
    page: int
    post: Shown | None
    number: int


class Reporting(Pages):
    """The page of a report."""

    def routes(self) -> list[BaseRoute]:
        """Its address: `?post=` or `?about=` names what it is about by number."""
        guarded = self._reception.guarded
        return [
            Route(PATH, guarded(self._ask), methods=["GET", "HEAD"]),
            Route(PATH, guarded(self._send), methods=["POST"]),
        ]

    async def _ask(self, request: Request) -> Response:
        visit = await self._reception.member(request)
        query = request.query_params
        subject = await self._subject(own_of(visit), query.get("post", ""), query.get("about", ""))
        return await self._draw(request, visit, subject, {"category": "", "comment": "", "key": fresh_key()})

    async def _draw(
        self,
        request: Request,
        visit: Visit,
        subject: Subject,
        typed: dict[str, str],
        *,
        problem: str = "",
        status: int = 200,
    ) -> Response:
        tongue = await self._reception.tongue(request, visit)
        return await self._reception.page(
            request,
            "report_form.html",
            visit,
            status=status,
            tongue=tongue,
            subject=subject,
            own=own_of(visit),
            categories=[(key, tongue.say(text), "") for key, text in CATEGORIES.items()],
            typed=typed,
            problem=problem,
        )

    async def _send(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request)
        own = own_of(visit)
        subject = await self._subject(own, form["post"], form["about"])
        try:
            await self._doors.marks.report(
                own,
                subject.author.uri,
                category=form["category"] if form["category"] in CATEGORIES else "other",
                comment=form["comment"],
                posts=[subject.number] if subject.post else [],
                key=form["key"][:64],
            )
        except InvalidError as error:
            problem = fitting(error, await self._reception.tongue(request, visit))
            typed = {name: form[name] for name in ("category", "comment", "key")}
            return await self._draw(request, visit, subject, typed, problem=problem, status=error.status)
        return RedirectResponse(f"/peers/{subject.page}?done=reported", 303)

    async def _subject(self, own: Collective, post: str, about: str) -> Subject:
        """UnknownError where nothing of it may be read here, and for what is our own."""

        def look(snapshot: Snapshot) -> Subject | None:
            shelf = Shelf(snapshot, self._reception.origin, own.uri)
            row = posts.by_id(snapshot, whole(post) or 0)
            shown = None if row is None else shelf.post(row)
            said = None if shown is None else posts.by_uri(snapshot, shown.uri)
            number = whole(about) or 0
            found = collectives.by_id(snapshot, number) or actors.by_id(snapshot, number)
            uri = shown.author.uri if shown else found.uri if found and not post else ""
            known = collectives.by_uri(snapshot, uri) or actors.profile(snapshot, uri) if uri else None
            if known is None or uri == own.uri:
                return None
            return Subject(shelf.author(uri), known.id, shown, said.id if said else 0)

        subject = await self._doors.database.reader.run(look)
        if subject is None:
            raise UnknownError(message("There is nothing here"))
        return subject
