"""Whom a collective follows, trusts and blocks, by its pages; and moderation."""

import html
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.node.web.visitor import Visitor, member, steward, told
from tests.nodes import Node, until

LIST = """#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate
spam.example,suspend,true,true,Spam,false
ruido.example,silence,TRUE,FALSE,Ruido,TRUE
fotos.example,noop,TRUE,TRUE,Fotos,FALSE
*.hidden.example,suspend,true,true,,true
"""


@dataclass(frozen=True)
class Two:
    """Two nodes; `elena` coordinates the olla, `peer` is the page of the cooperative there."""

    olla: Node
    coop: Node
    elena: Visitor
    peer: str


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    room: Path = tmp_path_factory.mktemp("peers")
    with Node(room / "a") as olla, Node(room / "b", "villasol") as coop:
        steward(olla)
        member(olla, "Rosa", "cook")
        with Visitor(olla).comes_in("Elena") as elena:
            found = elena.sends("/peers", "/peers/find", who=f"@{coop.address}")
            yield Two(olla, coop, elena, found.url.path)


def test_somebody_is_found_by_handle_and_by_address_and_looked_at_before_following(two: Two) -> None:
    by_address = two.elena.sends("/peers", "/peers/find", who=two.coop.actor)

    assert by_address.url.path == two.peer
    assert "Olla Villasol" in by_address.text
    assert "Olla común" in by_address.text
    assert two.coop.address not in str(told(two.olla, "relation.following"))


def test_a_doubt_is_shown_and_a_steward_who_asked_settles_it(two: Two) -> None:
    with closing(sqlite3.connect(two.olla.directory / "minga.db", isolation_level=None)) as memory:
        memory.execute("UPDATE actors SET state = 'doubt' WHERE uri = ?", (two.coop.actor,))
    assert 'role="alert"' in two.elena.opens(two.peer).text

    settled = two.elena.sends(two.peer, f"{two.peer}/believe")

    assert "se les cree de nuevo" in settled.text
    assert 'role="alert"' not in settled.text


@pytest.mark.parametrize(
    ("who", "status", "said"),
    [
        ("dos palabras@", 422, "Un nombre como"),
        ("@nadie@{host}", 404, "¿Está bien escrito?"),
        ("@nadie@127.0.0.1:1", 502, "no responde ahora"),
    ],
)
def test_who_is_not_found_is_said_beside_the_box(two: Two, who: str, status: int, said: str) -> None:
    typed = who.format(host=two.coop.origin.removeprefix("http://"))
    page = two.elena.sends("/peers", "/peers/find", who=typed)

    assert page.status_code == status
    assert said in page.text
    assert f'value="{typed}"' in page.text


def test_following_by_two_taps_is_one_follow_and_ends_by_one_more(two: Two) -> None:
    two.elena.sends(two.peer, f"{two.peer}/follow", again=True)
    until(lambda: two.olla.address in str(told(two.coop, "relation.followers")))
    assert "Olla Villasol" in two.elena.opens("/peers").text
    told(two.coop, "publish", kind="need", fields={"what": "papas", "quantity": "40 kg", "by": "2099-01-10"})
    until(lambda: "papas" in two.elena.opens(two.peer).text.lower())

    two.elena.sends(two.peer, f"{two.peer}/unfollow")
    until(lambda: two.olla.address not in str(told(two.coop, "relation.followers")))
    assert "Olla Villasol" not in two.elena.opens("/peers").text


def test_a_follow_that_they_ended_is_shown_as_ended(two: Two) -> None:
    two.elena.sends(two.peer, f"{two.peer}/follow")
    until(lambda: two.olla.address in str(told(two.coop, "relation.followers")))
    told(two.coop, "relation.refuse", target=two.olla.address)
    until(lambda: "lo terminaron ellos" in two.elena.opens("/peers").text)
    assert "ya no llega nada de ellos" in two.elena.opens(two.peer).text


def test_trust_is_given_and_taken_by_hand(two: Two) -> None:
    assert "cosas que no son para la calle" in two.elena.opens(two.peer).text
    two.elena.sends(two.peer, f"{two.peer}/trust")
    assert "Olla Villasol" in two.elena.opens("/peers/trusted").text
    two.elena.sends(two.peer, f"{two.peer}/untrust")
    assert "Olla Villasol" not in two.elena.opens("/peers/trusted").text


def test_requests_are_let_in_or_refused(two: Two) -> None:
    two.elena.sends("/settings", "/settings", approves="yes")
    told(two.coop, "relation.follow", target=two.olla.address)
    until(lambda: "Olla Villasol" in two.elena.opens("/peers/requests").text)
    assert 'class="count">1<' in two.elena.opens("/more").text
    two.elena.sends("/peers/requests", f"{two.peer}/approve")
    assert "Olla Villasol" in two.elena.opens("/peers/followers").text
    assert "Olla Villasol" not in two.elena.opens("/peers/requests").text
    until(lambda: "requested" not in str(told(two.coop, "relation.following")))

    two.elena.sends(two.peer, f"{two.peer}/refuse")
    assert "Olla Villasol" not in two.elena.opens("/peers/followers").text


