"""Records to and from the properties of a Note.

`to_wire` gives what a record adds to its Note. `from_wire` is tolerant of what other programs write: terms with or without
prefix in each spelling of the ValueFlows and OM 2 namespaces, a list of one, `{"@value": …}`, an object in place of its
id. The document stays as received; the record is a view, so what it does not know is not lost.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from schemas.errors import MissingFieldError, SchemaError, UnknownCurrencyError, ValueTypeError
from schemas.parts import CURRENCY_PREFIX, Money, Quantity, Unit, Uri, exact, plain, uri
from schemas.record import FieldInfo, Part, Record, Struct, fields, record_type

JsonObject = dict[str, Any]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

NAMESPACES = (
    "https://w3id.org/valueflows/ont/vf#",
    "https://w3id.org/valueflows#",
    "https://w3id.org/valueflows/",
    "http://www.ontology-of-units-of-measure.org/resource/om-2/",
    "https://w3id.org/minga/ns#",
    "https://www.w3.org/ns/activitystreams#",
    "vf:",
    "om2:",
    "minga:",
    "as:",
)
"""Where the words come from, in every spelling in use; the longest of a family first."""


def to_wire(record: Record, note: str) -> JsonObject:
    """What `record` adds to the Note with the id `note`: `kind`, its fields at their paths, the constants of its kind."""
    document: JsonObject = {"kind": record.kind()}
    values = [
        (info.path.split("."), value)
        for info in fields(type(record))
        if (value := getattr(record, info.name)) not in (None, ())
    ]
    filled = {tuple(path[:depth]) for path, _ in values for depth in range(len(path))}
    for path, constant in record.constants.items():
        *parents, _ = path.split(".")
        if tuple(parents) in filled:
            _put(document, path.split("."), constant.replace("{uri}", note))
    for place, value in values:
        _put(document, place, value)
    return document


def from_wire(document: Mapping[str, Any]) -> Record:
    """The record in a Note; one without `kind` is a `note`.

    Raises SchemaError with the field as people type it and what was expected; UnknownKindError for a kind of which
    no struct is loaded.
    """
    kind = _single(document.get("kind", "note"))
    struct = record_type(kind if isinstance(kind, str) else "")
    return struct(**_values(struct, dict(document)))


def local(term: str) -> str:
    """A term or unit without its namespace: `om2:hasUnit` → `hasUnit`."""
    if ":" not in term:
        return term
    for namespace in NAMESPACES:
        if term.startswith(namespace):
            return term.removeprefix(namespace)
    return term


def _put(document: JsonObject, path: list[str], value: Any) -> None:
    *parents, last = path
    for parent in parents:
        document = document.setdefault(parent, {})
    if isinstance(value, Money) and last == "resourceQuantity":
        document["resourceConformsTo"] = value.urn
        value = Quantity(value.amount, Unit.ONE)
    document[last] = encode(value)


def encode(value: Any) -> Any:
    """One value of a record as JSON."""
    match value:
        case bool() | str():
            return str(value) if isinstance(value, str) else value
        case int() | Decimal():
            return plain(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Quantity():
            return {"hasUnit": str(value.unit), "hasNumericalValue": plain(value.value)}
        case Money():
            return {
                "resourceConformsTo": value.urn,
                "hasUnit": "one",
                "hasNumericalValue": plain(value.amount),
            }
        case tuple():
            return [encode(row) for row in value]
        case Part():
            row: JsonObject = {}
            for info in fields(type(value)):
                if getattr(value, info.name) is not None:
                    _put(row, info.path.split("."), getattr(value, info.name))
            return row
        case _:
            raise TypeError(type(value).__name__)


def _values(struct: Struct, document: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for info in fields(struct):
        raw = _read(document, info)
        if raw is not None:
            values[info.name] = _decode_rows(info, raw) if info.many else decode(info, raw, info.name)
        elif info.required:
            raise MissingFieldError(info.name, "a value at {path}", path=info.path)
    return values


def _read(document: Mapping[str, Any], info: FieldInfo) -> Any:
    """What stands at the field's path; for split money its quantity and its currency together."""
    path = info.path.split(".")
    raw = _get(document, path)
    if raw is None and info.declared.also:
        raw = _get(document, info.declared.also.split("."))
    if raw is None or info.type is not Money or path[-1] != "resourceQuantity":
        return raw
    beside = _get(document, [*path[:-1], "resourceConformsTo"])
    quantity = _single(raw)
    return {**quantity, "resourceConformsTo": beside} if isinstance(quantity, dict) else raw


