"""Commands of the pantry and of recipes: what the pages of the kitchen do, from a terminal."""

from typing import Any

from node.control.commands import Call, Handler
from node.errors import InvalidError, UnknownError
from node.numbers import whole
from node.stock import Held, Stock, cookable, lacking
from node.storage import pantry
from node.storage.database import Snapshot
from node.tongues import message


async def show(call: Call) -> Any:
    """What there is, lot by lot."""
    own = await call.collective()
    held = await call.doors.database.reader.run(lambda s: Stock.of(s, own).held())
    return [_held(each) for each in held]


def _held(each: Held) -> dict[str, Any]:
    return {
        "what": each.what,
        "unit": each.unit.value,
        "good": str(each.good.value),
        "past_its_day": str(each.spoiled.value),
        "lots": [
            {
                "lot": str(lot.id),
                "remaining": str(lot.remaining),
                "expires": None if lot.expires is None else lot.expires.isoformat(),
            }
            for lot in each.lots
        ],
    }


async def add(call: Call, *, what: str, quantity: str, expires: str = "", note: str = "") -> Any:
    """A new lot."""
    number = await call.doors.pantry.add(
        await call.speaker(), what=what, quantity=quantity, expires=expires, note=note
    )
    return {"lot": str(number)}


async def count(call: Call, *, lot: str, quantity: str, reason: str, note: str = "") -> Any:
    """Say how much of a lot there is, and why it changed."""
    difference = await call.doors.pantry.count(
        await call.speaker(), _number(lot), quantity=quantity, reason=reason, note=note
    )
    return {"lot": lot, "difference": str(difference)}


async def use(call: Call, *, what: str, quantity: str, reason: str, note: str = "") -> Any:
    """Take something out, first what expires first."""
    await call.doors.pantry.use(await call.speaker(), what=what, quantity=quantity, reason=reason, note=note)
    return {"what": what, "quantity": quantity}


async def list_recipes(call: Call) -> Any:
    """Every recipe, with what can be cooked by it and what limits it."""
    own = await call.collective()
    found = await call.doors.database.reader.run(lambda s: cookable(s, own))
    return [
        {
            "name": each.recipe.name,
            "for": each.recipe.rations,
            "possible": each.possible.rations,
            "limiting": [one.what for one in each.possible.limiting],
            "ingredients": [
                {"what": one.what, "amount": str(one.amount.value), "unit": one.amount.unit.value}
                for one in each.card.ingredients
            ],
        }
        for each in found
    ]


async def keep_recipe(call: Call, *, name: str, rations: str, ingredients: dict[str, str]) -> Any:
    """Keep a recipe, new or under the name of one that is there."""
    own = await call.collective()
    known = await call.doors.database.reader.run(lambda s: pantry.named(s, own.id, name))
    number = await call.doors.pantry.keep_recipe(
        await call.speaker(), known, name=name, rations=rations, lines=list(ingredients.items())
    )
    return {"recipe": str(number)}


async def missing(call: Call, *, name: str, rations: int) -> Any:
    """What must be asked for to cook so many rations."""
    own = await call.collective()

    def look(snapshot: Snapshot) -> list[dict[str, str]]:
        number = pantry.named(snapshot, own.id, name)
        recipe = None if number is None else pantry.recipe(snapshot, own.id, number)
        if recipe is None:
            raise UnknownError(
                message("There is no recipe “{name}”."),
                hint=message("`minga recipe list` shows them."),
                name=name,
            )
        return [
            {"what": one.what, "amount": str(amount.value), "unit": amount.unit.value}
            for one, amount in lacking(snapshot, own, recipe, rations)
        ]

    return await call.doors.database.reader.run(look)


def _number(text: str) -> int:
    number = whole(text)
    if number is None:
        raise InvalidError("lot", message("the number of a lot; `minga pantry list` shows them"))
    return number


COMMANDS: dict[str, Handler] = {
    "pantry.list": show,
    "pantry.add": add,
    "pantry.count": count,
    "pantry.use": use,
    "recipe.list": list_recipes,
    "recipe.keep": keep_recipe,
    "recipe.missing": missing,
}
