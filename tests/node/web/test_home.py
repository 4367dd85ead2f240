"""The members' board: what waits is answered with one tap, from need to receipt, between two nodes."""

import html
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from tests.node.web.visitor import WORDS, Forms, Visitor, steward, told
from tests.nodes import Node, until


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    room = tmp_path_factory.mktemp("home")
    with Node(room / "a") as olla, Node(room / "b", "coop", kind="cooperative") as coop:
        steward(olla)
        steward(coop, "Luis")
        olla("member", "add", "Ana", "--role", "newcomer", "--password-stdin", stdin=WORDS)
        olla("follow", coop.address)
        coop("follow", olla.address)
        until(lambda: olla.json("followers") and coop.json("followers"))
        yield olla, coop


@pytest.fixture(scope="module")
def elena(nodes: tuple[Node, Node]) -> Iterator[Visitor]:
    with Visitor(nodes[0]).comes_in("Elena") as visitor:
        yield visitor


@pytest.fixture(scope="module")
def ana(nodes: tuple[Node, Node]) -> Iterator[Visitor]:
    with Visitor(nodes[0]).comes_in("Ana") as visitor:
        yield visitor


def test_a_fresh_node_says_what_to_do_first(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Node(tmp_path_factory.mktemp("fresh") / "a") as node:
        steward(node)
        with Visitor(node).comes_in("Elena") as elena:
            page = elena.opens("/home").text
            assert re.findall(r'class="card" href="([^"]+)"', page) == ["/new/need", "/new/meal", "/peers"]
            assert "De lo que han pedido desde que les siguen, no falta nada ahora." in page


def test_a_pledge_is_made_accepted_and_received_by_taps(nodes: tuple[Node, Node]) -> None:
    olla, coop = nodes
    with Visitor(olla).comes_in("Elena") as elena, Visitor(coop).comes_in("Luis") as luis:
        elena.sends("/new/need", "/new/need", what="lentejas", quantity="40", urgent="yes")
        until(lambda: "lentejas" in luis.opens("/home").text.casefold())
        assert "¡Urgente!" in luis.opens("/home").text

        page = luis.sends("/home", "/new/pledge", again=True, quantity="25").text
        assert page.count("Comprometieron 25 kg: todavía no responden.") == 1
        assert 'action="/new/pledge"' not in page
        accept = until(lambda: re.search(r'action="(/answer/\d+/accept)"', elena.opens("/home").text))
        assert len(re.findall(r"/accept\"", elena.opens("/home").text)) == 1
        done = elena.sends("/home", accept[1], again=True)
        assert "Aceptado." in done.text
        until(lambda: "Comprometieron 25 kg: lo aceptaron." in luis.opens("/home").text)
        assert "Comprometer más" in luis.opens("/home").text

        page = elena.sends("/home", "/new/receipt", quantity="24", more="yes").text
        assert "En camino" in page
        assert 'value="1 kg"' in page
        page = elena.sends("/home", "/new/receipt", quantity="1 kg").text
        assert "En camino" not in page
        (line,) = [each for each in olla.json("board") if each["what"] == "lentejas"]
        assert (line["received"], line["lacking"]) == ("25", "15")
        until(lambda: "Comprometieron" not in luis.opens("/home").text)


def test_a_refusal_needs_its_reason_and_they_read_it(nodes: tuple[Node, Node]) -> None:
    olla, coop = nodes
    with Visitor(olla).comes_in("Elena") as elena:
        need = olla("publish", "need", "what=ollas grandes", "quantity=2 u")
        until(lambda: any(each["what"] == "ollas grandes" for each in coop.json("board")))
        with Visitor(coop).comes_in("Luis") as luis:
            assert 'name="quantity" value="2" required' in luis.opens("/home").text
        pledge = coop("publish", "pledge", f"need={olla.origin}/o/{need}", "quantity=2 u")
        reject = until(lambda: re.search(r'action="(/answer/\d+/reject)"', elena.opens("/home").text))

        unsaid = elena.sends("/home", reject[1], reason="")
        assert unsaid.status_code == 422
        assert 'id="e-reason"' in unsaid.text
        assert coop.json("show", pledge)["state"] == "offered"
        assert "Rechazado" in elena.sends("/home", reject[1], reason="ya conseguimos dos").text
        until(lambda: coop.json("show", pledge)["state"] == "rejected")
        assert coop.json("show", pledge)["facts"]["reason"] == "ya conseguimos dos"


def test_a_plain_reply_is_confirmed_with_its_amount_on_the_needs_page(nodes: tuple[Node, Node]) -> None:
    olla, coop = nodes
    need = olla("publish", "need", "what=aceite", "quantity=10 l")
    until(lambda: any(each["what"] == "aceite" for each in coop.json("board")))
    reply = coop(
        "publish", "note", "text=Hola, yo puedo con algo", "--in-reply-to", f"{olla.origin}/o/{need}"
    )
    with Visitor(olla).comes_in("Elena") as elena:
        confirm = until(lambda: re.search(r'action="(/answer/\d+/confirm)"', elena.opens(f"/o/{need}").text))
        wrong = elena.sends(f"/o/{need}", confirm[1], quantity="unos pocos")
        assert wrong.status_code == 422
        assert 'value="unos pocos" placeholder="" aria-describedby="e-quantity"' in wrong.text

        # What the page showed was changed meanwhile: nothing is confirmed before she saw what it says now.
        seen = dict(Forms(elena.opens(f"/o/{need}").text).forms)[confirm[1]]
        coop("revise", reply, "text=Hola, yo llevo 3 litros")
        until(lambda: 'value="3 l"' in elena.opens(f"/o/{need}").text)
        changed = elena.client.post(confirm[1], data=seen | {"quantity": "2"})
        assert changed.status_code == 422
        assert "cambió, y promete 3 l" in html.unescape(changed.text)
        again = dict(Forms(changed.text).forms)[confirm[1]]
        assert (again["quantity"], again["shown"]) == ("2", "3 l")
        page = elena.client.post(confirm[1], data=again | {"quantity": "3"})
        assert "Confirmado." in page.text
        assert elena.client.post(confirm[1], data=again | {"quantity": "3"}).status_code == 200
        (line,) = [each for each in olla.json("board") if each["what"] == "aceite"]
        assert line["promised"] == "3"


def test_what_is_new_stays_until_it_was_seen_and_is_hers_alone(nodes: tuple[Node, Node]) -> None:
    olla, coop = nodes
    coop("publish", "note", "text=llegaron las papas nuevas")
    with Visitor(olla).comes_in("Elena") as elena, Visitor(olla).comes_in("Ana") as ana:
        until(lambda: "papas nuevas" in elena.opens("/home").text)
        elena.opens("/home")
        assert "papas nuevas" in elena.opens("/home").text

        page = elena.sends("/home", "/home/seen").text

        assert "papas nuevas" not in page
        assert "papas nuevas" in ana.opens("/home").text


@pytest.mark.parametrize(
    ("what", "said"), [("fork", "firmó dos historias distintas"), ("rollback", "muestra menos de su cuenta")]
)
def test_a_witness_tells_its_stewards_in_words_what_a_log_did(
    nodes: tuple[Node, Node], elena: Visitor, what: str, said: str
) -> None:
    olla, coop = nodes
    with closing(sqlite3.connect(olla.directory / "minga.db", isolation_level=None)) as memory:
        memory.execute(
            "INSERT INTO notifications (id, collective, type, actor, at)"
            " SELECT (SELECT max(a.id) + 1 FROM activities a) + length(?1), id, ?1, ?2, 0 FROM collectives",
            (what, coop.actor),
        )
        memory.execute(  # whoever wants to hear less of it still hears that
            "INSERT OR IGNORE INTO mutes (id, collective, actor, notifications) SELECT 1, id, ?, 1 FROM collectives",
            (coop.actor,),
        )
    page = elena.opens("/home").text
    with closing(sqlite3.connect(olla.directory / "minga.db", isolation_level=None)) as memory:
        memory.execute("DELETE FROM mutes")
    assert said in page
    assert elena.opens(re.search(rf'href="(/peers/\d+)">{said}', page)[1]).status_code == 200  # type: ignore[index]


def test_who_may_only_read_gets_no_buttons(nodes: tuple[Node, Node]) -> None:
    olla, _ = nodes
    with Visitor(olla).comes_in("Ana") as ana:
        page = ana.opens("/home")
        assert "/new/pledge" not in page.text
        assert "/new/need" not in page.text
        assert page.headers["cache-control"].startswith("private")
        assert len(page.content) < 60_000


def test_strangers_are_led_to_the_door(nodes: tuple[Node, Node]) -> None:
    for path in ("/home", "/kitchen", "/kitchen/pantry", "/new"):
        answer = httpx.get(f"{nodes[0].origin}{path}", headers={"accept": "text/html"})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login")


def test_what_does_not_fit_on_the_board_is_counted_with_the_way_to_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with Node(tmp_path_factory.mktemp("many") / "a") as node:
        steward(node)
        with Visitor(node).comes_in("Elena") as elena:
            for number in range(15):
                if number == 12:
                    assert " más, con lo que" not in elena.opens("/home").text
                told(node, "publish", kind="need", fields={"what": f"cosa {number}", "quantity": "1 kg"})

            more = re.search(
                r'<a href="([^"]+)">y 3 más, con lo que les prometieron', elena.opens("/home").text
            )
            assert more
            assert len(set(re.findall(r"cosa \d+", elena.opens(more[1]).text))) == 15
