"""Which of the words beside a count of rations are the dish: `118 raciones de porotos con riendas en la sede`.

Every word of a dish is accounted for: it names what is eaten, and so does what is joined to it. Where a word of time, place or
people stands, or one that only joins words, the dish is over. Whatever else is said is no dish: nobody knows what it is.
"""

import re
from functools import cache

from node.domain.counting import fold
from node.domain.eaters import PEOPLE
from node.domain.expression import expression
from node.domain.spans import SERVINGS, TIME
from schemas.goods import goods

_DISHES = (
    "aji ajiaco albondigas almejas alverjas anticuchos arepas arrocito arvejado arvejas asado avena bife bistec bollos budin cafe calapurca caldillo caldo"
    " camote canelones causa comida consome crema cremas cantimpalo caracoles carapulcra carbonada causa cazuela ceviche chairo chaufa chancho charquican charqui chicha"
    " chocolate choclo choripanes chorizo chupe churrasco churros cocido completos congrio cordero costillar choripan croquetas empanadas empanaditas ensalada"
    " escabeche estofado fajitas fideos frejoles frijoles galletas garbanzos goulash granados guatitas guisado guiso hallacas hallullas hamburguesas higado huevos humitas jurel"
    " kuchen lasana leche legumbres lentejas locro lomo longaniza marraquetas mazamorra mijo mechada menestra menestron merluza milanesas mondongo mote"
    " nachos nugets noquis olluquito palta paltas pan pancito panes pantrucas papas pastel pasta pataska pavo pebre pernil pescado pichanga picante pizza polenta"
    " pollo porotos pozole pure quesadillas quesillo queque quinoa quinua ravioles reineta rellenos riendas ropa saltado salchichas salsa sancocho sandwich sanguches seco"
    " sopaipillas sopa sopita tacos tallarines tamales tarta te tocino torta tortas torrejas tortilla tortillas tostadas tuco valdiviano verduras"
    " vienesas zapallitos yogur yogurt"
    " bacon bagels bake baguettes bangers beans beef biscuits bolognese bread broth brownies buns burgers burritos butties cake cakes"
    " casserole cereal cheese chicken chili chilli chips chowder cobbler coffee coleslaw couscous crumble cupcakes curry curries custard"
    " daal dahl dal dumplings egg eggs falafel fish fishcakes fruit goulash gravy ham hash hotpot jollof juice kebabs kedgeree lamb"
    " lasagna lasagne leek lentil mac macaroni mash milk muffins noodles oats omelettes paella pancakes parmigiana pasties pasta peas pho pie pies"
    " pilau pizza pizzas porridge pork potato potatoes pudding quiche ragu ramen rice risotto rolls roast roasts salad salads sandwiches"
    " sausage sausages scones scouse soup soups spaghetti stew stews stir-fry sushi tacos tagine tea toast tofu trifle tuna turkey veg"
    " vegetables waffles wraps"
)
_STOPS = (
    # Spanish
    "a al ante antes bajo como contra cuando desde despues donde durante en entre hacia hasta para pal pa por porque pues que quien segun si"
    " sin sobre tras o u ni no sino pero aunque mas menos muy mucho mucha muchos muchas poco poca pocos pocas todo toda todos todas tanto tanta"
    " tantos tantas cada otro otra otros otras ya aun todavia tambien tampoco hoy ahora luego siempre nunca aqui aca alli alla ahi afuera"
    " fuera adentro dentro cerca lejos arriba abajo atras gratis juntos juntas solo solamente recien bien mal asi casi me se nos les le lo"
    " su sus mi mis tu tus nuestro nuestra nuestros nuestras este esta estos estas ese esa esos esas aquel aquella un una unos unas uno es son"
    " fue fueron era eran hay hubo habia ha han hemos gracias apenas incluso ultimo ultima primer primera mediante gente partir disponible disponibles available best use"
    # English
    " in at on by for from to into onto over under up down out off after before during since until till without within between among amongst"
    " around near through throughout across outside inside outdoors indoors upstairs downstairs overnight together again also too so then than"
    " this that these those there here when where while because as if but or not we you they he she it us our your their his her my who which all"
    " every each some many more most less few fewer very just only still yet already free was were is are am be been being had has have did do"
    " does went came got get left gave went thanks thank today last next per"
    " fortnight wed weds thu thur thurs tue tues mon fri sat finde"
)
_HOURS_AND_PLACES = (
    "mediodia tarde noche madrugada manana tardecita nochecita morning noon afternoon evening night midnight lunchtime teatime dinnertime"
    " bedtime sede calle cancha parroquia iglesia plaza feria street park church"
    " hall parte emergencia olla comite apoyo ayuda"
)
_ARTICLES = frozenset(("el", "la", "los", "las", "the"))
_OF = frozenset(("de", "del", "of"))
_AND = frozenset(("y", "e", "and", "con", "with"))
_VERB = expression(r"[a-z]{3,}(?:aron|ieron|amos|imos)|[a-z]+(?:n['’]t|ly)|[a-z]{4,}mente")
_WORD_OR_TIME = expression(rf"(?P<time>{TIME.pattern})|[^\W_]+(?:['’\-][^\W_]+)*|[^\w\s]")
_JOINT = frozenset(_STOPS.split())
_STOP = _JOINT | frozenset(_HOURS_AND_PLACES.split())
_PERSON = expression(PEOPLE)
_LIKE = expression(r"[^\W\d_]+(?:[oa]s?|es?|al)(?<!one)")
"""What may follow what is eaten, as words for its kind do in Spanish: `papas fritas`, `arroz integral`."""
_DOES = expression(
    r"[a-z]+(?:ando|iendo|yendo)|(?:llega|viene|vuelve|falta|toca|termina|acaba|empieza|comienza|parte|sale|cambia|vence|queda|sobra|traera?|compra|cocina|entrega|retira"
    r"|pospone|adelanta|reparte|prepara|sirve|arriv|com|resum|start|clos|end|mov|chang|expir|leav|serv|mad|don|continu|becom)(?:n|e?s|e|mos)?"
    r"|distint[oa]s?|mism[oa]s?|(?:igual|pendiente|sobrante|restante|diferente|semejante)(?:e?s)?"
)
"""A word that says what comes to pass, or compares, and is no kind of what is eaten."""
_MOST = 3
"""Words that name one dish without a joint between them: `sweet potato curry`."""


