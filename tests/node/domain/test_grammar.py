"""A few plain words are understood as people write them; a number is never guessed, and nothing ever breaks."""

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.acts import WORDS, Act, Command, Unclear, Understood
from node.domain.grammar import read
from node.domain.promise import read_promise
from node.tongues import Tongue
from schemas import Unit

ES = Tongue.of("es", ZoneInfo("America/Santiago"))
EN = Tongue.of("en", ZoneInfo("Europe/London"))
TODAY = date(2020, 8, 24)  # a Monday

UNDERSTOOD = [
    ("#necesitamos 40 kg lentejas antes del 28/8", Act.NEED, {"what": "lentejas", "quantity": "40 kg", "by": "28/8"}),
    ("#necesitamos 40 kg lentejas antes del 28/3", Act.NEED, {"what": "lentejas", "quantity": "40 kg", "by": "2021-03-28"}),
    ("#necesitamos 40 kg lentejas antes del 28/3 a las 18:00", Act.NEED, {"what": "lentejas", "quantity": "40 kg", "by": "2021-03-28 18:00"}),
    ("#necesitamos 40 kg lentejas antes del 28/3/2020", Act.NEED, {"what": "lentejas", "quantity": "40 kg", "by": "28/3/2020"}),
    ("#necesitamos 40 kg lentejas hasta el 20 de marzo", Act.NEED, {"what": "lentejas", "quantity": "40 kg", "by": "2021-03-20"}),
    ("#necesitamos 40 kg lentejas antes del 20/8", Act.NEED, {"what": "lentejas", "quantity": "40 kg", "by": "20/8"}),
    ("#Necesitamos 40kg de lentejas", Act.NEED, {"what": "lentejas", "quantity": "40 kg"}),
    ("#NECESITAMOS 40 KILOS DE LENTEJAS PARA EL VIERNES", Act.NEED, {"what": "LENTEJAS", "quantity": "40 kg", "by": "2020-08-28"}),
    ("#nesecitamos 12 kilos porotos", Act.NEED, {"what": "porotos", "quantity": "12 kg"}),
    ("#necesitmos 12 kls de papas", Act.NEED, {"what": "papas", "quantity": "12 kg"}),
    ("#necesitamos lentejas: 40 kg, hasta el 28 de agosto", Act.NEED, {"what": "lentejas", "quantity": "40 kg", "by": "2020-08-28"}),
    ("#necesitamos lentejas 40 kg", Act.NEED, {"what": "lentejas", "quantity": "40 kg"}),
    ("#necesitamos 1,5 lts aceite", Act.NEED, {"what": "aceite", "quantity": "1,5 l"}),
    ("#necesitamos 500 g de sal", Act.NEED, {"what": "sal", "quantity": "500 g"}),
    ("#necesitamos 20 ollas grandes", Act.NEED, {"what": "ollas grandes", "quantity": "20 u"}),
    ("#necesitamos 30 huevos", Act.NEED, {"what": "huevos", "quantity": "30 u"}),
    ("#necesitamos un kilo de sal para el viernes", Act.NEED, {"what": "sal", "quantity": "1 kg", "by": "2020-08-28"}),
    ("#necesitamos 40 kg lentejas hasta el viernes 4 de septiembre", Act.NEED, {"what": "lentejas", "quantity": "40 kg", "by": "2020-09-04"}),
    ("#necesitamos 40 kg lentejas para el 18", Act.NEED, {"what": "lentejas", "quantity": "40 kg", "by": "2020-09-18"}),
    ("#necesitamos 5 kg de arroz para el 18 🙏", Act.NEED, {"what": "arroz", "quantity": "5 kg", "by": "2020-09-18"}),
    ("#necesitamos 5 kg de arroz pal 18", Act.NEED, {"what": "arroz", "quantity": "5 kg", "by": "2020-09-18"}),
    ("#necesitamos 8 kg de carne molida p/el domingo", Act.NEED, {"what": "carne molida", "quantity": "8 kg", "by": "2020-08-30"}),
    ("#need 40 kg lentils by the 28th, thanks", Act.NEED, {"what": "lentils", "quantity": "40 kg", "by": "2020-08-28"}),
    ("#necesitamos 10 kg de leche en polvo xa el viernes", Act.NEED, {"what": "leche en polvo", "quantity": "10 kg", "by": "2020-08-28"}),
    ("#necesitamos 10 unid. de lechuga", Act.NEED, {"what": "lechuga", "quantity": "10 u"}),
    ("#servimos 100 raciones. Los esperamos mañana", Act.MEAL, {"menu": "comida", "served": "100", "details": "Los esperamos mañana"}),
    ("#necesitamos 10 lechugas", Act.NEED, {"what": "lechugas", "quantity": "10 u"}),
    ("#necesitamos 40 pañales", Act.NEED, {"what": "pañales", "quantity": "40 u"}),
    ("#necesitamos 40 kg lentejas para la olla del viernes", Act.NEED,
     {"what": "lentejas", "quantity": "40 kg", "details": "para la olla del viernes"}),
    ("#necesitamos 10 bolsas de 1 kg de arroz", Act.NEED, {"what": "bolsas de 1 kg de arroz", "quantity": "10 u"}),
    ("#necesitamos 12 horas de manos para cocinar para mañana", Act.NEED, {"what": "manos para cocinar", "quantity": "12 h", "by": "2020-08-25"}),
    ("#necesitamos 40 kg de papas para 200 personas", Act.NEED, {"what": "papas", "quantity": "40 kg", "details": "para 200 personas"}),
    ("#necesitamos 40 kg lentejas, mínimo 10 kg, antes del 28/8", Act.NEED, {"what": "lentejas", "quantity": "40 kg", "minimum": "10 kg", "by": "28/8"}),
    ("#necesitamos 40 kg de lentejas para el viernes 28 a las 18:00", Act.NEED, {"what": "lentejas", "quantity": "40 kg", "by": "2020-08-28 18:00"}),
    ("#necesitamos 40 kg de lentejas hasta el 2020-08-28", Act.NEED, {"what": "lentejas", "quantity": "40 kg", "by": "2020-08-28"}),
    ("Hola vecinas! #necesitamos 40 kg de lentejas antes del 28/8. Gracias a todas", Act.NEED,
     {"what": "lentejas", "quantity": "40 kg", "by": "28/8", "details": "Hola vecinas! Gracias a todas"}),
    ("#Necesitamos: 12 kilos de arroz, urgente, hasta el 3 de septiembre!", Act.NEED,
     {"what": "arroz", "quantity": "12 kg", "by": "2020-09-03", "details": "urgente"}),
    ("#faltan 15 kilos de arroz por favor", Act.NEED, {"what": "arroz", "quantity": "15 kg"}),
    ("#hacefalta 2 litros de cloro", Act.NEED, {"what": "cloro", "quantity": "2 l"}),
    ("#necesitamos diez kilos de azucar", Act.NEED, {"what": "azucar", "quantity": "10 kg"}),
    ("#necesitamos 40 kg lentejas\nDe preferencia en bolsas de 1 kg.", Act.NEED,
     {"what": "lentejas", "quantity": "40 kg", "details": "De preferencia en bolsas de 1 kg."}),
    ("#need 40 kg lentils by August 28", Act.NEED, {"what": "lentils", "quantity": "40 kg", "by": "2020-08-28"}),
    ("#WeNeed 40kg of lentils before 28 Aug", Act.NEED, {"what": "lentils", "quantity": "40 kg", "by": "2020-08-28"}),
    ("we are out of food, #need 12 hours of cooking by tomorrow please", Act.NEED,
     {"what": "cooking", "quantity": "12 h", "by": "2020-08-25", "details": "we are out of food"}),
    ("#ofrecemos 20 kg arroz", Act.OFFER, {"what": "arroz", "quantity": "20 kg"}),
    ("#ofresemos 20 kg de arroz", Act.OFFER, {"what": "arroz", "quantity": "20 kg"}),
    ("#ofrezco 5 kilos de zapallo hasta el domingo", Act.OFFER, {"what": "zapallo", "quantity": "5 kg", "by": "2020-08-30"}),
    ("#offer 20kg rice", Act.OFFER, {"what": "rice", "quantity": "20 kg"}),
    ("@olla@ollas.example #aportamos 25 kg", Act.PLEDGE, {"quantity": "25 kg"}),
    ("#aportamos 25kg para el jueves", Act.PLEDGE, {"quantity": "25 kg", "by": "2020-08-27"}),
    ("#aportamos 25", Act.PLEDGE, {"quantity": "25 kg"}),
    ("#aportamos 25 de lentejas", Act.PLEDGE, {"quantity": "25 kg"}),
    ("#Aportámos 25 kg, los dejamos el jueves", Act.PLEDGE, {"quantity": "25 kg", "by": "2020-08-27", "details": "los dejamos el jueves"}),
    ("#pledge 25 kg by 28 August", Act.PLEDGE, {"quantity": "25 kg", "by": "2020-08-28"}),
    ("cuenten con nosotras #donamos 2 kilos", Act.PLEDGE, {"quantity": "2 kg", "details": "cuenten con nosotras"}),
    ("#recibido 24 kg", Act.RECEIPT, {"quantity": "24 kg"}),
    ("#recibido 24 kg, viene más", Act.RECEIPT, {"quantity": "24 kg", "more": "yes"}),
    ("#recibido 24kg viene mas", Act.RECEIPT, {"quantity": "24 kg", "more": "yes"}),
    ("#recibimos ayer 24 kg. Mil gracias!", Act.RECEIPT, {"quantity": "24 kg", "on": "2020-08-23", "details": "Mil gracias!"}),
    ("#recibido 24 kilos no viene más", Act.RECEIPT, {"quantity": "24 kg", "more": "no"}),
    ("#received 24 kg, more to come", Act.RECEIPT, {"quantity": "24 kg", "more": "yes"}),
    ("#recivido 24 kg", Act.RECEIPT, {"quantity": "24 kg"}),
    ("#servimos 118 raciones de porotos planeadas 120", Act.MEAL, {"menu": "porotos", "served": "118", "planned": "120"}),
    ("#servimos 118 raciones de porotos con riendas (planeadas: 120)", Act.MEAL, {"menu": "porotos con riendas", "served": "118", "planned": "120"}),
    ("#servimos hoy 118 platos de carbonada", Act.MEAL, {"menu": "carbonada", "served": "118", "on": "2020-08-24"}),
    ("#servimos 118 raciones", Act.MEAL, {"menu": "comida", "served": "118"}),
    ("@olla@ollas.example #servimos 118 raciones (planeadas: 120)", Act.MEAL, {"menu": "comida", "served": "118", "planned": "120"}),
    ("#planeamos 120 raciones para el sábado", Act.MEAL, {"menu": "comida", "planned": "120", "on": "2020-08-29"}),
    ("#served 90 meals", Act.MEAL, {"menu": "comida", "served": "90"}),
    ("#servimos 118 porotos con riendas", Act.MEAL, {"menu": "porotos con riendas", "served": "118"}),
    ("#planeamos 120 raciones de porotos para el sábado", Act.MEAL, {"menu": "porotos", "planned": "120", "on": "2020-08-29"}),
    ("#served 118 rations of beans, planned 120", Act.MEAL, {"menu": "beans", "served": "118", "planned": "120"}),
    ("Qué jornada! #servimos 118 almuerzos de cazuela", Act.MEAL, {"menu": "cazuela", "served": "118", "details": "Qué jornada!"}),
    ("#confirmar", Act.CONFIRM, {}),
    ("@vecina@social.example #confirmar", Act.CONFIRM, {}),
    ("#confirmar 8 kg", Act.CONFIRM, {"quantity": "8 kg"}),
    ("#confirm", Act.CONFIRM, {}),
    ("#Confirmo, gracias!", Act.CONFIRM, {}),
    ("#deshacer", Act.UNDO, {}),
    ("#undo", Act.UNDO, {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "act", "fields"), UNDERSTOOD)
def test_a_command_is_understood(text: str, act: Act, fields: dict[str, str]) -> None:
    unit = Unit.KILOGRAM if act in (Act.PLEDGE, Act.RECEIPT, Act.CONFIRM) else None
    assert read(text, ES, TODAY, unit) == Command(act, fields)


UNCLEAR = [
    ("#planeamos 40 raciones el lunes 2026-13-45", Act.MEAL, "on"),
    ("#necesitamos 40 kg lentejas antes del lunes 2026-02-30", Act.NEED, "by"),
    ("#necesitamos $50000 para gas", Act.NEED, "quantity"),
    ("#need £50 for gas", Act.NEED, "quantity"),
    ("#need 20 € for gas", Act.NEED, "quantity"),
    ("#necesitamos 1 millón de pesos", Act.NEED, "quantity"),
    ("#necesitamos 20000 para el gas", Act.NEED, "what"),
    ("#necesitamos 5 kg de arroz, llevar al 18, portón verde", Act.NEED, "quantity"),
    ("#necesitamos 50 lucas para el gas", Act.NEED, "quantity"),
    ("#ofrecemos 50000 pesos", Act.OFFER, "quantity"),
    ("Hoy #servimos 100 raciones a las 13:00, los esperamos!", Act.MEAL, "served"),
    ("El sábado #servimos 100 raciones, traigan su olla", Act.MEAL, "served"),
    ("#necesitamos 1.500 kg papas", Act.NEED, "quantity"),
    ("#necesitamos lentejas", Act.NEED, "quantity"),
    ("#necesitamos 40 kg", Act.NEED, "what"),
    ("#necesitamos 40 lentejas", Act.NEED, "quantity"),
    ("#necesitamos 10 a 15 kg de arroz", Act.NEED, "quantity"),
    ("#necesitamos 10-15 kg de arroz", Act.NEED, "quantity"),
    ("#necesitamos 40 kg de arroz y 20 kg de porotos", Act.NEED, "quantity"),
    ("#necesitamos 1/2 kg de ajo", Act.NEED, "quantity"),
    ("#necesitamos 2 kilos y medio de arroz", Act.NEED, "quantity"),
    ("#necesitamos ciento veinte kilos de papas", Act.NEED, "quantity"),
    ("#necesitamos 2x5 kg de harina", Act.NEED, "quantity"),
    ("#necesitamos -5 kg de harina", Act.NEED, "quantity"),
    ("#necesitamos 0 kg de harina", Act.NEED, "quantity"),
    ("#necesitamos 1 500 kg de harina", Act.NEED, "quantity"),
    ("#necesitamos 40 kg de harina antes del 31/2", Act.NEED, "by"),
    ("#aportamos lo que podamos", Act.PLEDGE, "quantity"),
    ("#aportamos 25 bolsas", Act.PLEDGE, "quantity"),
    ("#recibido todo", Act.RECEIPT, "quantity"),
    ("#recibido 1.250 kg", Act.RECEIPT, "quantity"),
    ("#servimos 118", Act.MEAL, "menu"),
    ("#servimos 11,5 raciones de porotos", Act.MEAL, "served"),
    ("#servimos porotos", Act.MEAL, "served"),
]


@pytest.mark.parametrize(("text", "act", "missing"), UNCLEAR)
def test_what_is_missing_or_has_two_readings_is_asked_back(text: str, act: Act, missing: str) -> None:
    unit = Unit.KILOGRAM if act in (Act.PLEDGE, Act.RECEIPT) else None
    found = read(text, ES, TODAY, unit)
    assert isinstance(found, Unclear), found
    assert (found.act, found.field) == (act, missing)
    assert ES.say(found.expected, **found.values)


def test_rations_without_a_dish_are_food_in_the_words_of_the_collective() -> None:
    assert read("#served 90 meals", EN, TODAY) == Command(Act.MEAL, {"menu": "food", "served": "90"})


def test_an_ambiguous_number_is_asked_back_with_both_readings() -> None:
    found = read("#necesitamos 1.500 kg papas", ES, TODAY)
    assert isinstance(found, Unclear)
    assert (found.values["small"], found.values["large"]) == ("1,5 kg", "1500 kg")


def test_a_day_with_two_readings_is_asked_back_in_english_only() -> None:
    assert isinstance(read("#need 4 kg rice by 9/10", EN, TODAY), Unclear)
    assert isinstance(read("#necesitamos 4 kg arroz antes del 9/10", ES, TODAY), Command)


@pytest.mark.parametrize(
    "text",
    [
        "Hoy hubo olla común, gracias a todas",
        "Hablamos de lo que se #necesita en el barrio",
        "https://ejemplo.example/#necesitamos 40 kg",
        "llevo 10 kg",
        "40 kg de lentejas",
        "##",
        "# necesitamos 40 kg lentejas",
        "Las #necesidades son 40",
        "#ollacomun 40 kg",
        "",
    ],
)
def test_a_text_without_a_command_is_only_a_text(text: str) -> None:
    assert read(text, ES, TODAY) is None


_HASHTAGS = st.sampled_from([f"#{word}" for words in WORDS.values() for word in words.split()])
_BITS = st.sampled_from(
    (
        "40 kg", "1.500 kg", "2,5 lts", "28/8", "antes del", "para el viernes", "31/2", "de lentejas", "y", "a", "medio", "diez kilos",
        "planeadas 120", "-", "½", "viene más", "mínimo 3 kg", "hasta mañana", "a las 25:00", "@a@b.example", "\n", ".", ",",
        "99999999999999999999 kg", "٣ kg", "1e5 kg", "2020-13-45", "\x1f", "#", "llevo", "no", "by August 31st",
    )
)  # fmt: skip
_TEXTS = st.lists(st.one_of(_HASHTAGS, _BITS, st.text(max_size=12)), max_size=12).map(" ".join)
_SPELLED = ("10", "0.5")
"""What the words for numbers among these bits mean in figures."""


@given(
    _TEXTS, st.sampled_from([ES, EN]), st.sampled_from([None, *Unit]), st.sampled_from([read, read_promise])
)
def test_nothing_breaks_and_no_number_is_invented(
    text: str, tongue: Tongue, unit: Unit | None, reader: Callable[..., Understood]
) -> None:
    found = reader(text, tongue, TODAY, unit)
    if isinstance(found, Unclear):
        assert tongue.say(found.expected, **found.values)
    if isinstance(found, Command):
        for name in ("quantity", "minimum", "served", "planned"):
            number = found.fields.get(name, "").partition(" ")[0]
            assert number in text or number in _SPELLED


@given(
    st.integers(1, 999),
    st.sampled_from(["kg", "KG", " kilos", "kilo", " l", "lts"]),
    st.sampled_from(["necesitamos", "need", "ofrecemos"]),
)
def test_an_amount_is_read_as_it_stands(number: int, unit: str, word: str) -> None:
    found = read(f"Hola #{word} {number}{unit} de arroz por favor", ES, TODAY)
    assert isinstance(found, Command)
    assert found.fields["quantity"] == f"{number} {'kg' if 'k' in unit.lower() else 'l'}"
    assert found.fields["what"] == "arroz"


@pytest.mark.parametrize(
    "text",
    [
        "#aportamos 2 docenas",
        "#aportamos 4 mesas",
        "#recibido 3 bandejas",
        "#aportamos 3 bandejas de huevos",
        "#confirmar 2 dozen",
    ],
)
def test_what_holds_several_pieces_is_not_counted_as_one(text: str) -> None:
    found = read(text, ES, TODAY, Unit.ONE, "huevos")
    assert isinstance(found, Unclear)
    assert found.values["example"] == "24 huevos"


def test_packs_that_were_asked_for_are_counted() -> None:
    for text, what in (
        ("#aportamos 3 bolsas", "bolsas de pan"),
        ("#aportamos 1 bolsa", "bolsas de pan"),
        ("#aportamos 1 docena", "docenas de huevos"),
    ):
        found = read(text, ES, TODAY, Unit.ONE, what)
        assert isinstance(found, Command), found
        assert found.fields["quantity"] == f"{text.split()[1]} u"
    assert isinstance(read("#aportamos 12 huevos", ES, TODAY, Unit.ONE, "docenas de huevos"), Unclear)
