"""A sentence is never published as its opposite, on another day or in another measure; no day that was said vanishes."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.acts import WORDS, Act, Command, Unclear
from node.domain.grammar import read
from node.tongues import Tongue
from schemas import Unit

ES = Tongue.of("es", ZoneInfo("America/Santiago"))
EN = Tongue.of("en", ZoneInfo("Europe/London"))
TODAY = date(2020, 8, 24)  # a Monday
ANSWERS = (Act.PLEDGE, Act.RECEIPT, Act.CONFIRM)

ASKED_BACK = [
    # No day is taken but one that every word of time in the sentence leaves alone.
    ("#planeamos 90 raciones el viernes en dos semanas más", Act.MEAL, "on"),
    ("#planeamos 90 raciones el primer sábado de septiembre", Act.MEAL, "on"),
    ("#planeamos 90 raciones el viernes o si llueve el sábado", Act.MEAL, "on"),
    ("#planeamos 90 raciones para el viernes a menos que llueva", Act.MEAL, "on"),
    ("#planeamos 90 raciones para pasado", Act.MEAL, "on"),
    ("#planeamos 90 raciones viernes por medio", Act.MEAL, "on"),
    ("#planeamos 90 raciones el viernes 🚫", Act.MEAL, "on"),
    ("#planeamos 90 raciones el viernes 🍲 no el sábado", Act.MEAL, "on"),
    ("#planeamos 90 raciones el viernes 🍲 se suspende", Act.MEAL, "on"),
    ("#served 60 plates of pasta tonight and last night", Act.MEAL, "on"),
    ("#planeamos 90 raciones, se suspende el viernes por lluvia", Act.MEAL, "on"),
    ("#planeamos 90 raciones a contar del viernes", Act.MEAL, "on"),
    ("#planeamos 90 raciones previo al viernes", Act.MEAL, "on"),
    ("#weplan 80 meals in a fortnight", Act.MEAL, "on"),
    ("#weplan 80 meals Friday fortnight", Act.MEAL, "on"),
    ("#weplan 80 meals every other Tuesday", Act.MEAL, "on"),
    ("#weplan 80 meals on Friday instead of Saturday", Act.MEAL, "on"),
    ("#weplan 80 meals on bank holiday Monday", Act.MEAL, "on"),
    ("#weplan 80 meals, Friday is off", Act.MEAL, "on"),
    ("#weplan 80 meals around Friday", Act.MEAL, "on"),
    ("#served 75 portions of chilli Wed", Act.MEAL, "on"),
    ("Sat we #served 75 portions of chilli", Act.MEAL, "on"),
    ("#served 42 meals overnight", Act.MEAL, "on"),
    ("#necesitamos 20 kg de arroz para mañana o pasado", Act.NEED, "by"),
    ("#necesitamos 20 kg de arroz para viernes y sábado", Act.NEED, "by"),
    ("#need 20 kg of rice by Friday or Saturday", Act.NEED, "by"),
    ("#need 20 kg of rice, not before Thursday", Act.NEED, "by"),
    ("#aportamos 25 kg a partir del martes", Act.PLEDGE, "by"),
    ("#offer 15 kg of bread, best before Thursday", Act.OFFER, "by"),
    ("#necesitamos 15 kg de papas, estamos cerrados hasta el jueves", Act.NEED, "by"),
    # Who ate, where and when is no dish, and a dish that nobody knows may be anything.
    ("#servimos 41 en la cancha", Act.MEAL, "menu"),
    ("#servimos 90 cabros chicos", Act.MEAL, "menu"),
    ("#servimos 3 ollas de porotos", Act.MEAL, "menu"),
    ("#servimos 70 vasos", Act.MEAL, "menu"),
    ("#servimos 70 vasos de plástico", Act.MEAL, "menu"),
    ("#servimos 70 copas y pan", Act.MEAL, "menu"),
    ("#served 75 mums and toddlers", Act.MEAL, "menu"),
    ("#served 75 food parcels", Act.MEAL, "menu"),
    ("#served fewer than 75 meals", Act.MEAL, "served"),
    # Denied.
    ("aún no #recibimos los 24 kg de lentejas", Act.RECEIPT, "quantity"),
    ("todavía no hemos #recibido 24 kg", Act.RECEIPT, "quantity"),
    ("#recibido: nada de los 24 kg", Act.RECEIPT, "quantity"),
    ("#recibido 24 kg aún no", Act.RECEIPT, "quantity"),
    ("we have not yet #received 24 kg", Act.RECEIPT, "quantity"),
    ("no #servimos 118 raciones", Act.MEAL, "quantity"),
    ("Last night we #served 48 dinners", Act.MEAL, "on"),
    (f"Ayer fue un día hermoso, {'y vino gente, ' * 40}y #servimos 118 raciones", Act.MEAL, "on"),
    ("#served 48 dinners last night", Act.MEAL, "on"),
    ("#received 24 kg last night", Act.RECEIPT, "on"),
    ("Anteanoche #servimos 55 raciones", Act.MEAL, "on"),
    ("La otra noche #servimos 48 cenas", Act.MEAL, "on"),
    ("La noche anterior #servimos 48 cenas", Act.MEAL, "on"),
    ("Nunca #servimos 118 raciones", Act.MEAL, "quantity"),
    ("Ya no #necesitamos 40 kg de arroz", Act.NEED, "quantity"),
    ("We don't #need 40 kg of rice", Act.NEED, "quantity"),
    ("we no longer #need 40 kg of rice", Act.NEED, "quantity"),
    ("No podemos, no #aportamos 25 kg", Act.PLEDGE, "quantity"),
    ("no #confirmamos los 10 kg", Act.CONFIRM, "quantity"),
    ("#confirmar que no", Act.CONFIRM, "quantity"),
    # Asked or hoped.
    ("¿#recibido 24 kg?", Act.RECEIPT, "quantity"),
    ("¿Vecinas, #recibido 24 kg, verdad?", Act.RECEIPT, "quantity"),
    ("#recibido 24 kg?", Act.RECEIPT, "quantity"),
    ("¿#necesitamos 40 kg de arroz?", Act.NEED, "quantity"),
    ("ojalá #recibimos 24 kg", Act.RECEIPT, "quantity"),
    # Done on a day to come.
    ("#servimos 118 raciones mañana", Act.MEAL, "on"),
    ("Mañana #servimos 118 raciones", Act.MEAL, "on"),
    ("#servimos 118 raciones de cazuela mañana", Act.MEAL, "on"),
    ("#servimos 118 raciones en la fiesta mañana", Act.MEAL, "on"),
    ("#servimos 118 raciones para el sábado", Act.MEAL, "on"),
    ("#servimos 118 raciones el próximo sábado", Act.MEAL, "on"),
    ("El viernes hay asamblea #servimos 118 raciones", Act.MEAL, "on"),
    ("#recibido 24 kg mañana", Act.RECEIPT, "on"),
    # More days than one.
    ("Este mes #servimos 2500 raciones", Act.MEAL, "on"),
    ("Balance del mes: #servimos 2500 raciones", Act.MEAL, "on"),
    ("Hoy cerramos el mes: #servimos 2500 raciones", Act.MEAL, "on"),
    ("De lunes a hoy #servimos 600 raciones esta semana", Act.MEAL, "on"),
    ("En total #servimos 2.500 raciones este año", Act.MEAL, "on"),
    ("En total #servimos 2.500 raciones", Act.MEAL, "on"),
    ("#servimos 600 raciones entre lunes y viernes", Act.MEAL, "on"),
    ("#servimos 600 raciones, todos los viernes", Act.MEAL, "on"),
    ("En agosto, #servimos 2500 raciones", Act.MEAL, "on"),
    ("El año pasado #servimos 30.000 raciones", Act.MEAL, "on"),
    ("#servimos 118 raciones diarias", Act.MEAL, "on"),
    ("#served 600 meals this week", Act.MEAL, "on"),
    ("En lo que va de agosto #servimos 2500 raciones", Act.MEAL, "on"),
    ("En 2020 #servimos 30.000 raciones", Act.MEAL, "on"),
    ("#servimos 30.000 raciones en 2020", Act.MEAL, "on"),
    ("En los últimos tres meses #servimos 2500 raciones", Act.MEAL, "on"),
    ("#servimos 900 raciones en las últimas 2 semanas", Act.MEAL, "on"),
    ("En 3 días #servimos 600 raciones", Act.MEAL, "on"),
    ("Resumen de la semana:\n#servimos 600 raciones", Act.MEAL, "on"),
    ("Balance 2020\n\n- #servimos 30.000 raciones", Act.MEAL, "on"),
    ("Semana del 17 al 23 de agosto:\n#servimos 600 raciones", Act.MEAL, "on"),
    ("Del 20 al 24 de agosto #servimos 600", Act.MEAL, "on"),
    ("#servimos 600 raciones del 20 al 24 de agosto", Act.MEAL, "on"),
    ("From August 20 to 24 we #served 600 meals", Act.MEAL, "on"),
    ("Desde el lunes #servimos 600 raciones", Act.MEAL, "on"),
    ("Para cerrar el mes #servimos 2500 raciones", Act.MEAL, "on"),
    ("Mañana hay asamblea, #servimos 118 raciones", Act.MEAL, "on"),
    ("Hoy #servimos 118 raciones gracias a los aportes de la semana", Act.MEAL, "on"),
    ("#servimos 118 raciones hoy y volvemos la próxima semana", Act.MEAL, "on"),
    ("Este mes cumplimos dos años, #servimos 118 raciones", Act.MEAL, "on"),
    ("#servimos 118 raciones hoy, como todos los viernes", Act.MEAL, "on"),
    ("Como cada semana, #servimos 118 raciones", Act.MEAL, "on"),
    ("#servimos 118 raciones en Año Nuevo", Act.MEAL, "on"),
    ("Para cerrar la semana, #servimos 118 raciones", Act.MEAL, "on"),
    ("Igual que todos los viernes, #servimos 118 raciones", Act.MEAL, "on"),
    ("Ayer y hoy #servimos 118 raciones", Act.MEAL, "on"),
    ("#servimos 118 raciones entre ayer y hoy", Act.MEAL, "on"),
    ("Hasta hoy #servimos 118 raciones", Act.MEAL, "on"),
    ("Ayer, hoy #servimos 118 raciones", Act.MEAL, "on"),
    ("Ayer y hoy día #servimos 118 raciones", Act.MEAL, "on"),
    ("Hoy día 23 #servimos 118 raciones", Act.MEAL, "on"),
    ("#servimos 118 raciones de cazuela y el viernes hay porotos", Act.MEAL, "on"),
    ("#servimos 118 raciones de cazuela nos vemos el viernes", Act.MEAL, "on"),
    ("#servimos 118 raciones de cazuela y volvemos el viernes", Act.MEAL, "on"),
    ("El 20 #servimos 118 raciones", Act.MEAL, "on"),
    ("El 19.8 #servimos 118 raciones", Act.MEAL, "on"),
    ("#servimos 118 raciones de marzo a agosto", Act.MEAL, "on"),
    ("#served 118 meals last Friday", Act.MEAL, "on"),
    ("#servimos 118 raciones como cada sábado", Act.MEAL, "on"),
    ("#servimos 118 raciones/día", Act.MEAL, "on"),
    ("#servimos 118 raciones #ollacomun ayer", Act.MEAL, "on"),
    ("#recibido 24 kg, el resto viene el lunes", Act.RECEIPT, "on"),
    ("#recibido 12 kg y el resto viene el lunes", Act.RECEIPT, "on"),
    ("Ayer y hoy #recibimos 24 kg", Act.RECEIPT, "on"),
    ("Desde el lunes #recibimos 24 kg", Act.RECEIPT, "on"),
    # Planned for no single day.
    ("El jueves no hay olla, pero el viernes #planeamos 90 raciones", Act.MEAL, "on"),
    ("El jueves descansamos y el viernes #planeamos 90 raciones", Act.MEAL, "on"),
    ("#planeamos 90 raciones, no el viernes sino el sábado", Act.MEAL, "on"),
    ("#planeamos 90 raciones el miércoles de la próxima semana", Act.MEAL, "on"),
    ("#planeamos 90 raciones el miércoles de la semana que viene", Act.MEAL, "on"),
    ("#planeamos 90 raciones el otro viernes", Act.MEAL, "on"),
    ("#planeamos 90 raciones Wednesday week", Act.MEAL, "on"),
    ("La próxima semana #planeamos 90 raciones el viernes", Act.MEAL, "on"),
    ("#planeamos 90 raciones, no será el jueves sino será el viernes", Act.MEAL, "on"),
    ("#planeamos 90 raciones el viernes no se puede, mejor el sábado", Act.MEAL, "on"),
    ("Para el miércoles de la próxima semana #necesitamos 5 kg de papas", Act.NEED, "by"),
    ("#necesitamos 5 kg de papas para el miércoles de la semana que viene", Act.NEED, "by"),
    ("#necesitamos 5 kg de papas para el viernes, pero de la próxima semana", Act.NEED, "by"),
    ("Hoy descansamos, mañana #planeamos 90 raciones", Act.MEAL, "on"),
    ("El jueves descansamos y mañana #planeamos 90 raciones", Act.MEAL, "on"),
    ("#servimos como a 60 personas", Act.MEAL, "served"),
    ("#necesitamos 5 kg de papas para el miércoles de la próxima semana", Act.NEED, "by"),
    ("#weplan 80 meals on Tues", Act.MEAL, "on"),
    ("#served 80 meals on Fri", Act.MEAL, "on"),
    ("#received 18 kg on Fri", Act.RECEIPT, "on"),
    ("#served 96 meals the night before last", Act.MEAL, "on"),
    ("#servimos más de cien raciones", Act.MEAL, "served"),
    ("#servimos casi cien raciones de porotos", Act.MEAL, "served"),
    ("#servimos unas cien raciones", Act.MEAL, "served"),
    ("#servimos al menos cien raciones", Act.MEAL, "served"),
    ("#servimos cien raciones aprox", Act.MEAL, "served"),
    ("#servimos 96 raciones más menos", Act.MEAL, "served"),
    ("#served just under 96 meals", Act.MEAL, "served"),
    ("#recibido casi veinte kg", Act.RECEIPT, "quantity"),
    ("#planeamos 100 raciones de cazuela mañana o pasado", Act.MEAL, "on"),
    ("#planeamos 100 raciones de lentejas la próxima semana", Act.MEAL, "on"),
    ("#planeamos 100 raciones de lentejas el 24", Act.MEAL, "on"),
    ("#planeamos 100 raciones de lentejas el finde", Act.MEAL, "on"),
    ("#planeamos 100 raciones de lentejas los martes y jueves", Act.MEAL, "on"),
    ("#planeamos 100 raciones de lentejas toda la semana", Act.MEAL, "on"),
    ("#planeamos 100 raciones por día", Act.MEAL, "on"),
    ("#weplan 100 meals for the weekend", Act.MEAL, "on"),
    ("#planeamos 100 raciones de lentejas el lunes o martes", Act.MEAL, "on"),
    ("#planeamos 100 raciones de lentejas lunes, miércoles y viernes", Act.MEAL, "on"),
    ("#planeamos 100 raciones de lentejas lunes miércoles y viernes", Act.MEAL, "on"),
    ("#weplan 100 meals on Monday and Tuesday", Act.MEAL, "on"),
    ("#planeamos 100 raciones el lunes 31 o el martes 1", Act.MEAL, "on"),
    ("#planeamos 100 raciones entre el lunes y el martes", Act.MEAL, "on"),
    ("#planeamos 100 raciones el 24 y el 25 de agosto", Act.MEAL, "on"),
    ("#planeamos 100 raciones del 24 al 28 de agosto", Act.MEAL, "on"),
    ("#planeamos 100 raciones hoy y mañana", Act.MEAL, "on"),
    ("#planeamos 100 raciones hoy, mañana y pasado", Act.MEAL, "on"),
    ("#planeamos 100 raciones hoy, mañana y el lunes", Act.MEAL, "on"),
    ("#planeamos 100 raciones desde el lunes", Act.MEAL, "on"),
    ("#planeamos 100 raciones a partir del lunes", Act.MEAL, "on"),
    ("#planeamos 100 raciones hasta el viernes", Act.MEAL, "on"),
    ("A partir de mañana #planeamos 100 raciones", Act.MEAL, "on"),
    ("Mañana:\n#planeamos 100 raciones de cazuela", Act.MEAL, "on"),
    ("Menú de la semana:\n#planeamos 100 raciones de cazuela", Act.MEAL, "on"),
    ("Lunes y martes #planeamos 100 raciones de cazuela", Act.MEAL, "on"),
    ("#planeamos 100 raciones #ollacomun mañana", Act.MEAL, "on"),
    ("#planeamos 100 raciones todos los viernes", Act.MEAL, "on"),
    ("El lunes y toda la semana #planeamos 100 raciones", Act.MEAL, "on"),
    ("#planeamos 100 raciones mañana o el lunes", Act.MEAL, "on"),
    # Not quite, or not yet.
    ("Casi #recibimos 24 kg", Act.RECEIPT, "quantity"),
    ("Esperamos haber #recibido 24 kg", Act.RECEIPT, "quantity"),
    ("Deberíamos haber #recibido 24 kg", Act.RECEIPT, "quantity"),
    ("we almost #received 24 kg", Act.RECEIPT, "quantity"),
    # A deadline that is over, a date of two readings.
    ("#necesitamos 30 kg fideos hasta ayer", Act.NEED, "by"),
    ("#aportamos 5 kg ayer", Act.PLEDGE, "by"),
    ("#necesitamos 40 kg lentejas hasta el jueves 4.12", Act.NEED, "by"),
    ("#necesitamos 40 kg lentejas antes del 4.12", Act.NEED, "quantity"),
    # Promised for one of two days.
    ("#aportamos 25 kg mañana o pasado", Act.PLEDGE, "by"),
    ("Mañana o pasado #aportamos 25 kg", Act.PLEDGE, "by"),
    ("#aportamos 25 kg el lunes o el martes", Act.PLEDGE, "by"),
    ("#aportamos 25 kg entre el lunes y el martes", Act.PLEDGE, "by"),
    # Other measures are no pieces, and kilos no rations.
    ("#need 40 lbs rice", Act.NEED, "quantity"),
    ("#necesitamos 1 tonelada de papas", Act.NEED, "quantity"),
    ("#necesitamos 2 qq de harina", Act.NEED, "quantity"),
    ("#necesitamos 3 galones de aceite", Act.NEED, "quantity"),
    ("#servimos 40 kg de porotos", Act.MEAL, "served"),
    ("#servimos 40k raciones", Act.MEAL, "served"),
    ("#servimos 1.118,5 raciones", Act.MEAL, "served"),
    ("#aportamos 2 o 3 sacos de 25 kg", Act.PLEDGE, "quantity"),
    ("#aportamos 3 sacos de 25 kg de arroz", Act.PLEDGE, "quantity"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "act", "missing"), ASKED_BACK)
def test_what_is_not_surely_said_is_asked_back(text: str, act: Act, missing: str) -> None:
    found = read(text, ES, TODAY, *((Unit.KILOGRAM, "lentejas") if act in ANSWERS else ()))
    assert isinstance(found, Unclear), found
    assert (found.act, found.field) == (act, missing)
    assert EN.say(found.expected, **found.values) != ES.say(found.expected, **found.values)


UNDERSTOOD = [
    ("#servimos 130 personas mayores", Act.MEAL, {"menu": "comida", "served": "130", "details": "mayores"}),
    ("#served 118 people this morning", Act.MEAL, {"menu": "comida", "served": "118", "details": "this morning"}),
    ("#served 118 people with disabilities", Act.MEAL, {"menu": "comida", "served": "118", "details": "with disabilities"}),
    ("#served 118 people lentil stew", Act.MEAL, {"menu": "lentil stew", "served": "118"}),
    ("#servimos a 90 vecinas en la sede", Act.MEAL, {"menu": "comida", "served": "90", "details": "en la sede"}),
    ("#servimos 90 raciones de manera segura", Act.MEAL, {"menu": "comida", "served": "90", "details": "manera segura"}),
    ("#servimos 90 raciones de Villa Francia", Act.MEAL, {"menu": "comida", "served": "90", "details": "Villa Francia"}),
    ("#servimos 90 raciones sin gas", Act.MEAL, {"menu": "comida", "served": "90", "details": "sin gas"}),
    ("#servimos 90 raciones de AJI DE GALLINA EN VILLA EL SALVADOR", Act.MEAL,
     {"menu": "AJI DE GALLINA", "served": "90", "details": "EN VILLA EL SALVADOR"}),
    ("#servimos 90 viandas de polenta por la noche", Act.MEAL, {"menu": "polenta", "served": "90", "details": "por la noche"}),
    ("#servimos 90 raciones de ensalada de verano", Act.MEAL, {"menu": "ensalada de verano", "served": "90"}),
    ("#served 60 Christmas dinners", Act.MEAL, {"menu": "Christmas dinners", "served": "60"}),
    ("#served 75 bowls of leek and potato soup outdoors", Act.MEAL,
     {"menu": "leek and potato soup", "served": "75", "details": "outdoors"}),
    ("#planeamos como a 90 personas", Act.MEAL, {"menu": "comida", "planned": "90", "details": "como"}),
    ("#planeamos 90 raciones el viernes, el sábado no abrimos", Act.MEAL,
     {"menu": "comida", "planned": "90", "on": "2020-08-28", "details": "el sábado no abrimos"}),
    ("#necesitamos 20 kg de arroz después del martes", Act.NEED, {"what": "arroz", "quantity": "20 kg", "details": "después del martes"}),
    ("#need 20 kg of rice by Wed", Act.NEED, {"what": "rice", "quantity": "20 kg", "details": "by Wed"}),
    ("#necesitamos 20 kg de alimentos no perecibles para el martes", Act.NEED,
     {"what": "alimentos no perecibles", "quantity": "20 kg", "by": "2020-08-25"}),
    # A no that denies something else, and a question about something else.
    ("No queda nada #necesitamos 40 kg de arroz", Act.NEED, {"what": "arroz", "quantity": "40 kg", "details": "No queda nada"}),
    ("#necesitamos alimentos no perecibles: 40 kg", Act.NEED, {"what": "alimentos no perecibles", "quantity": "40 kg"}),
    ("¿Nos ayudan? #necesitamos 40 kg de arroz", Act.NEED, {"what": "arroz", "quantity": "40 kg", "details": "¿Nos ayudan?"}),
    ("#necesitamos 40 kg de arroz, ¿quién se suma?", Act.NEED, {"what": "arroz", "quantity": "40 kg", "details": "¿quién se suma"}),
    ("#recibido 24 kg, el resto aún no", Act.RECEIPT, {"quantity": "24 kg", "details": "el resto aún no"}),
    ("No gracias #rechazar", Act.REJECT, {"reason": "No gracias"}),
    ("#confirmo, no hay problema", Act.CONFIRM, {}),
    # Days of what is done.
    ("El viernes #servimos 118 raciones", Act.MEAL, {"menu": "comida", "served": "118", "on": "2020-08-21"}),
    ("#recibimos 24 kg el 20 de agosto", Act.RECEIPT, {"quantity": "24 kg", "on": "2020-08-20"}),
    ("El viernes #servimos 118 raciones en total", Act.MEAL, {"menu": "comida", "served": "118", "on": "2020-08-21", "details": "en total"}),
    ("#servimos 118 raciones y no faltó nada", Act.MEAL, {"menu": "comida", "served": "118", "details": "y no faltó nada"}),
    ("En Mar del Plata #servimos 118 raciones", Act.MEAL, {"menu": "comida", "served": "118", "details": "En Mar del Plata"}),
    ("Resumen de la semana:\nHoy #servimos 118 raciones", Act.MEAL, {"menu": "comida", "served": "118", "on": "2020-08-24", "details": "Resumen de la semana"}),
    ("Gracias por esta semana.\n#servimos 118 raciones", Act.MEAL, {"menu": "comida", "served": "118", "details": "Gracias por esta semana."}),
    ("#servimos 118 almuerzos y pan", Act.MEAL, {"menu": "almuerzos y pan", "served": "118"}),
    ("#servimos 118 raciones y pan con palta", Act.MEAL, {"menu": "comida y pan con palta", "served": "118"}),
    ("Ayer no hubo olla, hoy #servimos 118 raciones", Act.MEAL, {"menu": "comida", "served": "118", "on": "2020-08-24", "details": "Ayer no hubo olla"}),
    ("El 20 de agosto, #servimos 118 raciones", Act.MEAL, {"menu": "comida", "served": "118", "on": "2020-08-20"}),
    ("Hoy día #servimos 118 raciones", Act.MEAL, {"menu": "comida", "served": "118", "on": "2020-08-24"}),
    ("#servimos 118 raciones hoy día", Act.MEAL, {"menu": "comida", "served": "118", "on": "2020-08-24"}),
    ("#servimos 118 raciones esta mañana", Act.MEAL, {"menu": "comida", "served": "118", "details": "esta mañana"}),
    ("#servimos 118 raciones este mediodía", Act.MEAL, {"menu": "comida", "served": "118", "details": "este mediodía"}),
    ("#servimos 118 raciones de porotos este mediodía en la sede", Act.MEAL, {"menu": "porotos", "served": "118", "details": "este mediodía en la sede"}),
    ("Hoy lunes 24 de agosto #servimos 118 raciones", Act.MEAL, {"menu": "comida", "served": "118", "on": "2020-08-24"}),
    ("El viernes 21/8 #servimos 118 raciones", Act.MEAL, {"menu": "comida", "served": "118", "on": "21/8"}),
    ("#servimos 118 raciones de papas fritas ayer", Act.MEAL, {"menu": "papas fritas", "served": "118", "on": "2020-08-23"}),
    ("Ayer en la sede #servimos 118 raciones de cazuela", Act.MEAL, {"menu": "cazuela", "served": "118", "on": "2020-08-23", "details": "en la sede"}),
    ("Yesterday we #served 90 meals", Act.MEAL, {"menu": "comida", "served": "90", "on": "2020-08-23", "details": "we"}),
    ("Buenos días vecinas, #servimos 118 raciones de pan del día", Act.MEAL, {"menu": "pan del día", "served": "118", "details": "Buenos días vecinas"}),
    # Days of what is needed.
    ("#necesitamos 30 kg fideos para fin de mes", Act.NEED, {"what": "fideos", "quantity": "30 kg", "by": "2020-08-31"}),
    ("#necesitamos 30 kg fideos en Luro 12 Mar del Plata", Act.NEED, {"what": "fideos", "quantity": "30 kg", "details": "en Luro 12 Mar del Plata"}),
    ("#need 30 kg rice by the end of the month", Act.NEED, {"what": "rice", "quantity": "30 kg", "by": "2020-08-31"}),
    ("#necesitamos 30 kg fideos al viernes", Act.NEED, {"what": "fideos", "quantity": "30 kg", "by": "2020-08-28"}),
    ("#necesitamos 30 kg fideos de aquí al viernes", Act.NEED, {"what": "fideos", "quantity": "30 kg", "by": "2020-08-28"}),
    ("#ofrecemos 10 kg pan hoy", Act.OFFER, {"what": "pan", "quantity": "10 kg", "details": "hoy"}),
    ("#necesitamos 30 kg lentejas cada viernes", Act.NEED, {"what": "lentejas", "quantity": "30 kg", "details": "cada viernes"}),
    ("#necesitamos 30 kg lentejas todos los viernes", Act.NEED, {"what": "lentejas", "quantity": "30 kg", "details": "todos los viernes"}),
    ("#necesitamos 30 kg lentejas de lunes a viernes", Act.NEED, {"what": "lentejas", "quantity": "30 kg", "details": "de lunes a viernes"}),
    ("#necesitamos 40 kg lentejas antes del viernes 4.12", Act.NEED, {"what": "lentejas", "quantity": "40 kg", "by": "2020-12-04"}),
    ("#necesitamos 8 kg de tomate pal viernes", Act.NEED, {"what": "tomate", "quantity": "8 kg", "by": "2020-08-28"}),
    ("#necesitamos 8 kg de tomate pa'l viernes", Act.NEED, {"what": "tomate", "quantity": "8 kg", "by": "2020-08-28"}),
    ("#necesitamos 8 kg de tomate pa’l viernes", Act.NEED, {"what": "tomate", "quantity": "8 kg", "by": "2020-08-28"}),
    ("#necesitamos 8 kg de tomate pa mañana", Act.NEED, {"what": "tomate", "quantity": "8 kg", "by": "2020-08-25"}),
    ("#necesitamos 8 kg de papas pa la olla", Act.NEED, {"what": "papas pa la olla", "quantity": "8 kg"}),
    ("#aportamos 25 kg pa'l jueves", Act.PLEDGE, {"quantity": "25 kg", "by": "2020-08-27"}),
    ("#planeamos 100 raciones pal viernes", Act.MEAL, {"menu": "comida", "planned": "100", "on": "2020-08-28"}),
    ("#necesitamos 5 kg de cebolla mañana", Act.NEED, {"what": "cebolla", "quantity": "5 kg", "details": "mañana"}),
    # Days of what is planned.
    ("#planeamos 100 raciones de cazuela mañana", Act.MEAL, {"menu": "cazuela", "planned": "100", "on": "2020-08-25"}),
    ("#planeamos tortilla mañana para 100 personas", Act.MEAL, {"menu": "tortilla", "planned": "100", "on": "2020-08-25"}),
    ("#planeamos 100 raciones de lentejas esta noche", Act.MEAL, {"menu": "lentejas", "planned": "100", "details": "esta noche"}),
    ("#planeamos 100 raciones de lentejas al mediodía", Act.MEAL, {"menu": "lentejas", "planned": "100", "details": "al mediodía"}),
    ("#planeamos 100 raciones de lentejas a las 13.30", Act.MEAL, {"menu": "lentejas", "planned": "100", "details": "a las 13.30"}),
    ("#planeamos 100 raciones de pan del día", Act.MEAL, {"menu": "pan del día", "planned": "100"}),
    ("#planeamos 100 raciones en total", Act.MEAL, {"menu": "comida", "planned": "100", "details": "en total"}),
    ("Hoy:\n#planeamos 100 raciones de cazuela", Act.MEAL, {"menu": "cazuela", "planned": "100", "details": "Hoy"}),
    ("Hoy, lunes 24 de agosto, #planeamos 100 raciones", Act.MEAL, {"menu": "comida", "planned": "100", "on": "2020-08-24", "details": "Hoy"}),
    ("#planeamos 100 raciones para mañana martes 25", Act.MEAL, {"menu": "comida", "planned": "100", "on": "2020-08-25", "details": "para mañana"}),
    ("Como todos los viernes #planeamos 100 raciones", Act.MEAL, {"menu": "comida", "planned": "100", "on": "2020-08-28", "details": "Como todos los viernes"}),
    ("#planeamos 100 raciones hoy, como todos los lunes", Act.MEAL, {"menu": "comida", "planned": "100", "on": "2020-08-24", "details": "como todos los lunes"}),
    ("#planeamos 100 raciones el sábado y nos vemos el domingo", Act.MEAL, {"menu": "comida", "planned": "100", "on": "2020-08-29", "details": "y nos vemos el domingo"}),
    ("Desde las 13 el sábado #planeamos 100 raciones", Act.MEAL, {"menu": "comida", "planned": "100", "on": "2020-08-29", "details": "Desde las 13"}),
    # Amounts.
    ("#necesitamos 40 k lentejas", Act.NEED, {"what": "lentejas", "quantity": "40 kg"}),
    ("#necesitamos 40 ks de lentejas", Act.NEED, {"what": "lentejas", "quantity": "40 kg"}),
    ("#need 40 t-shirts", Act.NEED, {"what": "t-shirts", "quantity": "40 u"}),
    ("#servimos 1.118 raciones", Act.MEAL, {"menu": "comida", "served": "1118"}),
    ("#necesitamos 10 kilos de porotos y muchas gracias", Act.NEED, {"what": "porotos", "quantity": "10 kg", "details": "muchas gracias"}),
    ("#aportamos 3 sacos de 25 kg", Act.PLEDGE, {"quantity": "75 kg", "details": "3 sacos de 25 kg"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "act", "fields"), UNDERSTOOD)
def test_what_is_surely_said_is_understood_whole(text: str, act: Act, fields: dict[str, str]) -> None:
    asked = (Unit.KILOGRAM, "lentejas") if act in ANSWERS else ()
    assert read(text, ES, TODAY, *asked) == Command(act, fields)


@given(
    st.sampled_from(
        ["no", "ya no", "Aún no", "todavía no", "nunca", "tampoco", "not", "we don't", "no longer"]
    ),
    st.sampled_from(["", " hemos", " les", " yet"]),
    st.sampled_from([f"#{word}" for words in WORDS.values() for word in words.split()]),
    st.sampled_from([" 40 kg de lentejas", " 24 kg", " 118 raciones", ""]),
)
def test_no_word_behind_a_no_is_ever_done(no: str, between: str, tag: str, after: str) -> None:
    for text in (f"{no}{between} {tag}{after}", f"¿{tag}{after}?"):
        assert not isinstance(read(text, ES, TODAY, Unit.KILOGRAM, "lentejas"), Command)


_DAYS = {
    "ayer": "2020-08-23", "hoy": "2020-08-24", "anteayer": "2020-08-22", "el viernes": "2020-08-21", "el 20 de agosto": "2020-08-20",
    "yesterday": "2020-08-23", "on Wednesday": "2020-08-19",
}  # fmt: skip
_FORMS = ["{0}{j}{1} #{t}", "{0}{j}#{t}{k}{1}", "#{t}{j}{0}{k}{1}"]
_APART = " no hubo olla, "
_JOINTS = st.sampled_from([" ", ", ", " y ", " hasta ", " a ", _APART, " nos vemos "])


@given(
    st.lists(st.sampled_from(sorted(_DAYS)), min_size=2, max_size=2, unique_by=_DAYS.__getitem__),
    st.sampled_from(_FORMS),
    _JOINTS,
    _JOINTS,
    st.sampled_from(["servimos 118 raciones", "recibimos 24 kg de lentejas"]),
)
def test_of_two_days_none_is_taken_but_the_one_right_before_the_hashtag(
    days: list[str], form: str, joint: str, other: str, told: str
) -> None:
    text = form.format(*days, j=joint, k=other, t=told)
    found = read(text, ES, TODAY, Unit.KILOGRAM, "lentejas")
    apart = form == _FORMS[0] and joint == _APART
    assert isinstance(found, Command) == apart
    assert isinstance(found, Unclear) or (found and found.fields["on"] == _DAYS[days[1]])


@pytest.mark.parametrize("words", ["2026 aca ,", "hasta el proximo ", "de la ida "])
def test_words_said_again_and_again_hold_up_nobody(words: str) -> None:
    assert read(f"#servimos 118 raciones {words * 100}x el lunes", ES, TODAY) is not None
    assert read(f"no {chr(39) * 390}. #servimos 118 raciones", ES, TODAY) is not None
    assert (
        read(f"{'a' * 4888} el lunes x el martes x el domingo #servimos 118 raciones", ES, TODAY) is not None
    )
