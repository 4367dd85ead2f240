"""What was typed is said as it was typed, in each reader's language."""

from zoneinfo import ZoneInfo

import pytest

from node.domain.wording import good_name
from node.tongues import Tongue

ES = Tongue.of("es", ZoneInfo("America/Santiago"))
EN = Tongue.of("en", ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("maiz", "maíz"),
        ("MAIZ", "maíz"),
        ("maíz", "maíz"),
        ("Choclo", "Choclo"),
        ("platanos", "plátanos"),
        ("bananas", "bananas"),
        ("lentils", "lentejas"),
        ("manos para cocinar", "manos para cocinar"),
    ],
)
def test_a_good_typed_without_accents_is_not_called_by_another_name(typed: str, said: str) -> None:
    assert good_name(typed, ES) == said


def test_whoever_reads_another_language_reads_its_name() -> None:
    assert good_name("maiz", EN) == "corn"