def test_a_block_is_asked_once_more_and_can_be_taken_back(two: Two) -> None:
    assert "Termina todo lazo" in two.elena.opens(f"{two.peer}/block").text
    two.elena.sends(f"{two.peer}/block", reason="Amenazas")
    blocked = two.elena.opens("/peers/blocked").text
    assert "Olla Villasol" in blocked
    assert "Amenazas" in blocked
    assert f"{two.peer}/follow" not in two.elena.opens(two.peer).text
    two.elena.sends(two.peer, f"{two.peer}/unblock")
    assert "Olla Villasol" not in two.elena.opens("/peers/blocked").text


def test_a_cook_sees_and_does_not_decide(two: Two) -> None:
    with Visitor(two.olla).comes_in("Rosa") as rosa:
        page = rosa.opens(two.peer)
        assert "lo decide quien coordina" in page.text
        seal = re.search(r'name="csrf" value="(\w+)"', rosa.opens("/more").text)
        assert seal
        for deed in ("follow", "trust", "block", "limit"):
            assert rosa.client.post(f"{two.peer}/{deed}", data={"csrf": seal[1]}).status_code == 403
        for path in ("/moderation", "/moderation/servers", "/moderation/import", "/moderation/blocks.csv"):
            assert rosa.opens(path).status_code == 403
    with Visitor(two.olla) as stranger:
        assert stranger.opens("/peers").url.path == "/login"


def test_whom_we_limit_stays_off_the_board_unless_followed(two: Two) -> None:
    token = told(two.olla, "token")["token"]
    told(
        two.coop, "publish", kind="need", fields={"what": "zapallos", "quantity": "9 kg", "by": "2099-01-10"}
    )
    two.elena.sends(two.peer, f"{two.peer}/follow")
    until(lambda: two.olla.address in str(told(two.coop, "relation.followers")))
    told(two.coop, "publish", kind="need", fields={"what": "porotos", "quantity": "7 kg", "by": "2099-01-10"})
    until(lambda: "porotos" in two.elena.opens("/board").text.lower())
    until(lambda: "Ustedes les siguen." in two.elena.opens(two.peer).text)
    two.elena.sends(two.peer, f"{two.peer}/limit")
    assert "Olla Villasol" in two.elena.opens("/moderation/limits").text
    assert "porotos" in two.elena.opens("/board").text.lower()
    two.elena.sends(two.peer, f"{two.peer}/unfollow")

    assert "porotos" not in two.elena.opens("/board").text.lower()
    public = f"{two.olla.origin}/api/v1/timelines/public"
    shown = httpx.get(public, headers={"authorization": f"Bearer {token}"}).text
    assert "porotos" not in shown
    two.elena.sends(two.peer, f"{two.peer}/lift")
    assert "porotos" in httpx.get(public, headers={"authorization": f"Bearer {token}"}).text


def test_a_report_of_an_app_reaches_the_stewards_and_is_done_with_a_note(two: Two) -> None:
    about = {"account_id": two.peer.rsplit("/", 1)[1], "comment": "Prometió y no llegó <b>"}
    auth = {"authorization": f"Bearer {two.olla('token', '--member', 'Rosa')}"}
    assert httpx.post(f"{two.olla.origin}/api/v1/reports", json=about, headers=auth).status_code == 200

    page = two.elena.opens("/moderation").text
    assert "Prometió y no llegó &lt;b&gt;" in page
    path = re.search(r"/moderation/reports/\d+", page)
    assert path
    assert two.elena.sends(path[0], note="x" * 1001).status_code == 422
    two.elena.sends(path[0], note="Hablamos con ellas", again=True)
    assert "Prometió" not in two.elena.opens("/moderation").text
    assert "Hablamos con ellas" in two.elena.opens("/moderation?resolved=yes").text
    assert two.elena.opens("/moderation/reports/1").status_code == 404


def test_any_member_reports_a_post_and_its_author_from_the_pages(two: Two) -> None:
    with Visitor(two.olla).comes_in("Rosa") as rosa:
        link = re.search(r"/report\?post=\d+", rosa.opens(two.peer).text)
        assert link, "nothing of theirs to report"
        assert "porotos" in rosa.opens(link[0]).text.lower()
        assert rosa.sends(link[0], category="exposes", comment="x" * 1001).status_code == 422
        done = rosa.sends(link[0], category="exposes", comment="Dice dónde vive la Juana", again=True)
        assert "Denunciado" in done.text
        rosa.sends(f"/report?about={two.peer.rsplit('/', 1)[1]}", category="spam")
        assert rosa.opens("/report?about=1").status_code == 404
        assert "espera" not in rosa.opens("/home").text.partition("<main")[2]

    assert "Hay 2 denuncias en espera." in two.elena.opens("/home").text
    page = two.elena.opens("/moderation").text
    assert page.count("Dice dónde vive la Juana") == 1
    path = re.findall(r"/moderation/reports/\d+", page.partition("Juana")[0])[-1]
    case = two.elena.opens(path).text
    assert "Muestra quién es alguien" in case
    assert "porotos" in case.lower()
    assert "Rosa" not in case.partition("<main")[2]


