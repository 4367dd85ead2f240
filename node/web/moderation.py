"""Moderation: reports, limits, blocked servers, and lists of them in Mastodon's form, looked at before they are carried out."""

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.domain.blocklist import LINES
from node.errors import ConflictError, InvalidError, UnknownError
from node.moderation import named_host
from node.shown import Author, Shelf, Shown
from node.storage import actors, collectives, follows, hosts, limits, posts, refusals, reports
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.limits import Limit
from node.storage.refusals import Refusal
from node.storage.reports import Report
from node.tongues import message
from node.web.drawing import Visit
from node.web.members import PLACE, own_of
from node.web.public import number
from node.web.reception import Form, Pages
from node.web.reporting import CATEGORIES
from node.web.sheets import fitting

_PATH = "/moderation"
_SEVERITIES = ("block", "limit", "pictures")
_ROWS = 30
_SERVERS = 50
_SHOWN = 20
"""Servers of a list that the preview names; the rest is counted."""
_LIST_BYTES = 1_000_000
_UNREAD = 20
"""Signs that are no text from which a file is none, but a photograph or the like."""
_PART = 24_000
"""Characters of one hidden box, of at most four bytes each: a list travels from its preview to its carrying out in several."""
_PARTS = _LIST_BYTES // _PART + 1


@dataclass(frozen=True, slots=True)
class Case:
    """A report with what it is about; `number` is the page of whom it is about, None where that is ourselves. `category` is why, ""
    where nobody said."""

    report: Report
    about: Author
    number: int | None
    by: str
    category: str
    posts: list[Shown]


@dataclass(frozen=True, slots=True)
class Server:
    """What is done with a server: `deed` is block, limit, or "" where only something of it is refused."""

    host: str
    deed: str
    reason: str
    refusal: Refusal = field(default_factory=lambda: Refusal(""))


