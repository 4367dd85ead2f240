"""Saying something from a telephone: forms for every kind, a look before it is said, once however often it is sent."""

import io
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import httpx
import pytest
from PIL import Image

from node.activities import REGISTRY
from node.domain.measure import read_quantity
from node.tongues import Tongue
from node.web.forms import Typed, boxes, with_unit
from tests.node.web.visitor import WORDS, Forms, Visitor, steward
from tests.nodes import Node

AS2 = {"accept": "application/activity+json"}
SMALL = 30_000
_GPS = 0x8825


@pytest.fixture(scope="module")
def olla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("composing") / "a") as node:
        steward(node)
        for name, role in (("Ana", "newcomer"), ("Tere", "treasurer"), ("Rosa", "cook")):
            node("member", "add", name, "--role", role, "--password-stdin", stdin=WORDS)
        yield node


@pytest.fixture(scope="module")
def elena(olla: Node) -> Iterator[Visitor]:
    with Visitor(olla).comes_in("Elena") as visitor:
        yield visitor


@pytest.fixture(scope="module")
def english(olla: Node, elena: Visitor) -> Iterator[Visitor]:
    """Elena, reading in English."""
    with Visitor(olla, "en") as visitor:
        visitor.client.cookies.update(elena.client.cookies)
        yield visitor


def board(node: Node, what: str) -> list[dict[str, str]]:
    return [line for line in node.json("board") if line["what"] == what]


def photograph() -> bytes:
    """A photograph that says where it was taken."""
    made, exif = io.BytesIO(), Image.Exif()
    exif.get_ifd(_GPS).update({1: "S", 2: (33.0, 27.0, 0.0), 3: "W", 4: (70.0, 38.0, 0.0)})
    Image.new("RGB", (1600, 1200), "orange").save(made, "JPEG", exif=exif)
    made.seek(0)
    assert Image.open(made).getexif().get_ifd(_GPS)[1] == "S"
    return made.getvalue()


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_there_is_a_small_form_for_every_kind_that_a_steward_may_publish(
    elena: Visitor, english: Visitor, kind: str
) -> None:
    for visitor in (elena, english):
        page = visitor.opens(f"/new/{kind}")
        may = "steward" in REGISTRY[kind].roles

        assert page.status_code == (200 if may else 403)
        assert len(page.content) < SMALL
        assert "<style" not in page.text
        assert not re.search(r"\son\w+=|style=", page.text)
        assert f'href="/new/{kind}"' in visitor.opens("/new").text or not may


def test_a_need_is_asked_for_as_people_type_it(olla: Node, elena: Visitor) -> None:
    page = elena.sends(
        "/new/need", "/new/need", what="zapallos", quantity="12,5", by="mañana 18:00", place="La Pintana"
    )

    assert "Publicado." in page.text
    (line,) = board(olla, "zapallos")
    assert (line["asked"], line["unit"], line["place"]) == ("12.5", "kilogram", "La Pintana")


def test_days_are_read_in_the_language_of_whoever_types_them(olla: Node, english: Visitor) -> None:
    page = english.sends("/new/need", "/new/need", what="onions", quantity="3", by="tomorrow 18:00")

    assert "Published." in page.text
    assert len(board(olla, "onions")) == 1


def test_what_is_wrong_stands_beside_its_box_and_what_was_typed_stays(olla: Node, elena: Visitor) -> None:
    page = elena.sends("/new/need", "/new/need", what="tomates", quantity="1.500", by="el día de la pera")

    assert page.status_code == 422
    assert 'value="1.500"' in page.text
    assert 'value="tomates"' in page.text
    assert re.search(r'id="e-quantity">[^<]*1,5 kg[^<]*1500 kg', page.text)
    assert 'href="#f-quantity"' in page.text
    assert board(olla, "tomates") == []

    by = elena.sends("/new/need", "/new/need", what="tomates", quantity="15", by="el día de la pera")
    assert re.search(r'name="by"[^>]*aria-invalid="true"', by.text)


def test_in_english_a_refusal_is_in_english(english: Visitor) -> None:
    page = english.sends("/new/need", "/new/need", what="tomatoes", quantity="12", place="Calle Larga 12")

    assert "a coarse place" in page.text


def test_where_the_unit_was_chosen_a_number_is_all_that_is_asked_for(elena: Visitor) -> None:
    wrong = elena.sends("/new/need", "/new/need", what="sal", **{"quantity": "muchos", "quantity.unit": "kg"})
    assert wrong.status_code == 422
    assert "Aquí va: un número, como 40." in wrong.text