def _get(document: Any, path: list[str]) -> Any:
    for name in path:
        document = _single(document)
        if not isinstance(document, dict):
            return None
        if name in document:
            document = document[name]
        else:
            document = next(
                (value for key, value in document.items() if ":" in key and local(key) == name), None
            )
    return document


def _single(raw: Any) -> Any:
    """A value out of the wrappings of JSON-LD: a list of one, a value object."""
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw[0]
    if isinstance(raw, dict) and "@value" in raw:
        raw = raw["@value"]
    return raw


def _decode_rows(info: FieldInfo, raw: Any) -> tuple[Any, ...]:
    rows = raw if isinstance(raw, list) else [raw]
    return tuple(decode(info, row, f"{info.name}[{index}]") for index, row in enumerate(rows))


def decode(info: FieldInfo, raw: Any, name: str) -> Any:
    """One JSON value as a value of the field's type; `name` is how errors call the field."""
    raw = _single(raw)
    if info.type in _DECODERS:
        return _DECODERS[info.type](raw, name)
    row = _object(raw, name)
    try:
        return info.type(**_values(info.type, row))
    except SchemaError as error:
        raise error.within(name) from None


def _id(raw: Any) -> Any:
    return raw.get("id", raw.get("@id")) if isinstance(raw, dict) else raw


def _text(raw: Any, name: str, expected: str) -> str:
    if not isinstance(raw, str):
        raise ValueTypeError(name, expected)
    return raw


def _object(raw: Any, name: str) -> JsonObject:
    if not isinstance(raw, dict):
        raise ValueTypeError(name, "an object with its parts")
    return raw


def _uri(raw: Any, name: str) -> Uri:
    return uri(_text(_id(raw), name, "an address that begins with https://"), name)


def _bool(raw: Any, name: str) -> bool:
    if not isinstance(raw, bool):
        raise ValueTypeError(name, "true or false")
    return raw


def _number(raw: Any, name: str) -> Decimal:
    """A decimal string, or a JSON number if it is whole: binary fractions are not exact."""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 2**53:
        raw = int(raw)
    if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 10**15:
        raw = str(raw)
    return exact(_text(raw, name, 'a decimal number as text, like "12.5"'), name)


def _whole(raw: Any, name: str) -> int:
    number = _number(raw, name)
    if number != number.to_integral_value():
        raise ValueTypeError(name, "a whole number")
    return int(number)


def _amount(raw: Mapping[str, Any], name: str) -> Decimal:
    value = _get(raw, ["hasNumericalValue"])
    if value is None:
        raise MissingFieldError(name, "a value at {path}", path="hasNumericalValue")
    return _number(_single(value), name)


def _unit(raw: Mapping[str, Any], name: str) -> Unit:
    return Unit.named(
        local(_text(_id(_single(_get(raw, ["hasUnit"]))), name, "an amount with its unit")), name
    )


def _quantity(raw: Any, name: str) -> Quantity:
    measure = _object(raw, name)
    return Quantity.of(_amount(measure, name), _unit(measure, name))


def _money(raw: Any, name: str) -> Money:
    measure = _object(raw, name)
    currency = _id(_single(_get(measure, ["resourceConformsTo"])))
    if not isinstance(currency, str) or not currency.startswith(CURRENCY_PREFIX):
        raise UnknownCurrencyError(
            name, "an amount with its currency, like {example}", example=CURRENCY_PREFIX + "CLP"
        )
    if _get(measure, ["hasUnit"]) is not None and _unit(measure, name) is not Unit.ONE:
        raise ValueTypeError(name, "money counted in the unit one")
    return Money.of(_amount(measure, name), currency.removeprefix(CURRENCY_PREFIX), name)


def _date(raw: Any, name: str) -> date:
    text = _text(raw, name, "a day, like 2026-12-05")
    day = _parsed(text) if _DAY.fullmatch(text) else None
    if day is None:
        raise ValueTypeError(name, "a day, like 2026-12-05")
    return day.date()


def _moment(raw: Any, name: str) -> datetime:
    moment = _parsed(_text(raw, name, "a moment with its zone, like 2026-12-05T18:00:00Z"))
    if moment is None or moment.tzinfo is None:
        raise ValueTypeError(name, "a moment with its zone, like 2026-12-05T18:00:00Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueTypeError(name, "a moment with its zone, like 2026-12-05T18:00:00Z") from None


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


_DECODERS: Mapping[Any, Callable[[Any, str], Any]] = {
    str: lambda raw, name: _text(raw, name, "text"),
    Uri: _uri,
    bool: _bool,
    int: _whole,
    Decimal: _number,
    date: _date,
    datetime: _moment,
    Quantity: _quantity,
    Money: _money,
}
