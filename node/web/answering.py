"""One tap that answers: accept, refuse with a reason, confirm, share, approve; and the pages to correct or withdraw what is ours.

A second tap of the same changes nothing and leads to the same page.
"""

import contextlib
import hashlib
import json
from collections.abc import Awaitable, Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.activities import REGISTRY
from node.desk import Desk as Waiting
from node.domain.kind import AnyKind
from node.domain.typed import field_named
from node.errors import (
    AnsweredError,
    InvalidError,
    NodeError,
    NotPermittedError,
    UnapprovedError,
    UnknownError,
)
from node.publish import Idempotency, Tried
from node.shown import Shelf, Shown
from node.speak import LiveScene, Said
from node.speak.scene import thing_of
from node.storage import media, objects, posts
from node.storage.database import Snapshot, Transaction
from node.storage.objects import Object
from node.storage.proposals import Proposal
from node.tongues import message
from node.web.composing import Desk, refuse_role
from node.web.drawing import Visit
from node.web.forms import gathered, texts_of, with_unit
from node.web.kinds import doing_of
from node.web.member_pages import MemberPages, Question
from node.web.sheets import Photo, Sheet, photographs_refused, sheet_of, take_photos
from node.web.words import worded
from schemas import Record

_ROUTE, _PROPOSING = "web-answer", "web-proposed-change"
_REFUSE = Question("reason", message("Refuse"), message("Why"), message("Refuse"))
_CONFIRM = Question("quantity", message("Confirm"), message("How much they bring"), message("Confirm"))


