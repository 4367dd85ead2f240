"""Forms drawn from the structs: a box for every field that people fill in, and from what was typed the fields for the door.

A quantity has a box for its number and one for its unit, a list of parts has numbered rows (`milestones.0.percent`); nothing
of it needs a script. What was typed stays in its box, with what was wrong beside it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from node.domain.counting import WORDED, fold
from node.domain.dates import read_clock, read_day
from node.domain.kind import AnyKind, NotAllowedError
from node.domain.money import example_of, in_currency
from node.tongues import Tongue, message
from node.web.words import EXAMPLES, HINTS, OPTIONS
from schemas import FieldInfo, Money, Quantity, Record, Unit, Uri, fields
from schemas.goods import good_named

UNITS: tuple[tuple[str, str, Unit], ...] = (
    ("kg", message("kilograms"), Unit.KILOGRAM),
    ("g", message("grams"), Unit.KILOGRAM),
    ("l", message("litres"), Unit.LITRE),
    ("ml", message("millilitres"), Unit.LITRE),
    ("u", message("units"), Unit.ONE),
    ("h", message("hours"), Unit.HOUR),
    ("raciones", message("rations"), Unit.RATION),
    ("kcal", message("kilocalories"), Unit.KILOCALORIE),
)
"""Units as they are typed, what they are called, and what they become."""

_PLAIN = frozenset({"title", "campaign", "round", "planned", "served", "place"})
"""Boxes that nobody must fill in and nearly everybody does: they are never folded away."""
_USUAL = tuple(typed for typed, _, unit in UNITS if unit is not Unit.KILOCALORIE)
_HALF = re.compile(r"\b(?:y|medi[oa]|half)\b", re.IGNORECASE)
"""The letters of a number."""
_LONG = 300
"""Characters from which a text gets a box of several lines."""
_MANY = 7
"""Boxes from which those that nobody must fill in are folded away."""
_ROWS = 3
_DAYS = 14


@dataclass(frozen=True, slots=True)
class Box:
    """One box. `sort` says how it is drawn: text, long, choice, check, quantity, day, part, rows; a part has `inner` boxes,
    rows have them row by row. `aside` ones are folded away."""

    name: str
    label: str
    sort: str
    value: str = ""
    unit: str = ""
    required: bool = False
    example: str = ""
    error: str = ""
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    inner: tuple["Box", ...] = ()
    rows: tuple[tuple["Box", ...], ...] = ()
    aside: bool = False
    limit: int = 0

    @property
    def wrong(self) -> str:
        """The name of the first box in here with something wrong; "" where all is well."""
        if self.error:
            return self.name
        within = (*self.inner, *(box for row in self.rows for box in row))
        return next((box.wrong for box in within if box.wrong), "")


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the boxes, what was wrong by field, how many rows a list shows, what may be chosen for an id,
    and in which currency whoever types reckons."""

    texts: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    candidates: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    currency: str = ""


def asked(kind: AnyKind) -> list[FieldInfo]:
    """The fields that people fill in."""
    record: type[Record] = kind.record
    return [info for info in fields(record) if not info.declared.made]


def boxes(kind: AnyKind, tongue: Tongue, typed: Typed, *, new: bool = False) -> list[Box]:
    """The boxes of a kind, in the order of its fields; of something `new` nobody is asked how far it is."""
    infos = [info for info in asked(kind) if info.required or not (new and info.name == "status")]
    infos.sort(key=lambda info: info.name != "title")
    fold = len(infos) > _MANY
    return [
        replace(
            box,
            value=_only(box) if new else box.value,
            hint=tongue.say(HINTS[name]) if (name := f"{kind.name}.{info.name}") in HINTS else box.hint,
            example=tongue.say(EXAMPLES[name]) if name in EXAMPLES else box.example,
            aside=fold
            and not info.required
            and info.name not in _PLAIN
            and not box.wrong
            and not typed.texts.get(info.name),
        )
        for info in infos
        for box in [_box(info, info.name, tongue, typed)]
    ]


def _only(box: Box) -> str:
    """What stands in a box, or the only thing that can be meant by it."""
    alone = box.sort == "link" and box.required and len(box.options) == 1
    return box.value or (box.options[0][0] if alone else "")


def names_in(box: Box) -> Iterable[str]:
    """The names of a box and of all that are in it."""
    yield box.name
    for each in (*box.inner, *(each for row in box.rows for each in row)):
        yield from names_in(each)


