"""A fund by its pages alone: asking to join, admission, criteria, a round; every next step is one tap from the last page."""

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.node.web.visitor import WORDS, Visitor, told
from tests.nodes import Node


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A parish that hosts a fund, of which Elena is a steward, and a kitchen, for which Rosa comes."""
    room = tmp_path_factory.mktemp("funds")
    with Node(room / "a", "fondo", kind="fund") as node:
        words = str(room / "w.txt")
        node("collective", "add", "--handle", "olla", "--name", "Olla San José", "--kind", "kitchen", "--recovery-out", words)  # fmt: skip
        for name, where in (("Elena", "fondo"), ("Rosa", "olla")):
            told(node, "member.add", collective=where, name=name, role="steward", password=WORDS)
        yield node


@pytest.fixture(scope="module")
def elena(house: Node) -> Iterator[Visitor]:
    with Visitor(house).comes_in("Elena") as visitor:
        yield visitor


@pytest.fixture(scope="module")
def rosa(house: Node) -> Iterator[Visitor]:
    with Visitor(house).comes_in("Rosa") as visitor:
        yield visitor


def tapped(who: Visitor, page: httpx.Response | str, words: str, **typed: str) -> httpx.Response:
    """What comes after she taps a link of a page that says these words, and sends the form that it leads to."""
    text = who.opens(page).text if isinstance(page, str) else page.text
    found = [
        there
        for there, said in re.findall(r'<a[^>]*href="(/new/[^"]+)"[^>]*>(.*?)</a>', text)
        if words in said
    ]
    assert found, f"no {words!r} on the page: {re.findall(r'href=.(/new/[^ >]+)', text)}"
    there = html.unescape(found[0])
    answer = who.sends(there, there.partition("?")[0], **typed)
    assert answer.status_code == 200, re.findall(r"class=.error[^>]*>([^<]*)", answer.text)
    return answer


def day(ahead: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=ahead)).isoformat()


def test_money_is_handed_over_to_whoever_has_a_share_however_little_is_known_of_them(
    house: Node, elena: Visitor
) -> None:
    share = {"claimant": "https://villasol.example/c/villasol", "weight": "240"}
    fields = {"available": "1500 CLP", "unit_price": "1500 CLP", "rule": "largest-remainder/1", "seed": "1"}
    gift = {"amount": "1500 CLP", "status": "cleared", "channel": "bank"}
    told(house, "publish", kind="donation", fields=gift)
    told(house, "publish", kind="allocation", fields={**fields, "claims": json.dumps([share])})
    form = elena.opens("/new/transfer").text
    assert "villasol.example" in form[form.index('name="to"') : form.index('name="amount"')]
    assert ">reparto" in form


def test_a_kitchen_joins_a_fund_and_claims_in_a_round_without_one_address_typed(
    elena: Visitor, rosa: Visitor
) -> None:
    asking = rosa.opens("/new/join").text
    assert "Olla Fondo (@fondo@" in asking
    assert "Olla San José (@olla@" not in asking, "a kitchen is no fund"
    nothing = "Aquí todavía no hay nada para elegir."
    assert nothing not in asking
    assert nothing in rosa.opens("/new/claim").text
    rosa.sends("/new/join", "/new/join")
    tapped(elena, "/home", "Responder", outcome="admitted")

    assert 'name="version" value="1"' in elena.opens("/new/criteria").text
    criteria = elena.sends(
        "/new/criteria", "/new/criteria", rule="largest-remainder/1", weight="weeklyRations"
    )
    tapped(rosa, "/home", "Decir nuestra postura", stance="consent")
    tapped(elena, criteria, "Anotar una decisión", quorum="1", outcome="adopted")

    page = str(criteria.url.copy_remove_param("done"))
    assert "/edit/" in criteria.text
    assert "/edit/" not in elena.opens(page).text
    opened = tapped(elena, page, "Abrir una ronda", claims_until=day(3), appeal_until=day(4))
    assert "Lo que cuenta el criterio" in rosa.opens("/new/claim").text
    tapped(rosa, "/home", "Pedir nuestra parte", weight="600,5")
    closing = f"/answer/{opened.url.path.rpartition('/')[2]}/close"
    closed = elena.sends(opened.url.path, closing, again=True)
    assert "Ahora se puede repartir." in closed.text
    assert "cerrada con 1 solicitud;" in closed.text
    assert "600,5" in closed.text
    assert "600.5" not in closed.text
    changed = [f'/{step}/{opened.url.path.rpartition("/")[2]}"' for step in ("edit", "withdraw")]
    assert [each in opened.text for each in changed] == [True, True]
    assert [each in closed.text for each in changed] == [False, False]  # it is never changed

    gift = {"amount": "200000", "status": "cleared", "channel": "bank"}
    assert "El código de este aporte" in elena.sends("/new/donation", "/new/donation", **gift).text
    assert "ahora se puede repartir" in elena.opens("/home").text
    shared = tapped(elena, closed, "Repartir", available="180000")
    assert "ahora se puede repartir" not in elena.opens("/home").text
    pay = re.search(r'href="(/new/transfer[^"]+)">Entregar', shared.text)
    assert pay
    form = elena.opens(html.unescape(pay[1])).text
    assert 'name="amount" value="180000 CLP"' in form
    assert re.search(r'<option value="[^"]+/c/olla" selected>', form)
    assert "Entregar<" not in rosa.opens(shared.url.path).text


def test_a_decision_is_named_in_words_where_it_can_be_chosen(elena: Visitor) -> None:
    assert "la decisión sobre el criterio v1 de Olla Fondo</option>" in elena.opens("/new/allocation").text


def test_a_campaign_is_chosen_by_its_title(house: Node, elena: Visitor) -> None:
    told(
        house,
        "publish",
        kind="campaign",
        fields={"title": "Invierno", "goal": "1000000 CLP", "closes": day(30)},
    )
    assert ">Invierno</option>" in elena.opens("/new/donation").text


def test_money_comes_first_in_a_fund_and_a_campaign_begins_with_its_title(
    elena: Visitor, rosa: Visitor
) -> None:
    fund, kitchen = elena.opens("/new").text, rosa.opens("/new").text
    assert fund.index("El dinero de todos") < fund.index("Para la olla")
    assert kitchen.index("Para la olla") < kitchen.index("El dinero de todos")
    assert re.search(r'class="button" href="[^"]*/give">Cómo aportar', elena.opens("/c/fondo").text)
    form = elena.opens("/new/campaign").text
    assert form.index('name="title"') < form.index('name="goal"') < form.index("<details")