def test_two_taps_publish_once(olla: Node, elena: Visitor) -> None:
    elena.sends("/new/need", "/new/need", again=True, what="cilantro", quantity="2")

    assert len(board(olla, "cilantro")) == 1


def test_going_back_and_changing_it_does_not_publish_a_second_one_unasked(olla: Node, elena: Visitor) -> None:
    first = elena.opens("/new/need")
    key = re.search(r'name="key" value="([^"]+)"', first.text)
    csrf = re.search(r'name="csrf" value="([^"]+)"', first.text)
    assert key
    assert csrf
    sent = {"key": key[1], "csrf": csrf[1], "what": "perejil", "quantity": "2", "quantity.unit": "kg"}
    assert elena.client.post("/new/need", data=sent).status_code == 200

    again = elena.client.post("/new/need", data=sent | {"quantity": "3"})

    assert again.status_code == 409
    assert 'value="3"' in again.text
    assert len(board(olla, "perejil")) == 1


def test_a_look_before_it_is_said_shows_every_language_and_stores_nothing(olla: Node, elena: Visitor) -> None:
    page = elena.sends("/new/need", "/new/need", what="harina", quantity="25", step="preview")

    assert "Necesitamos 25 kg de harina" in page.text
    assert "We need 25 kg of flour" in page.text
    assert board(olla, "harina") == []
    assert "harina" not in httpx.get(f"{olla.origin}/c/esperanza", headers={"accept": "text/html"}).text


def test_a_photograph_is_kept_between_the_look_and_the_word_and_loses_its_place(
    olla: Node, elena: Visitor
) -> None:
    files = {"photo0": ("olla.jpg", photograph(), "image/jpeg")}
    look = elena.sends(
        "/new/note", "/new/note", files=files, text="Así quedó la olla", alt0="una olla", step="preview"
    )
    assert 'alt="una olla"' in look.text
    boxes = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', look.text))

    said = elena.client.post("/new/note", data=boxes | {"step": "publish"})

    document = httpx.get(str(said.url).partition("?")[0], headers=AS2).json()
    (picture,) = document["attachment"]
    assert picture["name"] == "una olla"
    served = httpx.get(picture["url"])
    assert served.headers["content-type"] == "image/jpeg"
    shown = Image.open(io.BytesIO(served.content))
    assert not shown.getexif()
    assert "exif" not in shown.info
    assert b"Exif" not in served.content


def test_a_telephone_in_the_words_of_a_photograph_is_refused_however_late_it_was_typed(
    elena: Visitor,
) -> None:
    files, private = {"photo0": ("olla.jpg", photograph(), "image/jpeg")}, "llamar al 9 8765 4321"
    at_once = elena.sends("/new/note", "/new/note", files=files, text="La olla", alt0=private)
    assert at_once.status_code == 422
    # The photograph is kept, and the words that are to be changed stand in their box.
    assert 'id="e-alt0">' in at_once.text
    assert f'name="alt0" value="{private}"' in at_once.text
    boxes = dict(Forms(at_once.text).forms)["/new/note"]
    mended = elena.client.post("/new/note", data=boxes | {"alt0": "una olla", "step": "publish"})
    assert 'alt="una olla"' in mended.text
    look = elena.sends("/new/note", "/new/note", files=files, text="La olla", alt0="una olla", step="preview")
    boxes = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', look.text))
    late = elena.client.post("/new/note", data=boxes | {"alt0": private, "step": "publish"})
    assert late.status_code == 422
    assert "parece un dato privado" in late.text
    assert f'value="{private}"' in late.text


def test_what_is_no_photograph_is_refused_beside_its_box(elena: Visitor) -> None:
    files = {"photo0": ("x.pdf", b"%PDF-1.4 nothing", "application/pdf")}
    page = elena.sends("/new/note", "/new/note", files=files, text="un papel")

    assert page.status_code == 422
    assert 'id="e-photo0"' in page.text
    assert re.search(r'role="alert">.*<a href="#f-photo0">Fotografía 1</a>', page.text, re.DOTALL)
    both = files | {"photo1": ("olla.jpg", photograph(), "image/jpeg")}
    page = elena.sends(
        "/new/note", "/new/note", files=both, text="un papel", alt0="la boleta", alt1="una olla"
    )
    assert 'id="e-photo1"' in page.text
    assert 'name="alt0" value="una olla"' in page.text
    assert 'name="alt1" value="la boleta"' in page.text
    assert ">un papel</textarea>" in page.text.replace("\n", "")


