"""meal: rations planned and served, with what a ration is. It can be moved and called off. Nobody who ate is counted by name."""

from collections.abc import Callable
from dataclasses import replace as changed

from node.domain.dates import refuse_future, refuse_over
from node.domain.kind import Heard, Kind, NotAllowedError, Scene, Speaker, Thing, replace
from node.domain.wording import named_in, paragraphs
from node.tongues import Tongue, message
from schemas.meal import Meal, Ration

CANCELLED = "cancelled"
WHOLE = {
    "planned": message("a whole number of rations"),
    "served": message("a whole number of rations"),
    "people": message("a whole number of people"),
}
"""What is counted one by one."""


def complete(record: Meal, _speaker: Speaker, scene: Scene, _chance: Callable[[int], bytes]) -> Meal:
    """The day for which it was planned at first, where it is on another one now."""
    known = scene.thing(scene.url) if scene.url else None
    former = known.record if known else None
    if not isinstance(former, Meal):
        return record
    planned = former.moved_from or (former.on if former.served is None else None)
    return record.changed(moved_from=planned if planned != record.on else None)


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """Something is counted, in whole rations, nothing was served on a day to come, and nothing is planned for one that is over."""
    record = heard.record
    if not isinstance(record, Meal):
        return
    if record.planned is None and record.served is None:
        raise NotAllowedError("planned", "how many rations are planned, or how many were served")
    for field, expected in WHOLE.items():
        count = getattr(record, field)
        if count is not None and count.value != count.value.to_integral_value():
            raise NotAllowedError(field, expected)
    if record.served is None:
        former = before.record if before else None
        if scene.ours(heard.actor) and record.status != CANCELLED:
            if record.planned and record.planned.value <= 0:
                raise NotAllowedError("planned", "more than zero")
            refuse_over(record.on, "on", heard, scene, former.on if isinstance(former, Meal) else None)
        return
    if record.status == CANCELLED:
        raise NotAllowedError("served", "nothing, where the meal was called off")
    refuse_future(record.on, "on", heard, scene)


def fold(before: Thing | None, heard: Heard, scene: Scene) -> Thing | None:
    """Planned, served or cancelled."""
    after = replace(before, heard, scene)
    if after is None or not isinstance(after.record, Meal):
        return after
    return changed(
        after, state=after.record.status or ("planned" if after.record.served is None else "served")
    )


def _definition(ration: Ration | None, tongue: Tongue) -> str:
    """What one ration is; a count without it would say nothing."""
    said = [part for part in (ration.energy, ration.portion, ration.price) if part] if ration else []
    if not said:
        return tongue.say("One ration: a plate of food, its energy not measured.")
    return tongue.say("One ration: {definition}.", definition=", ".join(tongue.show(part) for part in said))


def _opening(record: Meal, tongue: Tongue) -> str:
    """What is planned, was served, or is called off, and how many rations."""
    planned = record.planned.value if record.planned else 0
    told = {"day": tongue.day(record.on), "menu": record.menu}
    if record.status == CANCELLED:
        return tongue.plural(
            "There will be no meal on {day}: we call off {number} ration of {menu}.",
            "There will be no meal on {day}: we call off {number} rations of {menu}.",
            planned,
            **told,
        )
    if record.served is None:
        return tongue.plural(
            "For {day} we plan {number} ration of {menu}.",
            "For {day} we plan {number} rations of {menu}.",
            planned,
            **told,
        )
    counted = tongue.plural(
        "On {day} we served {number} ration of {menu}",
        "On {day} we served {number} rations of {menu}",
        record.served.value,
        **told,
    )
    beside = tongue.say("(planned: {planned})", planned=planned) if record.planned else ""
    return f"{counted} {beside}".strip() + "."


def _moved(record: Meal, tongue: Tongue) -> str:
    if record.moved_from is None:
        return ""
    if record.served is None and record.status != CANCELLED:
        return tongue.say("The day has changed: it was to be on {day}.", day=record.moved_from)
    return tongue.say("It was planned for {day} at first.", day=record.moved_from)


def _work(record: Meal, tongue: Tongue) -> str:
    """How many cook and how long, never who."""
    people = record.people
    if people is None:
        said = ""
    elif record.served is None:
        said = tongue.plural("{number} person cooks.", "{number} people cook.", people.value)
    else:
        said = tongue.plural("{number} person cooked.", "{number} people cooked.", people.value)
    hours = tongue.say("Work in all: {hours}.", hours=record.hours) if record.hours else ""
    return f"{said} {hours}".strip()


def text(record: Meal, tongue: Tongue, scene: Scene) -> str:
    """`El 29 de agosto de 2020 servimos 118 raciones de porotos con riendas (planeadas: 120). Una ración: 700 kcal, …`"""
    return paragraphs(
        scene,
        [
            _opening(record, tongue),
            _moved(record, tongue),
            tongue.say("Where: {place}.", place=record.place) if record.place else "",
            _definition(record.ration, tongue),
            _work(record, tongue),
        ],
        record.details,
    )


KIND = Kind(
    name="meal",
    record=Meal,
    text=text,
    complete=complete,
    check=check,
    fold=fold,
    addressees=lambda record, scene: named_in(record.details, scene),
    hashtags=lambda _record, tongue: (tongue.say(message("communitykitchen")),),
)
