"""What people mean by a few plain words: `#necesitamos 40 kg lentejas antes del 28/8`, `llevo 10 kg`. Spanish and English.

    read(text, tongue, today)          a command, told by its hashtag
    read_promise(text, tongue, today)  a promise in somebody's own words
    hashtag_in_passing(text)           a hashtag that would be a command, had it an amount
    is_bare(text)                      whether a text is a command and nothing else

Both forgive: accents, case, small slips, units glued to their number, words around. They never guess a number: what has two
readings is `Unclear`. The answer is a `Command` with fields as people type them (`domain.typed`), `Unclear` with what is
missing, or None where nothing was understood and the text is just a text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import date, timedelta
from enum import StrEnum
from unicodedata import normalize

from node.domain.dates import read_day, read_moment
from node.domain.kind import NotAllowedError
from node.domain.measure import read_number, read_quantity
from node.domain.sentence import Amount, Sentence, fold, trimmed
from node.tongues import Tongue, message
from schemas import Unit
from schemas.goods import good_named


class Act(StrEnum):
    """What a command asks for; of those that say a thing, the kind."""

    NEED = "need"
    OFFER = "offer"
    PLEDGE = "pledge"
    RECEIPT = "receipt"
    MEAL = "meal"
    CONFIRM = "confirm"
    REJECT = "reject"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Command:
    """An act with its fields as typed; amounts and days are written so that they read again in only one way."""

    act: Act
    fields: Mapping[str, str] = attribute(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unclear:
    """An act that was understood but for one field. `expected` is a message id with its `values` (`Tongue.say`)."""

    act: Act
    field: str
    expected: str
    values: Mapping[str, object] = attribute(default_factory=dict)


Understood = Command | Unclear | None

WORDS: Mapping[Act, str] = {
    Act.NEED: "necesitamos necesito necesita necesitan senecesita senecesitan nosfalta nosfaltan falta faltan hacefalta hacenfalta"
    " need weneed needed needs",
    Act.OFFER: "ofrecemos ofrezco ofrece ofrecen seofrece seofrecen regalamos offer weoffer offering offers",
    Act.PLEDGE: "aportamos aporto aporta comprometemos noscomprometemos llevamos llevo traemos traigo donamos dono ponemos"
    " pledge wepledge pledging bring webring bringing donate wedonate",
    Act.RECEIPT: "recibido recibida recibidos recibidas recibimos recibi llego llegaron received wereceived arrived",
    Act.MEAL: "servimos servido servidos servida servidas servi repartimos planeamos planificamos served weserved weplan",
    Act.CONFIRM: "confirmar confirmo confirma confirmamos confirmado confirmada confirm confirmed",
    Act.REJECT: "rechazar rechazo rechazamos nogracias reject rejected nothanks",
    Act.UNDO: "deshacer deshago anular anulo undo",
}


def _sound(word: str) -> str:
    """A word as it sounds to those who write by ear: `nesecitamos`, `recivido`."""
    return re.sub(r"c(?=[ei])|z", "s", word.replace("v", "b").replace("h", ""))


_ACTS = {_sound(word): act for act, words in WORDS.items() for word in words.split()}
_SAID = frozenset((Act.NEED, Act.OFFER, Act.PLEDGE, Act.RECEIPT, Act.MEAL))
"""Acts that say a thing, which is nothing without an amount."""
_PLANS = frozenset(("planeamos", "planificamos", "weplan"))
_SLIP_FROM = 7
"""Letters of a hashtag in which one slip is forgiven."""
_BARE = 4
"""Words that may stand beside an amount in a reply that is nothing else."""

_HASHTAG = re.compile(r"(?<![\w/&#])#(\w+)")
_MENTIONS = re.compile(r"@[\w.@:-]+")
_MORE = re.compile(
    r"\b(?:(no)\s+)?(?:(?:viene|vienen|falta|llega|trae|traen)\s+mas|more\s+(?:(?:is|are)\s+)?(?:to\s+come|coming))\b"
)
_MINIMUM = re.compile(
    r"\b(?:minimo(?:\s+util)?|al\s+menos|por\s+lo\s+menos|useful\s+from|at\s+least|minimum)\s*:?\s*$"
)
_PLANNED = re.compile(
    r"(?:planead|planificad|previst)[oa]s?\s*:?\s*([0-9][0-9.,]*)|planned\s*:?\s*([0-9][0-9.,]*)"
    r"|(?:(?:de|of)\s+)?\b([0-9][0-9.,]*)\s+(?:(?:planead|planificad|previst)[oa]s?|planned)\b"
)
_SERVINGS = (
    "racion raciones porcion porciones plato platos almuerzo almuerzos comida comidas cena cenas"
    " ration rations serving servings plate plates meal meals portion portions lunches"
)
_PROMISE = re.compile(
    r"\b(?:llevo|llevamos|llevare|llevaremos|traigo|traemos|traere|aporto|aportamos|aportare|pongo|ponemos|pondre|dono|donamos"
    r"|donare|doy|damos|me\s+anoto\s+con|cuenten\s+con"
    r"|(?:puedo|podemos|podria|quiero|queremos|voy\s+a|vamos\s+a)\s+(?:llevar|traer|aportar|poner|donar|dar)(?:les|le)?"
    r"|(?:i|we)(?:['’]ll|\s+will|\s+can|\s+could)?\s+(?:bring|give|donate|pledge)|bringing|donating|count\s+on\s+(?:me|us)\s+for)\b"
)
_REFUSAL = re.compile(
    r"\b(?:no|nunca|tampoco)\s+(?:(?:les|te|lo|la)\s+)?(?:llevo|llevamos|traigo|traemos|aporto|aportamos|pongo|ponemos|dono"
    r"|donamos|doy|damos|puedo|podemos|podria|voy|vamos|alcanzo|llevare|traere|tengo|tenemos)\b|\b(?:can(?:no|['’])?t|won['’]t|not|don['’]t)\b"
)


def read(text: str, tongue: Tongue, today: date, unit: Unit | None = None) -> Understood:
    """The command in a plain text. `unit` is what a number without one counts: that of the need which is answered.

    In the midst of a sentence a hashtag is a command only with a number after it; at the start of a line it always is.
    """
    text = normalize("NFC", text)
    for found in _HASHTAG.finditer(fold(text)):
        act = _act(found[1])
        if act is None:
            continue
        sentence, before = Sentence(text, found.end()), text[: found.start()]
        if not (_begins_line(before) or sentence.has_number):
            continue
        reading = _Reading(sentence, tongue, today, unit)
        try:
            return Command(act, reading.fields(act, found[1], before))
        except NotAllowedError as refusal:
            return Unclear(act, refusal.field, refusal.expected, refusal.values)
    return None


def hashtag_in_passing(text: str) -> str:
    """The first hashtag of a text that is no command for want of a number, though it names a thing that can be said; else ""."""
    for found in _HASHTAG.finditer(fold(normalize("NFC", text))):
        if _ACTS.get(_sound(found[1])) in _SAID:
            return found[0]
    return ""


def is_bare(text: str) -> bool:
    """Whether hardly a word stands beside the hashtag of a text and its mentions: whoever reads it alone learns nothing."""
    return len(re.findall(r"[^\W\d_]+", _MENTIONS.sub("", _HASHTAG.sub("", text)))) <= _BARE


def read_promise(text: str, tongue: Tongue, today: date, unit: Unit | None = None) -> Understood:
    """The pledge in a reply of somebody who knows no commands; None where it promises no amount, asks or refuses."""
    sentence = Sentence(normalize("NFC", text), 0, whole=True)
    said = sentence.folded
    bare = len(re.findall(r"[^\W\d_]+", said)) <= _BARE and "?" not in said
    if _REFUSAL.search(said) or not (_PROMISE.search(said) or bare):
        return None
    reading = _Reading(sentence, tongue, today, unit)
    try:
        return Command(Act.PLEDGE, reading.promise())
    except NotAllowedError as refusal:
        if not sentence.measured:
            return None
        return Unclear(Act.PLEDGE, refusal.field, refusal.expected, refusal.values)


def _act(word: str) -> Act | None:
    """The act of a hashtag, by its sound, with one slip forgiven in a long word."""
    word = _sound(word)
    if word in _ACTS:
        return _ACTS[word]
    long = (known for known in _ACTS if min(len(known), len(word)) >= _SLIP_FROM)
    near = {_ACTS[known] for known in long if _one_slip(known, word)}
    return near.pop() if len(near) == 1 else None


def _one_slip(known: str, typed: str) -> bool:
    """Whether one letter too many, too few, wrong, or two swapped make the one from the other."""
    longer, shorter = sorted((known, typed), key=len, reverse=True)
    at = next((i for i, letter in enumerate(shorter) if longer[i] != letter), len(shorter))
    if len(longer) != len(shorter):
        return longer[at + 1 :] == shorter[at:]
    if longer[at + 1 :] == shorter[at + 1 :]:
        return True
    return longer[at : at + 2] == shorter[at : at + 2][::-1] and longer[at + 2 :] == shorter[at + 2 :]


def _begins_line(before: str) -> bool:
    """Whether only mentions and signs stand before it on its line."""
    return not re.search(r"\w", _MENTIONS.sub("", before.rpartition("\n")[2]))


class _Reading:
    """A sentence on its way to fields; NotAllowedError names the one that is missing or has two readings."""

    def __init__(self, sentence: Sentence, tongue: Tongue, today: date, unit: Unit | None) -> None:
        self._sentence = sentence
        self._tongue = tongue
        self._today = today
        self._unit = unit

    def fields(self, act: Act, word: str, before: str) -> dict[str, str]:
        """The fields of a command, by its hashtag and the words `before` it."""
        match act:
            case Act.UNDO:
                return {}
            case Act.REJECT:
                reason = " ".join(self._sentence.rest(""))
                return {"reason": reason} if reason else {}
            case Act.CONFIRM:
                return self._quantity() if self._sentence.has_number else {}
            case Act.PLEDGE:
                return self.promise()
            case Act.RECEIPT:
                return self._receipt()
            case Act.MEAL:
                return self._meal("planned" if word in _PLANS else "served")
            case _:
                return self._goods(before)

    def promise(self) -> dict[str, str]:
        """How much is promised, and until when."""
        by = self._by()
        return {**self._quantity(), **by}

    def _receipt(self) -> dict[str, str]:
        more = self._sentence.take(_MORE)
        on = self._on()
        return {**self._quantity(), **({"more": "no" if more[1] else "yes"} if more else {}), **on}

    def _meal(self, name: str) -> dict[str, str]:
        """Rations of a dish; who counts rations and names no dish says that there was food."""
        fields = {}
        planned = self._sentence.take(_PLANNED)
        if planned is not None:
            fields["planned"] = self._count(next(filter(None, planned.groups())), "planned")
        on = self._on()
        amount = self._sentence.amount(name)
        counted = fold(amount.word) in _SERVINGS.split()
        fields[name] = self._count(amount.number, name)
        menu = trimmed(self._sentence.goods(amount if not counted else _as_unit(amount)))
        if not menu and counted:
            menu = self._tongue.say(message("food"))
        if not menu:
            raise NotAllowedError("menu", message("what was cooked"))
        return {"menu": menu, **fields, **on}

    def _goods(self, before: str) -> dict[str, str]:
        """What is needed or offered, how much, from when it is useful, and by when; the other words are details."""
        by = self._by()
        minimum = self._sentence.take_amount_after(_MINIMUM)
        amount = self._sentence.amount("quantity")
        what, rest = _good_first(self._sentence.goods(amount))
        if not what:
            raise NotAllowedError("what", message("what it is, like {example}"), example="40 kg lentejas")
        if not amount.unit and good_named(what) is not None and fold(what) not in _COUNTED:
            raise NotAllowedError("quantity", message("how much, like {example}"), example="40 kg")
        fields = {"what": what, "quantity": self._amount(amount, "quantity", "u")}
        if minimum is not None:
            fields["minimum"] = self._amount(minimum, "minimum", "u")
        details = " ".join([*self._sentence.rest(before), *([rest] if rest else [])]).rstrip(" ,;:")
        return {**fields, **by, **({"details": details} if details else {})}

    def _quantity(self) -> dict[str, str]:
        """An amount in its unit, or in that of the need which is answered."""
        amount = self._sentence.amount("quantity")
        usual = _USUAL.get(self._unit, "") if self._unit else ""
        if not amount.unit and (not usual or (amount.word and usual != "u" and not _is_joint(amount.word))):
            raise NotAllowedError("quantity", message("how much, like {example}"), example="40 kg")
        return {"quantity": self._amount(amount, "quantity", usual)}

    def _amount(self, amount: Amount, name: str, usual: str) -> str:
        text = amount.text if amount.unit else f"{amount.number} {usual}"
        if read_quantity(text, name, self._tongue).value <= 0:
            raise NotAllowedError(name, message("more than nothing"))
        return text

    def _count(self, typed: str, name: str) -> str:
        number = read_number(typed.rstrip(".,"), name, self._tongue)
        if number != number.to_integral_value():
            raise NotAllowedError(name, message("a whole number of rations"))
        return str(int(number))

    def _by(self) -> dict[str, str]:
        found = self._sentence.take_day(self._today)
        if found is None:
            return {}
        text = f"{found.day} {found.time}".strip()
        moment = read_moment(text, "by", self._tongue, self._today)
        day = moment.astimezone(self._tongue.zone).date()
        if found.yearless and day < self._today - _SLIP and (day.month, day.day) != (2, 29):
            text = f"{day.replace(year=day.year + 1)} {found.time}".strip()
        return {"by": text}

    def _on(self) -> dict[str, str]:
        found = self._sentence.take_day(self._today, bare=True)
        if found is None:
            return {}
        read_day(found.day, "on", self._tongue, self._today)
        return {"on": found.day}


_SLIP = timedelta(days=31)
"""A deadline that is over for less is a slip, and asked back; one that is over for longer is next year's."""
_USUAL = {
    Unit.KILOGRAM: "kg",
    Unit.LITRE: "l",
    Unit.HOUR: "h",
    Unit.ONE: "u",
    Unit.RATION: "raciones",
    Unit.KILOCALORIE: "kcal",
}
_COUNTED = frozenset(("huevos", "huevo", "eggs", "egg", "pan", "panes", "bread"))
"""Goods that are counted as well as weighed."""
_FURTHER = re.compile(r"\s+(?=(?:en|para|por|con|in|for|with|si|que)\s)", re.IGNORECASE)


def _as_unit(amount: Amount) -> Amount:
    """An amount whose word counts as its unit, so that it is no part of what is counted."""
    return Amount(amount.number, "u", amount.word, amount.start, amount.end)


def _is_joint(word: str) -> bool:
    return fold(word) in (
        "de",
        "of",
        "y",
        "para",
        "hoy",
        "manana",
        "el",
        "gracias",
        "and",
        "for",
        "viene",
        "porfa",
    )


def _good_first(what: str) -> tuple[str, str]:
    """A known good, and the words that follow it; else all of the words."""
    good, _, rest = _FURTHER.sub("\n", what, count=1).partition("\n")
    return (good, rest) if rest and good_named(good) is not None else (what, "")
