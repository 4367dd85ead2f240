"""The two roots of a collective as words on paper, and what a node needs of them.

Root 1 is for the stewards: it signs the identity statement (`move-0`) and opens backups (the seal). Root 2 is for other people
in another place; only a digest of its key (`move-1`) is published. Each is 32 random bytes, written as 24 words (BIP-39,
English list). They are never on the node's disk: whoever makes a collective holds them for a moment, and the node gets a
`Founding`, which holds no secret. See SURVIVAL.md, foundations 2 and 3; `federation.identity` derives the keys.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyrage
from bech32 import bech32_encode, convertbits
from mnemonic import Mnemonic

from federation.identity import (
    ROOT_BYTES,
    key_digest,
    make_identity,
    move_key,
    next_move_key,
    seal_secret,
)
from node.errors import InvalidError
from node.tongues import message

WORDS = 24

_BOOK = Mnemonic("english")
_NUMBERED = re.compile(r"\b\d{1,2}[.)]\s*([^\W\d_]+)")


@dataclass(frozen=True, slots=True)
class Founding:
    """What the node keeps of a collective's roots: the signed statement, and the age recipient of its backups."""

    statement: dict[str, Any]
    seal: str


@dataclass(frozen=True, slots=True)
class Roots:
    """Both roots of one collective. Alive only in the process that shows their words."""

    first: bytes
    second: bytes

    @classmethod
    def make(cls, chance: Callable[[int], bytes]) -> "Roots":
        """New roots; `chance(n)` gives n random bytes."""
        return cls(chance(ROOT_BYTES), chance(ROOT_BYTES))

    def found(self, actor: str, now: datetime) -> Founding:
        """The founding of an actor by these roots."""
        next_digest = key_digest(next_move_key(self.second).public_key())
        return Founding(
            make_identity(move_key(self.first), actor, [next_digest], now),
            str(seal_identity(self.first).to_public()),
        )

    def sheet(self, actor: str) -> str:
        """What is written down: the words of both roots and what each is for."""
        return _SHEET.format(actor=actor, first=_grid(self.first), second=_grid(self.second))


def seal_identity(root_1: bytes) -> pyrage.x25519.Identity:
    """The age identity that opens the backups of a collective, from its root 1."""
    groups = convertbits(seal_secret(root_1), 8, 5) or []  # None is for what is no bytes
    return pyrage.x25519.Identity.from_str(bech32_encode("age-secret-key-", groups).upper())


def words_of(root: bytes) -> str:
    """A root as 24 words."""
    return str(_BOOK.to_mnemonic(root))


def root_of(typed: str) -> bytes:
    """The root that these words are, in any case and spacing, numbered or not; of a whole sheet, root 1.

    InvalidError says which word is wrong.
    """
    numbered = _NUMBERED.findall(typed)[:WORDS]
    words = [word.lower() for word in numbered or typed.split()]
    for word in words:
        if word not in _BOOK.wordlist:
            raise InvalidError(
                "words",
                message("words of the list; “{word}” is none"),
                hint=message("Each word is English, in lower case."),
                word=word,
            )
    if len(words) != WORDS:
        raise InvalidError("words", message("{most} words; there are {count}"), most=WORDS, count=len(words))
    try:
        return bytes(_BOOK.to_entropy(words))
    except ValueError as error:
        raise InvalidError(
            "words",
            message("words that fit together; these do not"),
            hint=message("One is wrong, or two are in each other's place."),
        ) from error


def _grid(root: bytes) -> str:
    words = words_of(root).split()
    numbered = [f"{number:2}. {word:<10}" for number, word in enumerate(words, 1)]
    return "\n".join("  ".join(numbered[start : start + 4]).rstrip() for start in range(0, WORDS, 4))


_SHEET = """\
Recovery words of {actor}
Palabras de recuperación de {actor}

ROOT 1 / RAÍZ 1: for the stewards. With it a backup is opened, keys are rotated, and the collective can move to another
address after its server was lost. Para quienes coordinan: abre los respaldos, cambia las llaves y permite mudar el colectivo.

{first}

ROOT 2 / RAÍZ 2: for other people, in another place. It takes the collective back should root 1 be stolen.
Para otras personas, en otro lugar: recupera el colectivo si roban la raíz 1.

{second}

Write them on paper, twice; never in a photograph, a chat or on the server. Nobody can give them back.
Anótenlas en papel, dos veces; nunca en foto, chat ni en el servidor. Nadie puede devolverlas.
"""
