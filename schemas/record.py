"""The base of everything a collective publishes, and how a field of it is declared.

    class Need(Record, frozen=True, kw_only=True):
        what: Annotated[str, Field(es="qué", en="what", path="publishes.name", examples=("lentejas", "arroz"))]

A struct is flat, frozen, and has the names that people type. Its tag, the Note's `kind`, is the class name in lower
case. Limits hold from the moment a record exists: making one that breaks them raises a SchemaError.
"""

import re
import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, Self, Union, get_args, get_origin, get_type_hints

import msgspec

from schemas.errors import LimitError, UnknownKindError, ValueTypeError
from schemas.parts import Money, Quantity, Unit, Uri, uri

Struct = type[msgspec.Struct]

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
"""What no text holds that is published: control characters, and those that turn the direction of writing."""


@dataclass(frozen=True, slots=True)
class Field:
    """How one field is declared, in the `Annotated` metadata of its type.

    - `es`, `en`: its label; in lower case, as it stands before a form's box.
    - `path`: where it stands in the Note; default `record.` and the name in camel case (in a part: the name alone).
      Money at a path that ends in `resourceQuantity` puts its currency into the `resourceConformsTo` beside it.
    - `also`: another path at which it may be read, where the first is empty.
    - `term`: IRI of its JSON-LD term, if neither ValueFlows' nor Minga's word of the same name.
    - `said`: whether the text must say it. Ids, hashes and parameters of rules are not said.
    - `made`: whether the node makes it; then nobody can type it.
    - `aliases`: other names under which it may be typed.
    - `limit`: longest text in characters, or most rows. `positive`: more than zero; otherwise zero or more, unless
      it is `signed`.
    - `units`: the units it may have. `ends_day`: a date alone means the end of that day. `today`: today where nothing is typed.
    - `choices`: the words allowed. `actor`: the id is that of an actor, known here or not; other ids are of things.
    """

    es: str
    en: str
    path: str = ""
    also: str = ""
    examples: tuple[Any, ...] = ()
    term: str = ""
    said: bool = True
    made: bool = False
    aliases: tuple[str, ...] = ()
    limit: int = 500
    positive: bool = False
    units: tuple[Unit, ...] = ()
    choices: tuple[str, ...] = ()
    ends_day: bool = False
    actor: bool = False
    today: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field of a struct, as forms, the command line and the wire need it.

    `type` is the plain type of one value (`str`, `Uri`, `bool`, `int`, `Decimal`, `date`, `datetime`, `Quantity`,
    `Money`, or a Part); `many` says that the field holds a tuple of them.
    """

    name: str
    type: Any
    many: bool
    required: bool
    default: Any
    path: str
    declared: Field

    def label(self, locale: str) -> str:
        """The field's label in Spanish or else in English."""
        return self.declared.es if locale.startswith("es") else self.declared.en


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """A struct whose fields are declared, and hold."""

    def __post_init__(self) -> None:
        _hold(self)

    def changed(self, **values: Any) -> Self:
        """The same with other values for some fields; their limits hold as for a new one."""
        return msgspec.structs.replace(self, **values)


class Part(Declared, frozen=True, kw_only=True):
    """A typed row inside a record (a claim in an allocation, the definition of a ration)."""


class Record(Declared, frozen=True, kw_only=True, tag_field="kind", tag=str.lower):
    """The base of all published records.

    `constants` are the properties that every Note of this kind carries besides its fields, by path; `{uri}` in them
    becomes the Note's id. One inside an object is written only where a field has filled that object. `aliases` are
    other words by which people ask for the kind (`necesidad`); none of them ever travels.
    """

    constants: ClassVar[Mapping[str, str]] = {}
    aliases: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def kind(cls) -> str:
        """The record's kind: the struct's tag."""
        return str(cls.__struct_config__.tag)


