"""Goods with fixed terms, so that a need for lentils and an offer of lentejas find each other."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unicodedata import combining, normalize

from schemas.parts import Uri

NAMESPACE = "https://w3id.org/minga/ns#"


@dataclass(frozen=True, slots=True)
class Good:
    """One good: its term and its names by language, the first of each the usual one."""

    term: Uri
    names: dict[str, tuple[str, ...]]

    def name(self, language: str) -> str:
        """How a language says it; English where it has no name."""
        return self.names.get(language, self.names["en"])[0]

    def spelled(self, words: str, language: str) -> str | None:
        """The one of its names in a language that these words say, with its accents; None where they say none."""
        said = _plain(words)
        return next((name for name in self.names.get(language, ()) if _plain(name) == said), None)


@cache
def goods() -> dict[Uri, Good]:
    """Every known good by its term, from `goods.toml`."""
    with Path(__file__).with_name("goods.toml").open("rb") as file:
        tables = tomllib.load(file)
    found = {}
    for name, names in tables.items():
        term = Uri(NAMESPACE + name)
        found[term] = Good(term, {language: tuple(words) for language, words in names.items()})
    return found


def good_named(words: str) -> Good | None:
    """The good that these words name in any language, whatever their case and accents; None for anything else."""
    return _by_name().get(_plain(words))


@cache
def _by_name() -> dict[str, Good]:
    return {
        _plain(name): good for good in goods().values() for names in good.names.values() for name in names
    }


def _plain(words: str) -> str:
    spaced = " ".join(words.split()).casefold()
    return "".join(sign for sign in normalize("NFD", spaced) if not combining(sign))
