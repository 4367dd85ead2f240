"""Languages: catalogues, numbers, dates, units, lists, plurals. Pure once a Tongue is made.

Message ids are English sentences with {placeholders}; English needs no catalogue, every other language has
`locale/LANG/*.po`, one file a room, read at the start, so that a translator needs no build step. A value given to `say`
is shown as the language writes it: quantities with their unit, money with its currency, days in words.

    tongue = Tongue.of("es", ZoneInfo("America/Santiago"))
    tongue.say("{amount} of {what}", amount=Quantity(Decimal(40), Unit.KILOGRAM), what="lentejas")
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from gettext import c2py
from pathlib import Path
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, get_day_names, get_month_names
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, get_decimal_symbol

from schemas import CURRENCIES, Money, Quantity, Unit
from schemas.parts import plain

LOCALES = Path(__file__).parent / "locale"

SOURCE = "en"
"""The language of the message ids."""

_FORMATS = {"en": "en_GB"}
"""Where dates are written day first."""


def message(text: str) -> str:
    """Mark a message id that is said later, so that the catalogues have it."""
    return text


@cache
def languages() -> tuple[str, ...]:
    """The languages that there are: the source and every catalogue."""
    return (*sorted(path.name for path in LOCALES.iterdir() if path.is_dir()), SOURCE)


def wanted_language(header: str) -> str | None:
    """The best language of an Accept-Language header that we speak (RFC 9110 section 12.5.4)."""
    weighed: list[tuple[float, str]] = []
    for part in header[:200].split(","):
        name, _, parameters = part.strip().lower().partition(";")
        short = name.strip().partition("-")[0]
        weight = parameters.strip().removeprefix("q=") or "1"
        if short in languages() and weight.replace(".", "", 1).isdecimal() and float(weight) > 0:
            weighed.append((float(weight), short))
    return max(weighed, key=lambda pair: pair[0])[1] if weighed else None


SIGNS = {Unit.KILOGRAM: "kg", Unit.LITRE: "l", Unit.KILOCALORIE: "kcal"}
NAMES = {Unit.HOUR: message("hours"), Unit.RATION: message("rations"), Unit.ONE: message("pieces")}
"""How units are written: by a sign, or by a word of the language."""


@dataclass(frozen=True, slots=True)
class Forms:
    """A translated plural: its forms, and which of them a number takes, by the header of the file that it stands in.

    What the library knows of the language does not count: it learns of more forms from one version to the next.
    """

    texts: tuple[str, ...]
    rule: Callable[[int], int]

    def of(self, number: int) -> str:
        """The form of a number."""
        return self.texts[self.rule(number)]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A day that is shown as it is said of one that is near: `viernes 28`."""

    day: date


