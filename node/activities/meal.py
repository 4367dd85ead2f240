"""meal: rations planned and served, with what a ration is. Nobody who ate is counted by name."""

from node.domain.dates import refuse_future
from node.domain.kind import Heard, Kind, NotAllowedError, Scene, Thing
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas.meal import Meal, Ration


def check(heard: Heard, _before: Thing | None, scene: Scene) -> None:
    """Something is counted, in whole rations, and nothing was served on a day to come."""
    record = heard.record
    if not isinstance(record, Meal):
        return
    if record.planned is None and record.served is None:
        raise NotAllowedError("planned", "how many rations are planned, or how many were served")
    for field in ("planned", "served"):
        count = getattr(record, field)
        if count is not None and count.value != count.value.to_integral_value():
            raise NotAllowedError(field, "a whole number of rations")
    if record.served is not None:
        refuse_future(record.on, "on", heard, scene)


def _definition(ration: Ration | None, tongue: Tongue) -> str:
    """What one ration is; a count without it would say nothing."""
    said = [part for part in (ration.energy, ration.portion) if part] if ration else []
    if not said:
        return tongue.say("One ration: a plate of food, its energy not measured.")
    return tongue.say("One ration: {definition}.", definition=", ".join(tongue.show(part) for part in said))


def text(record: Meal, tongue: Tongue, scene: Scene) -> str:
    """`El 29 de agosto de 2020 servimos 118 raciones de porotos con riendas (planeadas: 120). Una ración: 700 kcal, …`"""
    planned = record.planned.value if record.planned else None
    served = record.served.value if record.served else None
    day, menu = tongue.day(record.on), record.menu
    if served is None:
        counted = tongue.plural(
            "For {day} we plan {number} ration of {menu}",
            "For {day} we plan {number} rations of {menu}",
            planned or 0,
            day=day,
            menu=menu,
        )
    else:
        counted = tongue.plural(
            "On {day} we served {number} ration of {menu}",
            "On {day} we served {number} rations of {menu}",
            served,
            day=day,
            menu=menu,
        )
    beside = (
        tongue.say("(planned: {planned})", planned=planned)
        if served is not None and planned is not None
        else ""
    )
    return paragraphs(scene, [f"{counted} {beside}".strip() + ".", _definition(record.ration, tongue)])


KIND = Kind(
    name="meal",
    record=Meal,
    text=text,
    check=check,
    hashtags=lambda _record, tongue: (tongue.say(message("communitykitchen")),),
)
