"""What cooks and donors really type: no figure is lost or taken for another, and no word vanishes."""

import re
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.acts import Act, Command, Unclear
from node.domain.grammar import read
from node.domain.promise import read_promise
from node.tongues import Tongue
from schemas import Unit

ES = Tongue.of("es", ZoneInfo("America/Santiago"))
EN = Tongue.of("en", ZoneInfo("Europe/London"))
TODAY = date(2020, 8, 24)  # a Monday
ANSWERS = (Act.PLEDGE, Act.RECEIPT, Act.CONFIRM)

UNDERSTOOD = [
    # Of what holds so much each, the pieces are counted.
    ("#necesitamos 4 balones de gas de 15 kg", Act.NEED, {"what": "balones de gas de 15 kg", "quantity": "4 u"}),
    ("#served 96 kids and adults", Act.MEAL, {"menu": "comida", "served": "96"}),
    ("#planeamos 90 porotos para @coop@coop.example para el viernes", Act.MEAL,
     {"menu": "porotos", "planned": "90", "on": "2020-08-28", "details": "@coop@coop.example"}),
    # A picture tells of no day, and hours are written `hs` too.
    ("#planeamos 120 raciones el miércoles 🍲", Act.MEAL, {"menu": "comida", "planned": "120", "on": "2020-08-26"}),
    ("#planeamos 120 raciones para mañana ❤️", Act.MEAL, {"menu": "comida", "planned": "120", "on": "2020-08-25"}),
    ("Mañana 🍲 #planeamos 120 raciones", Act.MEAL, {"menu": "comida", "planned": "120", "on": "2020-08-25"}),
    ("#planeamos 120 raciones de porotos 🍲 para el viernes", Act.MEAL, {"menu": "porotos", "planned": "120", "on": "2020-08-28"}),
    ("#servimos 118 raciones el sábado 🍲", Act.MEAL, {"menu": "comida", "served": "118", "on": "2020-08-22"}),
    ("#servimos 118 raciones ayer 🍲", Act.MEAL, {"menu": "comida", "served": "118", "on": "2020-08-23"}),
    ("#recibido 24 kg ayer 🙏", Act.RECEIPT, {"quantity": "24 kg", "on": "2020-08-23"}),
    ("#planeamos 150 raciones de locro para el sábado 29 a las 13 hs", Act.MEAL,
     {"menu": "locro", "planned": "150", "on": "2020-08-29", "details": "a las 13 hs"}),
    ("#planeamos 90 raciones el viernes a las 13:30 hs", Act.MEAL, {"menu": "comida", "planned": "90", "on": "2020-08-28", "details": "a las 13:30 hs"}),
    ("#weplan 80 meals tonight", Act.MEAL, {"menu": "comida", "planned": "80", "on": "2020-08-24"}),
    ("Tonight we #served 60 plates of pasta, thanks everyone", Act.MEAL,
     {"menu": "pasta", "served": "60", "on": "2020-08-24", "details": "we thanks everyone"}),
    ("#servimos 70 tazas de leche", Act.MEAL, {"menu": "leche", "served": "70"}),
    ("#servimos 75 vasos de leche con avena", Act.MEAL, {"menu": "leche con avena", "served": "75"}),
    ("#servimos 64 meriendas a los chicos", Act.MEAL, {"menu": "comida", "served": "64", "details": "a los chicos"}),
    # A dish of more words than one, and what is called out behind the day.
    ("#planeamos 120 raciones de tallarines rojos para el viernes", Act.MEAL, {"menu": "tallarines rojos", "planned": "120", "on": "2020-08-28"}),
    ("#planeamos 120 raciones de ají de gallina con arroz blanco para mañana", Act.MEAL,
     {"menu": "ají de gallina con arroz blanco", "planned": "120", "on": "2020-08-25"}),
    ("#planeamos 120 raciones de papas a la huancaína para el viernes", Act.MEAL,
     {"menu": "papas", "planned": "120", "on": "2020-08-28", "details": "a la huancaína"}),
    ("#planeamos 120 raciones de tallarines rojos en la sede el viernes", Act.MEAL,
     {"menu": "tallarines rojos", "planned": "120", "on": "2020-08-28", "details": "en la sede"}),
    ("#weplan 120 portions of sweet potato curry with rice on Friday", Act.MEAL,
     {"menu": "sweet potato curry with rice", "planned": "120", "on": "2020-08-28"}),
    ("#planeamos 120 raciones el viernes xfa difundan", Act.MEAL, {"menu": "comida", "planned": "120", "on": "2020-08-28", "details": "xfa difundan"}),
    ("#planeamos 120 raciones el viernes necesitamos ayuda", Act.MEAL,
     {"menu": "comida", "planned": "120", "on": "2020-08-28", "details": "necesitamos ayuda"}),
    ("Mañana temprano #planeamos 120 raciones", Act.MEAL, {"menu": "comida", "planned": "120", "on": "2020-08-25", "details": "temprano"}),
    ("#aportamos 25 kg el martes 8 hs", Act.PLEDGE, {"quantity": "25 kg", "by": "2020-08-25 8:00"}),
    ("#weplan 120 meals on Friday everyone welcome", Act.MEAL,
     {"menu": "comida", "planned": "120", "on": "2020-08-28", "details": "everyone welcome"}),
    # Hours, as they are said.
    ("#necesitamos 20 kg de carbón antes de las 10", Act.NEED, {"what": "carbón", "quantity": "20 kg", "details": "antes de las 10"}),
    ("#aportamos 25 kg, pueden retirar el martes después de las 15 hs", Act.PLEDGE,
     {"quantity": "25 kg", "by": "2020-08-25", "details": "pueden retirar el martes después de las 15 hs"}),
    ("#aportamos 25 kg, mañana paso tipo 11", Act.PLEDGE, {"quantity": "25 kg", "by": "2020-08-25", "details": "mañana paso tipo 11"}),
    ("#aportamos 25 kg el jueves a las 3 y media", Act.PLEDGE, {"quantity": "25 kg", "by": "2020-08-27 3:30"}),
    ("#aportamos 25 kg el jueves a las 3 y cuarto de la tarde", Act.PLEDGE, {"quantity": "25 kg", "by": "2020-08-27 15:15"}),
    ("#weplan 80 meals on Friday, doors open at 5", Act.MEAL,
     {"menu": "comida", "planned": "80", "on": "2020-08-28", "details": "doors open at 5"}),
    ("#need 20 kg of rice for Saturday's lunch", Act.NEED, {"what": "rice", "quantity": "20 kg", "by": "2020-08-29", "details": "lunch"}),
    ("#need 20 kg of rice for tonight’s dinner", Act.NEED, {"what": "rice", "quantity": "20 kg", "by": "2020-08-24", "details": "dinner"}),
    ("#servimos a 60 adultos mayores", Act.MEAL, {"menu": "comida", "served": "60"}),
    ("#servimos a 60 personas con pollo asado", Act.MEAL, {"menu": "con pollo asado", "served": "60"}),
    ("Hoy lunes #planeamos 90 raciones", Act.MEAL, {"menu": "comida", "planned": "90", "on": "2020-08-24", "details": "Hoy"}),
    ("#servimos a 96 vecinos y vecinas", Act.MEAL, {"menu": "comida", "served": "96"}),
    ("#served 96 breakfasts this morning", Act.MEAL, {"menu": "comida", "served": "96", "details": "this morning"}),
    ("#planeamos unas cien raciones para el viernes", Act.MEAL, {"menu": "comida", "planned": "100", "on": "2020-08-28"}),
    ("#necesitamos 4 balones de gas", Act.NEED, {"what": "balones de gas", "quantity": "4 u"}),
    ("#necesitamos 3 sacos de papas de 25 kg", Act.NEED, {"what": "sacos de papas de 25 kg", "quantity": "3 u"}),
    ("#necesitamos 12 latas de atún de 160 g", Act.NEED, {"what": "latas de atún de 160 g", "quantity": "12 u"}),
    ("#necesitamos 10 cajas de leche de 1 litro", Act.NEED, {"what": "cajas de leche de 1 litro", "quantity": "10 u"}),
    ("#necesitamos 10 cajas de leche de 1,5 lts para el viernes", Act.NEED,
     {"what": "cajas de leche de 1,5 lts", "quantity": "10 u", "by": "2020-08-28"}),
    ("#necesitamos 2 ollas de 50 litros", Act.NEED, {"what": "ollas de 50 litros", "quantity": "2 u"}),
    ("#faltan 3 bolsas de 5 kg de harina", Act.NEED, {"what": "bolsas de 5 kg de harina", "quantity": "3 u"}),
    ("#need 10 tins of beans of 400 g", Act.NEED, {"what": "tins of beans of 400 g", "quantity": "10 u"}),
    ("#necesitamos 12 kg de arroz en bolsas de 1 kg", Act.NEED,
     {"what": "arroz", "quantity": "12 kg", "details": "en bolsas de 1 kg"}),
    # Ordinary sentences.
    ("#necesitamos 10 kg. de azúcar", Act.NEED, {"what": "azúcar", "quantity": "10 kg"}),
    ("#necesitamos al menos 40 kg de lentejas", Act.NEED, {"what": "lentejas", "quantity": "40 kg"}),
    ("#necesitamos unos 40 kg de papas", Act.NEED, {"what": "papas", "quantity": "40 kg"}),
    ("#necesitamos 40 kg de papas esta semana", Act.NEED, {"what": "papas", "quantity": "40 kg", "details": "esta semana"}),
    ("#necesitamos 12 kg de mijo 🙏🙏 difundir", Act.NEED, {"what": "mijo", "quantity": "12 kg", "details": "difundir"}),
    ("#necesitamos 12 kg de mijo urgente", Act.NEED, {"what": "mijo", "quantity": "12 kg", "details": "urgente"}),
    ("#necesitamos 10 kg de cochayuyo en Los Aromos 123", Act.NEED,
     {"what": "cochayuyo", "quantity": "10 kg", "details": "en Los Aromos 123"}),
    ("#necesitamos 40 kg de lentejas, recibimos de 9 a 13 hrs", Act.NEED,
     {"what": "lentejas", "quantity": "40 kg", "details": "recibimos de 9 a 13 hrs"}),
    ("#necesitamos 40 kg de papas antes del 15", Act.NEED, {"what": "papas", "quantity": "40 kg", "by": "2020-09-15"}),
    ("#necesitamos 12 kg de mijo @cooperativa@coop.example", Act.NEED,
     {"what": "mijo", "quantity": "12 kg", "details": "@cooperativa@coop.example"}),
    ("#necesitamos 40 kg de lentejas https://olla.example/foto", Act.NEED,
     {"what": "lentejas", "quantity": "40 kg", "details": "https://olla.example/foto"}),
    ("#necesitamos:\n40 kg de lentejas", Act.NEED, {"what": "lentejas", "quantity": "40 kg"}),
    ("#necesitamos 12 personas para cocinar", Act.NEED, {"what": "personas para cocinar", "quantity": "12 u"}),
    ("#necesitamos 12 horas de manos en la mañana", Act.NEED, {"what": "manos en la mañana", "quantity": "12 h"}),
    ("#need 25 kg of rice for 60 people by 5 September at 6:30pm", Act.NEED,
     {"what": "rice", "quantity": "25 kg", "by": "2020-09-05 18:30", "details": "for 60 people"}),
    ("#offer 20 kg rice, collect from St Mary's between 9 and 12", Act.OFFER,
     {"what": "rice", "quantity": "20 kg", "details": "collect from St Mary's between 9 and 12"}),
    ("#ofrecemos 15 kg de pan del día, vence mañana", Act.OFFER, {"what": "pan del día", "quantity": "15 kg", "details": "vence mañana"}),
    # Days and hours.
    ("#necesitamos 5 kg de pan para el próximo lunes", Act.NEED, {"what": "pan", "quantity": "5 kg", "by": "2020-08-31"}),
    ("#necesitamos 5 kg de pan para el lunes que viene", Act.NEED, {"what": "pan", "quantity": "5 kg", "by": "2020-08-31"}),
    ("#necesitamos 5 kg de pan para el lunes", Act.NEED, {"what": "pan", "quantity": "5 kg", "by": "2020-08-24"}),
    ("Para el domingo #necesitamos 15 kg de pan", Act.NEED, {"what": "pan", "quantity": "15 kg", "by": "2020-08-30"}),
    ("#need 40 kg lentils by Friday 6pm", Act.NEED, {"what": "lentils", "quantity": "40 kg", "by": "2020-08-28 18:00"}),
    ("#need 40 kg lentils by Friday at 6 p.m.", Act.NEED, {"what": "lentils", "quantity": "40 kg", "by": "2020-08-28 18:00"}),
    ("#necesitamos 40 kg lentejas para el viernes a las 6 de la tarde", Act.NEED,
     {"what": "lentejas", "quantity": "40 kg", "by": "2020-08-28 18:00"}),
    ("#necesitamos 5 kg de pan para el viernes 4.09", Act.NEED, {"what": "pan", "quantity": "5 kg", "by": "2020-09-04"}),
    ("#necesitamos 5 kg de pan para el viernes 4.9 a las 18", Act.NEED,
     {"what": "pan", "quantity": "5 kg", "by": "2020-09-04 18:00"}),
    ("#aportamos 3 sacos de 25 kg, los llevo mañana", Act.PLEDGE,
     {"quantity": "75 kg", "by": "2020-08-25", "details": "3 sacos de 25 kg, los llevo mañana"}),
    ("#aportamos 25 kg el viernes", Act.PLEDGE, {"quantity": "25 kg", "by": "2020-08-28"}),
    ("#aportamos 25 kg de lentejas mañana", Act.PLEDGE, {"quantity": "25 kg", "by": "2020-08-25"}),
    ("Ayer #servimos 118 raciones de charquicán", Act.MEAL, {"menu": "charquicán", "served": "118", "on": "2020-08-23"}),
    ("#servimos 118 raciones de charquicán el sábado", Act.MEAL, {"menu": "charquicán", "served": "118", "on": "2020-08-22"}),
    ("#planeamos 120 raciones de lentejas para el sábado 29 a las 13:00", Act.MEAL,
     {"menu": "lentejas", "planned": "120", "on": "2020-08-29", "details": "a las 13:00"}),
    ("#recibimos el viernes 24 kg", Act.RECEIPT, {"quantity": "24 kg", "on": "2020-08-21"}),
    ("#recibido 24 kg. Viene más el lunes.", Act.RECEIPT,
     {"quantity": "24 kg", "more": "yes", "details": "Viene más el lunes."}),
    # Who was served counts as many rations, where nothing else is counted.
    ("#servimos a 118 personas", Act.MEAL, {"menu": "comida", "served": "118"}),
    ("#servimos lentejas a 118 vecinos", Act.MEAL, {"menu": "lentejas", "served": "118"}),
    ("#served 118 people", Act.MEAL, {"menu": "comida", "served": "118"}),
    ("#servimos 118 raciones a 90 personas", Act.MEAL, {"menu": "comida", "served": "118", "details": "a 90 personas"}),
    ("#servimos 118 raciones de porotos con riendas a 90 vecinos", Act.MEAL,
     {"menu": "porotos con riendas", "served": "118", "details": "a 90 vecinos"}),
    ("#servimos 118 raciones hoy en la sede", Act.MEAL,
     {"menu": "comida", "served": "118", "on": "2020-08-24", "details": "en la sede"}),
    ("#servimos 118 almuerzos y onces", Act.MEAL, {"menu": "almuerzos y onces", "served": "118"}),
    ("#servimos 118 raciones y tantas sonrisas", Act.MEAL, {"menu": "comida", "served": "118", "details": "y tantas sonrisas"}),
    ("#servimos 118 raciones y al menos nadie quedó sin comer", Act.MEAL,
     {"menu": "comida", "served": "118", "details": "y al menos nadie quedó sin comer"}),
    ("#servimos 118 raciones, por ahora no falta nada", Act.MEAL,
     {"menu": "comida", "served": "118", "details": "por ahora no falta nada"}),
    ("Hasta ahora todo bien, #servimos 118 raciones", Act.MEAL, {"menu": "comida", "served": "118", "details": "Hasta ahora todo bien"}),
    ("#servimos 118 raciones a las 13 más o menos", Act.MEAL, {"menu": "comida", "served": "118", "details": "a las 13 más o menos"}),
    ("#servimos 118 raciones a unas 90 personas", Act.MEAL, {"menu": "comida", "served": "118", "details": "a unas 90 personas"}),
    ("#servimos 118 raciones de porotos (planeadas unas 120)", Act.MEAL, {"menu": "porotos", "served": "118", "planned": "120"}),
    ("#planeamos unas 60 raciones", Act.MEAL, {"menu": "comida", "planned": "60"}),
    ("#necesitamos al menos 10 kg de arroz", Act.NEED, {"what": "arroz", "quantity": "10 kg"}),
    ("#aportamos al menos 10 kg", Act.PLEDGE, {"quantity": "10 kg", "details": "al menos"}),
    ("#servimos 60 raciones con pan", Act.MEAL, {"menu": "comida", "served": "60", "details": "con pan"}),
    # Words stay.
    ("#recibido 24 kg, un saco venía roto y lo devolvimos", Act.RECEIPT,
     {"quantity": "24 kg", "details": "un saco venía roto y lo devolvimos"}),
    ("#servimos 118 raciones de porotos, gracias a la junta de vecinos por el pan", Act.MEAL,
     {"menu": "porotos", "served": "118", "details": "gracias a la junta de vecinos por el pan"}),
    ("#aportamos 25 kg, los pasamos a dejar el viernes a las 18 en la sede, preguntar por la bodega", Act.PLEDGE,
     {"quantity": "25 kg", "by": "2020-08-28 18:00",
      "details": "los pasamos a dejar el viernes a las 18 en la sede, preguntar por la bodega"}),
    ("#servimos 12 raciones de mijo, gracias @cooperativa@coop.example #gracias", Act.MEAL,
     {"menu": "mijo", "served": "12", "details": "gracias @cooperativa@coop.example #gracias"}),
    ("#rechazado, ya tenemos", Act.REJECT, {"reason": "ya tenemos"}),
    ("Lo siento vecinas, ya nos alcanza #rechazar", Act.REJECT, {"reason": "Lo siento vecinas, ya nos alcanza"}),
    ("#confirmo, los esperamos a las 18", Act.CONFIRM, {}),
    ("Muchas gracias! #confirmar", Act.CONFIRM, {}),
    ("#confirmar 6 kg, gracias", Act.CONFIRM, {"quantity": "6 kg"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "act", "fields"), UNDERSTOOD)
def test_what_is_really_typed_is_understood_whole(text: str, act: Act, fields: dict[str, str]) -> None:
    asked = (Unit.KILOGRAM, "lentejas") if act in ANSWERS else ()
    assert read(text, ES, TODAY, *asked) == Command(act, fields)


ASKED_BACK = [
    # A dish behind which something comes to pass on the day, or is compared with it.
    ("#planeamos 120 raciones de tallarines rojos y volvemos el viernes", Act.MEAL, "on"),
    ("#planeamos 120 raciones de tallarines rojos nos vemos el viernes", Act.MEAL, "on"),
    ("#planeamos 120 raciones de arroz llega el viernes", Act.MEAL, "on"),
    ("#planeamos 120 raciones de arroz exceptuando el viernes", Act.MEAL, "on"),
    ("#planeamos 120 raciones de arroz igual al viernes", Act.MEAL, "on"),
    ("#weplan 120 portions of curry arrives on Friday", Act.MEAL, "on"),
    ("El viernes falta gas, #planeamos 90 raciones", Act.MEAL, "on"),
    ("El viernes temprano hay asamblea, #planeamos 90 raciones", Act.MEAL, "on"),
    ("El viernes vecinas hay asamblea, #planeamos 90 raciones", Act.MEAL, "on"),
    ("#planeamos 90 raciones, el viernes gratis la asamblea", Act.MEAL, "on"),
    ("#planeamos 90 raciones, el viernes necesitamos ayuda", Act.MEAL, "on"),
    ("#planeamos 90 raciones el viernes falta confirmar", Act.MEAL, "on"),
    # No hour, but an amount.
    ("#need from 10 to 20 kg of rice", Act.NEED, "quantity"),
    ("#recibido 24 kg después de las 12 bolsas", Act.RECEIPT, "quantity"),
    ("#aportamos 25 kg a las 10 y media docena de huevos", Act.PLEDGE, "quantity"),
    ("#recibimos 24 de 25 kg", Act.RECEIPT, "quantity"),
    ("#recibimos 24 de los 25 kg", Act.RECEIPT, "quantity"),
    ("#recibido 24 kg, 1 kg menos de lo acordado", Act.RECEIPT, "quantity"),
    ("#recibido 1/2 de los 24 kg", Act.RECEIPT, "quantity"),
    ("#recibido casi 25 kg", Act.RECEIPT, "quantity"),
    ("#recibido 24 kg de arroz", Act.RECEIPT, "quantity"),
    ("#recibido 3 sacos de 25 kg", Act.RECEIPT, "quantity"),
    ("#confirmar 3 sacos de 25 kg", Act.CONFIRM, "quantity"),
    ("#aportamos 3 sacos de arroz de 25 kg", Act.PLEDGE, "quantity"),
    ("#aportamos 25 kg de arroz", Act.PLEDGE, "quantity"),
    ("#confirmar 20 kg de los 25", Act.CONFIRM, "quantity"),
    ("#servimos 118 de 120 raciones", Act.MEAL, "served"),
    ("#servimos 60 almuerzos en la sede y 58 a domicilio", Act.MEAL, "served"),
    ("#servimos 90 almuerzos y 30 desayunos", Act.MEAL, "served"),
    ("#servimos 118 raciones y sobraron 4", Act.MEAL, "served"),
    ("#servimos a 90 personas y 20 a domicilio", Act.MEAL, "served"),
    ("#servimos a 60 personas en la sede y 58 en sus casas", Act.MEAL, "served"),
    ("#servimos a 45 familias", Act.MEAL, "served"),
    ("#servimos más de 100 raciones", Act.MEAL, "served"),
    # Counted roughly, or only so far.
    ("#servimos 60 y tantas raciones", Act.MEAL, "served"),
    ("#served 60+ meals", Act.MEAL, "served"),
    ("#servimos 60 raciones aprox", Act.MEAL, "served"),
    ("#servimos 60 raciones de porotos aprox.", Act.MEAL, "served"),
    ("#servimos 60 aprox raciones", Act.MEAL, "served"),
    ("#servimos aprox. 60 raciones", Act.MEAL, "served"),
    ("#servimos 60 o más raciones", Act.MEAL, "served"),
    ("#served 60ish meals", Act.MEAL, "served"),
    ("#served 60 meals or so", Act.MEAL, "served"),
    ("#servimos al menos 60 raciones", Act.MEAL, "served"),
    ("#servimos por lo menos a 60 personas", Act.MEAL, "served"),
    ("#servimos a más de 100 personas", Act.MEAL, "served"),
    ("#servimos 60 raciones al menos", Act.MEAL, "served"),
    ("#servimos ~60 raciones", Act.MEAL, "served"),
    ("#servimos unas 60 raciones", Act.MEAL, "served"),
    ("#servimos a unas 60 personas", Act.MEAL, "served"),
    ("#served about 60 meals", Act.MEAL, "served"),
    ("#served up to 60 meals", Act.MEAL, "served"),
    ("#served 30 meals so far", Act.MEAL, "served"),
    ("#servimos 30 raciones hasta ahora", Act.MEAL, "served"),
    ("#servimos 30 raciones, hasta el momento", Act.MEAL, "served"),
    ("Hasta ahora #servimos 30 raciones", Act.MEAL, "served"),
    ("So far we #served 30 meals", Act.MEAL, "served"),
    ("Al menos #servimos 60 raciones", Act.MEAL, "served"),
    ("#servimos 60 raciones y contando", Act.MEAL, "served"),
    ("#recibimos al menos 24 kg", Act.RECEIPT, "quantity"),
    ("#recibido 24kg más o menos", Act.RECEIPT, "quantity"),
    ("#recibimos 24 kg aprox", Act.RECEIPT, "quantity"),
    ("#recibido 24 kg (aprox)", Act.RECEIPT, "quantity"),
    ("#recibido 24 kg y pico", Act.RECEIPT, "quantity"),
    ("#recibido unos 24 kg", Act.RECEIPT, "quantity"),
    ("#recibido 24 kg hasta ahora", Act.RECEIPT, "quantity"),
    ("Hasta ahora hemos #recibido 24 kg", Act.RECEIPT, "quantity"),
    ("#recibido 24 kg o más", Act.RECEIPT, "quantity"),
    # What is needed.
    ("#necesitamos 2 1/2 kg de queso", Act.NEED, "quantity"),
    ("#necesitamos 2 1/2 tazas de azúcar", Act.NEED, "quantity"),
    ("#necesitamos una olla de 50 litros", Act.NEED, "quantity"),
    ("#necesitamos 4 balones de gas de 15 kg y 3 de 5 kg", Act.NEED, "quantity"),
    ("#necesitamos 30 panes y 2 kg de margarina", Act.NEED, "quantity"),
    ("#necesitamos 40 kg de papas en la sede y 20 en la capilla", Act.NEED, "quantity"),
    ("#necesitamos almuerzo para 45 familias", Act.NEED, "quantity"),
    ("#necesitamos 5 kg de pan para el viernes 5.09", Act.NEED, "by"),
    ("#need 3 x 25 kg sacks of rice", Act.NEED, "quantity"),
    ("#need 10 400g tins of beans", Act.NEED, "quantity"),
]


@pytest.mark.parametrize(("text", "act", "missing"), ASKED_BACK)
def test_a_sentence_in_which_a_number_is_left_over_is_asked_back(text: str, act: Act, missing: str) -> None:
    found = read(text, ES, TODAY, *((Unit.KILOGRAM, "lentejas") if act in ANSWERS else ()))
    assert isinstance(found, Unclear), found
    assert (found.act, found.field) == (act, missing)


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("#necesitamos 10 kg de arroz\n#necesitamos 5 kg de sal", "#necesitamos 5 kg de sal"),
        ("#necesitamos:\n- 40 kg de lentejas\n- 10 kg de arroz", "- 10 kg de arroz"),
        ("#necesitamos 10 kg de arroz\nDe preferencia en bolsas de 1 kg, gracias a las 3 juntas", ""),
        ("#servimos 90 raciones de porotos #gracias", ""),
    ],
)
def test_what_else_would_be_counted_is_named(text: str, beside: str) -> None:
    found = read(text, ES, TODAY)
    assert isinstance(found, Command)
    assert found.beside == beside
    assert beside.lstrip("- ") in found.fields.get("details", "")