@cache
def catalogue(language: str) -> Mapping[str, str | Forms]:
    """Every translated message of a language, by its id; plurals by their singular."""
    known: dict[str, str | Forms] = {}
    for path in sorted((LOCALES / language).glob("*.po")):
        with path.open("rb") as file:
            entries = read_po(file, locale=language)
        rule = c2py(entries.plural_expr)
        for entry in entries:
            if entry.id and entry.string and not entry.fuzzy:
                known[entry.id if isinstance(entry.id, str) else entry.id[0]] = (
                    entry.string if isinstance(entry.string, str) else Forms(tuple(entry.string), rule)
                )
    return known


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language in one time zone."""

    language: str
    zone: ZoneInfo
    _known: Mapping[str, str | Forms] = field(repr=False, compare=False, default_factory=dict)

    @classmethod
    def of(cls, language: str, zone: ZoneInfo) -> "Tongue":
        """The tongue of a language (`es`, `en`, or with a region: `es-CL`); an unknown one is English."""
        short = language.replace("_", "-").split("-", maxsplit=1)[0].lower()
        if short not in languages():
            short = SOURCE
        return cls(short, zone, catalogue(short))

    def say(self, msgid: str, **values: object) -> str:
        """A message in this language with its values filled in."""
        found = self._known.get(msgid, msgid)
        return self._fill(found if isinstance(found, str) else found.of(1), values)

    def plural(self, one: str, many: str, number: int | Decimal, **values: object) -> str:
        """A message that depends on a number; `{number}` in it is the number."""
        found = self._known.get(one)
        if isinstance(found, Forms):
            text = found.of(int(number) if number == int(number) else 2)
        else:
            text = one if number == 1 else many
        return self._fill(text, {"number": number, **values})

    def show(self, value: object) -> str:
        """One value as this language writes it."""
        match value:
            case bool():
                return self.say(message("yes")) if value else self.say(message("no"))
            case Unit():
                return self.unit(value)
            case Quantity():
                return self.quantity(value)
            case Money():
                return self.money(value)
            case int() | Decimal():
                return self.number(value)
            case datetime():
                return self.moment(value)
            case date():
                return self.day(value)
            case Spoken():
                return self.day_spoken(value.day)
            case tuple():
                return ", ".join(map(self.show, value))
            case _:
                return str(value)

    def number(self, number: Decimal | int) -> str:
        """`1.234,5`"""
        return _number(self.language, str(number))

    def typed(self, number: Decimal) -> str:
        """`1234,5`: a number as it can be typed again with one reading: never three decimals, which might be thousands."""
        text = plain(number)
        whole, _, fraction = text.partition(".")
        sign = get_decimal_symbol(self._format)
        return f"{whole}{sign}{fraction}{'0' if len(fraction) == 3 else ''}" if fraction else whole

    def quantity(self, quantity: Quantity) -> str:
        """`40 kg`, `1 ración`, `6`."""
        number = self.number(quantity.value)
        if quantity.unit in SIGNS:
            return f"{number} {SIGNS[quantity.unit]}"
        if quantity.unit is Unit.HOUR:
            return self.plural("{number} hour", "{number} hours", quantity.value)
        if quantity.unit is Unit.RATION:
            return self.plural("{number} ration", "{number} rations", quantity.value)
        return number

    def unit(self, unit: Unit) -> str:
        """`kg`, `raciones`: a unit by itself."""
        return SIGNS.get(unit) or self.say(NAMES[unit])

    def money(self, money: Money) -> str:
        """`625.000 CLP`, `1.500,50 USD`: no smallest units, or all digits of them."""
        digits = CURRENCIES[money.currency] if money.minor % 10 ** CURRENCIES[money.currency] else 0
        return f"{_number(self.language, str(money.amount), digits)} {money.currency}"

    def currency(self, code: str) -> str:
        """`peso chileno`"""
        return str(self._format.currencies.get(code, code))

    def percent(self, number: Decimal) -> str:
        """`23,12 %`, in English `23.12%`, always with two decimals."""
        return f"{format_decimal(number, format='#,##0.00', locale=self._format)}{'' if self.language == 'en' else ' '}%"

    def day(self, day: date) -> str:
        """`28 de agosto de 2020`"""
        return _date(self.language, day, "long")

    def day_month(self, day: date) -> str:
        """`28 de agosto`, where the year is plain."""
        return _month_day(self.language, day)

    def day_short(self, day: date) -> str:
        """`28 ago`, where there is little room."""
        return _month_day(self.language, day, "MMMd")

    def day_name(self, day: date) -> str:
        """`viernes`"""
        return _date(self.language, day, "EEEE")

    def day_spoken(self, day: date) -> str:
        """`viernes 28`, of a day that is near."""
        return f"{self.day_name(day)} {day.day}"

    def moment(self, moment: datetime) -> str:
        """A moment as a day of this zone, with its time unless it is the end of that day."""
        here = moment.astimezone(self.zone)
        if here.time() >= time(23, 59):
            return self.day(here.date())
        return self.say("{day} at {time}", day=here.date(), time=f"{here:%H:%M}")

    def join(self, items: Sequence[str]) -> str:
        """`arroz, aceite y lentejas`"""
        return str(format_list(list(items), locale=self._format)) if items else ""

    def today(self, now: datetime) -> date:
        """The day that it is in this zone."""
        return now.astimezone(self.zone).date()

    def end_of(self, day: date) -> datetime:
        """The last second of a day in this zone, in UTC."""
        start = datetime.combine(day + timedelta(days=1), time(0), self.zone)
        return start.astimezone(UTC) - timedelta(seconds=1)

    def month(self, name: str) -> int | None:
        """The number of a month by its name in this language, whole or short."""
        return _named(_calendar_names(self._format, "months"), name)

    def weekday(self, name: str) -> int | None:
        """The number of a day of the week, Monday 0, by its name in this language, whole or short."""
        return _named(_calendar_names(self._format, "days"), name)

    @property
    def _format(self) -> Locale:
        return _locale(self.language)

    def _fill(self, text: str, values: Mapping[str, object]) -> str:
        return text.format(**{name: self.show(value) for name, value in values.items()}) if values else text


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_FORMATS.get(language, language))


# Pages say the same amounts and days again and again, and formatting one costs more than all the rest of a line.


@lru_cache(maxsize=4096)
def _number(language: str, number: str, digits: int = 0) -> str:
    """With at least these `digits` behind the point."""
    form = f"#,##0.{'0' * digits}" if digits else None
    return str(
        format_decimal(Decimal(number), form, locale=_locale(language), decimal_quantization=bool(digits))
    )


@lru_cache(maxsize=4096)
def _date(language: str, day: date, form: str) -> str:
    return str(format_date(day, form, locale=_locale(language)))


@lru_cache(maxsize=1024)
def _month_day(language: str, day: date, form: str = "MMMMd") -> str:
    return str(format_skeleton(form, day, locale=_locale(language)))


@cache
def _calendar_names(locale: Locale, what: str) -> Mapping[str, int]:
    read = get_month_names if what == "months" else get_day_names
    return {
        name.rstrip(".").casefold(): number
        for width in ("abbreviated", "wide")
        for number, name in read(width, locale=locale).items()
    }


def _named(names: Mapping[str, int], name: str) -> int | None:
    plain = name.rstrip(".").casefold()
    return next((number for known, number in names.items() if _unaccented(known) == _unaccented(plain)), None)


def _unaccented(text: str) -> str:
    return "".join(sign for sign in normalize("NFD", text) if not combining(sign))