def _box(info: FieldInfo, name: str, tongue: Tongue, typed: Typed) -> Box:
    value = typed.texts.get(name, "")
    box = Box(
        name=name,
        label=info.label(tongue.language),
        sort="text",
        value=value,
        required=info.required and not info.declared.today,
        example=_example(info, tongue, typed.currency),
        error=typed.errors.get(name, ""),
        limit=0 if info.many else info.declared.limit,
    )
    if info.many and info.type not in (str, Uri):
        return replace(box, sort="rows", rows=_rows(info, name, tongue, typed), example="")
    if info.many:
        return replace(box, hint=tongue.say("One after the other, with commas between them."))
    if info.type is Quantity:
        return _quantity(box, info, tongue, typed)
    if info.type is Uri:
        options = typed.candidates.get(info.name, ())
        return replace(box, sort="link", options=options, example="", hint=_link_hint(box, options, tongue))
    if info.type is bool:
        return replace(box, sort="check")
    if info.type in (date, datetime):
        return replace(box, sort="day", hint=_day_hint(info, tongue))
    if info.declared.choices:
        known = OPTIONS.get(info.name, {})
        options = tuple(
            (word, tongue.say(known.get(word, word)).replace("-", " ")) for word in info.declared.choices
        )
        return replace(box, sort="choice", options=options, value=value or str(info.default or ""))
    if info.type is str and info.name in OPTIONS:
        known = OPTIONS[info.name]
        options = tuple((word, tongue.say(text)) for word, text in known.items())
        another = ((value, value),) if value and value not in known else ()
        return replace(box, sort="choice", options=(*options, *another), example="")
    if info.type is str:
        return replace(box, sort="long") if info.declared.limit > _LONG else box
    if info.type in (Money, Decimal, int):
        return replace(box, sort="number")
    inner = tuple(_box(part, f"{name}.{part.name}", tongue, typed) for part in fields(info.type))
    return replace(box, sort="part", inner=tuple(replace(each, required=False) for each in inner))


def _quantity(box: Box, info: FieldInfo, tongue: Tongue, typed: Typed) -> Box:
    wanted = info.declared.units
    options = tuple(
        (short, tongue.say(text))
        for short, text, unit in UNITS
        if (unit in wanted if wanted else short in _USUAL)
    )
    unit = typed.texts.get(f"{box.name}.unit", "") or options[0][0]
    if len(options) > 1:
        return replace(box, sort="quantity", unit=unit, options=options)
    return replace(box, sort="quantity", hint="" if wanted == (Unit.ONE,) else options[0][1])


def _rows(info: FieldInfo, name: str, tongue: Tongue, typed: Typed) -> tuple[tuple[Box, ...], ...]:
    there = max((int(key.split(".")[1]) + 1 for key in _within(typed.texts, name)), default=0)
    count = min(info.declared.limit, max(there, typed.rows.get(name, 0), 1 if info.required else 0))
    return tuple(
        tuple(_box(part, f"{name}.{index}.{part.name}", tongue, typed) for part in fields(info.type))
        for index in range(count)
    )


def _within(texts: Mapping[str, str], name: str) -> Iterable[str]:
    """The names of what was typed into the rows of a list."""
    for key in texts:
        parts = key.split(".")
        numbered = len(parts) > 2 and parts[1].isascii() and parts[1].isdecimal() and len(parts[1]) < 4
        if numbered and parts[0] == name:
            yield key


def _example(info: FieldInfo, tongue: Tongue, currency: str) -> str:
    """The first example as people would type it, of sums the largest; words only in the language in which they are written."""
    found = next((each for each in info.declared.examples if each not in (None, ())), None)
    match found:
        case Quantity() | Decimal():
            number = found.value if isinstance(found, Quantity) else found
            return tongue.typed(number)
        case Money():
            most = max((each for each in info.declared.examples if each), key=lambda each: each.minor)
            return money_typed(most if currency in ("", most.currency) else example_of(currency), tongue)
        case bool() | None:
            return ""
        case int():
            return str(found)
        case datetime() | date():
            return tongue.say("Friday 28")
        case str() if info.type is str and not info.declared.choices:
            good = good_named(found)
            return good.name(tongue.language) if good else found if tongue.language == "es" else ""
    return ""


def _link_hint(box: Box, options: tuple[tuple[str, str], ...], tongue: Tongue) -> str:
    """What to do where nothing is known that could be meant; the boxes of a row say it nowhere."""
    if options or box.value or "." in box.name:
        return ""
    return tongue.say("There is nothing to choose from here yet. If you know its page, paste its address.")


def _day_hint(info: FieldInfo, tongue: Tongue) -> str:
    if info.type is datetime:
        return tongue.say("As you would say it: Friday 28, tomorrow 18:00, 5 December.")
    if info.declared.today:
        return tongue.say("As you would say it: today, Friday 28. Left empty it is today.")
    return tongue.say("As you would say it: Friday 28, tomorrow, 5 December.")


def day_choices(tongue: Tongue, today: date) -> list[str]:
    """The days from today on as they are typed, to pick from."""
    days = [today + timedelta(days=step) for step in range(_DAYS)]
    return [tongue.say("today"), tongue.say("tomorrow"), *map(tongue.day_spoken, days[2:])]


def short_of(unit: Unit) -> str:
    """`kg`: a unit as it is typed."""
    return next(typed for typed, _, known in UNITS if known is unit)


def with_unit(amount: str, unit: str) -> str:
    """What was typed into a box beside which its unit stands; a unit that is typed with it counts."""
    bare = _HALF.sub("", amount)
    if any(sign.isalpha() for sign in bare):
        amount = bare = WORDED.get(fold(amount).strip(), amount)
    typed = any(sign.isalpha() for sign in bare)
    return amount if not unit or typed else f"{amount} {unit}"


