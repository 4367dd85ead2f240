"""What people mean by a promise in their own words: `llevo 10 kg`, `count on us for 4 kg`. Spanish and English.

    read_promise(text, tongue, today)                the pledge in a plain answer
    read_written_promise(text, tongue, now, published)   the same, however late it is read

As forgiving as commands (`domain.grammar`), and as careful: a wish, a question, a refusal and a number that is told of somebody
else promise nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from node.domain.acts import Act, Command, Unclear, Understood
from node.domain.counting import MEASURE, WORDED, fold
from node.domain.dates import read_moment
from node.domain.day_words import WEEKDAYS, find_day
from node.domain.denial import unsaid
from node.domain.expression import expression
from node.domain.kind import NotAllowedError
from node.domain.pieces import SEVERAL
from node.domain.reading import Reading
from node.domain.sentence import ADDRESSED, Sentence, doubtful, tidied
from node.tongues import Tongue
from schemas import Unit

READ_CHARS = 5000
"""Characters of an answer that are looked through, whoever sent it."""

_DAYS = "|".join(WEEKDAYS)
_GIVE = r"(?:llevar|traer|aportar|poner|donar|dar|dejar|mandar|enviar|regalar|pasar\s+a\s+dejar|conseguir|comprar|colaborar\s+con|ayudar\s+con)"
_TO_GIVE = (
    r"(?:for|to)\s+(?:you|them|the\s+(?:pot|kitchen|table))|to\s+(?:give|spare|donate|bring|share|offer|send|drop\s+off)|spare|extra"
    r"|left\s+over"
)
_PROMISE = expression(
    r"\b(?:llevo|llevamos|llevare|llevaremos|traigo|traemos|traere|traeremos|aporto|aportamos|aportare|aportaremos|pongo|ponemos"
    r"|pondre|pondremos|dono|donamos|donare|donaremos|(?:doy|damos)(?!\s+(?:las\s+|mil\s+|muchas\s+|[0-9]+\s+)*gracias)|dejo|dejamos|dejare|mando|mandamos|mandare|envio|enviamos|enviare"
    r"|regalo|regalamos|consigo|conseguimos|compro|compramos|(?:colaboro|colaboramos|ayudo|ayudamos|apoyo|apoyamos)\s+con"
    r"|(?:paso|pasamos|voy|vamos|llego|llegamos)\b[^.,;]*\bcon|me\s+sobran?|nos\s+sobran?|(?:yo|les?|aca|aqui|nosotr[oa]s)\s+(?:tengo|tenemos)"
    r"|(?:tengo|tenemos)\b[^.;?]*\b(?:para\s+(?:ustedes|uds|la\s+olla|dar|donar|aportar|llevar)|les\s+sirven?)"
    r"|(?:me\s+anoto|anotame|anotenme|anotenos|anotennos|apuntame|apuntenme|cuenta\s+conmigo|cuenten\s+con(?:migo|\s+nosotr[oa]s)?"
    r"|nos\s+anotamos|me\s+sumo|nos\s+sumamos|me\s+comprometo|nos\s+comprometemos|pueden\s+contar)(?:\s+con|\s+por)?"
    rf"|(?:puedo|podemos|podria|podriamos|quiero|queremos|quisiera|voy\s+a|vamos\s+a)\s+(?:\w+\s+){{0,2}}?{_GIVE}(?:les|le)?"
    r"|(?:i|we)(?:['’]ll|['’]d|\s+will|\s+can|\s+could|\s+would)?\s+(?:(?:like|love|be\s+happy|happily|gladly)\s+)?(?:to\s+)?"
    r"(?:bring|give|donate|pledge|send|drop\s+off|contribute|chip\s+in|offer)"
    rf"|(?:(?:i|we)(?:['’]ve|\s+have)(?!\s+to\b)(?:\s+got)?|(?:i|we)\s+got)(?=[^.;?]*\b(?:{_TO_GIVE}))"
    rf"|(?:i|we)(?:['’]ve|\s+have)(?:\s+got)?(?=\s+(?:about\s+|some\s+)?[0-9][0-9.,]*\s*(?:{MEASURE})?\b(?:\s+of(?:\s+[^\W\d_]+){{1,2}})?\W*$)"
    r"|bringing|donating|sending|dropping\s+off|happy\s+to\s+(?:bring|give|donate|send)"
    r"|(?:count\s+on\s+(?:me|us)|count\s+(?:me|us)\s+in|(?:put|mark|sign)\s+(?:me|us)\s+down)\s+(?:for|with))\b"
)
_REFUSAL = expression(
    r"\b(?:no|nunca|tampoco)\s+(?:(?:les|te|lo|la|le)\s+)?(?:llevo|llevamos|traigo|traemos|aporto|aportamos|pongo|ponemos|dono"
    r"|donamos|doy|damos|dejo|dejamos|mando|mandamos|puedo|podemos|podria|voy|vamos|alcanzo|llevare|traere|tengo|tenemos)\b"
    r"|\b(?:can(?:no|['’])?t|won['’]t|not|don['’]t)\b"
)
_KEPT = expression(
    r"\b(?:me|nos)\s+(?:l[oa]s?\s+)?(?:llevo|llevamos|llevare|llevaremos|traigo|traemos|dejo|dejamos|compro|compramos|consigo|conseguimos)\b"
    r"|[0-9][^.,;\n]*\bpara\s+(?:nosotr[oa]s\b|mi\W*$|(?:mis?|nuestr[oa]s?)\s+(?:casa|familia|hogar|hij|guagua|negocio|uso|propi))"
    r"|[0-9][^.,;\n]*\bfor\s+(?:(?:me|myself|us|ourselves)\b|(?:my|our)\s+(?:home|house|family|kids|own)\b)"
    r"|[0-9]\s+(?:mil\s+)?(?:gracias|thanks|abrazos|besos)\b"
)
"""What is taken home, and so many thanks."""
_NO_CAR = expression(
    r"\bno\s+(?:tengo|tenemos|hay)\s+(?:\w+\s+){0,2}?(?:autos?|vehiculos?|camionetas?|transporte|fletes?|bencina|movilizacion"
    r"|como\s+(?:llevar|transportar|mover|mandar|ir)\w*)\b"
    r"|\bno\s+(?:puedo|podemos|podria|alcanzo\s+a|alcanzamos\s+a|voy\s+a\s+poder)\s+(?:ir\s+a\s+|pasar\s+a\s+)?"
    r"(?:llevar|dejar|traer|trasladar|mover|transportar|mandar)(?:se)?l[oa]s?\b|\bno\s+(?:puedo|podemos)\s+ir\b(?!\s+con)"
    r"|\b(?:can(?:no|['’])?t|do\s+not|don['’]t)\s+(?:drive|deliver|come|carry\s+(?:it|them)|bring\s+(?:it|them)|have\s+a\s+(?:car|van))\b"
)
"""How it could not get there refuses nothing."""
_CLAUSE = expression(r"[;:!?\n]|[.,](?![0-9])|\b(?:pero|aunque|but|although)\b")
_BUT = expression(r"\b(?:pero|igual|aunque\s+si|but)\b")
_EITHER = (
    r"(?:llevamos|aportamos|donamos|dejamos|mandamos|enviamos|regalamos|conseguimos|compramos|pasamos|llegamos"
    r"|colaboramos|ayudamos|apoyamos|nos\s+anotamos|(?:i|we)\s+got)"
)
"""What says of something that is done the same as of something that is going to be."""
_DONE = expression(
    rf"\b(?:(?<!\bde )(?<!\bdesde )ayer|anteayer|antier|anoche|yesterday|ago|last\s+(?:week|night|month|year|{_DAYS})|hace\s+[^,.;]*?(?:dias?|semanas?|horas?|mes|meses)"
    rf"|(?<!del )(?<!de la )(?:{_DAYS}|semana|mes|noche|ano|vez)\s+pasad[oa]|hasta\s+(?:ahora|el\s+momento|aqui)|so\s+far"
    r"|(?:juntad|reunid|recolectad|repartid|entregad)[oa]s?)\b"
    rf"|\bya\s+(?:(?:les|se|l[oa]s?)\s+)*{_EITHER}\b"
)
"""What tells that something is done already."""
_AHEAD = expression(r"\b(?:hoy|(?<!\bla )manana|pasado\s+manana|today|tonight|tomorrow)\b")
_WISH = expression(
    r"\b(?:ojala|si\s+(?:pudiera|tuviera|junto|consigo)|quizas?|tal\s+vez|a\s+lo\s+mejor|(?<!soy )capaz(?!\s+de\b)|no\s+se\s+si"
    r"|i\s+wish|hopefully|if\s+only|maybe|perhaps|might)\b(?:(?!\b(?:pero|but)\b)[^.,;:!?])*"
)
_IFS = expression(
    r"(?<!me know )(?<!us know )\bif\s+(?:i|we|the|my|our|there|they|nobody|no\s+one|it(?!\s+helps|(?:\s+is|['’]s)\s+(?:ok|okay|fine|useful|needed|still|any\s+use)))\b|\b(?:unless|assuming|provided\s+(?:that|i|we)|as\s+long\s+as|a\s+menos\s+que"
    r"|salvo\s+que|en\s+caso\s+de|siempre\s+que(?!\s+(?:puedo|podemos)\b)|(?:aviso|avisare|digo|dire|vere)\s+si|a\s+ver\s+si|en\s+una\s+de\s+esas|cuando\s+(?:me|nos)\s+(?:pag|lleg|deposit)\w*|cuando\s+(?:tenga|pueda|cobre)"
    r"|si\s+(?:(?:me|nos)(?!\s+(?:dicen|dejan|avisan))|(?:mi|mis|nadie|el|puedo|tengo|vendo|llego|alcanz|nuestr|logr|cobr|consig|encuentr|tuviera|pudiera|no\s+(?:puede|hay|tengo))\w*)"
    r"|(?:creo|pienso|supongo)\s+que\s*(?=,)|i\s+(?:think|guess|suppose)\s*(?=,))"
)
"""What makes a promise depend on what nobody knows yet."""
_UNSURE = expression(
    r"\b(?:i|we)(?:['’]d|\s+would)\b.*\bbut\b(?!\s+only)|\b(?:creo|pienso|supongo)\s+que\b|\bi\s+(?:think|guess|suppose)\b"
)
"""What does so in one clause with it."""
_HELD = expression(
    rf"[0-9]\s+(?:{SEVERAL.pattern})\b(?!\s+(?:(?:a|para)\s+(?:buscar|retirar|recibir)|vaci[oa]s|de\s+(?:libros|guantes|ropa))\b)"
)
"""So many packs, of which nobody knows how much each holds."""
_ASKED = expression(r"[^.!?¿¡\n,;]*\?")
"""The clause that ends in a question mark."""
_CONDITION = expression(r"\b(?:si|if)\b")
_ALONE = expression(
    r"\W*(?:(?:hola|buenas|listo|dale|ok|presente|hi|hello|yo|nosotr[oa]s|me|we|i|us|aca|aqui|here|con|van|va|por|mi|parte|desde|from)\b\W*)*"
    rf"[0-9][0-9.,]*\s*(?:{MEASURE})?\b\W*(?:(?:de|of)\s+(?:[^\W\d_]+\s*){{1,3}})?(?:mas|more|gracias|thanks|saludos|para\s+ustedes|for\s+you|from\s+(?:me|us))?\W*"
)
"""An amount that stands there alone, with hardly a word."""
_COUNTED = expression(rf"[0-9½¼¾]+|\b(?:{'|'.join(WORDED)})\b")
_COURTESY = expression(
    r"\b(?:(?:muchas|muchisimas|mil)\s+gracias|gracias(?:\s+a\s+tod[oa]s)?|(?:muchos\s+)?(?:saludos|abrazos|carinos)|hola|buen[oa]s\s+(?:dias|tardes|noches)"
    r"|(?:vecin|companer|amig)[oa]s?|por\s+favor|porfa|(?:many\s+)?thanks|thank\s+you|hi|hello)\b"
)
_YES = expression(
    r"(?:(?<![^\n])|(?<=[.!¡¿,:] )|(?<=[Hh]ola )|(?<=[.!¡¿])|(?<=\b[Yy]o )|(?<=[Nn]osotr[oa]s )|(?<=pero ))\b(?:[Ss]í|SÍ)\b"
    r"(?!\s+(?:(?:me|nos)\s+(?:pag|alcanz|lleg|deposit|prest|ayud|dan\b)|consig|alcanz|logr|hay|puedo\s+(?:(?:les|te|los|las)\s+)?(?:llevo|dejo|traigo)))[ \t]*"
)
"""A yes, which without its accent is an if."""
_END = expression(r"\n|(?<=[.!?…])(?=\s|$)")


def read_promise(
    text: str,
    tongue: Tongue,
    today: date,
    unit: Unit | None = None,
    what: str = "",
    *,
    direct: bool = True,
) -> Understood:
    """The pledge in a reply of somebody who knows no commands; None where it promises no amount, asks, refuses, or tells of what is
    done; Unclear where an amount is named and it depends, or reads in two ways. `unit` and `what` are those of the need which is answered; where that is not answered `direct`ly, but something in the
    conversation below it, a number alone counts anything."""
    text = tidied(text[:READ_CHARS]).replace("#", "")  # `no #aportamos 10 kg` refuses like any other words
    text = _YES.sub("", ADDRESSED.sub("", text).lstrip())
    sentences = [Sentence(each, 0, whole=True) for each in _END.split(text)]
    said = next((each for each in sentences if _promises(each.folded) and each.has_number), None)
    measured = any(each.measured for each in sentences)
    if said is None:
        said = Sentence(text, 0, whole=True)
        alone = _ALONE.fullmatch(said.folded) and (direct or measured) and "?" not in said.folded
        alone = alone and not _KEPT.search(said.folded)
        if not (_promises(said.folded) or alone):
            return None
        sentences = []
    try:
        _refuse_doubtful(said, [each for each in sentences if each is not said])
        _set_refused_days_aside(said, today)
        return Command(Act.PLEDGE, Reading(said, tongue, today, unit, what).promise())
    except NotAllowedError as refusal:
        if not (measured or _HELD.search(said.folded)):
            return None
        return Unclear(Act.PLEDGE, refusal.field, refusal.expected, refusal.values)


def read_written_promise(
    text: str,
    tongue: Tongue,
    now: datetime,
    published: datetime,
    edited: datetime | None,
    unit: Unit | None = None,
    what: str = "",
    *,
    direct: bool = True,
) -> Understood:
    """As `read_promise`, of a reply that says that it was `published`, and `edited`, at these moments, none of them after `now`: by
    when it is, only where that is still to come and its words mean the same by both moments."""
    days = [tongue.today(min(moment, now)) for moment in (published, edited or published)]
    first, promise = (read_promise(text, tongue, day, unit, what, direct=direct) for day in days)
    if not isinstance(promise, Command) or "by" not in promise.fields:
        return promise
    if first == promise and read_moment(promise.fields["by"], "by", tongue, days[-1]) > now:
        return promise
    return replace(promise, fields={name: typed for name, typed in promise.fields.items() if name != "by"})


def says_the_same(text: str, changed: str) -> bool:
    """Whether words in which no amount can be read still promise, and count the same, once they are changed."""
    plain = [tidied(each[:READ_CHARS]).replace("#", "") for each in (text, changed)]
    former, now = map(fold, plain)
    if _said(former) == _said(now):
        return True
    folded = [Sentence(each, 0, whole=True).folded for each in plain]
    promised = all(_promises(each) and not _depends(each) for each in folded)
    return promised and _COUNTED.findall(former) == _COUNTED.findall(now)


def _said(words: str) -> list[str]:
    """The words of a folded text without thanks and greetings; whether it asks is a word too."""
    return re.findall(r"[^\W_]+|[?¿]", _COURTESY.sub(" ", words))


def _refuse_doubtful(said: Sentence, others: Sequence[Sentence]) -> None:
    """NotAllowedError where another sentence counts something too, or where what was promised is taken back, or depends."""
    if any(each.measured for each in others):
        raise doubtful("quantity")
    if _taken_back(said.folded) or any(_depends(each.folded) for each in (said, *others)):
        raise unsaid()


def _set_refused_days_aside(said: Sentence, today: date) -> None:
    """Leave out the day of a clause that refuses: `hoy no puedo, pero mañana llevo 10 kg`."""
    start = 0
    for clause in [*_CLAUSE.finditer(said.folded), None]:
        end = clause.start() if clause else len(said.folded)
        refused = said.folded[start:end]
        if _REFUSAL.search(refused) and (day := find_day(refused, today, bare=True)):
            said.set_span_aside(start + day.start, start + day.end)
        start = clause.end() if clause else end


def _promises(said: str) -> bool:
    """Whether folded words promise: no wish, no question whether to, no refusal but one that a but follows, or that takes back what
    was promised before it."""
    said = _NO_CAR.sub(" ", _WISH.sub(" ", said))
    last = _BUT.split(said)[-1]
    if _KEPT.search(said) or _is_done(last) or (_REFUSAL.search(last) and not _taken_back(said)):
        return False
    for asked in _ASKED.finditer(said):
        if _PROMISE.search(asked[0]) and not _CONDITION.search(asked[0]):
            return False
    return bool(_PROMISE.search(said))


def _is_done(said: str) -> bool:
    """Whether what could be a promise tells of what is done already: `compramos 10 kg ayer`, `llevo 10 kg juntados`."""
    clauses = re.split(r"[,;:]", said)
    told = [each for each in clauses if _PROMISE.search(each)]
    if any(_DONE.search(each) for each in told):
        return not _AHEAD.search(said)
    plain = re.sub(rf"\b{_EITHER}\b", " ", said)
    return bool(_DONE.search(said)) and not _PROMISE.search(plain) and not _AHEAD.search(said)


def _depends(said: str) -> bool:
    """Whether a promise is only made in some case."""
    clauses = re.split(r"[;:!?\n]|,(?!\s*but\b)", said)
    return bool(_IFS.search(said)) or any(_UNSURE.search(each) and _PROMISE.search(each) for each in clauses)


def _taken_back(said: str) -> bool:
    """Whether a clause with an amount promises and a later one refuses."""
    clauses = _CLAUSE.split(_NO_CAR.sub(" ", _WISH.sub(" ", said)))
    refusing = [bool(_REFUSAL.search(clause)) for clause in clauses]
    return any(
        _PROMISE.search(clause)
        and re.search(r"[0-9]", clause)
        and not refusing[at]
        and any(refusing[at + 1 :])
        for at, clause in enumerate(clauses)
    )
