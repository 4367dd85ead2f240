"""Pick-ups and deliveries: a weekly list for the members alone, who goes on a day, and what was brought."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.node.web.visitor import Visitor
from tests.nodes import Node

PAGE = "/kitchen/pickups"
SECRET = "feria de los martes"


@pytest.fixture(scope="module")
def today(elena: Visitor) -> str:
    """Today's address in the series that is on this weekday."""
    now = datetime.now(ZoneInfo("America/Santiago"))
    page = elena.sends(
        PAGE, again=True, what="zapallos", place=SECRET, weekday=str(now.weekday()), clock="9:30", people="2"
    )
    assert "Cada " in page.text
    assert page.text.count("<h2>zapallos</h2>") == 1
    found = re.search(rf'action="({PAGE}/\d+/{now.date().isoformat()})/join"', page.text)
    assert found
    return found[1]


def test_members_join_a_date_by_their_name_and_leave_it(elena: Visitor, ana: Visitor, today: str) -> None:
    assert "0 de 2 personas" in elena.opens(PAGE).text

    assert "Quedaste en la lista." in ana.sends(PAGE, f"{today}/join", again=True).text
    page = elena.opens(PAGE).text
    assert "1 de 2 personas" in page
    assert re.search(r"<br>\s*Ana", page)
    assert "zapallos" in ana.opens("/me/known").text

    ana.sends(PAGE, f"{today}/leave", again=True)
    assert not re.search(r"<br>\s*Ana", elena.opens(PAGE).text)
    assert "zapallos" not in ana.opens("/me/known").text


def test_what_was_brought_goes_into_the_pantry_once(elena: Visitor, today: str) -> None:
    wrong = elena.sends(PAGE, f"{today}/weigh", weight="muchos")
    assert wrong.status_code == 422
    assert 'value="muchos"' in wrong.text

    elena.sends(PAGE, f"{today}/weigh", weight="37,5")
    assert "37,5 kg" in elena.opens(PAGE).text
    assert "zapallos" not in elena.opens("/kitchen/pantry").text

    elena.sends(PAGE, f"{today}/store", again=True)

    pantry = elena.opens("/kitchen/pantry").text
    assert re.findall(r"zapallos: ([\d,]+ kg)", pantry) == ["37,5 kg"]
    assert f"{today}/store" not in elena.opens(PAGE).text


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("place", "Calle Los Aromos 123"),
        ("place", ""),
        ("clock", "25:00"),
        ("people", "0"),
        ("people", "muchas"),
        ("people", "dos"),
        ("weekday", "7"),
        ("ends", "ayer"),
    ],
)
def test_what_is_wrong_stands_beside_its_box(elena: Visitor, name: str, typed: str) -> None:
    fine = {
        "what": "pan",
        "place": "la parroquia",
        "weekday": "1",
        "clock": "8:00",
        "people": "1",
        "ends": "",
    }

    page = elena.sends(PAGE, **(fine | {name: typed}))

    assert page.status_code == 422
    assert f'id="e-{name}"' in page.text
    assert "<h2>pan</h2>" not in elena.opens(PAGE).text


def test_all_that_is_wrong_stands_beside_its_box_at_once(elena: Visitor) -> None:
    page = elena.sends(
        PAGE, what="", place="Calle Uno 12", weekday="1", clock="25:00", people="nadie", ends=""
    ).text

    assert sorted(re.findall(r'id="e-([^"]+)"', page)) == ["clock", "people", "place", "what"]
    assert 'value="25:00"' in page
    assert "un número entero de 1 a" in page
    assert "Esto hay que llenarlo." in page


def test_a_newcomer_goes_along_and_changes_nothing_else(ana: Visitor, today: str) -> None:
    page = ana.opens(PAGE).text
    assert "/weigh" not in page
    assert "/end" not in page
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    series = today.rsplit("/", 1)[0]
    for path in (f"{today}/weigh", f"{today}/store", f"{series}/end", PAGE):
        assert ana.client.post(path, data={"csrf": csrf[1], "weight": "1"}).status_code == 403


def test_days_on_which_it_is_not_and_series_that_are_not_there(elena: Visitor, today: str) -> None:
    page = elena.opens(PAGE).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    series = today.rsplit("/", 1)[0]
    for path, status in (
        (f"{series}/2001-01-01/join", 422),
        (f"{series}/nunca/join", 404),
        (f"{PAGE}/5/2099-01-01/join", 404),
        (f"{PAGE}/99999999999999999999/2099-01-01/join", 404),
        (f"{today}/dance", 404),
    ):
        assert elena.client.post(path, data={"csrf": csrf[1]}).status_code == status, path


def test_nothing_of_it_is_seen_outside_and_it_ends(olla: Node, elena: Visitor, today: str) -> None:
    for path in ("/c/esperanza", "/board", "/c/esperanza/outbox", PAGE):
        for accept in ("text/html", "application/activity+json"):
            answer = httpx.get(f"{olla.origin}{path}", headers={"accept": accept}, follow_redirects=True)
            assert SECRET not in answer.text
            assert "zapallos" not in answer.text
    series = today.rsplit("/", 1)[0]

    elena.sends(PAGE, f"{series}/end")

    page = elena.opens(PAGE).text
    assert page.count("/join") + page.count("/leave") == 1
    assert elena.client.post(f"{PAGE}/9999999999999999999999/end", data={"csrf": ""}).status_code in (
        403,
        404,
    )
