"""What kinds there are and what their fields are, for the help of `minga publish`."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import click

from node.activities import REGISTRY, named
from node.domain.typed import example_rows
from node.tongues import SIGNS
from schemas import FieldInfo, Money, Part, Quantity, Record, Unit, Uri, fields


def names() -> list[str]:
    """Every kind."""
    return sorted(REGISTRY)


def summary(name: str) -> str:
    """What a kind is, in a line."""
    kind = named(name)
    if kind is None:
        return f"There is no kind {name!r}; these are known: {', '.join(names())}."
    return " ".join((kind.record.__doc__ or "").partition("\n\n")[0].split())


def describe(name: str, formatter: click.HelpFormatter) -> None:
    """Write what a kind is, and its fields as they are typed."""
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(summary(name))
    if (kind := named(name)) is not None:
        record: type[Record] = kind.record
        if others := ", ".join(word for word in (kind.name, *record.aliases) if word != name):
            with formatter.indentation():
                formatter.write_text(f"Also called {others}.")
        typed = [info for info in fields(record) if not info.declared.made]
        with formatter.section("Fields"):
            formatter.write_dl([(_term(info), " ".join(_about(info))) for info in typed])


def example(name: str) -> list[str]:
    """A whole command that publishes such a thing, of the examples that its fields declare."""
    kind = named(name)
    if kind is None:
        return []
    record: type[Record] = kind.record
    pairs = [
        f"{info.name}={_typed_example(info)}"
        for info in fields(record)
        if info.required and not info.declared.made and not info.declared.today
    ]
    return [" ".join(("minga publish", name, *pairs))]


def _typed_example(info: FieldInfo) -> str:
    return info.declared.choices[0] if info.declared.choices else _shown(_example(info))


def _term(info: FieldInfo) -> str:
    return f"{info.name}={_form(info)}"


def _form(info: FieldInfo) -> str:
    """The shape of what is typed, in a word."""
    if info.many:
        return "TEXT,TEXT" if info.type in (str, Uri) else "JSON"
    if info.declared.choices:
        return "|".join(info.declared.choices)
    forms: dict[Any, str] = {
        Uri: "ID_OR_URL",
        bool: "yes|no",
        int: "NUMBER",
        Decimal: "NUMBER",
        date: "DATE",
        datetime: "DATE",
        Quantity: "QUANTITY",
        Money: "AMOUNT",
    }
    return forms.get(info.type, "TEXT")


def _about(info: FieldInfo) -> Iterator[str]:
    declared = info.declared
    yield f"{declared.en} ({declared.es})"
    if info.required and not declared.today:
        yield "[required]"
    if declared.today:
        yield "[today]"
    if declared.units:
        yield f"in {', '.join(str(unit) for unit in declared.units)}"
    if declared.aliases:
        yield f"or {', '.join(f'{alias}=' for alias in declared.aliases)}"
    if info.many:
        yield f"e.g. '{example_rows(info)}'"
    given = _example(info)
    if given is not None and not isinstance(given, bool) and not declared.choices:
        yield f"e.g. {_shown(given)}"


def _example(info: FieldInfo) -> Any:
    return next(
        (each for each in info.declared.examples if each is not None and not isinstance(each, tuple | Part)),
        None,
    )


def _shown(example: Any) -> str:
    match example:
        case Quantity(unit=Unit.ONE):
            return str(example.value)
        case Quantity():
            return f"'{example.value} {SIGNS.get(example.unit, example.unit)}'"
        case Money():
            return f"'{example.amount} {example.currency}'"
        case date():  # as people type it: a year would be one that is over
            return f"{example.day}/{example.month}"
        case str() if " " in example:
            return f"'{' '.join(example.split())}'"
    return str(example)