def test_rows_are_added_without_a_script_and_come_back_filled(olla: Node, elena: Visitor) -> None:
    more = elena.sends("/new/campaign", "/new/campaign", goal="2500000", step="more:milestones")
    assert 'name="milestones.2.percent"' in more.text

    page = elena.sends(
        "/new/campaign",
        "/new/campaign",
        title="Invierno",
        goal="2500000",
        ration_price="1500",
        rounding="10",
        closes="15 de diciembre de 2099",
        **{"milestones.0.percent": "10", "milestones.2.percent": "25", "milestones.2.rations": "420"},
    )

    assert page.status_code == 422
    assert 'name="milestones.1.rations" value="420"' in page.text
    assert re.search(r'name="milestones.0.rations"[^>]*aria-invalid', page.text)


def test_who_may_not_publish_a_kind_is_not_shown_it_and_told_so_clearly(olla: Node) -> None:
    with Visitor(olla).comes_in("Ana") as ana:
        assert "/new/need" not in ana.opens("/new").text
        refused = ana.opens("/new/need")
        assert refused.status_code == 403
        assert "Tu rol en este colectivo no publica esto." in refused.text
    with Visitor(olla).comes_in("Tere") as tere:
        page = tere.opens("/new").text
        assert "/new/donation" in page
        assert "/new/need" not in page


def test_a_form_of_another_site_or_session_does_nothing(olla: Node, elena: Visitor) -> None:
    sent = {"what": "robo", "quantity": "1", "quantity.unit": "kg"}
    assert elena.client.post("/new/need", data=sent | {"csrf": "x" * 32}).status_code == 403
    foreign = {"origin": "https://evil.example"}
    with Visitor(olla) as outside:
        for visitor in (elena, outside):
            refused = visitor.client.post("/new/need", data=sent, headers=foreign)
            assert refused.status_code == 403
            assert "robo" not in refused.text  # nobody is asked to send what another site made up
    with Visitor(olla) as stranger:
        assert "/login" in str(stranger.opens("/new/need").url)
    assert board(olla, "robo") == []


def test_an_edit_says_only_what_changed_and_sees_who_was_faster(olla: Node, elena: Visitor) -> None:
    number = olla("publish", "need", "what=ajos", "quantity=5 kg", "place=Lo Hermida")
    page = elena.sends(f"/edit/{number}", f"/edit/{number}", details="pelados")
    assert "Corregido." in page.text
    again = elena.sends(f"/edit/{number}", f"/edit/{number}", details="pelados")
    assert "Queda tal como lo escribiste." in again.text
    (line,) = board(olla, "ajos")
    assert line["place"] == "Lo Hermida"

    form = elena.opens(f"/edit/{number}")
    boxes = dict(re.findall(r'<input [^>]*name="([^"]+)"[^>]*value="([^"]*)"', form.text))
    seen = re.search(r'name="seen" value="([^"]+)"', form.text)
    assert seen
    olla("revise", number, "place=Peñalolén")
    late = elena.client.post(f"/edit/{number}", data=boxes | {"seen": seen[1], "details": "enteros"})
    assert late.status_code == 409
    assert board(olla, "ajos")[0]["place"] == "Peñalolén"


def test_a_correction_that_was_refused_as_a_whole_offers_the_photographs_again(
    olla: Node, elena: Visitor
) -> None:
    number = olla("publish", "need", "what=choclos", "quantity=5 kg")
    place, files = f"/edit/{number}", {"photo0": ("olla.jpg", photograph(), "image/jpeg")}
    refused = elena.sends(place, place, csrf="x" * 32, details="tiernos", files=files)
    assert refused.status_code == 403
    assert "Las fotografías hay que elegirlas de nuevo." in refused.text
    boxes = next(boxes for action, boxes in Forms(refused.text).forms if action == place)
    again = elena.client.post(place, data=boxes | {"step": "edit"})
    assert again.status_code == 200
    assert "tiernos" in again.text
    assert "tiernos" not in olla.json("show", number)["text"]
    boxes = next(boxes for action, boxes in Forms(again.text).forms if action == place)
    assert "Corregido." in elena.client.post(place, data=boxes, files=files).text
    assert "tiernos" in olla.json("show", number)["text"]
    assert len(httpx.get(f"{olla.origin}/o/{number}", headers=AS2).json()["attachment"]) == 1


