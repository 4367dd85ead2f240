"""What somebody promises in plain words is understood; a wish, a question and a refusal promise nothing."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from node.domain.acts import Act, Command, Unclear
from node.domain.promise import read_promise
from node.tongues import Tongue
from schemas import Unit

ES = Tongue.of("es", ZoneInfo("America/Santiago"))
TODAY = date(2020, 8, 24)  # a Monday

PROMISES = [
    ("llevo 10 kg", {"quantity": "10 kg"}),
    ("Yo llevo 10kg de lentejas!!", {"quantity": "10 kg"}),
    ("@olla@ollas.example hola, puedo llevar 10 kilos el jueves", {"quantity": "10 kg", "by": "2020-08-27"}),
    ("traigo diez kilos", {"quantity": "10 kg"}),
    ("llevo medio kilo", {"quantity": "0.5 kg"}),
    ("Vecinas, aportamos 3,5 kg desde la junta", {"quantity": "3,5 kg"}),
    ("10 kg", {"quantity": "10 kg"}),
    ("yo 10", {"quantity": "10 kg"}),
    ("Llevaré 10 kg antes del viernes", {"quantity": "10 kg", "by": "2020-08-28"}),
    ("¿les sirve si llevo 10 kg?", {"quantity": "10 kg"}),
    ("I'll bring 10 kg", {"quantity": "10 kg"}),
    ("We can donate 10 kilos of lentils", {"quantity": "10 kg"}),
    ("llevo 10 kg, tengo auto", {"quantity": "10 kg"}),
    ("llevo 10 kg el viernes", {"quantity": "10 kg", "by": "2020-08-28"}),
    ("llevo 10 kg mañana", {"quantity": "10 kg", "by": "2020-08-25"}),
    ("ayer no pude, pero llevo 10 kg hoy", {"quantity": "10 kg", "by": "2020-08-24"}),
    ("voy con 5 kg el sábado a las 10", {"quantity": "5 kg", "by": "2020-08-29 10:00"}),
    ("les llevo 2 kilos de lentejas el sábado a las 6 de la tarde", {"quantity": "2 kg", "by": "2020-08-29 18:00"}),
    ("llevo 10 kg entre las 9 y las 11", {"quantity": "10 kg"}),
    ("Hola! Yo les puedo dejar 10 kg", {"quantity": "10 kg"}),
    ("no tengo auto pero llevo 10 kg", {"quantity": "10 kg"}),
    ("les mando 4 kg con mi hijo", {"quantity": "4 kg"}),
    ("yo paso el jueves con 10 kg", {"quantity": "10 kg", "by": "2020-08-27"}),
    ("tengo 10 kg de lentejas para ustedes", {"quantity": "10 kg"}),
    ("me anoto con 5", {"quantity": "5 kg"}),
    ("cuenten conmigo con 5 kg", {"quantity": "5 kg"}),
    ("anótenme con 3 kg porfa", {"quantity": "3 kg"}),
    ("nosotras llevamos 3 kg", {"quantity": "3 kg"}),
    ("Hola! llevo 10 kg. Somos 4 en la casa y podemos ir el 15.", {"quantity": "10 kg"}),
    ("llevo como 10 kg 🙏", {"quantity": "10 kg"}),
    ("We've got 10 kg for you", {"quantity": "10 kg"}),
    ("put me down for 4 kg", {"quantity": "4 kg"}),
    ("Count me in for 3 kg", {"quantity": "3 kg"}),
    ("can't come but I'll send 4 kg", {"quantity": "4 kg"}),
    ("I'd be happy to bring 10 kg on Friday", {"quantity": "10 kg", "by": "2020-08-28"}),
    ("I could drop off 5 kg tomorrow at 6pm", {"quantity": "5 kg", "by": "2020-08-25 18:00"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fields"), PROMISES)
def test_a_promise_in_plain_words_is_understood(text: str, fields: dict[str, str]) -> None:
    assert read_promise(text, ES, TODAY, Unit.KILOGRAM, "lentejas") == Command(Act.PLEDGE, fields)


@pytest.mark.parametrize(
    "text",
    [
        "Qué buena iniciativa!",
        "¿Faltan todavía 10 kg?",
        "No puedo llevar 10 kg, lo siento",
        "Ya no llevo 10 kg",
        "llevo 3 años en la olla",
        "llevo lentejas",
        "compartido, ojalá junten los 40 kg que faltan esta semana",
        "I can't bring 10 kg",
        "Ojalá junten los 40 kg!",
        "¡Qué bueno! 10 kg menos",
        "¿llevo 10 kg?",
        "llevo 10 kg?",
        "les faltan 10 kg?",
        "quedan 10 kg",
        "Gracias por los 10 kg",
        "mi vecina lleva 10 kg",
        "ayer llevé 10 kg",
        "No alcanzo a llevar 10 kg",
        "should I bring 10 kg?",
        "",
    ],
)
def test_what_promises_nothing_is_no_promise(text: str) -> None:
    assert read_promise(text, ES, TODAY, Unit.KILOGRAM, "lentejas") is None


@pytest.mark.parametrize(
    "text",
    [
        "llevo 10 a 15 kg",
        "llevo 1.500 kg",
        "llevo 2 kg y medio",
        "llevo 5 kg de arroz y 3 kg de sal",
        "llevo 5 kg. Y 3 kg más el lunes",
        "llevo 10 kg y mi hermana 5",
        "llevo 3 sacos de 25 kg",
        "llevo una bolsa de 5 kg",
        "llevo 10 kg de arroz",
        "Ojalá junten los 40 kg que faltan; yo llevo 5",
    ],
)
def test_a_promise_with_two_readings_is_asked_back(text: str) -> None:
    assert isinstance(read_promise(text, ES, TODAY, Unit.KILOGRAM, "lentejas"), Unclear)