class ModerationPages(Pages):
    """The pages of stewards against harm."""

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        guarded = self._reception.guarded
        return [
            Route(_PATH, guarded(self._reports), methods=["GET", "HEAD"]),
            Route(f"{_PATH}/reports/{{id:int}}", guarded(self._report), methods=["GET", "HEAD"]),
            Route(f"{_PATH}/reports/{{id:int}}", guarded(self._resolve), methods=["POST"]),
            Route(f"{_PATH}/limits", guarded(self._limits), methods=["GET", "HEAD"]),
            Route(f"{_PATH}/servers", guarded(self._servers), methods=["GET", "HEAD"]),
            Route(f"{_PATH}/servers", guarded(self._act_on), methods=["POST"]),
            Route(f"{_PATH}/servers/lift", guarded(self._lift), methods=["POST"]),
            Route(f"{_PATH}/import", guarded(self._importing), methods=["GET", "HEAD"]),
            Route(f"{_PATH}/import", guarded(self._preview), methods=["POST"]),
            Route(f"{_PATH}/import/carry-out", guarded(self._carry_out), methods=["POST"]),
            Route(f"{_PATH}/blocks.csv", guarded(self._export), methods=["GET", "HEAD"]),
        ]

    async def _reports(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE, steward=True)
        own, done = own_of(visit), request.query_params.get("resolved") == "yes"
        rows = await self._doors.moderation.reports(
            own, resolved=done, before=number(request, "before"), limit=_ROWS + 1
        )

        def look(snapshot: Snapshot) -> list[Case]:
            return [case_of(snapshot, self._reception.origin, own, each) for each in rows[:_ROWS]]

        return await self._reception.page(
            request,
            "moderation.html",
            visit,
            cases=await self._reader.run(look),
            resolved=done,
            older=rows[_ROWS - 1].id if len(rows) > _ROWS else None,
        )

    async def _report(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE, steward=True)
        return await self._case(request, visit)

    async def _case(
        self, request: Request, visit: Visit, *, note: str = "", problem: str = "", status: int = 200
    ) -> Response:
        own, wanted = own_of(visit), request.path_params["id"]

        def look(snapshot: Snapshot) -> Case | None:
            found = reports.by_id(snapshot, own.id, wanted) if wanted < 2**63 else None
            return None if found is None else case_of(snapshot, self._reception.origin, own, found)

        case = await self._reader.run(look)
        if case is None:
            raise UnknownError(message("There is nothing here"))
        return await self._reception.page(
            request, "report.html", visit, status=status, case=case, note=note, problem=problem
        )

    async def _resolve(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, PLACE, steward=True)
        speaker = self._reception.speaker(visit)
        try:
            await self._doors.moderation.resolve(
                speaker, own_of(visit), request.path_params["id"], form["note"]
            )
        except InvalidError as error:
            tongue = await self._reception.tongue(request, visit)
            return await self._case(
                request, visit, note=form["note"], problem=fitting(error, tongue), status=error.status
            )
        except ConflictError:
            return RedirectResponse(f"{_PATH}/reports/{request.path_params['id']}", 303)
        return RedirectResponse(f"{_PATH}?done=resolved", 303)

    async def _limits(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE, steward=True)
        own, after = own_of(visit), request.query_params.get("after", "")[:2000]

        def look(snapshot: Snapshot) -> list[tuple[Limit, Author, int | None]]:
            shelf = Shelf(snapshot, self._reception.origin, own.uri)
            rows = limits.page(snapshot, own.id, actors=True, after=after, limit=_ROWS + 1)
            return [(each, shelf.author(each.target), _number(snapshot, each.target)) for each in rows]

        rows = await self._reader.run(look)
        return await self._reception.page(
            request,
            "limits.html",
            visit,
            rows=rows[:_ROWS],
            more=rows[_ROWS - 1][0].target if len(rows) > _ROWS else "",
        )

    async def _servers(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE, steward=True)
        return await self._list(request, visit)

    async def _list(
        self,
        request: Request,
        visit: Visit,
        *,
        typed: dict[str, str] | None = None,
        problem: str = "",
        status: int = 200,
    ) -> Response:
        own, after = own_of(visit), request.query_params.get("after", "")[:300]

        def look(snapshot: Snapshot) -> list[Server]:
            blocked = follows.blocked_page(snapshot, own.uri, hosts=True, after=after, limit=_SERVERS + 1)
            limited = limits.page(snapshot, own.id, actors=False, after=after, limit=_SERVERS + 1)
            refused = refusals.page(snapshot, own.id, after=after, limit=_SERVERS + 1)
            rows = {each.host: Server(each.host, "", each.reason, each) for each in refused}
            for each in limited:
                besides = rows[each.target].refusal if each.target in rows else Refusal(each.target)
                rows[each.target] = Server(each.target, "limit", each.reason, besides)
            rows |= {host: Server(host, "block", reason) for host, reason in blocked}
            told = (row for row in rows.values() if row.deed or row.refusal.media or row.refusal.reports)
            return sorted(told, key=lambda row: row.host)[: _SERVERS + 1]

        rows = await self._reader.run(look)
        return await self._reception.page(
            request,
            "servers.html",
            visit,
            status=status,
            rows=rows[:_SERVERS],
            more=rows[_SERVERS - 1].host if len(rows) > _SERVERS else "",
            typed={"host": "", "reason": "", "severity": "", **(typed or {})},
            problem=problem,
        )

    async def _act_on(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, PLACE, steward=True)
        own, speaker = own_of(visit), self._reception.speaker(visit)
        try:
            host = named_host(form["host"])
            severity = _severity(form["severity"])
            if severity == "limit":
                await self._doors.moderation.limit(speaker, own, host, form["reason"])
            elif severity == "pictures":
                await self._doors.moderation.refuse_pictures(speaker, own, host, form["reason"])
            else:
                await self._doors.relations.block(speaker, host, form["reason"][:500])
        except InvalidError as error:
            tongue = await self._reception.tongue(request, visit)
            problem = fitting(error, tongue)
            return await self._list(request, visit, typed=form.texts(), problem=problem, status=error.status)
        return RedirectResponse(f"{_PATH}/servers?done={severity}", 303)

    async def _lift(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, PLACE, steward=True)
        own, speaker, host = own_of(visit), self._reception.speaker(visit), form["host"][:300]
        try:
            if form["severity"] != "block":
                await self._doors.moderation.lift(speaker, own, host)
            else:
                await self._doors.relations.unblock(speaker, named_host(host))
        except (ConflictError, InvalidError):
            return RedirectResponse(f"{_PATH}/servers", 303)  # it was lifted already
        return RedirectResponse(f"{_PATH}/servers?done=lifted", 303)

    async def _importing(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE, steward=True)
        return await self._ask_list(request, visit)

    async def _ask_list(
        self, request: Request, visit: Visit, problem: str = "", status: int = 200
    ) -> Response:
        return await self._reception.page(
            request,
            "import.html",
            visit,
            status=status,
            plan=None,
            problem=problem,
            lines=LINES,
        )

    async def _preview(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, PLACE, steward=True)
        text, whole = await _list_of(form)
        tongue, problem = await self._reception.tongue(request, visit), ""
        if not text.strip() or not whole:
            expected = message("a file, or lines in the box, of at most one megabyte")
            problem = fitting(InvalidError("text", expected), tongue)
        elif text.count("\ufffd") > _UNREAD or "\0" in text:
            problem = tongue.say(
                message("This is no list of servers: it should be a file of text, as Mastodon exports it.")
            )
        if problem:
            return await self._ask_list(request, visit, problem, 422)
        plan = await self._doors.moderation.plan(own_of(visit), text)
        return await self._reception.page(
            request,
            "import.html",
            visit,
            plan=plan,
            problem="",
            shown=_SHOWN,
            parts=[text[start : start + _PART] for start in range(0, len(text), _PART)],
        )

    async def _carry_out(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, PLACE, steward=True)
        text = "".join(form.raw(f"part{index}") for index in range(_PARTS))
        plan = await self._doors.moderation.carry_out(self._reception.speaker(visit), own_of(visit), text)
        return RedirectResponse(
            f"{_PATH}/servers?done=list&blocked={len(plan.block)}&limited={len(plan.limit)}", 303
        )

    async def _export(self, request: Request) -> Response:
        visit = await self._reception.member(request, PLACE, steward=True)
        body = await self._doors.moderation.export(own_of(visit))
        headers = {
            "content-disposition": 'attachment; filename="blocks.csv"',
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }
        return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


