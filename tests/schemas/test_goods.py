"""Goods: one term each, found by any of its names."""

import re
from unicodedata import normalize

import pytest

from schemas.goods import good_named, goods


@pytest.mark.parametrize(
    "words", ["lentejas", "LENTEJAS", " lenteja ", "lentils", normalize("NFD", "lentejas")]
)
def test_a_good_is_found_whatever_the_case_accents_and_language(words: str) -> None:
    found = good_named(words)
    assert found is not None
    assert found.term == "https://w3id.org/minga/ns#Lentils"
    assert (found.name("es"), found.name("en"), found.name("qu")) == ("lentejas", "lentils", "lentils")


def test_other_words_are_no_good() -> None:
    assert good_named("manos para cocinar") is None
    assert good_named("") is None


def test_some_sixty_goods_have_names_in_both_languages_and_no_name_means_two() -> None:
    assert 55 <= len(goods()) <= 75
    seen: dict[str, str] = {}
    for good in goods().values():
        assert re.fullmatch(r"https://w3id\.org/minga/ns#[A-Z][A-Za-z]+", good.term)
        for language in ("es", "en"):
            assert good.names[language]
        for words in {word for names in good.names.values() for word in names}:
            found = good_named(words)
            assert found is not None
            assert seen.setdefault(found.term, good.term) == good.term, words
