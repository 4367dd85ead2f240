"""Fields as people type them, on the command line and in forms, made into a record.

    read_fields(Need, {"what": "lentejas", "cantidad": "40 kg", "by": "28/8"}, tongue, today, resolve)

Every refusal is a NotAllowedError that names the field and what was expected.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from node.domain.dates import read_day, read_moment
from node.domain.kind import NotAllowedError
from node.domain.measure import read_number, read_quantity
from node.domain.money import read_money
from node.tongues import SIGNS, Tongue
from schemas import FieldInfo, Money, Quantity, Record, SchemaError, Uri, fields
from schemas.parts import plain

R = TypeVar("R", bound=Record)

Resolve = Callable[[str, str], str]
"""From a field's name and an id, number, URL or handle as typed to the URI of what is meant; raises what the caller raises."""

_YES = frozenset(("sí", "si", "s", "yes", "y", "true", "1", "on"))
_NO = frozenset(("no", "n", "false", "0", "off"))


def read_fields(
    record_type: type[R],
    given: Mapping[str, Any],
    tongue: Tongue,
    today: date,
    resolve: Resolve,
    *,
    before: R | None = None,
) -> R:
    """The record that these fields make; with `before`, the same record with these fields changed, emptied by "".

    Raises NotAllowedError for a field that is unknown, missing, made by the node, or does not read.
    """
    typed = tuple(info for info in fields(record_type) if not info.declared.made)
    values = {info.name: getattr(before, info.name) for info in fields(record_type)} if before else {}
    reader = _Reader(tongue, today, resolve)
    seen: set[str] = set()
    for name, text in given.items():
        info = _named(typed, name)
        if info.name in seen:
            raise NotAllowedError(info.name, "one value; it is given twice, also as {alias}", alias=name)
        seen.add(info.name)
        values[info.name] = reader.read(info, text, info.name)
    for info in typed:
        if values.get(info.name) is None and info.declared.today:
            values[info.name] = today
        if values.get(info.name) is None and info.required:
            raise _missing(info, info.name, tongue)
    try:
        return record_type(**{name: value for name, value in values.items() if value is not None})
    except SchemaError as error:
        raise NotAllowedError(error.field, error.expected, **error.values) from None


def misread(
    record_type: type[Record], given: Mapping[str, Any], tongue: Tongue, today: date
) -> Iterator[NotAllowedError]:
    """What is wrong with each of these fields by itself, in their order; what only shows of all together is not looked at."""
    reader = _Reader(tongue, today, lambda _name, text: text)
    for info in fields(record_type):
        if info.declared.made:
            continue
        try:
            value = reader.read(info, given.get(info.name, ""), info.name)
        except NotAllowedError as refusal:
            yield refusal
            continue
        if value is None and info.required and not info.declared.today:
            yield _missing(info, info.name, tongue)


def _missing(info: FieldInfo, name: str, tongue: Tongue) -> NotAllowedError:
    return NotAllowedError(name, "a value; it is required ({label})", label=info.label(tongue.language))


def field_named(record_type: type[Record], name: str) -> FieldInfo | None:
    """The field that people can type by this name, alias or label."""
    return _find(tuple(info for info in fields(record_type) if not info.declared.made), name)


def _find(typed: tuple[FieldInfo, ...], name: str) -> FieldInfo | None:
    plain = name.strip().casefold().replace("-", "_").replace(" ", "_")
    for info in typed:
        labels = (info.declared.es, info.declared.en, *info.declared.aliases)
        last = info.path.rsplit(".", 1)[-1].casefold()
        if plain in (info.name, last, *(label.casefold().replace(" ", "_") for label in labels)):
            return info
    return None


def _named(typed: tuple[FieldInfo, ...], name: str, place: str = "") -> FieldInfo:
    found = _find(typed, name)
    if found is None:
        raise NotAllowedError(
            place or name, "one of these fields: {known}", known=", ".join(info.name for info in typed)
        )
    return found


