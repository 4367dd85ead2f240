"""What is refused before it is said, and what is not."""

from datetime import date
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.kind import NotAllowedError
from node.domain.privacy import refuse_private
from node.tongues import Tongue
from schemas import Money, Quantity, Unit
from schemas.donation import Donation
from schemas.need import Need
from schemas.note import Note

NEED = Need(what="arroz", quantity=Quantity.of(1, Unit.KILOGRAM))
ES = Tongue.of("es", ZoneInfo("America/Santiago"))


@pytest.mark.parametrize(
    "place",
    [
        "Los Aromos 1234",
        "Calle Larga, La Pintana",
        "Pasaje Uno, La Pintana",
        "Av. Grecia, Peñalolén",
        "avenida Brasil",
        "Jr. Cusco, Comas",
        "Block C, depto 12",
        "Villa Sol #4",
        "San Martín 10, Comas",
        "Baker Street",
        "Los Aromos 1234 de La Pintana",
        "Los Aromos 1234B, La Pintana",
        "Los Aromos 1234-b",
        "Población 23 de Enero 1204",
        "Los Aromos 45 de Enero",
    ],
)
def test_an_exact_place_is_refused_with_what_was_found(place: str) -> None:
    with pytest.raises(NotAllowedError, match="coarse place") as caught:
        refuse_private(NEED.changed(place=place))
    assert caught.value.field == "place"
    assert str(caught.value.values["found"]) in place
    assert "lugar aproximado" in ES.say(caught.value.expected, **caught.value.values)


@pytest.mark.parametrize(
    "place",
    [
        "La Pintana, Santiago",
        "Población 23 de Enero",
        "población 1 de mayo",
        "Villa 1º de Mayo, 4ª etapa",
        "18 de Septiembre, Chillán",
        "Villa El Salvador, Lima",
        "Callejones",
        "Avellaneda",
        "Casa comunal de Comas",
    ],
)
def test_a_coarse_place_is_said(place: str) -> None:
    refuse_private(NEED.changed(place=place))


@pytest.mark.parametrize(
    "text",
    [
        "llama al +56 9 1234 5678",
        "whatsapp 912345678",
        "fono (02) 2345-6789",
        "escribe a maria.perez@correo.example",
        "RUT 12.345.678-9",
        "rut 12345678-k",
        "fono (02) 2025-2026",
        "fono 2 12.30-14.30",
        "vale $5000 912345678",
        "el 28.12.2026 912345678",
        "28.12.2026.99",
        "+56 912345678 pesos",
        "05 12 19 26 31",
        "escribe a olla-maria@correo.example",
    ],
)
def test_telephones_mail_and_identity_numbers_are_refused(text: str) -> None:
    for record in (Note(text=text), NEED.changed(details=text)):
        with pytest.raises(NotAllowedError, match="private data"):
            refuse_private(record)


@pytest.mark.parametrize(
    "text",
    [
        "la meta es 12.500.000 CLP y van 2,500,000",
        "del 2020-08-15 al 2020-12-15, o el 15/08/2020",
        "mira https://esperanza.example/o/117530012876800",
        "gracias @cooperativa@cooperativa.example",
        "servimos 118 raciones a las 13:00 y 13:30",
        "40 kg, 25 kg, 10 kg, 5 kg",
        "Fecha: 28-12-2026",
        "28.12.2026",
        "#necesitamos 40 kg lentejas hasta 28.12.2026",
        "#servimos 118 raciones\n28.11.2026",
        "del 28.12.2026-30.12.2026, o el 13-14.01.2027",
        "el 28-12-2026 13:00, y 29-12-2026.",
        "Atendemos de 13.00-14.30",
        "Almuerzo 12.30-14.00 28.12.2026",
        "Temporada 2025-2026",
        "Juntamos $10000000",
        "Juntamos S/ 10000000 o 10000000 pesos",
        "05 12 19 26 de diciembre",
        "1.500.000-2.000.000 pesos",
        "0.0000001 kg",
    ],
)
def test_amounts_days_addresses_and_handles_are_said(text: str) -> None:
    refuse_private(Note(text=text))


@given(
    telephone=st.from_regex(
        r"(\+56 ?)?9 ?[0-9]{4} ?[0-9]{4}|(\(0[0-9]\) )[0-9]{4}-[0-9]{4}|\+56 2 [0-9]{4}[ -][0-9]{4}",
        fullmatch=True,
    ),
    around=st.sampled_from(
        ["{}", "llama al {}.", "el 28.12.2026, {}", "{} 28-12-2026", "de 13.00-14.30 al {}", "son $5000 ({})"]
    ),
)
def test_no_telephone_is_taken_for_a_day_or_a_sum(telephone: str, around: str) -> None:
    with pytest.raises(NotAllowedError, match="private data"):
        refuse_private(Note(text=around.format(telephone)))


@pytest.mark.parametrize(
    "part", ["1", "1 ", "a-", "1.111-", "1.111.", "12 ", "28.12.2026-", "12.30-", "$1", "@-"]
)
def test_no_text_keeps_the_reader_busy(part: str) -> None:
    before = process_time()
    for end in ("", "x", "-9"):
        try:
            refuse_private(Note(text=(part * 10_000)[:10_000] + end))
        except NotAllowedError:
            continue
    assert process_time() - before < 0.2


def test_what_the_node_makes_is_not_looked_at() -> None:
    refuse_private(
        Donation(
            amount=Money(1, "CLP"),
            status="cleared",
            channel="bank",
            label="D-1234567890",
            on=date(2020, 1, 1),
        )
    )