def amount_typed(quantity: Quantity, tongue: Tongue) -> str:
    """`15 kg`, as it is typed into one box."""
    return f"{tongue.typed(quantity.value)} {short_of(quantity.unit)}"


def money_typed(money: Money, tongue: Tongue) -> str:
    """`180000 CLP`, as it is typed into one box."""
    return f"{tongue.typed(money.amount)} {money.currency}"


def texts_of(record: Record, tongue: Tongue) -> dict[str, str]:
    """What stands in the boxes of a record that is there already."""
    found: dict[str, str] = {}
    for info in fields(type(record)):
        if not info.declared.made:
            found |= _texts(info, getattr(record, info.name), info.name, tongue)
    return found


def _texts(info: FieldInfo, value: Any, name: str, tongue: Tongue) -> dict[str, str]:
    if value is None or value == ():
        return {}
    if info.many and info.type in (str, Uri):
        return {name: ", ".join(value)}
    if info.many:
        return {
            key: text
            for index, row in enumerate(value)
            for part in fields(info.type)
            for key, text in _texts(
                part, getattr(row, part.name), f"{name}.{index}.{part.name}", tongue
            ).items()
        }
    match value:
        case Quantity():
            number, _, unit = amount_typed(value, tongue).partition(" ")
            return {name: number, f"{name}.unit": unit}
        case Money():
            return {name: money_typed(value, tongue)}
        case bool():
            return {name: "yes"} if value else {}
        case Decimal() | int():
            return {name: tongue.typed(Decimal(value))}
        case datetime():
            return {name: tongue.moment(value)}
        case date():
            return {name: tongue.day(value)}
        case str():
            return {name: value}
    return {
        key: text
        for part in fields(info.type)
        for key, text in _texts(part, getattr(value, part.name), f"{name}.{part.name}", tongue).items()
    }


def gathered(
    kind: AnyKind, texts: Mapping[str, str], tongue: Tongue, today: date, currency: str
) -> dict[str, Any]:
    """The fields for the door from what was typed; what was left empty is "" or an empty list."""
    reader = _Gathering(texts, tongue, today, currency)
    return {info.name: reader.field(info, info.name) for info in asked(kind)}


class _Gathering:
    """Puts together what belongs together: numbers with their unit or currency, parts, rows; days in one reading."""

    def __init__(self, texts: Mapping[str, str], tongue: Tongue, today: date, currency: str) -> None:
        self._texts = texts
        self._tongue = tongue
        self._today = today
        self._currency = currency

    def field(self, info: FieldInfo, name: str) -> Any:
        """One field."""
        text = self._texts.get(name, "").strip()
        if info.many and info.type not in (str, Uri):
            return self._list(info, name)
        if info.type is Quantity and text:
            return with_unit(text, self._texts.get(f"{name}.unit", ""))
        if info.type is Money and text:
            return in_currency(text, self._currency)
        if info.type is bool:
            return text or "no"
        if info.type is Uri and not text:
            return self._texts.get(f"{name}.other", "").strip()
        if info.type in (date, datetime) and text:
            return day_typed(text, self._tongue, self._today)
        if info.type in (str, Uri, date, datetime, Quantity, Money, Decimal, int) or info.many:
            return text
        return self._part(info, name) or ""

    def _part(self, info: FieldInfo, name: str) -> dict[str, Any]:
        values = {part.name: self.field(part, f"{name}.{part.name}") for part in fields(info.type)}
        return values if any(self._texts.get(f"{name}.{part}", "").strip() for part in values) else {}

    def _list(self, info: FieldInfo, name: str) -> list[dict[str, Any]]:
        numbers = sorted({int(key.split(".")[1]) for key in _within(self._texts, name)})
        rows = (self._part(info, f"{name}.{number}") for number in numbers)
        return [row for row in rows if row]


def day_typed(text: str, tongue: Tongue, today: date) -> str:
    """A day in a reader's words as every language reads it; what does not read stays for the door to refuse."""
    try:
        words, clock = read_clock(text, "")
        day = read_day(words, "", tongue, today).isoformat()
    except NotAllowedError:
        return text
    return f"{day} {clock}" if clock else day


def compacted(kind: AnyKind, texts: Mapping[str, str]) -> dict[str, str]:
    """The same texts with the rows of lists numbered without gaps, as the door numbers them in what it refuses."""
    found = dict(texts)
    for info in asked(kind):
        keys = [*_within(texts, info.name)] if info.many else []
        filled = {key.split(".")[1] for key in keys if texts[key].strip() and not key.endswith(".unit")}
        order = {number: str(index) for index, number in enumerate(sorted(filled, key=int))}
        for key in keys:
            found.pop(key, None)
        for key in keys:
            head, number, rest = key.split(".", 2)
            if number in order:
                found[f"{head}.{order[number]}.{rest}"] = texts[key]
    return found


def box_of(refused: str) -> str:
    """The name of the box of a field as the door names it: `milestones[0].percent` is `milestones.0.percent`."""
    return refused.replace("[", ".").replace("]", "")


def more_rows(shown: int) -> int:
    """How many rows there are after asking for more."""
    return shown + _ROWS
