"""Pick-ups and deliveries on one page of the kitchen: when is the next, who goes, what was brought. For the members alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.errors import InvalidError
from node.pantry import ROLES
from node.pickups import WAYS, misread, weekly
from node.speak import tongues
from node.storage import pickups
from node.storage.database import Snapshot
from node.storage.pickups import Pickup, Weighed
from node.web.composing import Desk
from node.web.forms import day_choices
from node.web.member_pages import MemberPages
from node.web.sheets import fresh_key, words_of, wrong_by_box

_COMING = 4
_GONE = 8
_WEEK = timedelta(weeks=1)
_MONDAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a series: who goes, what was brought, and whether that can be written down already."""

    day: date
    names: tuple[str, ...]
    weighed: Weighed | None
    due: bool


@dataclass(frozen=True, slots=True)
class Series:
    """A series as it is shown: its next days, and the last ones, the latest first."""

    pickup: Pickup
    coming: Sequence[Day]
    gone: Sequence[Day]


class PickupPages(MemberPages):
    """The page of pick-ups and deliveries."""

    place = "/kitchen"

    def routes(self) -> list[BaseRoute]:
        """Its addresses; a day is in ISO form."""
        guarded = self._reception.guarded
        return [
            Route("/kitchen/pickups", guarded(self._page), methods=["GET"]),
            Route("/kitchen/pickups", guarded(self._begin), methods=["POST"]),
            Route("/kitchen/pickups/{number:int}/end", guarded(self._end), methods=["POST"]),
            Route("/kitchen/pickups/{number:int}/{day}/{word}", guarded(self._tap), methods=["POST"]),
        ]

    async def _page(self, request: Request) -> Response:
        return await self._drawn(request, await self._seat(request), {}, {})

    async def _drawn(
        self,
        request: Request,
        desk: Desk,
        typed: dict[str, str],
        errors: dict[str, str],
        *,
        wrong: str = "",
        status: int = 200,
    ) -> Response:
        """The page; `wrong` names the day (`NUMBER/DAY`) whose weight did not read."""
        today = desk.tongue.today(self._doors.clock())

        def look(snapshot: Snapshot) -> list[Series]:
            return [_series(snapshot, each, today) for each in pickups.of(snapshot, desk.own.id)]

        found = await self._reader.run(look)
        return await self._reception.page(
            request,
            "pickups.html",
            desk.visit,
            status=status,
            tongue=desk.tongue,
            running=[each for each in found if each.coming],
            ended=[each for each in found if not each.coming and each.gone],
            ways=WAYS,
            weekdays=[desk.tongue.day_name(_MONDAY + timedelta(days=step)) for step in range(7)],
            days=day_choices(desk.tongue, today),
            today=today,
            typed=typed,
            errors=errors,
            wrong=wrong,
            may=desk.visit.role in ROLES,
            fresh_key=fresh_key,
        )

    async def _begin(self, request: Request) -> Response:
        desk, form, speaker = await self._posted(request)
        names = ("way", "what", "place", "weekday", "clock", "people")
        try:
            await self._doors.pickups.begin(
                speaker,
                **{name: form[name] for name in names},
                ends=self._composing.day(desk, form["ends"]),
                key=form["key"],
            )
        except InvalidError as error:
            typed = form.texts() | {"ends": self._composing.day(desk, form["ends"])}
            others = misread(tongues(desk.own)[0], desk.tongue.today(self._doors.clock()), typed)
            errors = wrong_by_box(error, desk.tongue, others)
            return await self._drawn(request, desk, form.texts(), errors, status=error.status)
        return RedirectResponse("/kitchen/pickups?done=series", 303)

    async def _end(self, request: Request) -> Response:
        _, _, speaker = await self._posted(request)
        await self._doors.pickups.end(speaker, request.path_params["number"])
        return RedirectResponse("/kitchen/pickups?done=ended", 303)

    async def _tap(self, request: Request) -> Response:
        """One tap about one day: I go, I do not, so much was brought, into the pantry."""
        desk, form, speaker = await self._posted(request)
        number, word = request.path_params["number"], request.path_params["word"]
        day, door = _day(request.path_params["day"]), self._doors.pickups
        if day is None or number >= 2**63:
            return await self._public.missing(request, 404)
        if word == "join":
            await door.join(speaker, number, day)
        elif word == "leave":
            await door.leave(speaker, number, day)
        elif word == "store":
            await door.store(speaker, number, day)
        elif word == "weigh":
            try:
                await door.weigh(speaker, number, day, form["weight"])
            except InvalidError as error:
                errors = {"weight": words_of(error, desk.tongue)}
                wrong = f"{number}/{day.isoformat()}"
                return await self._drawn(
                    request, desk, form.texts(), errors, wrong=wrong, status=error.status
                )
        else:
            return await self._public.missing(request, 404)
        return RedirectResponse(f"/kitchen/pickups?done={_DONE[word]}", 303)


_DONE = {"join": "joined", "leave": "left", "store": "stored", "weigh": "weighed"}


def _series(snapshot: Snapshot, pickup: Pickup, today: date) -> Series:
    since = today - (_GONE + 1) * _WEEK
    names, weights = pickups.hands(snapshot, pickup.id, since), pickups.weights(snapshot, pickup.id, since)

    def shown(day: date) -> Day:
        return Day(day, tuple(names.get(day, ())), weights.get(day), day <= today)

    days = weekly(pickup)
    return Series(
        pickup,
        [shown(day) for day in days.coming(today, _COMING)],
        [shown(day) for day in days.gone(today, _GONE)],
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
