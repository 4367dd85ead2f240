"""What stewards set, and the index behind "More"."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.node.web.visitor import Forms, Visitor, member, steward, told
from tests.nodes import Node, until

AS2 = {"accept": "application/activity+json"}


@pytest.fixture(scope="module")
def olla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("settings") / "a") as node:
        steward(node)
        member(node, "Rosa", "cook")
        yield node


@pytest.fixture
def elena(olla: Node) -> Iterator[Visitor]:
    with Visitor(olla).comes_in("Elena") as visitor:
        yield visitor


def actor(node: Node) -> dict[str, object]:
    found: dict[str, object] = httpx.get(node.actor, headers=AS2).json()
    return found


def test_what_is_set_is_told_to_followers(olla: Node, elena: Visitor, tmp_path: Path) -> None:
    with Node(tmp_path / "b", "villasol") as other:
        told(other, "relation.follow", target=olla.address)
        until(lambda: other.address in str(told(olla, "relation.followers")))
        done = elena.sends("/settings", "/settings", name="Olla La Esperanza", district="La Pintana, Santiago",
                           latitude="-33.58749", longitude="-70,63421", summary="Cocinamos #olla @esperanza")  # fmt: skip

        assert "Guardado" in done.text
        said = actor(olla)
        assert said["name"] == "Olla La Esperanza"
        assert said["location"] == {
            "type": "Place",
            "name": "La Pintana, Santiago",
            "latitude": -33.59,
            "longitude": -70.63,
        }
        assert (
            'name="latitude" type="text" value="-33,59" placeholder="-33,58"' in elena.opens("/settings").text
        )
        assert f"Cocinamos #olla @{olla.address}" in elena.opens("/settings").text
        steward(other)
        with Visitor(other).comes_in("Elena") as reader:
            until(lambda: "Olla La Esperanza" in reader.opens("/peers").text)
    assert b"33.58749" not in b"".join(path.read_bytes() for path in olla.directory.glob("minga.db*"))


def test_a_point_on_the_map_needs_no_name_of_a_district(olla: Node, elena: Visitor) -> None:
    elena.sends("/settings", "/settings", district="", latitude="-33.58749", longitude="-70,63421")
    assert actor(olla)["location"] == {"type": "Place", "latitude": -33.59, "longitude": -70.63}
    elena.sends("/settings", "/settings", district="", latitude="", longitude="")
    assert "location" not in actor(olla)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Aquí va: un nombre de 1 a 100 letras."),
        ({"name": "x" * 101}, "un nombre de 1 a 100 letras"),
        ({"district": "Pasaje Uno 34"}, "sin calle ni número"),
        ({"latitude": "91", "longitude": "0"}, "grados entre -90 y 90, como -33,58"),
        ({"latitude": "NaN", "longitude": "1"}, "grados entre -90 y 90"),
        ({"latitude": "-33.5", "longitude": ""}, "los dos números"),
        ({"timezone": "Marte/Olympus"}, "una zona horaria"),
    ],
)
def test_what_is_wrong_stands_beside_its_box_and_nothing_is_saved(
    olla: Node, elena: Visitor, typed: dict[str, str], said: str
) -> None:
    before = actor(olla)
    page = elena.sends("/settings", "/settings", summary="Lo que escribí", **typed)

    assert page.status_code == 422
    assert said in page.text
    assert 'aria-invalid="true"' in page.text
    assert "Lo que escribí" in page.text
    assert actor(olla) == before


def test_all_that_is_wrong_is_said_at_once_each_beside_its_box(elena: Visitor) -> None:
    page = elena.sends(
        "/settings",
        "/settings",
        name="",
        district="Pasaje Uno 34",
        latitude="",
        longitude="1",
        summary="x" * 2001,
    ).text

    wrong = re.findall(r'id="e-([^"]+)"', page)
    assert wrong == ["name", "district", "summary", "latitude"]
    assert re.findall(r'<a href="#f-([^"]+)">', page) == wrong


def test_two_stewards_at_once_do_not_overwrite_each_other(olla: Node, elena: Visitor) -> None:
    held = elena.opens("/settings").text
    version = re.search(r'name="version" value="([^"]+)"', held)
    assert version
    with Visitor(olla).comes_in("Elena") as other:
        other.sends("/settings", "/settings", name="De la otra")
    late = elena.sends("/settings", "/settings", version=version[1], name="De la primera")

    assert late.status_code == 409
    assert "otra persona cambió esto" in late.text
    assert 'value="De la primera"' in late.text
    assert actor(olla)["name"] == "De la otra"
    assert elena.sends("/settings", "/settings", name="De la primera").status_code == 200


def test_what_was_typed_before_the_session_ended_is_shown_without_what_was_only_chosen(olla: Node) -> None:
    with Visitor(olla) as stranger:
        form = {
            "version": "1",
            "kind": "kitchen",
            "name": "La Esperanza",
            "locale": "es",
            "currency": "CLP",
            "timezone": "UTC",
            "approves": "yes",
        }
        page = stranger.client.post("/settings", data=form).text

    assert re.findall(r'class="typed" dir="auto">([^<]*)<', page) == ["La Esperanza"]


def test_followers_wait_where_a_steward_wants_it_so(olla: Node, elena: Visitor, tmp_path: Path) -> None:
    elena.sends("/settings", "/settings", approves="yes")
    assert actor(olla)["manuallyApprovesFollowers"] is True
    with Node(tmp_path / "c", "asamblea") as other:
        told(other, "relation.follow", target=olla.address)
        until(lambda: other.address in str(told(olla, "relation.requests")))
        assert other.address not in str(told(olla, "relation.followers"))
    page = elena.opens("/settings").text
    assert re.search(r'name="approves" value="yes" checked', page)


def test_a_picture_is_told_and_can_be_taken_away(olla: Node, elena: Visitor) -> None:
    wrong = elena.sends("/settings", "/settings", files={"picture": ("a.svg", b"<svg/>", "image/svg+xml")})
    assert wrong.status_code == 422
    assert "una foto; los dibujos (SVG) no se reciben" in wrong.text
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100"
        "18dd8db00000000049454e44ae426082"
    )
    done = elena.sends("/settings", "/settings", files={"picture": ("a.png", pixel, "image/png")})
    assert done.status_code == 200, done.text
    icon = actor(olla)["icon"]
    assert isinstance(icon, dict)
    assert httpx.get(icon["url"]).content[:3] == b"\xff\xd8\xff"

    elena.sends("/settings", "/settings", no_picture="yes")
    assert "icon" not in actor(olla)


def test_places_are_coarse(elena: Visitor) -> None:
    wrong = elena.sends("/settings", "/settings/places", places="Sede\nCalle Uno 12")
    assert wrong.status_code == 422
    assert "Calle Uno 12" in wrong.text
    done = elena.sends("/settings", "/settings/places", places="Sede, La Pintana\n\n Capilla \nCapilla")
    assert "Capilla\nSede, La Pintana</textarea>" in done.text


def test_what_is_not_set_for_the_server_is_not_called_no(elena: Visitor) -> None:
    assert "<code>giving.iban</code> · sin poner" in elena.opens("/settings").text


def test_only_stewards_set_anything(olla: Node) -> None:
    with Visitor(olla).comes_in("Rosa") as rosa:
        assert rosa.opens("/settings").status_code == 403
        assert rosa.client.post("/settings", data={"name": "x"}).status_code == 403
        more = rosa.opens("/more").text
        assert 'href="/me"' in more
        assert 'href="/settings"' not in more


def test_a_member_reads_in_the_language_that_she_chose(olla: Node) -> None:
    with Visitor(olla).comes_in("Rosa") as rosa:
        page = rosa.sends("/more", "/more/language", language="en")

        assert page.headers["content-language"] == "en"
        assert "Who is here, and links for new ones" in page.text
        assert rosa.opens("/me").headers["content-language"] == "en"


def test_a_member_of_two_collectives_chooses_for_which_she_acts(olla: Node, tmp_path: Path) -> None:
    olla("collective", "add", "--handle", "sanjose", "--name", "Olla San José", "--kind", "kitchen", "--recovery-out", str(tmp_path / "w"))  # fmt: skip
    told(olla, "member.add", name="Rosa", role="steward", collective="sanjose")
    with Visitor(olla).comes_in("Rosa") as rosa:
        page = rosa.opens("/more").text
        for handle in ("sanjose", "esperanza"):
            seal = re.search(r'name="csrf" value="(\w+)"', page)
            assert seal
            rosa.client.post("/more/collective", data={"csrf": seal[1], "collective": handle})
            settings = rosa.opens("/settings").status_code
            assert settings == (200 if handle == "sanjose" else 403)
            page = rosa.opens("/more").text
        rosa.client.post("/more/collective", data={"csrf": seal[1], "collective": "villasol"})
        assert rosa.client.cookies["collective"] == "esperanza"


def test_what_was_typed_for_one_collective_is_not_said_by_another(olla: Node, tmp_path: Path) -> None:
    olla("collective", "add", "--handle", "norte", "--name", "Olla Norte", "--kind", "kitchen", "--recovery-out", str(tmp_path / "w"))  # fmt: skip
    told(olla, "member.add", name="Rosa", role="cook", collective="norte")
    with Visitor(olla).comes_in("Rosa") as rosa:
        boxes = dict(Forms(rosa.opens("/new/need").text).forms)["/new/need"]
        rosa.sends("/more", "/more/collective", collective="norte")
        typed = boxes | {"what": "arroz", "quantity": "40", "quantity.unit": "kg"}
        refused = rosa.client.post("/new/need", data=typed)
        assert refused.status_code == 403
        assert "y ahora actúas por Olla Norte. No se envió nada." in refused.text
        assert "arroz" in refused.text, "what she typed is still there"
        assert "arroz" not in rosa.opens("/c/norte").text
        assert (
            rosa.client.post("/logout", data={"csrf": boxes["csrf"]}).status_code == 200
        )  # it is said for nobody
        assert rosa.opens("/home").url.path == "/login"