class Answering(MemberPages):
    """Answers and corrections."""

    def routes(self) -> list[BaseRoute]:
        """Their addresses; numbers are those of the things."""
        guarded = self._reception.guarded
        return [
            *(
                Route(f"/answer/{{number:int}}/{word}", guarded(handler), methods=["POST"])
                for word, handler in {
                    "accept": self._accept,
                    "reject": self._reject,
                    "confirm": self._confirm,
                    "boost": self._boost,
                    "close": self._close,
                    "follower": self._follower,
                }.items()
            ),
            Route("/edit/{number:int}", guarded(self._edit), methods=["GET"]),
            Route("/edit/{number:int}", guarded(self._edited), methods=["POST"]),
            Route("/withdraw/{number:int}", guarded(self._ask_withdraw), methods=["GET"]),
            Route("/withdraw/{number:int}", guarded(self._withdraw), methods=["POST"]),
            Route("/proposals/{number:int}", guarded(self._proposal), methods=["GET"]),
            Route("/proposals/{number:int}", guarded(self._approve), methods=["POST"]),
            Route("/proposals/{number:int}/recuse", guarded(self._recuse), methods=["POST"]),
            Route("/proposals/{number:int}/withdraw", guarded(self._ask_withdraw_proposal), methods=["GET"]),
            Route("/proposals/{number:int}/withdraw", guarded(self._withdraw_proposal), methods=["POST"]),
        ]

    def _number(self, request: Request) -> str:
        return str(request.path_params["number"])

    async def _settled(self, number: str, doing: Awaitable[Said], *states: str) -> None:
        """Do it; where it is refused because it is so already, that is well."""
        try:
            await doing
        except NodeError:
            row = await self._reader.run(lambda s: objects.by_id(s, int(number)))
            if row is None or row.state not in states:
                raise

    async def _accept(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request)
        number, options = self._number(request), frozenset({"over"} if form["over"] else ())
        accepted = self._doors.publisher.accept(self._reception.speaker(visit), number, options)
        await self._settled(number, accepted, "accepted")
        return self._back(form, "/home", "accepted")

    async def _reject(self, request: Request) -> Response:
        desk, form, speaker = await self._posted(request)
        number, reason = self._number(request), form["reason"][:500]
        if not reason:
            return await self._again(
                request,
                desk,
                form,
                InvalidError("reason", message("a few words: whoever promised will read them")),
                _REFUSE,
            )
        rejected = self._doors.publisher.reject(speaker, number, reason)
        await self._settled(number, rejected, "rejected")
        return self._back(form, "/home", "rejected")

    async def _confirm(self, request: Request) -> Response:
        desk, form, speaker = await self._posted(request)
        number, amount = self._number(request), with_unit(form["quantity"][:60], form["quantity.unit"][:10])
        once = Idempotency(_ROUTE, form["key"], f"{number} {amount}".encode()) if form["key"] else None
        now = form["shown"]

        def as_shown(transaction: Transaction, _said: Said) -> None:
            nonlocal now
            waiting = Waiting(transaction, self._reception.origin, desk.own, desk.tongue)
            now = waiting.promised(int(number))
            if now != form["shown"]:
                raise _changed(now)

        try:
            await self._doors.publisher.confirm(
                speaker, number, {"quantity": amount}, idempotency=once, also=as_shown
            )
        except InvalidError as error:
            return await self._again(request, desk, form, error, _CONFIRM, shown=now)
        return self._back(form, "/home", "confirmed")

    async def _boost(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request)
        await self._doors.reactions.boost(self._reception.speaker(visit), self._number(request))
        return self._back(form, "/home", "boosted")

    async def _close(self, request: Request) -> Response:
        """The claims of a round stand from now on."""
        visit, form = await self._reception.posted(request)
        closing = self._doors.publisher.revise(
            self._reception.speaker(visit), self._number(request), {"status": "closed"}
        )
        await self._settled(self._number(request), closing, "closed")
        return self._back(form, "/home", "closed")

    async def _follower(self, request: Request) -> Response:
        """Who asked to follow is let in or not; the actor is named in the form."""
        visit, form = await self._reception.posted(request, steward=True)
        own = visit.collective
        if own is None:
            raise UnknownError(message("Nobody of that name asked to follow."))
        if form["let"] == "in":
            await self._doors.relations.approve(self._reception.speaker(visit), form["actor"])
        else:
            await self._doors.relations.refuse(self._reception.speaker(visit), form["actor"])
        return self._back(form, "/home", "accepted")

    async def _ours(self, request: Request) -> tuple[Visit, Object, AnyKind]:
        """The thing of ours that the address names."""
        visit = await self._reception.member(request)
        number = request.path_params["number"]

        def look(snapshot: Snapshot) -> Object | None:
            return objects.by_id(snapshot, number) if number < 2**63 else None

        row = await self._reader.run(look)
        if row is None or not row.document or row.kind not in REGISTRY:
            raise UnknownError(message("There is nothing here."))
        if row.owner != visit.reader:
            raise NotPermittedError(message("Only the collective that published this may change it."))
        refuse_role(visit, REGISTRY[row.kind])
        return visit, row, REGISTRY[row.kind]

    async def _edit(self, request: Request) -> Response:
        visit, row, kind = await self._ours(request)
        desk = await self._composing.desk(request, visit)
        record, photos = await self._reader.run(lambda s: _stored(s, row))
        texts = texts_of(record, desk.tongue)
        return await self._draw(request, desk, Sheet(kind, texts, photos=photos, seen=_digest(texts)))

    async def _draw(self, request: Request, desk: Desk, sheet: Sheet, *, status: int = 200) -> Response:
        number = self._number(request)
        return await self._composing.drawn(
            request,
            desk,
            sheet,
            status=status,
            action=f"/edit/{number}",
            title=message("Correct this"),
            about=message("A correction is published like the rest: everybody can see that it was changed."),
        )

    async def _edited(self, request: Request) -> Response:
        _, form = await self._reception.posted(request)
        visit, row, kind = await self._ours(request)
        desk = await self._composing.desk(request, visit)
        record, shown = await self._reader.run(lambda s: _stored(s, row))
        sheet = await take_photos(sheet_of(kind, form), form, desk.own, self._doors.attachments, desk.tongue)
        before = texts_of(record, desk.tongue)
        step = form["step"].partition(":")[0]
        if step in ("edit", "more") or sheet.errors:
            again = self._composing.longer(sheet, form["step"]) if step == "more" else sheet
            asked_for = step in ("edit", "more")
            return await self._draw(request, desk, again, status=200 if asked_for else 422)
        today = desk.tongue.today(self._doors.clock())
        old, new = (
            gathered(kind, texts, desk.tongue, today, desk.own.currency) for texts in (before, sheet.texts)
        )
        changes = {name: value for name, value in new.items() if value != old[name]}
        kept = sheet.numbers == [photo.medium.id for photo in shown] and not sheet.described
        pictures = None if kept else sheet.numbers
        if sheet.seen != _digest(before) and (changes or pictures is not None):
            trouble = desk.tongue.say(
                "Somebody changed this meanwhile. Look at it, and save again if yours is to stand."
            )
            again = replace(sheet, seen=_digest(before), trouble=trouble)
            return await self._draw(request, desk, again, status=409)
        if not changes and pictures is None:
            return RedirectResponse(f"{_page(row, self._reception.origin)}?done=unchanged", 303)
        try:
            await self._doors.publisher.revise(
                self._reception.speaker(visit),
                str(row.id),
                changes,
                pictures=pictures,
                described=sheet.described,
                also=self._doors.pantry.settle,
            )
        except UnapprovedError:
            if pictures is None:
                return await self._propose(desk, sheet, row, changes)
            again = sheet.refused(photographs_refused(), desk.tongue)
            return await self._draw(request, desk, again, status=409)
        except NodeError as error:
            again = sheet.refused(error, desk.tongue, self._composing.misread(desk, sheet))
            return await self._draw(request, desk, again, status=error.status)
        return RedirectResponse(f"{_page(row, self._reception.origin)}?done=edited", 303)

    async def _propose(
        self, desk: Desk, sheet: Sheet, row: Object, changes: Mapping[str, object]
    ) -> Response:
        """A change that others must approve too."""
        proposal = await self._doors.proposals.propose(
            self._reception.speaker(desk.visit),
            row.kind,
            changes,
            about=str(row.id),
            idempotency=sheet.once(_PROPOSING),
            approving=True,
        )
        return RedirectResponse(f"/proposals/{proposal.id}?done=proposed", 303)

    async def _ask_withdraw(self, request: Request) -> Response:
        visit, row, kind = await self._ours(request)
        record, origin = thing_of(row).record, self._reception.origin

        def look(snapshot: Snapshot) -> tuple[Shown | None, bool]:
            scene = LiveScene(snapshot, origin, here=row.owner)
            together = record is not None and kind.unsaying(record, scene) > 0
            return _shown(snapshot, row, origin, visit.reader), together

        shown, together = await self._reader.run(look)
        return await self._reception.page(
            request,
            "withdraw.html",
            visit,
            post=shown,
            number=row.id,
            kind=row.kind,
            together=together,
            back=_page(row, self._reception.origin),
        )

    async def _withdraw(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request)
        number = self._number(request)
        speaker = self._reception.speaker(visit)
        try:
            await self._settled(number, self._doors.publisher.withdraw(speaker, number), "withdrawn")
        except UnapprovedError:
            there = await self._doors.proposals.waiting(speaker)
            known = [each for each in there if each.withdrawal and each.about.endswith(f"/{number}")]
            proposal = (
                known[0]
                if known
                else await self._doors.proposals.propose(speaker, "", {}, about=number, approving=True)
            )
            return RedirectResponse(f"/proposals/{proposal.id}?done=proposed", 303)
        return self._back(form, "/home", "withdrawn")

    async def _proposal(self, request: Request, *, asking: bool = False) -> Response:
        """What waits for approval; `asking` whether it shall be taken back."""
        visit = await self._reception.member(request)
        desk = await self._composing.desk(request, visit)
        proposal = await self._doors.proposals.known(
            self._reception.speaker(visit), request.path_params["number"]
        )
        kind = REGISTRY[proposal.kind]
        record: type[Record] = kind.record
        may = visit.role in kind.roles
        tried = await self._read_proposal(visit, proposal)
        named = {name: info for name in proposal.fields if (info := field_named(record, name))}
        return await self._reception.page(
            request,
            "proposal.html",
            visit,
            tongue=desk.tongue,
            proposal=proposal,
            texts=tried.texts if tried else (),
            lacking=tried.approvals - len(proposal.approvals) if tried else 0,
            asking=asking,
            doing=doing_of(proposal.kind),
            may=may,
            labels={name: info.label(desk.tongue.language) for name, info in named.items()},
            values={name: worded(info, proposal.fields[name], desk.tongue) for name, info in named.items()},
        )

    async def _read_proposal(self, visit: Visit, proposal: Proposal) -> Tried | None:
        """How it will read, whoever looks, and how many must approve it; None where it would be refused now."""
        if proposal.said is not None or proposal.withdrawn is not None or proposal.withdrawal:
            return None
        try:
            speaker = replace(self._reception.speaker(visit), role="operator")
            trying = self._doors.trying
            if proposal.about:
                return await trying.revise(speaker, proposal.about, proposal.fields)
            return await trying.publish(speaker, proposal.kind, proposal.fields)
        except NodeError:
            return None

    async def _approve(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request)
        number, speaker = request.path_params["number"], self._reception.speaker(visit)
        try:
            proposal = (await self._doors.proposals.sign(speaker, number)).proposal
        except AnsweredError:
            proposal = await self._doors.proposals.known(speaker, number)
        if proposal.said is None:
            return self._back(form, f"/proposals/{number}", "approved")
        if proposal.withdrawal:
            return RedirectResponse("/home?done=withdrawn", 303)
        return RedirectResponse(f"{proposal.said}?done={proposal.kind}", 303)

    async def _recuse(self, request: Request) -> Response:
        """Who has a stake in it leaves it to others; a second tap changes nothing."""
        visit, form = await self._reception.posted(request)
        number = request.path_params["number"]
        with contextlib.suppress(AnsweredError):
            await self._doors.proposals.recuse(self._reception.speaker(visit), number)
        return self._back(form, f"/proposals/{number}", "recused")

    async def _ask_withdraw_proposal(self, request: Request) -> Response:
        return await self._proposal(request, asking=True)

    async def _withdraw_proposal(self, request: Request) -> Response:
        visit, form = await self._reception.posted(request)
        number = request.path_params["number"]
        await self._doors.proposals.withdraw(self._reception.speaker(visit), number)
        return self._back(form, "/home", "unproposed")


def _changed(now: str) -> InvalidError:
    """Why what a page showed of an answer is not confirmed."""
    if not now:
        return InvalidError(
            "quantity", message("what the answer says now: it was changed, and no amount can be read in it")
        )
    return InvalidError(
        "quantity", message("what the answer says now: it was changed, and promises {amount}"), amount=now
    )


def _stored(snapshot: Snapshot, row: Object) -> tuple[Record, tuple[Photo, ...]]:
    record = thing_of(row).record
    if record is None:
        raise UnknownError(message("There is nothing here."))
    return record, tuple(Photo(medium, medium.description) for medium in media.of_post(snapshot, row.id))


def _shown(snapshot: Snapshot, row: Object, origin: str, reader: str) -> Shown | None:
    post = posts.by_uri(snapshot, row.uri)
    return None if post is None else Shelf(snapshot, origin, reader).post(post)


def _page(row: Object, origin: str) -> str:
    """The page of a thing; an offer that is not accepted yet has none."""
    return row.uri if row.uri.startswith(f"{origin}/o/") else "/home"


def _digest(texts: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(texts.items())).encode()).hexdigest()[:16]
