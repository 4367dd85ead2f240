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
        "#planeamos 120 raciones de guiso\nmañana a las 13 en la sede",
        "Mañana hay olla común! #planeamos 80 raciones",
        "#planeamos 90 raciones de porotos. Los esperamos mañana",
        "We cook on Friday. #weplan 90 meals",
        "Reunión de apoderados\nJueves 27, 19:00 hrs\n#planeamos 90 raciones de cazuela",
        "Reunión de vecinos\nJueves 27, 19:00 hrs\n#planeamos 90 raciones de cazuela",
        "Próxima asamblea:\nviernes 28\n#planeamos 90 raciones de cazuela",
        "sáb 29\n#planeamos 90 raciones",
        "#planeamos 90 raciones vie",
        "Mañana no hay clases así que hacemos olla igual. #planeamos 90 raciones",
        "El viernes hubo olla. #servimos 70 raciones",
        "Olla del sábado\n#servimos 70 raciones",
        "Yesterday's pot\n#served 90 meals",
        "#servimos 118 raciones de cazuela. Fue ayer",
        "#servimos 118 raciones.\nMenú: pantrucas\nFecha: 21/8",
        "#servimos 118 raciones de cazuela\n(olla del viernes)",
        "#servimos 118 raciones de cazuela. La olla fue ayer en la plaza",
        "#servimos 118 raciones. Perdón por avisar recién hoy, fue ayer",
        "La semana pasada hicimos tres ollas. #servimos 350 raciones",
        "Este mes\n#servimos 2400 raciones",
        "Last week was busy! #served 480 meals",
        "#recibido 24 kg\n(llegó el sábado)",
        "#servimos 118 raciones de cazuela\nViernes 21 de agosto #ollacomun",
        "#servimos 118 raciones de cazuela\nVilla Francia 21/8",
        "#servimos 118 raciones de cazuela. Se repartieron ayer en la tarde",
        "#servimos 118 raciones de cazuela\nhace dos días",
        "21.08.20\n#servimos 118 raciones",
        "#servimos 350 raciones\n(toda la semana)",
        "#served 350 meals\nlast week",
        "#recibido 24 kg\nLo trajeron ayer",
        "#servimos 118 raciones de cazuela\nEsto fue ayer, hoy hay descanso",
        "#servimos 118 raciones de cazuela\nAyer en la sede (todavía hay pan)",
        "#servimos 118 raciones de cazuela\nViernes 21 - próxima olla viernes 28",
        "#served 90 meals\nThat was Friday, see you tomorrow",
        "Buenas tardes este es el total de la semana\n#servimos 420 raciones",
        "Gracias por venir ayer!\n#servimos 118 raciones de cazuela",
        "Semana pasada\n#servimos 420 raciones",
        "#servimos 118 raciones de cazuela\nCon un día de atraso, perdón",
        "#received 24 kg\nCame on Friday, will last two weeks",
        "El viernes llegó el camión. #recibido 24 kg",
        "#servimos 118 raciones. Gracias a quienes vinieron ayer también",
        "#servimos 118 raciones de cazuela\nViernes 21 – próxima olla viernes 28",
        "#servimos 118 raciones de cazuela\nViernes 21: próxima olla el sábado",
        "#servimos 118 raciones de cazuela\nOlla del viernes 21 y nos vemos el sábado",
        "#servimos 118 raciones de cazuela\nOlla del martes 🍲 próxima olla el sábado",
        "#servimos 118 raciones de cazuela\nComo hacemos los martes",
        "#served 90 meals\nThanks for coming on Tuesday",
        "Cerramos el mes con todo\n#servimos 2400 raciones",
        "Lunes 17\n#servimos 140 raciones\nMartes 18\n#servimos 120 raciones",
        "#servimos 24 raciones\nel domingo\nel lunes",
        "#servimos 118 raciones\nViernes\nporotos",
        "Fecha: 21\n#servimos 118 raciones",
        "21-ago\n#servimos 118 raciones",
    ],
)
def test_a_day_in_another_line_is_asked_for(text: str) -> None:
    found = read(text, ES, TODAY, Unit.KILOGRAM, "lentejas")
    assert isinstance(found, Unclear), found
    assert found.field == "on"


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("Viernes 28 de agosto\n#planeamos 90 raciones de porotos\n13:00 en la sede", "2020-08-28"),
        ("📅 Viernes 28\n🍲 #planeamos 90 raciones", "2020-08-28"),
        ("Ayer domingo\n#servimos 118 raciones de cazuela", "2020-08-23"),
        ("Sábado 22/8\n#servimos 118 raciones", "22/8"),
        ("#servimos 118 raciones de cazuela\nAyer", "2020-08-23"),
        ("#servimos 118 raciones de cazuela\nviernes 21 de agosto", "2020-08-21"),
        ("#servimos 118 raciones de cazuela\n21/08/2020", "21/08/2020"),
        ("#servimos 118 raciones de cazuela\n📅 21 de agosto 2020\n📍 sede vecinal", "2020-08-21"),
        ("#served 90 meals\nDate: 21 Aug", "2020-08-21"),
        ("Ayer\n#recibido 24 kg", "2020-08-23"),
        ("Hola vecinas\nmañana\n#planeamos 90 raciones", "2020-08-25"),
        ("#planeamos 90 raciones\nViernes\nen la sede", "2020-08-28"),
        ("Fecha: 21/8\n#servimos 90 raciones", "21/8"),
        ("Hola vecinas:\nmañana\n#planeamos 90 raciones", "2020-08-25"),
        ("#weplan 90 meals\nFriday 28 August, 6pm", "2020-08-28"),
        ("Viernes 28 de agosto, 13 hrs\n#planeamos 90 raciones", "2020-08-28"),
        ("Viernes 28 a las 13:00\n#planeamos 90 raciones", "2020-08-28"),
    ],
)
def test_the_line_beside_it_that_is_nothing_but_a_day_is_the_day_of_what_is_counted(
    text: str, on: str
) -> None:
    found = read(text, ES, TODAY, Unit.KILOGRAM, "lentejas")
    assert isinstance(found, Command), found
    assert found.fields["on"] == on
    assert ("28" in found.fields.get("details", "")) is any(
        word in text for word in ("hrs", "13:00\n", "6pm")
    )


