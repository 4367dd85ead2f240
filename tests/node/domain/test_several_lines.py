"""What is typed in several lines or sentences: a day that stands in another one than what is counted is never passed over for today."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from node.domain.acts import Command, Unclear
from node.domain.grammar import read
from node.tongues import Tongue
from schemas import Unit

ES = Tongue.of("es", ZoneInfo("America/Santiago"))
TODAY = date(2020, 8, 24)  # a Monday


@pytest.mark.parametrize(
    "text",
    [
        "Viernes 28 de agosto\n#planeamos 90 raciones de porotos\n13:00 en la sede",
        "#planeamos 120 raciones de guiso\nmañana a las 13 en la sede",
        "Mañana hay olla común! #planeamos 80 raciones",
        "#planeamos 90 raciones de porotos. Los esperamos mañana",
        "📅 Viernes 28\n🍲 #planeamos 90 raciones",
        "We cook on Friday. #weplan 90 meals",
        "#weplan 90 meals\nFriday 28 August, 6pm",
        "Ayer domingo\n#servimos 118 raciones de cazuela",
        "Sábado 22/8\n#servimos 118 raciones",
        "El viernes hubo olla. #servimos 70 raciones",
        "Olla del sábado\n#servimos 70 raciones",
        "Yesterday's pot\n#served 90 meals",
        "#servimos 118 raciones de cazuela. Fue ayer",
        "#servimos 118 raciones de cazuela\nAyer",
        "Ayer\n#recibido 24 kg",
        "El viernes llegó el camión. #recibido 24 kg",
    ],
)
def test_a_day_in_another_line_is_asked_for(text: str) -> None:
    found = read(text, ES, TODAY, Unit.KILOGRAM, "lentejas")
    assert isinstance(found, Unclear), found
    assert found.field == "on"


@pytest.mark.parametrize(
    "text",
    [
        "#servimos 118 raciones de cazuela. Mañana descansamos.",
        "Mañana descansamos. #servimos 118 raciones",
        "Gracias por esta semana. #servimos 118 raciones de cazuela",
        "#servimos 118 raciones. Gracias a quienes vinieron ayer también",
        "Buenas tardes vecinas! #servimos 118 raciones de cazuela\nNos vemos el viernes",
        "Hoy #servimos 118 raciones.\nAyer fueron 90",
        "Hoy hay olla! #planeamos 80 raciones",
        "#planeamos 90 raciones. El sábado no abrimos",
        "#planeamos 90 raciones. Gracias a quienes vinieron ayer",
    ],
)
def test_what_another_line_tells_of_another_day_is_no_reason_to_ask(text: str) -> None:
    found = read(text, ES, TODAY)
    assert isinstance(found, Command), found
    assert found.fields.get("on", "2020-08-24") == "2020-08-24"