def test_the_words_of_a_photograph_that_is_shown_are_corrected_or_refused_beside_it(
    olla: Node, elena: Visitor
) -> None:
    files = {"photo0": ("olla.jpg", photograph(), "image/jpeg")}
    said = elena.sends("/new/note", "/new/note", files=files, text="La olla", alt0="caras de niñas")
    uri = str(said.url).partition("?")[0]
    place = f"/edit/{uri.rpartition('/')[2]}"

    def words() -> str:
        return str(httpx.get(uri, headers=AS2).json()["attachment"][0]["name"])

    refused = elena.sends(place, place, again=True, alt0="llamar al 9 8765 4321")
    assert (refused.status_code, 'id="e-alt0">' in refused.text) == (422, True)
    assert words() == "caras de niñas"
    assert "Corregido." in elena.sends(place, place, alt0="una olla").text
    assert words() == "una olla"


def test_withdrawing_asks_first(olla: Node, elena: Visitor) -> None:
    number = olla("publish", "need", "what=betarragas", "quantity=5 kg")
    assert "¿Retirar esto?" in elena.opens(f"/withdraw/{number}").text
    assert len(board(olla, "betarragas")) == 1

    elena.sends(f"/withdraw/{number}", again=True)

    assert board(olla, "betarragas") == []
    assert httpx.get(f"{olla.origin}/o/{number}", headers={"accept": "text/html"}).status_code == 410


@pytest.mark.parametrize(
    "path", ["/edit/0", "/edit/99999999999999999999", "/withdraw/7", "/proposals/3", "/new/x"]
)
def test_what_is_not_there_is_said_in_words(elena: Visitor, path: str) -> None:
    page = elena.opens(path)

    assert page.status_code == 404
    assert "<main" in page.text


def test_a_long_word_and_markup_are_shown_as_they_were_typed(elena: Visitor) -> None:
    page = elena.sends("/new/need", "/new/need", what="<b>" + "x" * 90, quantity="")

    assert page.status_code == 422
    assert "&lt;b&gt;xxx" in page.text


def test_all_that_does_not_read_is_said_at_once(olla: Node, elena: Visitor) -> None:
    page = elena.sends("/new/need", "/new/need", what="", quantity="muchos", by="el día de la pera")

    assert page.status_code == 422
    assert re.findall(r'class="error" id="e-([a-z]+)"', page.text) == ["what", "quantity", "by"]

    number = olla("publish", "need", "what=cebollines", "quantity=5 kg")
    edited = elena.sends(f"/edit/{number}", f"/edit/{number}", quantity="pocos", minimum="menos")
    assert edited.status_code == 422
    assert {"quantity", "minimum"} <= set(re.findall(r'id="e-([a-z]+)"', edited.text))


@pytest.mark.parametrize(
    ("typed", "unit", "whole"),
    [
        ("3 y medio", "kg", "3 y medio kg"),
        ("medio", "l", "medio l"),
        ("Dos", "kg", "2 kg"),
        ("1 y media", "kg", "1 y media kg"),
        ("3 y medio kilos", "l", "3 y medio kilos"),
        ("500 g", "kg", "500 g"),
        ("12", "", "12"),
    ],
)
def test_a_half_beside_a_chosen_unit_is_of_that_unit(typed: str, unit: str, whole: str) -> None:
    assert with_unit(typed, unit) == whole
    if unit:
        read_quantity(whole, "quantity", Tongue.of("es", ZoneInfo("America/Santiago")))


def test_what_gifts_come_by_is_said_in_words(olla: Node) -> None:
    with Visitor(olla, "en").comes_in("Tere") as tere:
        assert "in kind</option>" in tere.opens("/new/donation?lang=en").text


def test_an_example_of_money_is_in_the_currency_of_who_types_it() -> None:
    tongue = Tongue.of("es", ZoneInfo("America/Santiago"))
    drawn = {box.name: box.example for box in boxes(REGISTRY["expense"], tongue, Typed(currency="USD"))}
    assert drawn["amount"] == "375 USD"


@pytest.mark.parametrize(
    ("kind", "box", "spanish", "english"),
    [
        ("campaign", "title", "Invierno 2026", "Winter 2026"),
        ("expense", "evidence", "boleta 1234", "slip 1234"),
        ("match", "total", "300000 CLP", "300000 CLP"),
        ("note", "text", "Hoy comemos a las 13:00. ¡Vengan!", "Today we eat at 13:00. Come!"),
    ],
)
def test_an_example_is_one_that_could_be_typed_in_the_language_of_who_reads_it(
    kind: str, box: str, spanish: str, english: str
) -> None:
    for language, example in (("es", spanish), ("en", english)):
        tongue = Tongue.of(language, ZoneInfo("America/Santiago"))
        assert {each.name: each.example for each in boxes(REGISTRY[kind], tongue, Typed())}[box] == example