@cache
def _eaten() -> frozenset[str]:
    """Every word that names what is eaten, folded."""
    names = (name for good in goods().values() for each in good.names.values() for name in each)
    known = {word for name in names for word in fold(name).split()}
    return frozenset({*known, *_DISHES.split(), *SERVINGS.split()} - _STOP - _ARTICLES - _OF - _AND)


def _is_eaten(word: str) -> bool:
    return not _eaten().isdisjoint((word, f"{word}s", word.removesuffix("s"), word.removesuffix("es")))


def dish_in(words: str) -> tuple[str, str]:
    """The dish with which words begin, and what follows it; ("", words) where none is sure."""
    end = start = 0
    pieces = _words(words)
    while start < len(pieces):
        through, sure = _part(pieces, start)
        if not sure:
            break
        end, start = pieces[through - 1].end(), through
        if start < len(pieces) and pieces[start][0] not in _AND:
            break
    return words[:end].strip(), words[end:].strip()


def leads_with_dish(words: str) -> str | None:
    """What follows the dish with which words surely begin; None where they do not begin with one, or it ends in what comes to pass."""
    dish, rest = dish_in(words)
    return None if not dish or any(_DOES.fullmatch(word[0]) for word in _words(dish)) else rest


def good_in(words: str) -> tuple[str, str]:
    """The words of a good, and those behind it that tell of a time or only join: `arroz`, `después`."""
    pieces = _words(words)
    kept = len(pieces)
    while kept and (pieces[kept - 1]["time"] or pieces[kept - 1][0] in _JOINT | _ARTICLES | _OF):
        kept -= 1
    if not 0 < kept < len(pieces) or pieces[kept][0] in _OF:
        return words, ""
    end = pieces[kept - 1].end()
    return words[:end].strip(), words[end:].strip()


def _words(words: str) -> list["re.Match[str]"]:
    """The words and signs of a text, what tells of a time as one."""
    return list(_WORD_OR_TIME.finditer(fold(words)))


def _part(pieces: list["re.Match[str]"], start: int) -> tuple[int, bool]:
    """Up to where one part of a dish goes, from its joint on, and whether it surely names what is eaten."""
    at, runs = start, [list[str]()]
    if pieces[at][0] in _AND:
        at += 1
    through = at
    while at < len(pieces):
        word = pieces[at][0]
        if (word in _OF and runs[-1]) or (word in _ARTICLES and not runs[-1]):
            if word in _OF:
                runs.append([])
        elif word in _AND or _is_over(pieces[at]):
            break
        else:
            runs[-1].append(word)
            through = at + 1
        at += 1
    first, *others = [run for run in runs if run] or [[]]
    if not first or any(len(run) > _MOST for run in (first, *others)):
        return start, False
    named = max(
        (place for place, word in enumerate(first, 1) if _is_eaten(word) and (place, word) != (1, "pie")),
        default=0,
    )
    like = named + bool(named < len(first) and _LIKE.fullmatch(first[named])) if named else 0
    return through, 0 < like == len(first)


def _is_over(piece: "re.Match[str]") -> bool:
    """Whether a word belongs to no dish."""
    word = piece[0]
    return (
        word in _STOP
        or piece["time"] is not None
        or not word[0].isalpha()
        or (len(word) == 1 and word not in _AND)
        or _VERB.fullmatch(word) is not None
        or _PERSON.fullmatch(word) is not None
    )
