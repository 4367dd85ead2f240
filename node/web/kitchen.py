"""The kitchen: meals to cook and to count, recipes with what can be cooked and what limits it, and the pantry lot by lot.

Recipes and pantry are for the members alone; nothing of them is published.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from node.desk import Desk
from node.domain.provisions import misread_lot, misread_recipe
from node.domain.stock import Ingredient
from node.errors import InvalidError, NodeError
from node.pantry import REASONS, ROLES, may_change
from node.publish import Idempotency, RepeatedError
from node.speak import tongues
from node.stock import Cookable, Held, Stock, cookable, lacking
from node.storage import pantry
from node.storage.database import Snapshot
from node.storage.objects import Object
from node.storage.pantry import Batch, Movement
from node.tongues import Tongue, message
from node.web.composing import Desk as Seat
from node.web.forms import UNITS, amount_typed, day_choices, short_of, with_unit
from node.web.member_pages import MemberPages, Question
from node.web.public import number
from node.web.reception import Form
from node.web.sheets import fresh_key, wrong_by_box
from schemas import Quantity, Unit
from schemas.meal import Meal

_MOST = 100_000
"""Rations for which somebody may ask what is missing."""
_ROWS = 6
PANTRY_UNITS = tuple(
    (typed, text) for typed, text, unit in UNITS if unit in (Unit.KILOGRAM, Unit.LITRE, Unit.ONE)
)
_COUNT_REASONS = ("counted", "spoiled", "given", "lost", "bought", "arrived")
_SERVED = Question("served", message("Rations served"), message("Rations served"), message("Write it down"))
_TAKE_OUT = Question("quantity", message("Take some out"), message("How much"), message("Take it out"))
_USE_REASONS = ("cooked", "given", "spoiled", "lost")


@dataclass(frozen=True, slots=True)
class Room:
    """What stands on the kitchen's first page."""

    planned: list[tuple[Object, Meal]]
    served: list[tuple[Object, Meal]]
    recipes: list[Cookable]
    held: list[Held]
    most: dict[str, int]


@dataclass(frozen=True, slots=True)
class RecipeSheet:
    """A recipe that somebody is writing: number 0 for a new one; rows of (what, how much, unit)."""

    number: int
    key: str = ""
    name: str = ""
    rations: str = "100"
    rows: tuple[tuple[str, str, str], ...] = ()
    errors: dict[str, str] = field(default_factory=dict)