async def _list_of(form: Form) -> tuple[str, bool]:
    """The list that was sent: a file, else the box, and whether that is all of it. What is no UTF-8 in it is shown as such."""
    files = form.files("file")
    if not files:
        return form["text"], True
    read = await files[0].read(_LIST_BYTES + 1)
    return read.decode("utf-8-sig", "replace"), len(read) <= _LIST_BYTES


def case_of(snapshot: Snapshot, origin: str, own: Collective, report: Report) -> Case:
    """A report as a steward reads it."""
    shelf = Shelf(snapshot, origin, own.uri)
    found = [posts.by_id(snapshot, each) for each in report.posts]
    return Case(
        report,
        shelf.author(report.actor),
        None if report.actor == own.uri else _number(snapshot, report.actor),
        hosts.host_of(report.reporter),
        CATEGORIES.get(report.category, "") if report.category != "other" else "",
        shelf.posts([post for post in found if post is not None]),
    )


def _number(snapshot: Snapshot, uri: str) -> int | None:
    found = collectives.by_uri(snapshot, uri) or actors.profile(snapshot, uri)
    return None if found is None else found.id


def _severity(typed: str) -> str:
    if typed not in ("", *_SEVERITIES):
        raise InvalidError("severity", message("one of these: {known}"), known=", ".join(_SEVERITIES))
    return typed or "block"
