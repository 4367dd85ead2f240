"""Numbers and quantities as people type them, and sums of quantities. Exact, never floats, never guessed.

A point or a comma may part thousands or decimals. Where a number can be read both ways (`1.500`), it is refused with
both readings; only what has no decimals, rations and money without minor units, is read as thousands.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

from node.domain.kind import NotAllowedError
from node.tongues import Tongue
from schemas import Quantity, SchemaError, Unit

UNITS: dict[str, tuple[Unit, Decimal]] = {
    **dict.fromkeys(("kg", "kgs", "kilo", "kilos", "kilogramo", "kilogramos", "kilogram", "kilograms"), (Unit.KILOGRAM, Decimal(1))),
    **dict.fromkeys(("g", "gr", "grs", "gramo", "gramos", "gram", "grams"), (Unit.KILOGRAM, Decimal("0.001"))),
    **dict.fromkeys(("l", "lt", "lts", "litro", "litros", "litre", "litres", "liter", "liters"), (Unit.LITRE, Decimal(1))),
    **dict.fromkeys(("ml", "cc", "mililitro", "mililitros", "millilitre", "millilitres"), (Unit.LITRE, Decimal("0.001"))),
    **dict.fromkeys(("h", "hr", "hrs", "hora", "horas", "hour", "hours"), (Unit.HOUR, Decimal(1))),
    **dict.fromkeys(("one", "u", "unidad", "unidades", "unit", "units", "pieza", "piezas", "piece", "pieces"), (Unit.ONE, Decimal(1))),
    **dict.fromkeys(("ración", "racion", "raciones", "ration", "rations"), (Unit.RATION, Decimal(1))),
    **dict.fromkeys(("kcal", "kilocalorie", "kilocalories", "kilocaloría", "kilocalorías"), (Unit.KILOCALORIE, Decimal(1))),
}  # fmt: skip
"""The words for units that people type, with the exact factor to the unit that is published."""

PARTS = {Unit.KILOGRAM: "g", Unit.LITRE: "ml"}
"""The smaller units in which people also type an amount."""

_COUNTED = ((Unit.RATION,), (Unit.ONE,))
"""Units of fields in which nothing is parted: a point before three digits can only part thousands."""
_PARTS_OF_ONE = {"½": "5", "1/2": "5", "¼": "25", "1/4": "25", "¾": "75", "3/4": "75"}
_FRACTION = re.compile(
    r"\s*(?:([0-9]{1,6})(?:\s+y\s+|\s+|(?=[½¼¾])))?([½¼¾]|1/2|[13]/4)(?![0-9/])(.*)", re.DOTALL
)
_HALF = re.compile(r"\s*(?:medi[oa]|half)\s+(?:an?\s+)?([^\W\d_]+\.?)\s*", re.IGNORECASE)
_AND_HALF = re.compile(r"\s*([0-9]{1,6})\s*([^\W\d_]*)\s+y\s+medi[oa]\s*([^\W\d_]*)\s*", re.IGNORECASE)
_AMOUNT = re.compile(r"\s*([-+]?)\s*([0-9][0-9.,\s'’]*)(.*)", re.DOTALL)


def read_number(
    text: str, field: str, tongue: Tongue, *, suffix: str = "", thousands: bool = False
) -> Decimal:
    """A typed number. `thousands`: a lone separator before three digits parts thousands; else it is refused."""
    found = _AMOUNT.fullmatch(text)
    if not found or found[3].strip():
        raise NotAllowedError(field, "a number, like {example}", example=Decimal("12.5"))
    digits = re.sub(r"[\s'’]+", " ", found[2].strip())
    number = _parted(digits, field, tongue, suffix, thousands)
    return -number if found[1] == "-" else number


def _parted(digits: str, field: str, tongue: Tongue, suffix: str, thousands: bool) -> Decimal:
    """Digits with their separators told apart into those of thousands and that of decimals."""
    signs = re.findall(r"[., ]", digits)
    last = signs[-1] if signs else ""
    whole, _, fraction = digits.rpartition(last) if last else (digits, "", "")
    if not signs:
        return _number(digits, field)
    if signs.count(last) > 1 or last == " ":
        return _number(_ungrouped(digits, last, field), field)
    if len(signs) > 1:
        return _number(f"{_ungrouped(whole, signs[0], field)}.{fraction}", field)
    if not re.fullmatch(r"[1-9][0-9]{0,2}", whole) or len(fraction) != 3:
        return _number(f"{whole}.{fraction}", field)
    if thousands:
        return _number(whole + fraction, field)
    small = tongue.number(Decimal(f"{whole}.{fraction}"))
    if not fraction.endswith("0"):
        small += "0"
    raise NotAllowedError(
        field,
        'a number with one reading: "{small}" or "{large}"',
        small=f"{small} {suffix}".strip(),
        large=f"{whole}{fraction} {suffix}".strip(),
    )


def _ungrouped(digits: str, sign: str, field: str) -> str:
    if not re.fullmatch(rf"[0-9]{{1,3}}(?:{re.escape(sign)}[0-9]{{3}})+", digits):
        raise NotAllowedError(field, "a number, like {example}", example=Decimal("12.5"))
    return digits.replace(sign, "")


def _number(text: str, field: str) -> Decimal:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        raise NotAllowedError(field, "a number, like {example}", example=Decimal("12.5"))
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,6})?", text):
        raise NotAllowedError(field, "at most 15 digits before the point and 6 behind it")
    return Decimal(text)


def read_quantity(text: str, field: str, tongue: Tongue, units: tuple[Unit, ...] = ()) -> Quantity:
    """`40 kg`, `1,5 l`, `500 g`: an exact amount in the unit that is published. A number alone needs a single unit in `units`."""
    found = _AMOUNT.fullmatch(_in_figures(text))
    word = found[3].strip().rstrip(".").casefold() if found else ""
    allowed = units or tuple(Unit)
    if not found and allowed in _COUNTED:
        raise NotAllowedError(field, "a number, like {example}", example=Decimal(120))
    if not found or (not word and len(allowed) > 1):
        raise NotAllowedError(
            field,
            "an amount with its unit ({known}), like {example}",
            known=_known(allowed),
            example=Quantity.of(Decimal(40), allowed[0]),
        )
    unit, factor = UNITS.get(word, (None, Decimal(1))) if word else (allowed[0], Decimal(1))
    if unit is None or unit not in allowed:
        raise NotAllowedError(field, "one of these units: {known}", known=_known(allowed))
    number = read_number(found[1] + found[2], field, tongue, suffix=word, thousands=allowed in _COUNTED)
    try:
        return Quantity.of(number * factor, unit)
    except SchemaError as error:
        raise NotAllowedError(field, error.expected, **error.values) from None


def _in_figures(text: str) -> str:
    """An amount with its halves and quarters as decimals: `medio kilo`, `1/2 kg`, `3 litros y medio`; any other as it is."""
    if found := _FRACTION.fullmatch(text):
        return f"{found[1] or 0}.{_PARTS_OF_ONE[found[2]]} {found[3]}"
    if found := _HALF.fullmatch(text):
        return f"0.5 {found[1]}"
    if (found := _AND_HALF.fullmatch(text)) and not (found[2] and found[3]):
        return f"{found[1]}.5 {found[2] or found[3]}"
    return text


def _known(units: Iterable[Unit]) -> tuple[Unit | str, ...]:
    """The words for units, as they may be typed; each reader's tongue says them."""
    return tuple(word for unit in units for word in (unit, PARTS.get(unit)) if word)


def total(quantities: Iterable[Quantity], unit: Unit) -> Quantity:
    """The sum of quantities of one unit; those of another unit do not count."""
    return Quantity.of(
        sum((quantity.value for quantity in quantities if quantity.unit is unit), Decimal(0)), unit
    )
