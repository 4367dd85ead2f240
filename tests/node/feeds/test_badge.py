"""The badge stands on pages of others, in whatever letters they have: its words stay in it."""

from collections.abc import Iterator

import httpx
import pytest

from tests.browser import SETTINGS, Browser, browser
from tests.nodes import Node

__all__ = ["browser"]

WIDEST = (
    "Math.max(...[...document.querySelectorAll('text')].map(each => each.getBBox().x + each.getBBox().width))"
)
NAMES = (
    "Olla Común «Ñandú & <b>Hijos</b>» de la Población Nuestra Señora",
    "W" * 40,
    "OLLA COMÚN POBLACIÓN NUESTRA SEÑORA DE GUADALUPE",
    "🍲" * 30,
    "中央厨房" * 10,
)


@pytest.fixture(scope="module")
def olla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("badge") / "a") as node:
        yield node


@pytest.mark.needs("chromium", "axe")
def test_no_name_runs_out_of_the_picture(olla: Node, browser: Browser) -> None:
    app = {"authorization": f"Bearer {olla('token')}"}
    with browser.open(SETTINGS[0]) as reader:
        for name in NAMES:
            path = f"{olla.origin}/api/v1/accounts/update_credentials"
            assert httpx.patch(path, json={"display_name": name}, headers=app).status_code == 200
            reader.page.goto(f"{olla.actor}/badge.svg")
            assert 250 < reader.page.evaluate(WIDEST) < 350, name