class Kitchen(MemberPages):
    """The pages of the kitchen."""

    place = "/kitchen"

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        guarded = self._reception.guarded
        return [
            Route("/kitchen", guarded(self._room), methods=["GET"]),
            Route("/kitchen/meals/{number:int}/{word}", guarded(self._meal), methods=["POST"]),
            Route("/kitchen/pantry", guarded(self._pantry), methods=["GET"]),
            Route("/kitchen/pantry", guarded(self._add), methods=["POST"]),
            Route("/kitchen/use", guarded(self._use), methods=["POST"]),
            Route("/kitchen/store", guarded(self._store), methods=["POST"]),
            Route("/kitchen/lots/{number:int}", guarded(self._lot), methods=["GET"]),
            Route("/kitchen/lots/{number:int}", guarded(self._count), methods=["POST"]),
            Route("/kitchen/recipes/{number:int}", guarded(self._recipe), methods=["GET"]),
            Route("/kitchen/recipes/{number:int}/edit", guarded(self._edit_recipe), methods=["GET"]),
            Route("/kitchen/recipes/{number:int}/edit", guarded(self._keep_recipe), methods=["POST"]),
            Route("/kitchen/recipes/{number:int}/drop", guarded(self._drop_recipe), methods=["POST"]),
        ]

    async def _room(self, request: Request) -> Response:
        seat = await self._seat(request)

        def look(snapshot: Snapshot) -> Room:
            desk = Desk(snapshot, self._reception.origin, seat.own, seat.tongue)
            recipes, planned = cookable(snapshot, seat.own), desk.meals()
            chosen = {row.uri: pantry.cooked_by(snapshot, row.uri) for row, _ in planned}
            by_number = {each.recipe.id: each.possible.rations for each in recipes}
            most = {uri: by_number[recipe] for uri, recipe in chosen.items() if recipe in by_number}
            return Room(planned, desk.served_lately(), recipes, Stock.of(snapshot, seat.own).held(), most)

        room = await self._reader.run(look)
        return await self._reception.page(
            request,
            "kitchen.html",
            seat.visit,
            tongue=seat.tongue,
            room=room,
            today=seat.tongue.today(self._doors.clock()),
            may=seat.visit.role in ROLES,
            fresh_key=fresh_key,
        )

    async def _meal(self, request: Request) -> Response:
        """One tap about a meal: served, so many; or called off."""
        seat, form, speaker = await self._posted(request)
        ref, word = str(request.path_params["number"]), request.path_params["word"]
        if word not in ("served", "cancel"):
            return await self._public.missing(request, 404)
        try:
            given = {"status": "cancelled"} if word == "cancel" else _counted(form)
            # The amounts belong to the question: with others it is a correction, and no second tap.
            once = (
                Idempotency(f"web-meal {ref} {sorted(given.items())}", form["key"], b"")
                if form["key"]
                else None
            )
            await self._doors.publisher.revise(
                speaker, ref, given, idempotency=once, also=self._doors.pantry.settle
            )
        except InvalidError as error:
            if word == "cancel":
                raise
            return await self._again(request, seat, form, error, _SERVED)
        return self._back(form, "/kitchen", "served" if word == "served" else "edited")

    async def _pantry(self, request: Request) -> Response:
        return await self._drawn_pantry(request, await self._seat(request), {}, {})

    async def _drawn_pantry(
        self,
        request: Request,
        seat: Seat,
        typed: dict[str, str],
        errors: dict[str, str],
        *,
        status: int = 200,
    ) -> Response:
        held = await self._reader.run(lambda s: Stock.of(s, seat.own).held())
        today = seat.tongue.today(self._doors.clock())
        return await self._reception.page(
            request,
            "pantry.html",
            seat.visit,
            status=status,
            tongue=seat.tongue,
            held=held,
            typed=typed,
            errors=errors,
            units=[(key, seat.tongue.say(text)) for key, text in PANTRY_UNITS],
            reasons=[(key, seat.tongue.say(REASONS[key])) for key in _USE_REASONS],
            days=day_choices(seat.tongue, today),
            today=today,
            may=seat.visit.role in ROLES,
            fresh_key=fresh_key,
            short=short_of,
        )

    async def _add(self, request: Request) -> Response:
        seat, form, speaker = await self._posted(request)
        given = {
            "what": form["what"],
            "quantity": with_unit(form["quantity"], form["unit"]),
            "expires": self._composing.day(seat, form["expires"]),
        }
        try:
            await self._doors.pantry.add(speaker, **given, key=form["key"])
        except RepeatedError:
            wrong = seat.tongue.say(
                "You sent this form already, and then changed it. If you send it now, there will be two."
            )
            return await self._drawn_pantry(request, seat, form.texts(), {"": wrong}, status=409)
        except NodeError as error:
            today = seat.tongue.today(self._doors.clock())
            others = misread_lot(tongues(seat.own)[0], today, **given)
            errors = wrong_by_box(error, seat.tongue, others)
            return await self._drawn_pantry(request, seat, form.texts(), errors, status=error.status)
        return self._back(form, "/kitchen/pantry", "stored")

    async def _use(self, request: Request) -> Response:
        seat, form, speaker = await self._posted(request)
        try:
            await self._doors.pantry.use(
                speaker,
                what=form["what"],
                quantity=with_unit(form["quantity"], form["unit"]),
                reason=form["reason"],
                note=form["note"],
                key=form["key"],
            )
        except InvalidError as error:
            return await self._again(request, seat, form, error, _TAKE_OUT)
        return self._back(form, "/kitchen/pantry", "used")

    async def _store(self, request: Request) -> Response:
        _, form, speaker = await self._posted(request)
        await self._doors.pantry.store(speaker, form["receipt"])
        return self._back(form, "/kitchen/pantry", "stored")

    async def _lot(
        self,
        request: Request,
        errors: dict[str, str] | None = None,
        typed: dict[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        seat = await self._seat(request)
        wanted = request.path_params["number"]

        def look(snapshot: Snapshot) -> tuple[Batch, list[Movement]] | None:
            batch = pantry.lot(snapshot, seat.own.id, wanted) if wanted < 2**63 else None
            return None if batch is None else (batch, pantry.movements(snapshot, batch.id))

        found = await self._reader.run(look)
        if found is None:
            return await self._public.missing(request, 404)
        batch, moves = found
        today = seat.tongue.today(self._doors.clock())
        return await self._reception.page(
            request,
            "lot.html",
            seat.visit,
            status=status,
            tongue=seat.tongue,
            lot=batch,
            left=Quantity.of(batch.remaining, Unit(batch.unit)),
            moves=[(each, Quantity.of(abs(each.amount), Unit(batch.unit))) for each in moves],
            said=REASONS,
            reasons=[(key, seat.tongue.say(REASONS[key])) for key in _COUNT_REASONS],
            typed=typed or {},
            errors=errors or {},
            days=day_choices(seat.tongue, today),
            spoiled=batch.expires is not None and batch.expires < today,
            may=seat.visit.role in ROLES,
            count=amount_typed(Quantity.of(batch.remaining, Unit(batch.unit)), seat.tongue),
            key=fresh_key(),
        )

    async def _count(self, request: Request) -> Response:
        seat, form, speaker = await self._posted(request)
        lot = request.path_params["number"]
        try:
            if form["step"] == "date":
                expires = self._composing.day(seat, form["expires"])
                await self._doors.pantry.date(speaker, lot, expires, key=form["key"])
            else:
                await self._doors.pantry.count(
                    speaker,
                    lot,
                    quantity=form["quantity"],
                    reason=form["reason"],
                    note=form["note"],
                    key=form["key"],
                )
        except InvalidError as error:
            return await self._lot(request, wrong_by_box(error, seat.tongue), form.texts(), error.status)
        return self._back(form, f"/kitchen/lots/{lot}", "counted")

    async def _recipe(self, request: Request) -> Response:
        """A recipe: what can be cooked, what limits it, and what is missing for more."""
        seat = await self._seat(request)
        wanted = request.path_params["number"]
        typed = request.query_params.get("rations", "").strip()
        asked = number(request, "rations") or 0
        rations = asked if asked <= _MOST else 0

        def look(snapshot: Snapshot) -> tuple[Cookable, Sequence[tuple[Ingredient, Quantity]]] | None:
            found = next((each for each in cookable(snapshot, seat.own) if each.recipe.id == wanted), None)
            if found is None:
                return None
            return found, lacking(snapshot, seat.own, found.recipe, rations) if rations else ()

        found = await self._reader.run(look)
        if found is None:
            return await self._public.missing(request, 404)
        return await self._reception.page(
            request,
            "recipe.html",
            seat.visit,
            tongue=seat.tongue,
            each=found[0],
            missing=found[1],
            rations=rations,
            asked=typed[:40],
            wrong=_uncounted(seat.tongue) if typed and not rations else "",
            typed=amount_typed,
            may=seat.visit.role in ROLES,
        )

    async def _edit_recipe(self, request: Request) -> Response:
        seat = await self._seat(request)
        may_change(self._reception.speaker(seat.visit))
        wanted = request.path_params["number"]
        held = await self._reader.run(lambda s: pantry.recipe(s, seat.own.id, wanted))
        if held is None and wanted:
            return await self._public.missing(request, 404)
        if held is None:
            return await self._drawn_recipe(request, seat, RecipeSheet(0, fresh_key()))
        rows = tuple(
            (line.what, *amount_typed(Quantity.of(line.amount, Unit(line.unit)), seat.tongue).split(" ", 1))
            for line in held.lines
        )
        return await self._drawn_recipe(
            request,
            seat,
            RecipeSheet(held.id, "", held.name, str(held.rations), tuple((a, b, c) for a, b, c in rows)),
        )

    async def _drawn_recipe(
        self, request: Request, seat: Seat, sheet: RecipeSheet, *, status: int = 200
    ) -> Response:
        blank = max(_ROWS - len(sheet.rows), 2)
        return await self._reception.page(
            request,
            "recipe_form.html",
            seat.visit,
            status=status,
            tongue=seat.tongue,
            sheet=sheet,
            labels=_labels(sheet, seat.tongue),
            rows=[*sheet.rows, *[("", "", "kg")] * blank],
            units=[(key, seat.tongue.say(text)) for key, text in PANTRY_UNITS],
        )

    async def _keep_recipe(self, request: Request) -> Response:
        seat, form, speaker = await self._posted(request)
        rows = tuple(
            (form[f"what{index}"], form[f"quantity{index}"], form[f"unit{index}"])
            for index in range(60)
            if form[f"what{index}"] or form[f"quantity{index}"]
        )
        lot = request.path_params["number"]
        sheet = RecipeSheet(lot, form["key"], form["name"], form["rations"], rows)
        if form["step"] == "more":
            more = replace(sheet, rows=(*rows, *[("", "", "kg")] * 4))
            return await self._drawn_recipe(request, seat, more)
        lines = [(what, with_unit(amount, unit)) for what, amount, unit in rows]
        try:
            kept = await self._doors.pantry.keep_recipe(
                speaker, lot or None, name=sheet.name, rations=sheet.rations, lines=lines, key=sheet.key
            )
        except NodeError as error:
            others = misread_recipe(tongues(seat.own)[0], name=sheet.name, rations=sheet.rations, lines=lines)
            errors = wrong_by_box(error, seat.tongue, others)
            again = replace(sheet, errors=errors)
            return await self._drawn_recipe(request, seat, again, status=error.status)
        return RedirectResponse(f"/kitchen/recipes/{kept}?done=recipe", 303)

    async def _drop_recipe(self, request: Request) -> Response:
        _, form, speaker = await self._posted(request)
        await self._doors.pantry.drop_recipe(speaker, request.path_params["number"])
        return self._back(form, "/kitchen", "withdrawn")


def _counted(form: Form) -> dict[str, str]:
    """What somebody counted at a meal. InvalidError without the rations."""
    if not form["served"]:
        raise InvalidError("served", message("how many rations were served"))
    given = {name: form[name] for name in ("served", "people", "hours") if form[name]}
    if "hours" in given:
        given["hours"] = with_unit(given["hours"], "h")
    return given


def _uncounted(tongue: Tongue) -> str:
    return tongue.say(
        "What fits here: {expected}.", expected=tongue.say("a number from 1 to {most}", most=_MOST)
    )


def _labels(sheet: RecipeSheet, tongue: Tongue) -> dict[str, str]:
    """What each box of a recipe is called, those of its lines with their number."""
    rows = {
        f"lines.{index}.{name}": f"{tongue.say(label)} {index + 1}"
        for index in range(max(len(sheet.rows), 1))
        for name, label in (("what", message("Ingredient")), ("quantity", message("How much")))
    }
    whole = {"name": message("What it is called"), "rations": message("For how many rations")}
    return {name: tongue.say(text) for name, text in whole.items()} | rows
