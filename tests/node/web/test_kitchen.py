"""The kitchen: W6 on a page, the missing need as a draft, meals served within what the pantry gives, lots with reasons."""

import re

import httpx
import pytest

from tests.node.web.visitor import Visitor
from tests.nodes import Node

W6 = (
    ("lentejas", "40", "kg", "8"),
    ("arroz", "15", "kg", "5"),
    ("aceite", "3", "l", "1,5"),
    ("gas", "1", "u", "0,25"),
)


@pytest.fixture(scope="module")
def recipe(elena: Visitor) -> str:
    """The recipe of W6 with its stock: its page."""
    for what, there, unit, _ in W6:
        page = elena.sends("/kitchen/pantry", "", again=True, what=what, quantity=there, unit=unit)
        assert "Está en la despensa." in page.text
    rows = {
        f"{name}{index}": value
        for index, (what, _, unit, needed) in enumerate(W6)
        for name, value in (("what", what), ("quantity", needed), ("unit", unit))
    }
    edit = "/kitchen/recipes/0/edit"
    page = elena.sends(edit, edit, again=True, name="Lentejas de la casa", rations="100", **rows)
    assert "La receta quedó" in page.text
    return page.url.path


def test_w6_on_a_page_two_hundred_rations_and_oil_limits(elena: Visitor, recipe: str) -> None:
    page = elena.opens(recipe).text

    assert "La despensa alcanza para 200 raciones." in page
    assert "Lo que limita: aceite." in page
    assert re.findall(r'<td class="number">(\d+)</td></tr>', page) == ["500", "300", "200", "400"]
    assert "200 raciones" in elena.opens("/kitchen").text


@pytest.mark.parametrize("typed", ["abc", "−3", "1" * 40, "0", "100001"])
def test_rations_that_do_not_read_are_said_beside_their_box(elena: Visitor, recipe: str, typed: str) -> None:
    page = elena.opens(recipe, rations=typed).text
    assert "un número entre 1 y 100.000" in page
    assert f'value="{typed}" required aria-invalid="true" aria-describedby="e-rations"' in page


def test_the_bottleneck_becomes_the_draft_of_a_need_that_a_person_publishes(
    olla: Node, elena: Visitor, recipe: str
) -> None:
    page = elena.opens(recipe, rations="300").text
    links = re.findall(r'href="(/new/need\?[^"]+)"', page)
    assert len(links) == 1
    draft = elena.opens(links[0].replace("&amp;", "&"))
    assert 'name="what" value="aceite"' in draft.text
    assert 'name="quantity" inputmode="decimal" value="1,5"' in draft.text
    assert "por ejemplo 18,5" in elena.opens("/new/meal").text
    assert "for example 18.5" in elena.opens("/new/meal", lang="en").text
    elena.opens("/new/meal", lang="es")
    assert olla.json("board") == []

    sent = elena.sends(links[0].replace("&amp;", "&"), "/new/need")

    assert sent.url.path == "/kitchen"
    (line,) = olla.json("board")
    assert (line["what"], line["asked"], line["unit"]) == ("aceite", "1.5", "litre")


def test_a_meal_takes_what_it_needs_and_never_more_than_there_is(
    olla: Node, elena: Visitor, recipe: str
) -> None:
    number = recipe.rsplit("/", 1)[1]
    planned = elena.sends(f"/new/meal?menu=Lentejas&planned=120&recipe={number}", "/new/meal")
    meal = re.search(r"/o/(\d+)", str(planned.url))
    assert meal
    served = f"/kitchen/meals/{meal[1]}/served"
    assert "La despensa alcanza para 200 raciones." in elena.opens("/kitchen").text

    refused = elena.sends("/kitchen", served, served="201")
    assert refused.status_code == 422
    assert "a lo más 200" in refused.text
    assert 'value="201"' in refused.text

    told = elena.sends("/kitchen", served, served="118", again=True).history[0].request
    page = elena.opens("/kitchen").text
    assert "82 raciones" in page
    assert re.search(
        r'<td class="number">120</td><td class="number">118</td><td class="number">-2</td>', page
    )
    assert (
        "servimos 118 raciones"
        in httpx.get(f"{olla.origin}/o/{meal[1]}", headers={"accept": "text/html"}).text
    )

    elena.sends(f"/edit/{meal[1]}", f"/edit/{meal[1]}", served="100")
    assert "100 raciones" in elena.opens(recipe).text
    form = {"content-type": told.headers["content-type"]}
    assert elena.client.post(served, content=told.content, headers=form).status_code == 200
    assert "100 raciones" in elena.opens(recipe).text, "a count that came late again undid its correction"