_TAGS = (
    "#necesitamos",
    "#ofrecemos",
    "#aportamos",
    "#recibido",
    "#servimos",
    "#planeamos",
    "#need",
    "#offer",
    "#received",
    "#served",
)
_FIGURES = st.integers(101, 999).map(str)
"""No hour, no day and no year, so that each must be found again."""
_AROUND = st.sampled_from(
    (
        "kg", "kg de", "litros de", "raciones de", "almuerzos", "sacos de", "balones de gas de", "latas de atún de", "a", "y", "de", "de los",
        "en la sede", "en Los Aromos", "para", "personas", "familias", "porotos", "lentejas", "papas", ",", ".", "(", ")", "\n", "- ", "mínimo",
        "al menos", "planeadas", "casi", "unos", "una olla de", "en bolsas de", "kg, viene más", "para el viernes", "hoy", "ayer", "a las 18",
        "@coop@coop.example", "#gracias", "people", "servings of", "for", "out of", "x", "🙏", "más", "menos", "viernes", "cada uno", "no", "aún no", "?", "mañana", "al viernes", "lbs", "k",
    )
)  # fmt: skip
_WORDS = st.lists(st.one_of(_FIGURES, _AROUND), min_size=1, max_size=9).map(" ".join)


@given(
    before=st.one_of(st.just(""), _WORDS),
    tag=st.sampled_from(_TAGS),
    after=_WORDS,
    asked=st.sampled_from([(), (Unit.KILOGRAM, "lentejas"), (Unit.ONE, "ollas")]),
    language=st.sampled_from(["es", "en"]),
)
def test_every_figure_is_in_a_field_or_among_the_details_or_is_asked_back(
    before: str, tag: str, after: str, asked: tuple[Unit, str] | tuple[()], language: str
) -> None:
    text = f"{before}\n{tag} {after}"
    found = read(text, ES if language == "es" else EN, TODAY, *asked)
    if not isinstance(found, Command):
        return
    said = " ".join(found.fields.values())
    for figure in re.findall(r"(?<![0-9])[0-9]{3}(?![0-9])", text):
        assert re.search(rf"(?<![0-9]){figure}(?![0-9])", said), (figure, found)
    typed = re.sub(r"^(?:\s*@coop@coop.example)+", "", text)  # apps put whom they answer in front
    for word in ("#gracias", "@coop@coop.example"):
        assert said.count(word) == typed.count(word)
    quantity = found.fields.get("quantity") or found.fields.get("served") or found.fields["planned"]
    typed_figures = re.findall(r"[0-9]+", text)
    products = {str(int(one) * int(other)) for one in typed_figures for other in typed_figures}
    assert quantity.partition(" ")[0] in (
        *typed_figures,
        *(products if found.act is Act.PLEDGE else ()),
        "0.5",
        "1",
    )


@pytest.mark.parametrize(
    "much", [" ", " .", "\n", "hoy ", "28/8 ", "10 kg ", "llevo ", "de la ", "en Los ", "#need "]
)
@pytest.mark.timeout(60)
def test_a_text_of_a_stranger_never_takes_long_to_read(much: str) -> None:
    text = much * (5000 // len(much))
    for said in (f"#recibido 24 kg {text}x", f"llevo 10 kg {text}x", f"{text}x"):
        read(said, ES, TODAY, Unit.KILOGRAM, "lentejas")
        read_promise(said, ES, TODAY, Unit.KILOGRAM, "lentejas")
