"""What can be asked for in a few words, and the hashtags that ask for it, as people write them. Spanish and English."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from enum import StrEnum


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
    """An act with its fields as typed; amounts and days are written so that they read again in only one way. `beside` is what
    stands among the details though it looks as if it were to be counted too."""

    act: Act
    fields: Mapping[str, str] = attribute(default_factory=dict)
    beside: str = ""


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
    Act.REJECT: "rechazar rechazo rechaza rechazamos rechazado rechazada nogracias reject rejected nothanks",
    Act.UNDO: "deshacer deshago deshecho anular anulo anulado undo",
}


def sound(word: str) -> str:
    """A word as it sounds to those who write by ear: `nesecitamos`, `recivido`."""
    return re.sub(r"c(?=[ei])|z", "s", word.replace("v", "b").replace("h", ""))


ACTS = {sound(word): act for act, words in WORDS.items() for word in words.split()}
SAID = frozenset((Act.NEED, Act.OFFER, Act.PLEDGE, Act.RECEIPT, Act.MEAL))
"""Acts that say a thing, which is nothing without an amount."""
PLANS = frozenset(("planeamos", "planificamos", "weplan"))
_SLIP_FROM = 7
"""Letters of a hashtag in which one slip is forgiven."""


def act_of(word: str) -> Act | None:
    """The act of a hashtag, by its sound, with one slip forgiven in a long word."""
    word = sound(word)
    if word in ACTS:
        return ACTS[word]
    long = (known for known in ACTS if min(len(known), len(word)) >= _SLIP_FROM)
    near = {ACTS[known] for known in long if _one_slip(known, word)}
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