def test_a_meal_is_called_off_from_the_kitchen(olla: Node, elena: Visitor) -> None:
    number = olla("publish", "meal", "menu=cazuela", "planned=80", "on=2099-01-05")

    elena.sends("/kitchen", f"/kitchen/meals/{number}/cancel")

    assert olla.json("show", number)["state"] == "cancelled"
    assert "cazuela" not in elena.opens("/kitchen").text


def test_a_form_of_the_pantry_that_was_changed_after_it_was_sent_is_asked_about(elena: Visitor) -> None:
    first = elena.sends("/kitchen/pantry", "", what="zanahorias", quantity="4", unit="kg").history[0].request
    changed = first.content.replace(b"quantity=4", b"quantity=5")
    form = {"content-type": first.headers["content-type"]}
    again = elena.client.post("/kitchen/pantry", content=changed, headers=form)

    assert again.status_code == 409
    assert "van a quedar dos" in again.text
    assert 'value="5"' in again.text
    assert "zanahorias: 4 kg" in elena.opens("/kitchen/pantry").text


def test_counting_raises_or_lowers_with_a_reason(elena: Visitor) -> None:
    elena.sends("/kitchen/pantry", "", what="harina", quantity="20", unit="kg")
    lot = re.search(r"harina: 20 kg.*?(/kitchen/lots/\d+)", elena.opens("/kitchen/pantry").text, re.DOTALL)
    assert lot

    elena.sends(lot[1], "", quantity="17,5 kg", reason="spoiled", note="se mojó un saco", step="count")
    page = elena.opens(lot[1]).text
    assert "harina: 17,5 kg" in page
    assert re.search(r"−2,5 kg</strong> se echó a perder: se mojó un saco", page)

    wrong = elena.sends(lot[1], "", quantity="muchos", step="count")
    assert wrong.status_code == 422
    assert 'value="muchos"' in wrong.text
    unreasoned = elena.sends(lot[1], "", quantity="3 kg", reason="", step="count")
    assert unreasoned.status_code == 422
    assert "harina: 17,5 kg" in elena.opens(lot[1]).text


def test_what_expires_first_goes_first(elena: Visitor) -> None:
    elena.sends("/kitchen/pantry", "", what="leche", quantity="10", unit="l", expires="5 de enero de 2099")
    elena.sends("/kitchen/pantry", "", what="leche", quantity="10", unit="l", expires="4 de enero de 2099")
    page = elena.opens("/kitchen/pantry").text
    form = re.search(r'name="what" value="leche"', page)
    assert form
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    used = {"csrf": csrf[1], "what": "leche", "unit": "l", "quantity": "12", "reason": "given"}
    assert elena.client.post("/kitchen/use", data=used).status_code == 200

    lots = re.findall(r'<span class="number">(\d+) l</span>', elena.opens("/kitchen/pantry").text)
    assert "8" in lots
    refused = elena.client.post("/kitchen/use", data=used)
    assert refused.status_code == 422
    assert 'id="e-quantity"' in refused.text
    assert 'value="12"' in refused.text
    assert '<input type="hidden" name="what" value="leche">' in refused.text


def test_a_receipt_goes_into_the_pantry_once(olla: Node, elena: Visitor) -> None:
    need = olla("publish", "need", "what=porotos", "quantity=10 kg")
    reply = olla("publish", "note", "text=traigo 4 kg", "--in-reply-to", need)
    olla("confirm", reply, "quantity=4 kg")
    page = elena.sends("/home", "/new/receipt", quantity="4 kg")
    assert "Anotado." in page.text
    receipt = next(each for each in olla.json("timeline", "local") if "recibimos" in each["text"])

    assert "Recibido: 4 kg de porotos." in page.text
    stored = elena.sends(page.url.raw_path.decode(), "/kitchen/store", again=True)

    assert "/kitchen/store" not in stored.text
    assert "/kitchen/store" not in elena.opens("/home", arrived=receipt["id"]).text
    assert elena.opens("/home", arrived="999").status_code == 200
    assert "porotos: 4 kg" in elena.opens("/kitchen/pantry").text
    assert "/kitchen/store" not in elena.opens(f"/o/{receipt['id']}").text


