"""Saying something new: what there is to say, the form for it, a look at how it reads, and then it is said, once."""

from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.activities import REGISTRY
from node.domain.kind import AnyKind, NotAllowedError
from node.domain.typed import misread
from node.errors import NodeError, NotPermittedError, UnapprovedError
from node.numbers import whole
from node.publish import RepeatedError, Tried
from node.speak import LiveScene, may_read, tongues
from node.storage import objects
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.tongues import Tongue, message
from node.web.candidates import begun, candidates, label
from node.web.drawing import Visit
from node.web.forms import Typed, boxes, day_choices, day_typed, gathered, more_rows, names_in
from node.web.kinds import chooses_audience, doing_of, may_say, open_to, takes_pictures, takes_receipt
from node.web.public import Public
from node.web.reception import Reception
from node.web.sheets import (
    Sheet,
    fresh_key,
    given_of,
    is_local,
    photographs_refused,
    sheet_of,
    take_photos,
)
from schemas.receipt import Receipt

AUDIENCES = ("public", "unlisted", "followers", "peers")
_ROUTE, _PROPOSING = "web", "web-proposal"


@dataclass(frozen=True, slots=True)
class Desk:
    """Who fills in a form, and in which language she reads."""

    visit: Visit
    own: Collective
    tongue: Tongue


