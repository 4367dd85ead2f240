"""The first minute, coming in and going out, as somebody with a telephone does it."""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.node.web.visitor import WORDS, Visitor, steward, told
from tests.nodes import ROOT, Node, environment, free_port

AS2 = {"accept": "application/activity+json"}


@pytest.fixture(scope="module")
def olla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("entering") / "a") as node:
        steward(node, "Coordinadora")
        yield node


def path_of(node: Node, role: str = "cook") -> str:
    """The path of a new link."""
    return told(node, "member.invite", role=role)["url"].removeprefix(node.origin)


def a_photograph() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Telephone of Elena"
    file = io.BytesIO()
    Image.new("RGB", (300, 200), (170, 60, 30)).save(file, "JPEG", exif=exif)
    return file.getvalue()


def test_the_first_minute_from_the_printed_link_to_a_collective_that_can_be_followed(tmp_path: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "node", "-d", str(tmp_path / "d"), "up", "--bind", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        greeting = ""
        while "trial:" not in greeting:
            greeting += process.stdout.readline()
            assert process.poll() is None, greeting
        found = re.search(r"http\S+(/welcome/\S+)", greeting)
        assert found, greeting
        _play(f"http://127.0.0.1:{port}", found[1])
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _play(origin: str, link: str) -> None:
    with httpx.Client(
        base_url=origin, headers={"accept": "text/html", "accept-language": "es"}, follow_redirects=True
    ) as browser:
        page = browser.get(link)
        assert "set-cookie" not in page.headers
        typed = {
            "member": "Elena", "password": WORDS, "name": "Olla La Esperanza", "kind": "kitchen", "locale": "es",
            "currency": "PEN", "timezone": "America/Lima", "summary": "Cocinamos martes y jueves.",
        }  # fmt: skip
        wrong = browser.post(
            link, data={**typed, "district": "Calle Los Aromos 123", "password": "corta", "name": ""}
        )
        assert wrong.status_code == 422
        assert re.findall(r'id="e-([^"]+)"', wrong.text) == ["password", "name", "district"]
        assert "sin calle ni número" in wrong.text
        assert "Cocinamos martes y jueves." in wrong.text
        assert WORDS not in wrong.text
        assert "session" not in browser.cookies

        picture = {"picture": ("olla.jpg", a_photograph(), "image/jpeg")}
        done = browser.post(link, data={**typed, "district": "La Pintana, Santiago"}, files=picture)
        assert done.url.path == "/welcome"
        assert f"@minga@{origin.removeprefix('http://')}" in done.text
        assert "<svg" in done.text
        assert browser.post(link, data={**typed, "member": "Otra"}).status_code == 409

    actor = httpx.get(f"{origin}/c/minga", headers=AS2).json()
    assert actor["name"] == "Olla La Esperanza"
    assert actor["location"] == {"type": "Place", "name": "La Pintana, Santiago"}
    assert actor["collectiveKind"] == "kitchen"
    kept = httpx.get(actor["icon"]["url"]).content
    assert b"Telephone" not in kept
    assert Image.open(io.BytesIO(kept)).size == (300, 200)


def test_a_link_lets_one_person_in_and_no_second_one(olla: Node) -> None:
    link = path_of(olla)
    with Visitor(olla) as rosa, Visitor(olla) as other:
        page = rosa.opens(link)
        assert "Publica necesidades y comidas" in page.text
        assert "set-cookie" not in page.headers
        rosa.sends(link, link, member="Rosa", password=WORDS)
        assert "session" in rosa.client.cookies
        assert "Cocina" in rosa.opens("/members").text

        used = other.opens(link)
        assert used.status_code == 409
        assert "lo que escribiste" not in used.text  # nobody typed anything
        assert "session" not in other.client.cookies


def test_two_taps_are_one_person(olla: Node) -> None:
    link = path_of(olla)
    with Visitor(olla) as marta:
        marta.sends(link, link, again=True, member="Marta", password=WORDS)

        assert "session" in marta.client.cookies
        assert marta.opens("/members").text.count("<strong>Marta</strong>") == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"member": "", "password": WORDS}, "un nombre de 1 a 60 letras"),
        ({"member": "x" * 61, "password": WORDS}, "un nombre de 1 a 60 letras"),
        ({"member": "Ana", "password": "corta"}, "al menos 10 letras"),
        ({"member": "Coordinadora", "password": "no es la suya"}, "ya lo usa alguien"),
    ],
)
def test_what_is_wrong_stands_beside_the_box_and_nobody_comes_in(
    olla: Node, typed: dict[str, str], said: str
) -> None:
    link = path_of(olla)
    with Visitor(olla) as ana:
        page = ana.sends(link, link, **typed)

        assert page.status_code == 422
        assert said in page.text
        assert 'aria-invalid="true"' in page.text
        assert "session" not in ana.client.cookies
        assert ana.opens(link).status_code == 200