def test_the_pantry_leaves_no_trace_outside_and_a_newcomer_changes_nothing(
    olla: Node, elena: Visitor
) -> None:
    elena.sends("/kitchen/pantry", "", what="cochayuyo secreto", quantity="3", unit="kg")
    for path in ("/c/esperanza", "/board", "/c/esperanza/outbox"):
        for accept in ("text/html", "application/activity+json"):
            answer = httpx.get(f"{olla.origin}{path}", headers={"accept": accept}, follow_redirects=True)
            assert "cochayuyo" not in answer.text
    with Visitor(olla).comes_in("Ana") as ana:
        page = ana.opens("/kitchen/pantry")
        assert "Guardar algo" not in page.text
        csrf = {"csrf": "", "what": "x", "quantity": "1", "unit": "kg"}
        assert ana.client.post("/kitchen/pantry", data=csrf).status_code == 403
        assert ana.opens("/kitchen/recipes/0/edit").status_code == 403


def beside(page: str) -> list[str]:
    """The boxes that have something wrong beside them, as they are named in the address of the page."""
    return re.findall(r'class="error" id="e-([^"]+)"', page)


def test_all_that_is_wrong_with_a_recipe_is_said_at_once_and_nothing_typed_is_lost(elena: Visitor) -> None:
    edit = "/kitchen/recipes/0/edit"
    rows = {
        "what0": "arroz",
        "quantity0": "mucho",
        "unit0": "kg",
        "what1": "",
        "quantity1": "3",
        "unit1": "l",
    }
    refused = elena.sends(edit, edit, name="", rations="cien", **rows)

    assert refused.status_code == 422
    assert beside(refused.text) == ["name", "rations", "lines.0.quantity", "lines.1.what"]
    for name in beside(refused.text):
        assert f'<a href="#f-{name}">' in refused.text
        assert f'id="f-{name}"' in refused.text
    assert '<a href="#f-lines.1.what">Ingrediente 2</a>' in refused.text
    for typed in ("arroz", "mucho", "3", "cien"):
        assert f'value="{typed}"' in refused.text
    assert beside(elena.sends(edit, edit, name="Vacía", rations="10").text) == ["lines.0.what"]


def test_all_that_is_wrong_with_a_lot_is_said_at_once_and_nothing_typed_is_lost(elena: Visitor) -> None:
    wrong = {"what": " ", "quantity": "un poco", "unit": "l", "expires": "1 de enero de 2020"}
    refused = elena.sends("/kitchen/pantry", "", **wrong)

    assert refused.status_code == 422
    assert beside(refused.text) == ["what", "quantity", "expires"]
    assert refused.text.count('role="alert"') == 1
    assert 'value="un poco"' in refused.text
    assert 'value="1 de enero de 2020"' in refused.text
    assert '<option value="l" selected>' in refused.text

    english = elena.client.post(
        "/kitchen/pantry",
        content=refused.request.content,
        headers={"content-type": refused.request.headers["content-type"], "accept-language": "en"},
    ).text
    assert "an amount with its unit (kg, g, l, ml, hours, pieces, rations, kcal), like 40 kg" in english


def test_a_recipe_names_each_ingredient_once_and_keeps_what_was_typed(elena: Visitor) -> None:
    edit = "/kitchen/recipes/0/edit"
    twice = {
        "what0": "arroz",
        "quantity0": "5",
        "unit0": "kg",
        "what1": "Arroz",
        "quantity1": "2",
        "unit1": "kg",
    }
    page = elena.sends(edit, edit, name="Doble", rations="10", **twice)

    assert page.status_code == 422
    assert 'value="Arroz"' in page.text
    assert "Doble" not in elena.opens("/kitchen").text