class Composing:
    """The pages of what is new."""

    def __init__(self, reception: Reception, public: Public) -> None:
        self._reception = reception
        self._public = public
        self._doors = reception.doors

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        guarded = self._reception.guarded
        return [
            Route("/new", guarded(self._choose), methods=["GET"]),
            Route("/new/{kind}", guarded(self._empty), methods=["GET"]),
            Route("/new/{kind}", guarded(self._filled), methods=["POST"]),
        ]

    async def _choose(self, request: Request) -> Response:
        visit = await self._reception.member(request, "/new")
        return await self._reception.page(
            request,
            "choose.html",
            visit,
            groups=open_to(visit.role, fund=bool(visit.collective and visit.collective.kind == "fund")),
        )

    async def _empty(self, request: Request) -> Response:
        visit = await self._reception.member(request, "/new")
        kind = REGISTRY.get(request.path_params["kind"])
        if kind is None:
            return await self._public.missing(request, 404)
        refuse_role(visit, kind)
        texts = {name: text[:500] for name, text in request.query_params.items()}
        back, desk = texts.pop("back", ""), await self.desk(request, visit)
        begins = await self._doors.database.reader.run(
            lambda s: begun(s, self._reception.origin, desk.own, kind)
        )
        sheet = Sheet(
            kind,
            {**begins, **texts},
            key=fresh_key(),
            audience="public",
            answers=texts.pop("answers", ""),
            recipe=texts.pop("recipe", ""),
            back=back if is_local(back) else "",
        )
        return await self._drawn(request, desk, sheet)

    async def desk(self, request: Request, visit: Visit) -> Desk:
        """Where a member sits."""
        if visit.collective is None:
            raise NotPermittedError(message("Only members come in here."))
        return Desk(visit, visit.collective, await self._reception.tongue(request, visit))

    async def _filled(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request, "/new")
        kind = REGISTRY.get(request.path_params["kind"])
        if kind is None:
            return await self._public.missing(request, 404)
        refuse_role(visit, kind)
        desk = await self.desk(request, visit)
        sheet = await take_photos(sheet_of(kind, form), form, desk.own, self._doors.attachments, desk.tongue)
        step = form["step"].partition(":")[0]
        if step == "more":
            return await self._drawn(request, desk, self.longer(sheet, form["step"]))
        if step == "edit" or sheet.errors:
            return await self._drawn(request, desk, sheet, status=422 if sheet.errors else 200)
        try:
            if step == "preview":
                return await self._preview(request, desk, sheet)
            return await self._publish(request, desk, sheet)
        except RepeatedError:
            return await self._repeated(request, desk, sheet)
        except NodeError as error:
            again = sheet.refused(error, desk.tongue, self.misread(desk, sheet))
            return await self._drawn(request, desk, again, status=error.status)

    async def _preview(self, request: Request, desk: Desk, sheet: Sheet) -> Response:
        tried: Tried = await self._doors.trying.publish(
            self._reception.speaker(desk.visit),
            sheet.kind.name,
            given_of(self.fields(desk, sheet)),
            audience=sheet.chosen,
            in_reply_to=sheet.answers or None,
            pictures=sheet.numbers,
        )
        if tried.approvals and sheet.photos:
            raise photographs_refused()
        return await self._reception.page(
            request,
            "preview.html",
            desk.visit,
            tongue=desk.tongue,
            tried=tried,
            sheet=sheet,
            doing=doing_of(sheet.kind.name),
            handle=f"{desk.own.handle}@{self._reception.host}",
            media=self._doors.attachments.base,
            action=_sent_to(sheet.kind),
        )

    async def _publish(self, request: Request, desk: Desk, sheet: Sheet) -> Response:
        speaker = self._reception.speaker(desk.visit)
        given = given_of(self.fields(desk, sheet))
        try:
            said = await self._doors.publisher.publish(
                speaker,
                sheet.kind.name,
                given,
                audience=sheet.chosen,
                in_reply_to=sheet.answers or None,
                pictures=sheet.numbers,
                idempotency=sheet.once(_ROUTE),
                also=partial(self._doors.pantry.settle, recipe=sheet.cooked_by),
            )
        except UnapprovedError:
            if sheet.photos:
                raise photographs_refused() from None
            proposal = await self._doors.proposals.propose(
                speaker, sheet.kind.name, given, idempotency=sheet.once(_PROPOSING), approving=True
            )
            return RedirectResponse(f"/proposals/{proposal.id}?done=proposed", 303)
        if said.code:
            return await self._reception.page(
                request, "gift_code.html", desk.visit, tongue=desk.tongue, code=said.code, uri=said.uri
            )
        arrived = {"arrived": str(said.id)} if sheet.kind.name == Receipt.kind() else {}
        done = urlencode({"done": sheet.kind.name, **arrived})
        if sheet.back:
            return RedirectResponse(f"{sheet.back}{'&' if '?' in sheet.back else '?'}{done}", 303)
        there = said.uri if said.uri.startswith(f"{self._reception.origin}/o/") else "/home"
        return RedirectResponse(f"{there}?{done}", 303)

    async def _repeated(self, request: Request, desk: Desk, sheet: Sheet) -> Response:
        """The form was sent before with other words: she went back and changed something, or wants a second one."""
        again = replace(
            sheet,
            key=fresh_key(),
            trouble=desk.tongue.say(
                "You published this form already, and then changed it here. To correct what is published, edit it on its"
                " page; if you publish now, there will be two."
            ),
        )
        return await self._drawn(request, desk, again, status=409)

    def longer(self, sheet: Sheet, step: str) -> Sheet:
        """The same form with more rows in the list that a step `more:NAME` names."""
        name = step.partition(":")[2]
        return replace(sheet, rows={name: more_rows(_shown(sheet, name))})

    def fields(self, desk: Desk, sheet: Sheet) -> dict[str, object]:
        """What was typed, as the door wants it."""
        today = desk.tongue.today(self._doors.clock())
        return gathered(sheet.kind, sheet.texts, desk.tongue, today, desk.own.currency)

    def misread(self, desk: Desk, sheet: Sheet) -> list[NotAllowedError]:
        """All that does not read of what was typed, each field by itself; the door stops at the first."""
        today = desk.tongue.today(self._doors.clock())
        return [*misread(sheet.kind.record, self.fields(desk, sheet), tongues(desk.own)[0], today)]

    def day(self, desk: Desk, typed: str) -> str:
        """A day in the reader's words, in the one reading that every language has."""
        return day_typed(typed, desk.tongue, desk.tongue.today(self._doors.clock()))

    async def _drawn(self, request: Request, desk: Desk, sheet: Sheet, *, status: int = 200) -> Response:
        return await self.drawn(
            request,
            desk,
            sheet,
            status=status,
            action=_sent_to(sheet.kind),
            title=doing_of(sheet.kind.name).title,
            about=doing_of(sheet.kind.name).about,
        )

    async def drawn(
        self, request: Request, desk: Desk, sheet: Sheet, *, status: int, action: str, title: str, about: str
    ) -> Response:
        """The form with what stands in it."""
        kind = sheet.kind

        def look(snapshot: Snapshot) -> tuple[dict[str, tuple[tuple[str, str], ...]], str]:
            choices = candidates(snapshot, self._reception.origin, desk.own, kind, desk.tongue)
            return choices, self._answered(snapshot, desk, sheet.answers)

        choices, answered = await self._doors.database.reader.run(look)
        typed = Typed(sheet.texts, sheet.errors, sheet.rows, choices, desk.own.currency)
        drawn = boxes(kind, desk.tongue, typed, new=not sheet.seen)
        there = {name for box in drawn for name in names_in(box)} | {"visibility"}
        loose = [
            text
            for name, text in sheet.errors.items()
            if name not in there and not name.startswith(("photo", "alt"))
        ]
        return await self._reception.page(
            request,
            "form.html",
            desk.visit,
            status=status,
            tongue=desk.tongue,
            sheet=sheet,
            boxes=drawn,
            loose=[*([sheet.trouble] if sheet.trouble else []), *loose],
            action=action,
            title=desk.tongue.say(title),
            about=desk.tongue.say(about) if about else "",
            days=day_choices(desk.tongue, desk.tongue.today(self._doors.clock())),
            audiences=AUDIENCES if chooses_audience(kind) and action.startswith("/new") else (),
            pictures=takes_pictures(kind),
            receipt=takes_receipt(kind),
            media=self._doors.attachments.base,
            answered=answered,
        )

    def _answered(self, snapshot: Snapshot, desk: Desk, ref: str) -> str:
        """What a post answers, in one line."""
        number = whole(ref)
        row = None if number is None else objects.by_id(snapshot, number)
        if row is None or not may_read(snapshot, row, desk.own.uri):
            return ""
        scene = LiveScene(snapshot, self._reception.origin, here=desk.own.uri)
        thing = scene.thing(row.uri)
        return label(thing, scene, desk.tongue) if thing is not None else ""


def refuse_role(visit: Visit, kind: AnyKind) -> None:
    """NotPermittedError, in words, where a member's role does not publish a kind."""
    if not may_say(visit.role, kind):
        raise NotPermittedError(
            message("Your role in this collective does not publish this."),
            hint=message("A steward gives roles. Ask one of them, or tell somebody who may."),
        )


def _sent_to(kind: AnyKind) -> str:
    """Where a form is sent: not to the address of its page, which a browser would forget then (RFC 9111, 4.4). The back button
    shows the page as it was, with its key, and what is sent from it once more is no second thing."""
    return f"/new/{kind.name}?sent"


def _shown(sheet: Sheet, name: str) -> int:
    """How many rows of a list the form showed."""
    numbers = [
        int(key.split(".")[1]) for key in sheet.texts if key.startswith(f"{name}.") and key.count(".") > 1
    ]
    return max(numbers, default=-1) + 1