def test_nothing_but_the_line_of_the_day_is_taken_out_of_the_words() -> None:
    found = read("Ayer\nCon playeras nuevas #servimos 90 raciones de cazuela", ES, TODAY)
    assert isinstance(found, Command)
    assert found.fields == {
        "menu": "cazuela",
        "served": "90",
        "on": "2020-08-23",
        "details": "Con playeras nuevas",
    }


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("#necesitamos 40 kg lentejas\nAntes del viernes a las 13:00", "2020-08-28 13:00"),
        ("#necesitamos 40 kg lentejas.\n\nPlazo: 28/8\nGracias!", "28/8"),
        ("#ofrecemos 40 kg de lentejas para la olla del sábado\nHasta el viernes, porfa", "2020-08-28"),
        ("#need 40 nappies\nBy Friday please", "2020-08-28"),
        ("#necesitamos 40 kg lentejas\nPlazo: viernes 28", "2020-08-28"),
        ("#necesitamos 40 kg lentejas\nMáximo el viernes", "2020-08-28"),
        ("#necesitamos 40 kg lentejas\nAntes del 18", "2020-09-18"),
        ("Hola vecinas\nPara el viernes 28\n#necesitamos 25 kg de pollo", "2020-08-28"),
        ("Deadline: Friday\n#need 20 kg of rice", "2020-08-28"),
        ("#necesitamos 40 kg lentejas\nHasta fin de mes", "2020-08-31"),
        ("#necesitamos 40 kg lentejas\nxa el viernes", "2020-08-28"),
    ],
)
def test_a_deadline_on_a_line_of_its_own_is_read(text: str, by: str) -> None:
    found = read(text, ES, TODAY)
    assert isinstance(found, Command), found
    assert found.fields["by"] == by
    assert "iernes" not in found.fields.get("details", "")


@pytest.mark.parametrize(
    "text",
    [
        "#necesitamos 40 kg lentejas\n21 de mayo",
        "#necesitamos 40 kg lentejas\nHasta el viernes o el sábado",
        "#necesitamos 40 kg lentejas\nEl viernes cocinamos",
    ],
)
def test_a_line_below_that_says_more_than_a_deadline_stays_as_it_is(text: str) -> None:
    found = read(text, ES, TODAY)
    assert isinstance(found, Command), found
    assert "by" not in found.fields
    assert found.fields["details"] == text.partition("\n")[2]


@pytest.mark.parametrize(
    "text",
    [
        "#servimos 118 raciones de cazuela. Mañana descansamos.",
        "Mañana descansamos. #servimos 118 raciones",
        "Gracias por esta semana. #servimos 118 raciones de cazuela",
        "Buenas tardes vecinas! #servimos 118 raciones de cazuela\nNos vemos el viernes",
        "Hoy #servimos 118 raciones.\nAyer fueron 90",
        "Hoy hay olla! #planeamos 80 raciones",
        "Lunes 24 de agosto\n#servimos 140 raciones",
        "24/8\n#servimos 140 raciones",
        "📅 Lunes 24\n#planeamos 90 raciones",
        "#servimos 118 raciones de cazuela\nHoy fue un día largo",
        "#servimos 118 raciones de cazuela\nVolvemos el viernes 28",
        "#served 90 meals\nWe're back Friday at noon",
        "Partimos la semana con porotos! #servimos 118 raciones",
        "La olla va de maravilla! #servimos 118 raciones",
        "Feliz semana a todas! #servimos 118 raciones de cazuela",
        "#servimos 118 raciones de cazuela\nEl viernes hay porotos",
        "#servimos 118 raciones de cazuela\nPróxima olla: viernes 28",
        "#servimos 118 raciones de cazuela\nLos esperamos a usted y familia el viernes",
        "#servimos 118 raciones de cazuela\nPróxima olla el viernes en calle Merced",
        "#servimos 118 raciones de cazuela\nNos vemos el viernes y sábado",
        "#servimos 118 raciones de cazuela\nGracias por el apoyo de estos días",
        "#servimos 118 raciones de cazuela\n13:00 en la sede",
        "#planeamos 90 raciones. El sábado no abrimos",
        "#planeamos 90 raciones. Gracias a quienes vinieron ayer",
    ],
)
def test_what_another_line_tells_of_another_day_is_no_reason_to_ask(text: str) -> None:
    found = read(text, ES, TODAY)
    assert isinstance(found, Command), found
    assert found.fields.get("on", "2020-08-24") == "2020-08-24"


def test_what_is_said_to_be_rough_in_chile_is_asked_for() -> None:
    assert isinstance(read("#servimos hoy tipo 80 platos de cazuela", ES, TODAY), Unclear)
    assert isinstance(read("#servimos 80 platos de cazuela tipo 13:00", ES, TODAY), Command)