def camel(name: str) -> str:
    """`unit_price` → `unitPrice`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@cache
def fields(struct: Struct) -> tuple[FieldInfo, ...]:
    """The declared fields of a record or part, in their order."""
    hints = get_type_hints(struct, include_extras=True)
    return tuple(
        _describe(info, hints[info.name], "record." if issubclass(struct, Record) else "")
        for info in msgspec.structs.fields(struct)
    )


def records() -> dict[str, type[Record]]:
    """Every struct that is loaded, by its kind."""
    return _by_kind(tuple(Record.__subclasses__()))


@cache
def _by_kind(structs: tuple[type[Record], ...]) -> dict[str, type[Record]]:
    return {struct.kind(): struct for struct in structs}


def record_type(kind: str) -> type[Record]:
    """The struct of a kind; UnknownKindError where none is loaded."""
    try:
        return records()[kind]
    except KeyError:
        raise UnknownKindError(
            "kind", "one of these kinds: {known}", known=", ".join(sorted(records()))
        ) from None


def _describe(info: msgspec.structs.FieldInfo, hint: Any, prefix: str) -> FieldInfo:
    declared = next((extra for extra in getattr(hint, "__metadata__", ()) if isinstance(extra, Field)), None)
    if declared is None:
        raise TypeError(f"{info.name}: a field needs Annotated[…, Field(…)]")
    if declared.made and info.required:
        raise TypeError(
            f"{info.name}: what the node makes is not there when people type, so it needs a default"
        )
    kind, many = hint.__origin__, False
    if get_origin(kind) in (Union, types.UnionType):
        (kind,) = [part for part in get_args(kind) if part is not type(None)]
    if get_origin(kind) is tuple:
        kind, many = get_args(kind)[0], True
    default = None if info.default is msgspec.NODEFAULT else info.default
    return FieldInfo(
        name=info.name,
        type=kind,
        many=many,
        required=info.required,
        default=default,
        path=declared.path or prefix + camel(info.name),
        declared=declared,
    )


def _hold(struct: msgspec.Struct) -> None:
    """Raise LimitError or ValueTypeError where a field's value breaks its declaration."""
    for info in fields(type(struct)):
        value = getattr(struct, info.name)
        if value is None:
            continue
        if not info.many:
            _check(info, value, info.name)
            continue
        if len(value) > info.declared.limit:
            raise LimitError(info.name, "at most {limit} rows", limit=info.declared.limit)
        for index, row in enumerate(value):
            _check(info, row, f"{info.name}[{index}]")


def _check(info: FieldInfo, value: Any, name: str) -> None:
    declared = info.declared
    expected = str if info.type is Uri else info.type
    if type(value) is not expected:
        raise ValueTypeError(name, "a value of type {type}", type=expected.__name__)
    match value:
        case str():
            _check_text(info, value, name)
        case Quantity():
            _check_size(declared, value.value, name)
            if declared.units and value.unit not in declared.units:
                raise LimitError(name, "an amount in {known}", known=", ".join(declared.units))
        case Money():
            _check_size(declared, Decimal(value.minor), name)
        case int() | Decimal():
            _check_size(declared, Decimal(value), name)
        case datetime() if value.tzinfo is not UTC:
            raise ValueTypeError(name, "a moment in UTC")


def _check_text(info: FieldInfo, value: str, name: str) -> None:
    declared = info.declared
    if info.type is not str:
        uri(value, name)
    elif declared.choices:
        if value not in declared.choices:
            raise ValueTypeError(name, "one of these: {known}", known=", ".join(declared.choices))
    elif not value.strip():
        raise LimitError(name, "some text")
    elif len(value) > declared.limit:
        raise LimitError(name, "at most {limit} characters", limit=declared.limit)
    elif CONTROL.search(value):
        raise LimitError(name, "text without control characters")


def _check_size(declared: Field, value: Decimal, name: str) -> None:
    if declared.positive and value <= 0:
        raise LimitError(name, "more than zero")
    if value < 0 and not declared.signed:
        raise LimitError(name, "zero or more")