def test_what_was_done_is_said_once_in_the_readers_words_and_nothing_else(two: Two) -> None:
    done = two.elena.sends(two.peer, f"{two.peer}/trust").text
    assert done.count('class="notice good"') == 1
    for page in (two.peer, "/members", "/settings", "/me", "/moderation", "/home"):
        assert "Llama al 555" not in two.elena.opens(page, done="Llama al 555").text
    two.elena.sends(two.peer, f"{two.peer}/untrust")


def test_servers_are_blocked_by_hand_with_a_reason(two: Two) -> None:
    wrong = two.elena.sends(
        "/moderation/servers", "/moderation/servers", host="no es un servidor", reason="Por esto"
    )
    assert wrong.status_code == 422
    assert 'value="Por esto"' in wrong.text
    own = two.elena.sends("/moderation/servers", "/moderation/servers", host=two.olla.origin)
    assert own.status_code == 422
    typo = two.elena.sends(
        "/moderation/servers", "/moderation/servers", host="evil.example", severity="limits"
    )
    assert typo.status_code == 422
    assert "<h3" not in typo.text
    two.elena.sends("/moderation/servers", "/moderation/servers", host="EVIL.example", reason="Insultos")
    page = two.elena.opens("/moderation/servers").text
    assert "evil.example" in page
    assert "Insultos" in page
    two.elena.sends("/moderation/servers", "/moderation/servers/lift")
    assert "evil.example" not in two.elena.opens("/moderation/servers").text


def test_a_list_is_looked_at_before_it_is_carried_out_and_comes_out_again(two: Two) -> None:
    plan = two.elena.sends("/moderation/import", "/moderation/import", text=LIST)
    assert "spam.example" in plan.text
    assert "los asteriscos esconden una parte" in plan.text
    assert "spam.example" not in two.elena.opens("/moderation/servers").text

    boxes = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', plan.text)
    two.elena.client.post("/moderation/import/carry-out", data={k: v.replace("&#39;", "'") for k, v in boxes})
    servers = two.elena.opens("/moderation/servers").text
    assert "spam.example" in servers
    assert "hidden.example" not in servers
    exported = two.elena.opens("/moderation/blocks.csv")
    assert "attachment" in exported.headers["content-disposition"]
    assert exported.text == (
        "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n"
        "spam.example,suspend,true,true,Spam,false\n"
        "ruido.example,silence,true,false,Ruido,true\n"
        "fotos.example,noop,true,true,Fotos,false\n"
    )
    assert re.findall(r"(ruido|fotos).example</h3><p class=.meta.>([^<]*)", servers) == [
        ("fotos", "sin sus imágenes · sin sus denuncias · Fotos"),
        ("ruido", "está limitado · sin sus imágenes · Ruido"),
    ]
    again = two.elena.sends("/moderation/import", "/moderation/import", text=exported.text)
    assert "No cambiaría nada" in again.text
    with_file = {"file": ("list.csv", b"\xff\xfe\x00", "text/csv")}
    photograph = two.elena.sends("/moderation/import", "/moderation/import", files=with_file)
    assert photograph.status_code == 422
    assert "Esto no es una lista de servidores" in photograph.text


def test_a_list_of_the_wrong_people_does_not_sever_us_from_others(two: Two) -> None:
    two.elena.sends(two.peer, f"{two.peer}/trust")
    plan = two.elena.sends("/moderation/import", "/moderation/import", text="otro.example\n0.0.1:1\n")
    boxes = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', plan.text)
    two.elena.client.post("/moderation/import/carry-out", data=dict(boxes))
    assert "Olla Villasol" in two.elena.opens("/peers/trusted").text
    host = two.coop.origin.removeprefix("http://")
    plan = two.elena.sends("/moderation/import", "/moderation/import", text=host)
    boxes = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', plan.text)
    two.elena.client.post("/moderation/import/carry-out", data=dict(boxes))
    assert "Olla Villasol" not in two.elena.opens("/peers/trusted").text


def test_a_list_of_thousands_is_carried_out_whole(two: Two) -> None:
    listed = "".join(
        f"servidor-{number}.example,suspend,,,Acoso, odio y correo\u2026 de nadie\n"
        for number in range(3_000)
    )
    plan = two.elena.sends(
        "/moderation/import", "/moderation/import", files={"file": ("list.csv", listed, "text/csv")}
    )
    boxes = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', plan.text)
    parts = {name: (None, html.unescape(value).replace("\n", "\r\n")) for name, value in boxes}
    done = two.elena.client.post("/moderation/import/carry-out", files=parts)
    assert "blocked=3000" in str(done.url)
    long = two.elena.sends("/moderation/import", "/moderation/import", text=listed * 2)
    assert long.status_code == 413
    assert "una lista larga de servidores se envía como archivo" in long.text