class _Reader:
    """Reads one value after the other with the same tongue and day."""

    def __init__(self, tongue: Tongue, today: date, resolve: Resolve) -> None:
        self.tongue = tongue
        self.today = today
        self.resolve = resolve

    def read(self, info: FieldInfo, given: Any, name: str) -> Any:
        """The value of a field; None where nothing was typed."""
        if isinstance(given, str) and not given.strip():
            return None
        if not info.many:
            return self._one(info, given, name)
        rows = given if isinstance(given, list | tuple) else self._rows(info, given, name)
        return tuple(self._one(info, row, f"{name}[{index}]") for index, row in enumerate(rows))

    def _rows(self, info: FieldInfo, given: Any, name: str) -> list[Any]:
        if isinstance(given, str) and given.lstrip().startswith("["):
            parsed = _json(given, name, example_rows(info))
            return parsed if isinstance(parsed, list) else [parsed]
        if isinstance(given, str) and info.type in (str, Uri):
            return [part.strip() for part in given.split(",") if part.strip()]
        raise NotAllowedError(name, "a JSON list, like {example}", example=example_rows(info))

    def _one(self, info: FieldInfo, given: Any, name: str) -> Any:
        if info.type not in _SCALARS:
            return self._part(info, given, name)
        if isinstance(given, bool) and info.type is bool:
            return given
        if isinstance(given, float):
            raise NotAllowedError(name, 'a decimal number as text, like "12.5"')
        if isinstance(given, int) and not isinstance(given, bool):
            given = str(given)
        if not isinstance(given, str):
            raise NotAllowedError(name, "text and no object, like {example}", example=_example(info))
        return self._scalar(info, given.strip(), name)

    def _scalar(self, info: FieldInfo, text: str, name: str) -> Any:
        tongue, today = self.tongue, self.today
        if info.type is Uri:
            known = info.declared.actor and text.startswith(("http://", "https://"))
            return Uri(text if known else self.resolve(name, text))
        if info.type is Quantity:
            return read_quantity(text, name, tongue, info.declared.units)
        if info.type is Money:
            return read_money(text, name, tongue)
        if info.type is Decimal:
            return read_number(text, name, tongue)
        if info.type is int:
            return _whole(read_number(text, name, tongue, thousands=True), name)
        if info.type is datetime:
            return read_moment(text, name, tongue, today)
        if info.type is date:
            return read_day(text, name, tongue, today)
        return _yes(text, name) if info.type is bool else self._word(info, text, name)

    def _word(self, info: FieldInfo, text: str, name: str) -> str:
        """Text; one of the field's words by its name in this language or as it is published."""
        words = {word: self.tongue.say(word) for word in info.declared.choices}
        for word, said in words.items():
            if text.casefold() in (word.casefold(), said.casefold()):
                return word
        if words:
            raise NotAllowedError(name, "one of these: {known}", known=", ".join(words.values()))
        return text

    def _part(self, info: FieldInfo, given: Any, name: str) -> Any:
        """A part from an object, or from its fields one after the other: `700 kcal, 1500 CLP, un almuerzo`."""
        inner = fields(info.type)
        if isinstance(given, str):
            given = _json(given, name, _example(info)) if given.lstrip().startswith("{") else given
        if isinstance(given, str):
            given = self._pieces(inner, given.replace("; ", ", "))
        if not isinstance(given, Mapping):
            raise NotAllowedError(name, "an object with its parts")
        values = {}
        for key, value in given.items():
            part = _named(inner, str(key), f"{name}.{key}")
            values[part.name] = self.read(part, value, f"{name}.{part.name}")
        for part in inner:
            if part.required and values.get(part.name) is None:
                raise _missing(part, f"{name}.{part.name}", self.tongue)
        try:
            return info.type(**{key: value for key, value in values.items() if value is not None})
        except SchemaError as error:
            found = error.within(name)
            raise NotAllowedError(found.field, found.expected, **found.values) from None

    def _pieces(self, inner: tuple[FieldInfo, ...], text: str) -> dict[str, str]:
        """Each piece for its field. A field left out is passed over, where the piece reads as a later one only."""
        values = {}
        for index, part in enumerate(inner):
            piece, _, after = text.partition(", ") if index < len(inner) - 1 else (text, "", "")
            later = inner[index + 1 :]
            if part.required or self._fits(part, piece) or not any(self._fits(each, piece) for each in later):
                values[part.name], text = piece.strip(), after
        return values

    def _fits(self, part: FieldInfo, piece: str) -> bool:
        if part.type in (str, Uri):
            return piece[:1].isalpha()
        try:
            self._scalar(part, piece.strip(), part.name)
        except NotAllowedError:
            return False
        return True


_SCALARS = (str, Uri, bool, int, Decimal, date, datetime, Quantity, Money)


def example_rows(info: FieldInfo) -> str:
    """A field of many rows as it can be typed, of the examples that its parts declare: `[{"percent": "10", "rations": "170"}]`."""
    if info.type in (str, Uri):
        return _example(info)
    return f"[{_example(info)}]"


def _example(info: FieldInfo) -> str:
    """One value of a field as it can be typed; of a part an object with all its keys."""
    if info.type not in _SCALARS:
        return json.dumps({each.name: _example(each) for each in fields(info.type)}, ensure_ascii=False)
    flat = (row for each in info.declared.examples for row in (each if isinstance(each, tuple) else (each,)))
    match next((each for each in flat if each is not None), ""):
        case Money() as money:
            return f"{plain(money.amount)} {money.currency}"
        case Quantity() as quantity:
            return f"{plain(quantity.value)} {SIGNS.get(quantity.unit, '')}".strip()
        case Decimal() as number:
            return plain(number)
        case given:
            return str(given)


def _json(text: str, name: str, example: str) -> Any:
    def refuse(_number: str) -> Any:
        raise NotAllowedError(name, 'a decimal number as text, like "12.5"')

    try:
        return json.loads(text, parse_float=refuse, parse_constant=refuse)
    except (ValueError, RecursionError):
        raise NotAllowedError(name, "a JSON list, like {example}", example=example) from None


def _whole(number: Decimal, name: str) -> int:
    if number != number.to_integral_value():
        raise NotAllowedError(name, "a whole number")
    return int(number)


def _yes(text: str, name: str) -> bool:
    if text.casefold() not in _YES | _NO:
        raise NotAllowedError(name, "yes or no")
    return text.casefold() in _YES
