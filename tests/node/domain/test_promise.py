"""What somebody promises in plain words is understood; a wish, a question and a refusal promise nothing."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.acts import Act, Command, Unclear
from node.domain.promise import read_promise, says_the_same
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
    ("Hoy no puedo, pero mañana llevo 10 kg", {"quantity": "10 kg", "by": "2020-08-25"}),
    ("Quizás llegue tarde, pero llevo 10 kg", {"quantity": "10 kg"}),
    ("llevo 10 kg mañana", {"quantity": "10 kg", "by": "2020-08-25"}),
    ("Hola mañana les llevo 10 kg", {"quantity": "10 kg", "by": "2020-08-25"}),
    ("llevo 10 kg por la mañana", {"quantity": "10 kg"}),
    ("ayer compramos 10 kg de paella y los llevamos a la escuela mañana", {"quantity": "10 kg", "by": "2020-08-25"}),
    ("llevo 6 kg pasado mañana", {"quantity": "6 kg", "by": "2020-08-26"}),
    ("llevo 10 kg el lunes y el martes paso a buscar la olla", {"quantity": "10 kg", "by": "2020-08-24"}),
    ("llevo 10 kg el viernes entre las 9 y las 11", {"quantity": "10 kg", "by": "2020-08-28"}),
    ("ayer o anteayer no pude, llevo 10 kg el viernes", {"quantity": "10 kg", "by": "2020-08-28"}),
    ("llevo 10 kg el sábado si no llueve", {"quantity": "10 kg", "by": "2020-08-29"}),
    ("llevo 10 kg pa'l viernes", {"quantity": "10 kg", "by": "2020-08-28"}),
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
    ("me sumo con 10 kg", {"quantity": "10 kg"}),
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
    ("llevo 3 sacos de 25 kg", {"quantity": "75 kg"}),
    ("llevamos 3 sacos de lentejas de 25 kg el viernes", {"quantity": "75 kg", "by": "2020-08-28"}),
    ("llevo 4 bolsas de 1,5 kg de lentejas", {"quantity": "6 kg"}),
    ("I'll bring 6 bags of 500 g", {"quantity": "3000 g"}),
    ("we have 10 kg of lentils", {"quantity": "10 kg"}),
    ("ya, llevo 10 kg", {"quantity": "10 kg"}),
    ("llevo 10 kg para nuestra olla", {"quantity": "10 kg"}),
    ("dono 10 kg, no tengo auto", {"quantity": "10 kg"}),
    ("no tengo auto, llevo 10 kg", {"quantity": "10 kg"}),
    ("dono 10 kg pero no puedo llevarlos", {"quantity": "10 kg"}),
    ("I'll give 10 kg, but I can't deliver", {"quantity": "10 kg"}),
    ("aporto 5 kg cada viernes", {"quantity": "5 kg"}),
    ("we got 10 kg for you", {"quantity": "10 kg"}),
    ("damos 10 kg, gracias a ustedes", {"quantity": "10 kg"}),
    ("llevo 10 kg el lunes; el martes o miércoles paso a buscar la olla", {"quantity": "10 kg", "by": "2020-08-24"}),
    ("llevo 10 kg esta mañana", {"quantity": "10 kg"}),
    ("llevo 10 kg hoy día", {"quantity": "10 kg", "by": "2020-08-24"}),
    ("ayer compramos 10 kg y se los llevamos mañana", {"quantity": "10 kg", "by": "2020-08-25"}),
    ("llevo 10 kg de lentejas cocinadas", {"quantity": "10 kg"}),
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
        "Compramos 10 kg ayer",
        "Ayer, compramos 10 kg",
        "la semana pasada llevamos 10 kg",
        "llegamos tarde ayer con 10 kg",
        "ya compramos 10 kg",
        "llevamos 10 kg hasta ahora",
        "llevo 10 kg juntados",
        "we have 10 kg too few",
        "we have 10 kg left",
        "we got 10 kg yesterday",
        "we got 10 kg, thanks",
        "doy 10 gracias",
        "10 gracias",
        "we have to bring 10 kg",
        "me llevo 10 kg para mi casa",
        "me llevo 2 kg",
        "llevo 10 kg para mi familia",
        "No podemos, no #aportamos 25 kg",
        "¿#aportamos 25 kg?",
        "les doy mil gracias por los 10 kg",
        "",
        "No sé si llevo 10 kg",
        "quizás llevo 10 kg",
        "No estoy segura, tal vez llevo 10 kg",
        "I might bring 10 kg",
        "10 kg?",
        "¿10 kg?",
    ],
)
def test_what_promises_nothing_is_no_promise(text: str) -> None:
    assert read_promise(text, ES, TODAY, Unit.KILOGRAM, "lentejas") is None


@pytest.mark.parametrize(
    "text",
    [
        "Creo que es una gran iniciativa, llevo 10 kg",
        "I think you're doing great work, I'll bring 10 kg",
        "I can bring 10 kg if you need it",
        "llevo 10 kg si les sirve",
        "I can bring 10 kg if it helps",
        "let me know if I can help, I'll bring 10 kg",
        "si me dicen dónde, llevo 10 kg",
        "Sí puedo llevar 10 kg",
        "Sí el viernes llevo 10 kg",
        "Sí me anoto con 5 kg",
        "@olla@esperanza.example Sí puedo llevar 10 kg",
        "@olla Sí me anoto con 5 kg",
        "Hola vecinas, sí puedo llevar 8 kilos mañana",
        "SÍ PUEDO LLEVAR 10 KG",
        "Yo sí puedo llevar 10 kg el viernes",
    ],
)
def test_what_is_thought_or_offered_beside_it_takes_nothing_from_a_promise(text: str) -> None:
    assert isinstance(read_promise(text, ES, TODAY, Unit.KILOGRAM, "lentejas"), Command)


@pytest.mark.parametrize(
    "text",
    [
        "llevo 5 años donando acá, qué lindo",
        "llevo 20 minutos esperando afuera, abren?",
        "voy el sábado con mis 3 hijos a cocinar",
        "I can bring 3 friends to help cook",
        "llevo 2 gallinas",
        "Vamos a ir 4 a ayudar a las 9, llevamos delantal",
        "Cuenten con 3 vecinas para pelar",
        "Llevo 3 desde marzo viniendo a la olla",
        "I'll bring 2 from my class to help",
        "paso con 2 bolsas a buscar comida",
    ],
)
def test_what_is_counted_in_pieces_is_nothing_but_what_was_asked_for(text: str) -> None:
    assert read_promise(text, ES, TODAY, Unit.ONE, "huevos") is None


@pytest.mark.parametrize(
    "text",
    [
        "llevo 10 a 15 kg",
        "llevo 1.500 kg",
        "llevo 2 kg y medio",
        "llevo 5 kg de arroz y 3 kg de sal",
        "llevo 5 kg. Y 3 kg más el lunes",
        "llevo 10 kg y mi hermana 5",
        "llevo 3 sacos de 25 kg de arroz",
        "llevo 2 a 3 sacos de 25 kg",
        "llevo uno de los 3 sacos de 25 kg",
        "llevo 3 sacos de 25 kg y 2 bolsas de 5 kg",
        "llevo 3 sacos de 25 kg y medio",
        "llevo 3 sacos y 25 kg",
        "llevo 3 sacos de 1.500 kg",
        "llevo 3 bidones de 25 l",
        "llevo una bolsa de 5 kg",
        "llevo 10 kg de arroz",
        "dono 10 kg pero no puedo seguir",
        "llevo 10 kg, pensándolo bien no puedo",
        "Ojalá junten los 40 kg que faltan; yo llevo 5",
        "llevo 10 kg, no sé si el lunes o el martes",
        "llevo 10 kg hoy o mañana",
        "I'll bring 10 kg on Monday or Tuesday",
        "mañana o pasado llevo 6 kg",
        "llevo 6 kg mañana o pasado",
        "llevo 6 kg mañana o pasado mañana",
        "llevo 10 kg el lunes 31 o el martes 1",
        "llevo 10 kg entre el lunes y el martes",
        "llevo 10 kg el lunes o a más tardar el martes",
        "llevo 10 kg el lunes, si no el martes",
        "llevo 10 kg el lunes a las 10 o el martes",
        "llevo 10 kg mañana o el lunes",
        "llevo 10 kg el sábado, si no les molesta el domingo",
        "llevo 10 kg después del martes",
        "llevo 10 kg, el jueves estoy de viaje",
        "llevo 10 kg pero avísenme antes del jueves",
        "I'll bring 10 kg, away until Thursday",
        "llevo 10 kg el viernes en dos semanas más",
        "llevo 10 kg en dos martes más",
        "llevo 10 kg apenas pase el martes",
        "llevo 10 kg, pero no antes del jueves",
        "I can bring 10 kg after Wednesday",
        "I can bring 10 kg once Friday is over",
        "we can bring 10 kg Thursday or thereabouts",
        "llevo 10 kg el 28 o el 29 de agosto",
        "I'll bring 10 kg between Monday and Tuesday",
        "I'd bring 10 kg if I had a car",
        "I'd give 10 kg but I'm broke",
        "I'll bring 10 kg unless it rains",
        "creo que llevo 10 kg",
        "si alcanzo llevo 10 kg",
        "si mi jefe me da permiso llevo 10 kg",
        "a menos que llueva, llevo 10 kg",
        "I'll bring 10 kg if I find a lift",
        "I'd give 10 kg, but I'm broke",
        "Creo que, si todo sale bien, llevo 10 kg",
        "Llevo 10 kg. Pero solo si me pagan.",
        "assuming I get paid, I'll bring 10 kg",
        "I'll let you know if I can bring 10 kg",
        "I'll bring 10 kg if it is sunny",
        "siempre que pueda llevo 10 kg",
        "mañana les digo si llevo 10 kg",
        "Sí me pagan llevo 10 kg",
        "@olla Sí me pagan llevo 10 kg",
        "Hola, sí me prestan auto llevo 10 kg",
        "Avisaré sí puedo llevar 10 kg",
        "Mañana llevo 2 sacos a la sede",
        "llevo 10 kg el lunes 2026-13-45",
        "llevo 2 sacos",
    ],
)
def test_a_promise_with_two_readings_is_asked_back(text: str) -> None:
    assert isinstance(read_promise(text, ES, TODAY, Unit.KILOGRAM, "lentejas"), Unclear)


_VERBS = st.sampled_from(["compramos", "llevamos", "dejamos", "donamos", "we got", "mandamos", "conseguimos"])
_PASTS = st.sampled_from(
    ["ayer", "anoche", "la semana pasada", "el lunes pasado", "hace dos días", "yesterday", "last week"]
)


@given(
    verb=_VERBS,
    past=_PASTS,
    amount=st.integers(1, 999),
    first=st.booleans(),
    joint=st.sampled_from([" ", ", "]),
)
def test_what_is_done_already_is_no_promise(
    verb: str, past: str, amount: int, first: bool, joint: str
) -> None:
    said = f"{verb} {amount} kg"
    text = f"{past}{joint}{said}" if first else f"{said}{joint}{past}"
    assert read_promise(text, ES, TODAY, Unit.KILOGRAM, "lentejas") is None


@given(
    count=st.integers(1, 999),
    held=st.integers(1, 999),
    pack=st.sampled_from(["sacos", "bolsas", "bags", "cajas"]),
)
def test_so_many_packs_of_so_much_are_their_product(count: int, held: int, pack: str) -> None:
    promised = read_promise(f"llevo {count} {pack} de {held} kg", ES, TODAY, Unit.KILOGRAM, "lentejas")
    assert promised == Command(Act.PLEDGE, {"quantity": f"{count * held} kg"})


def test_a_number_alone_promises_only_to_the_need_itself() -> None:
    for text, promises in (("yo 10", False), ("10", False), ("10 kg", True), ("me anoto con 10", True)):
        found = read_promise(text, ES, TODAY, Unit.KILOGRAM, "lentejas", direct=False)
        assert isinstance(found, Command) is promises
        assert isinstance(read_promise(text, ES, TODAY, Unit.KILOGRAM, "lentejas"), Command)


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ("Tengo unos sacos, ¡muchas gracias vecinas!", True),
        ("Hola, tengo unos sacos 🙏", True),
        ("Tengo dos sacos", False),
        ("¿Tengo unos sacos?", False),
        ("Tengo unos sacos, pero al final no", False),
        ("Perdón, no va a ser posible", False),
    ],
)
def test_thanks_and_greetings_change_no_answer_that_a_keeper_understood(changed: str, same: bool) -> None:
    assert says_the_same("Tengo unos sacos", changed) is same


def test_of_an_answer_without_end_only_the_beginning_promises() -> None:
    assert read_promise(f"{'? ' * 10_000}\nllevo 10 kg", ES, TODAY) is None
    assert says_the_same("llevo unos sacos", "llevo muchos sacos")
    assert not says_the_same(f"{'ya ' * 200} llevo unos sacos", f"{'ya ' * 200} llevo muchos sacos")


@pytest.mark.parametrize("words", ["hasta el proximo ", "antes el ", "para para the ", "el the este "])
def test_words_of_a_day_without_a_day_hold_up_nobody_however_many_they_are(words: str) -> None:
    assert read_promise(f"llevo 10 kg {words * 300}", ES, TODAY) is not None


@pytest.mark.parametrize(
    ("text", "what", "count"),
    [
        ("llevo 30 si les sirve", "huevos", "30"),
        ("I can bring 12 more", "eggs", "12"),
        ("llevo 30 vecina", "huevos", "30"),
        ("llevo 1 pote", "potes", "1"),
    ],
)
def test_so_many_pieces_need_not_be_named(text: str, what: str, count: str) -> None:
    found = read_promise(text, ES, TODAY, Unit.ONE, what)
    assert isinstance(found, Command)
    assert found.fields["quantity"] == f"{count} u"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("voy el sábado con mis 3 niños", "colchones para los niños"),
        ("llevo 5 papas", "voluntarios para pelar papas"),
    ],
)
def test_whom_pieces_are_for_is_not_counted_as_pieces(text: str, what: str) -> None:
    assert not isinstance(read_promise(text, ES, TODAY, Unit.ONE, what), Command)


def test_words_that_depend_do_not_say_the_same_as_a_promise() -> None:
    assert not says_the_same("llevo unos sacos", "si me pagan llevo unos sacos")
