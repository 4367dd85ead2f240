"""Languages: everything is translated, and every value is written as the language writes it."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import node.errors
import schemas.generate
from federation import FederationError
from node.tongues import LOCALES, SOURCE, Forms, Tongue, catalogue, languages
from schemas import Money, Quantity, SchemaError, Unit, fields

ROOT = Path(__file__).parent.parent.parent
SANTIAGO = ZoneInfo("America/Santiago")
KEYWORDS = {
    "say": (1,),
    "message": (1,),
    "plural": (1, 2),
    "_text": (3,),
    "unfit": (1,),
    "NotAllowedError": (2,),
    **{error.__name__: (2,) for error in (SchemaError, *SchemaError.__subclasses__())},
}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
TRANSLATIONS = [language for language in languages() if language != SOURCE]


@cache
def messages() -> dict[str, str]:
    """Every message id in the source, with its plural, and every word that a field offers as a choice."""
    found = {}
    for room in ("schemas", "node"):
        for _, _, text, _, _ in extract_from_dir(ROOT / room, METHODS, keywords=KEYWORDS):
            singular, plural = text if isinstance(text, tuple) else (text, "")
            found[singular] = plural
    for struct in schemas.generate.load().values():
        found |= {word: "" for info in fields(struct) for word in info.declared.choices}
    storage = node.errors.DiskFullError(), node.errors.DatabaseError()
    for error in (*storage, *below(FederationError)):
        found |= {text: "" for text in (error.public, error.hint) if text}
    return found


def below(error: type[FederationError]) -> set[type[FederationError]]:
    """An error and all that is one."""
    return {error}.union(*(below(each) for each in error.__subclasses__()))


SPOKEN_IN_ENGLISH = (
    "api", "app.py", "cli/scope.py", "cli/serving.py", "cli/setting_up.py", "cli/upkeep.py", "config.py", "control/client.py",
    "control/lock.py", "control/server.py", "demo", "account/sequencer.py", "activities/__init__.py", "backup.py", "directory.py",
    "errors.py", "keyring.py", "storage", "tlog",
)  # fmt: skip
"""Where refusals are for programs, or come before there is a collective with a language."""
ERRORS = {
    name
    for name, value in vars(node.errors).items()
    if isinstance(value, type) and issubclass(value, node.errors.NodeError)
}


def refusals() -> Iterator[tuple[str, ast.expr]]:
    """Every wording and hint of what this node refuses, with its place."""
    for path in sorted((ROOT / "node").rglob("*.py")):
        place = path.relative_to(ROOT / "node").as_posix()
        if place.startswith(SPOKEN_IN_ENGLISH):
            continue
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ERRORS:
                words = call.args[1:2] if call.func.id == "InvalidError" else call.args[:1]
                hints = [each.value for each in call.keywords if each.arg == "hint"]
                yield from ((f"node/{place}:{call.lineno}", each) for each in (*words, *hints))


def test_every_refusal_that_people_read_can_be_translated() -> None:
    marked = [
        place
        for place, wording in refusals()
        if isinstance(wording, ast.JoinedStr | ast.Constant | ast.BinOp)
    ]
    assert not marked, f"message(…) with values, not text that is put together already: {marked}"


def names(text: str) -> set[str]:
    return set(re.findall(r"\{(\w*)", text))


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_message_is_translated(language: str) -> None:
    untranslated = sorted(messages().keys() - catalogue(language).keys())
    assert not untranslated, f"no words in node/locale/{language}/*.po for: {untranslated}"


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_no_translation_is_left_of_a_message_that_is_gone(language: str) -> None:
    assert sorted(catalogue(language).keys() - messages().keys()) == []


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_fills_in_the_same_values(language: str) -> None:
    for text, translated in catalogue(language).items():
        for form in (translated,) if isinstance(translated, str) else translated.texts:
            assert names(form) == names(text), text


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_no_message_is_translated_twice(language: str) -> None:
    seen: dict[str, str] = {}
    for path in sorted((LOCALES / language).glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file):
                singular = entry.id if isinstance(entry.id, str) else entry.id[0]
                assert not entry.id or singular not in seen, (
                    f"{singular!r} in {path.name} and {seen.get(singular)}"
                )
                seen[singular] = path.name


@pytest.mark.parametrize(
    ("value", "es", "en"),
    [
        (Quantity(Decimal("1234.5"), Unit.KILOGRAM), "1.234,5 kg", "1,234.5 kg"),
        (Quantity(Decimal(1), Unit.RATION), "1 ración", "1 ration"),
        (Quantity(Decimal("1.5"), Unit.HOUR), "1,5 horas", "1.5 hours"),
        (Quantity(Decimal(6), Unit.ONE), "6", "6"),
        (Money(62500000, "PEN"), "625.000 PEN", "625,000 PEN"),
        (Money(150050, "USD"), "1.500,50 USD", "1,500.50 USD"),
        (Money(-5, "PEN"), "-0,05 PEN", "-0.05 PEN"),
        (Money(1500, "CLP"), "1.500 CLP", "1,500 CLP"),
        (date(2020, 8, 28), "28 de agosto de 2020", "28 August 2020"),
        (datetime(2020, 8, 29, 3, 59, 59, tzinfo=UTC), "28 de agosto de 2020", "28 August 2020"),
        (
            datetime(2020, 8, 27, 16, tzinfo=UTC),
            "27 de agosto de 2020 a las 12:00",
            "27 August 2020 at 12:00",
        ),
        (True, "sí", "yes"),
        ("{name} stays {as} it is", "{name} stays {as} it is", "{name} stays {as} it is"),
    ],
)
def test_a_value_is_written_as_the_language_writes_it(value: object, es: str, en: str) -> None:
    assert Tongue.of("es-CL", SANTIAGO).show(value) == es
    assert Tongue.of("en", SANTIAGO).show(value) == en


@pytest.mark.parametrize(
    ("number", "es", "en"),
    [("1234.5", "1234,5", "1234.5"), ("2.375", "2,3750", "2.3750"), ("40", "40", "40")],
)
def test_a_number_that_stands_in_a_box_is_typed_again_with_one_reading(number: str, es: str, en: str) -> None:
    assert Tongue.of("es", SANTIAGO).typed(Decimal(number)) == es
    assert Tongue.of("en", SANTIAGO).typed(Decimal(number)) == en


def test_an_unknown_language_is_english() -> None:
    assert Tongue.of("qu", SANTIAGO).language == "en"
    assert Tongue.of("qu", SANTIAGO).say("We need {amount}.", amount="x") == "We need x."


def test_a_plural_follows_its_number() -> None:
    tongue = Tongue.of("es", SANTIAGO)
    assert tongue.plural("{number} ration", "{number} rations", 0) == "0 raciones"
    assert tongue.plural("{number} ration", "{number} rations", Decimal("0.5")) == "0,5 raciones"


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_file_says_how_many_plural_forms_it_has_whatever_the_library_believes(language: str) -> None:
    for path in sorted((LOCALES / language).glob("*.po")):
        declared = re.search(r'"Plural-Forms: nplurals=(\d)', path.read_text())
        assert declared, path.name
        with path.open("rb") as file:
            found = {len(entry.string) for entry in read_po(file) if not isinstance(entry.string, str)}
        assert found <= {int(declared[1])}, path.name


@pytest.mark.parametrize(
    ("language", "rule", "forms"),
    [
        ("pl", "nplurals=2; plural=(n != 1)", ["ration", "rations"]),
        ("es", "nplurals=3; plural=(n==1 ? 0 : n==5 ? 2 : 1)", ["ration", "rations", "five"]),
    ],
)
def test_a_plural_takes_the_form_that_its_file_declares(
    language: str, rule: str, forms: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "\n".join(f'msgstr[{number}] "{form}"' for number, form in enumerate(forms))
    (tmp_path / language).mkdir()
    (tmp_path / language / "words.po").write_text(
        f'msgid ""\nmsgstr ""\n"Plural-Forms: {rule};\\n"\n\nmsgid "one"\nmsgid_plural "many"\n{said}\n'
    )
    monkeypatch.setattr("node.tongues.LOCALES", tmp_path)
    read = catalogue.__wrapped__(language)["one"]
    assert isinstance(read, Forms)
    assert [read.of(1), read.of(5)] == [forms[0], forms[-1]]


def test_lists_are_joined_as_the_language_joins_them() -> None:
    assert Tongue.of("es", SANTIAGO).join(["arroz", "aceite", "lentejas"]) == "arroz, aceite y lentejas"
    assert Tongue.of("en", SANTIAGO).join([]) == ""


def test_a_day_ends_at_its_last_second_in_the_zone_also_where_the_clock_changes() -> None:
    tongue = Tongue.of("es", SANTIAGO)
    assert tongue.end_of(date(2020, 8, 28)) == datetime(2020, 8, 29, 3, 59, 59, tzinfo=UTC)
    assert tongue.end_of(date(2020, 9, 5)) == datetime(2020, 9, 6, 3, 59, 59, tzinfo=UTC)
    assert tongue.end_of(date(2020, 9, 6)) == datetime(2020, 9, 7, 2, 59, 59, tzinfo=UTC)