@pytest.mark.parametrize("path", ["/join/nada", "/welcome/nada", "/join/%F0%9F%8D%B2"])
def test_a_link_that_is_none_of_ours_is_a_page_that_says_so(olla: Node, path: str) -> None:
    with Visitor(olla) as anybody:
        page = anybody.opens(path)
        assert page.status_code == 404
        assert "Este enlace ya no sirve" in page.text


def test_without_members_a_link_founds_the_collective_and_the_one_before_is_worthless(tmp_path: Path) -> None:
    with Node(tmp_path / "a") as olla, Visitor(olla) as elena:
        first, second = path_of(olla, "cook"), path_of(olla, "cook")

        assert first.startswith("/welcome/")
        assert elena.opens(first).status_code == 404
        assert "Decide sobre personas" in elena.opens(second).text


def test_logging_in_leads_where_one_wanted_to_go_and_never_to_another_server(olla: Node) -> None:
    with Visitor(olla) as she:
        asked = she.opens("/members")
        assert asked.url.path == "/login"
        assert she.client.post("/login", data={"name": "Coordinadora", "password": "mal"}).status_code == 401
        page = she.sends("/login?next=/members", "/login", name="Coordinadora", password=WORDS)
        assert page.url.path == "/members"
    for elsewhere in (
        "//evil.example/",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\n/x",
    ):
        with Visitor(olla) as she:
            data = {"name": "Coordinadora", "password": WORDS, "next": elsewhere}
            answer = she.client.post("/login", data=data, follow_redirects=False)
            assert answer.headers["location"] == "/home"


def test_a_session_is_said_to_have_ended_only_where_one_did(olla: Node) -> None:
    with Visitor(olla) as stranger:
        assert "Tu sesión terminó" not in stranger.opens("/outbox").text
        assert "Tu sesión terminó" in stranger.opens("/login?next=/outbox&ended=yes").text


def test_another_site_cannot_log_anybody_in_or_out(olla: Node) -> None:
    data = {"name": "Coordinadora", "password": WORDS}
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = httpx.post(f"{olla.origin}/login", data=data, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    with Visitor(olla).comes_in("Coordinadora") as she:
        assert she.client.post("/logout", data={"csrf": "x"}).status_code == 403
        assert she.opens("/members").url.path == "/members"


def test_logging_out_ends_the_session_on_the_server_too(olla: Node) -> None:
    with Visitor(olla).comes_in("Coordinadora") as she:
        cookie = she.client.cookies["session"]
        she.sends("/logout", "/logout")

        answer = httpx.get(f"{olla.origin}/members", headers={"cookie": f"session={cookie}"})
        assert answer.headers["location"].startswith("/login")


def test_passwords_cannot_be_tried_without_end(tmp_path: Path) -> None:
    with Node(tmp_path / "a") as olla:
        steward(olla, "Elena")
        with Visitor(olla) as thief:
            tried = [
                thief.client.post("/login", data={"name": "Elena", "password": f"intento {n}"}).status_code
                for n in range(25)
            ]
        assert tried[0] == 401
        assert tried[-1] == 429


def test_the_first_link_says_that_it_was_used_also_to_who_sends_a_picture_again(tmp_path: Path) -> None:
    with Node(tmp_path / "a") as olla, Visitor(olla) as elena:
        link = path_of(olla, "cook")
        words = {"member": "Elena", "password": WORDS}
        first = elena.sends(link, link, name="Olla", kind="kitchen", district="La Pintana", **words)
        assert first.status_code == 200, first.text
        picture = {"picture": ("a.jpg", bytes(1_000_000), "image/jpeg")}
        again = elena.client.post(link, data=words, files=picture)
        assert again.status_code == 409
        assert "Este enlace ya se usó" in again.text
