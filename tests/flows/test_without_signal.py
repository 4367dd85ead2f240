"""A telephone between two pots, with signal that comes and goes: what was seen is readable, what was written is sent once."""

import io
from base64 import b64encode
from hashlib import sha256

import httpx
import pytest
from PIL import Image

from node.control.client import ask
from tests.browser import PHONE, Setting
from tests.neighbourhood import PASSWORD
from tests.nodes import Node, until

pytestmark = pytest.mark.needs("chromium", "axe")

COOK = Setting(*PHONE, javascript=True, language="es")
OLDER = """
delete AbortSignal.timeout;
delete Crypto.prototype.randomUUID;
delete Navigator.prototype.locks;
delete Element.prototype.replaceChildren;
const Filled = FormData;
window.FormData = function (form) { return new Filled(form); };
"""
"""What Chrome 81 does not have yet."""


@pytest.fixture(scope="module")
def olla(tmp_path_factory):
    with Node(tmp_path_factory.mktemp("signal") / "olla") as olla:
        for name in ("rosa", "elena"):
            do(olla, "member.add", name=name, role="steward", password=PASSWORD)
        yield olla


def do(olla, command, **given):
    return ask(olla.directory, command, {"collective": olla.handle, **given}, lambda _: None)


def needs(olla, what):
    return [line for line in do(olla, "board") if line["what"] == what]


def settled(reader):
    """Wait until the telephone keeps pages for when there is no signal."""
    until(lambda: reader.page.evaluate("navigator.serviceWorker.controller !== null"))
    until(lambda: reader.page.evaluate("caches.match('/outbox').then(Boolean)"))


def write_need(reader, olla, what, quantity="5", photograph=None):
    reader.page.goto(f"{olla.origin}/new/need")
    reader.type("[name=what]", what)
    reader.type("[name=quantity]", quantity)
    if photograph:
        picture = {"name": "harina.png", "mimeType": "image/png", "buffer": photograph}
        reader.page.set_input_files("[name=photo0]", picture)
    reader.tap("form.fill .act button >> nth=0")


def told(reader, words):
    reader.page.locator("#signal", has_text=words).wait_for()


def test_needs_written_without_signal_are_each_sent_once_also_when_the_telephone_was_off(
    browser, olla, tmp_path
):
    with browser.switched_on(COOK, tmp_path) as reader:
        reader.come_in(olla.origin, "rosa", PASSWORD)
        settled(reader)
        write_need(reader, olla, "cebada")
        reader.page.wait_for_url("**/o/*")
        reader.context.set_offline(True)
        reader.go(f"{olla.origin}/new/need")
        told(reader, "Sin señal. Esto lo viste el")
        for number, what in enumerate(("sémola $&", "chuchoca")):  # from the one page that was seen
            write_need(reader, olla, what)
            reader.page.wait_for_url("**/outbox")
            row = reader.page.locator("#outbox article").nth(number)
            assert row.locator("h2").inner_text() == f"Publicar · Pedir algo · {what}"
            assert row.locator("[data-text]").inner_text() == f"{what} · 5 kilos"
        assert needs(olla, "sémola $&") == []

    with browser.switched_on(COOK, tmp_path) as reader:
        reader.go(f"{olla.origin}/home")
        told(reader, "Se envió: Publicar · Pedir algo · sémola $&")
        reader.go(f"{olla.origin}/outbox")
        reader.page.locator("#nothing").wait_for()
        assert reader.faults(member=True) == []
    assert [len(needs(olla, what)) for what in ("cebada", "sémola $&", "chuchoca")] == [1, 1, 1]


def test_a_form_whose_answer_was_lost_is_not_published_twice_by_an_older_browser_either(browser, olla):
    with browser.open(COOK, service_workers="block") as reader:
        reader.context.add_init_script(OLDER)
        reader.come_in(olla.origin, "rosa", PASSWORD)

        def lose(route):
            route.fetch(max_redirects=0)
            route.abort()

        reader.page.route(
            "**/new/need*", lambda route: lose(route) if route.request.method == "POST" else route.continue_()
        )
        photograph = io.BytesIO()
        Image.new("RGB", (60, 40), "#d99a1c").save(photograph, "png")
        write_need(reader, olla, "harina", photograph=photograph.getvalue())
        reader.page.wait_for_url("**/outbox")
        assert len(needs(olla, "harina")) == 1
        reader.page.unroute("**/new/need*")
        reader.page.reload()
        told(reader, "Se envió")
    assert len(needs(olla, "harina")) == 1


def test_the_back_button_and_another_tap_publish_nothing_twice(browser, setting, olla):
    with browser.open(setting) as reader:
        reader.come_in(olla.origin, "rosa", PASSWORD)
        if setting.javascript:
            settled(reader)
        write_need(reader, olla, f"porotos {setting}")
        reader.page.wait_for_url("**/o/*")
        published = reader.page.url
        reader.page.go_back()
        assert reader.page.input_value("[name=what]") == f"porotos {setting}"
        reader.tap("form.fill .act button >> nth=0")
        reader.page.wait_for_url("**/o/*")
        assert reader.page.url == published

        reader.go(f"{olla.origin}/new/note")  # opened anew it is a new one
        reader.type("[name=text]", f"Mañana hay lentejas {setting}")
        reader.tap("form.fill .act button >> nth=0")
        reader.page.wait_for_url("**/o/*")
        assert reader.page.url != published


def test_what_was_typed_outlives_the_session_and_goes_only_where_its_seal_is_good(browser, setting, olla):
    what = f"garbanzos {setting}"
    with browser.open(setting) as reader:
        reader.come_in(olla.origin, "rosa", PASSWORD)
        reader.go(f"{olla.origin}/new/need")
        reader.type("[name=what]", what)
        reader.type("[name=quantity]", "5")
        reader.context.clear_cookies()
        reader.tap("form.fill .act button >> nth=0")
        reader.page.locator("[name=password]").wait_for()
        ended = {"es": "lo que escribiste sigue aquí", "en": "what you typed is still here"}
        assert ended[setting.language] in reader.text
        assert needs(olla, what) == []
        for password in ("not hers", PASSWORD):
            reader.type("[name=name]", "rosa")
            reader.type("[name=password]", password)
            reader.tap("main form button")
        if setting.javascript:  # it waited in the outbox
            told(reader, "Se envió")
        else:
            assert what in reader.text
            assert reader.faults(member=True) == []
            reader.tap("form[action='/new/need'] button")
            assert reader.page.input_value("[name=what]") == what
            reader.page.evaluate("document.querySelector('[name=csrf]').value = 'of another session'")
            reader.tap("form.fill .act button >> nth=0")
            assert what in reader.text
            assert reader.faults(member=True) == []
            reader.tap("form[action='/new/need'] button")
            reader.tap("form.fill .act button >> nth=0")
            reader.page.wait_for_url("**/o/*")
    assert len(needs(olla, what)) == 1


def test_what_the_kitchen_counts_without_signal_waits_in_words_and_counts_once_in_her_name(browser, olla):
    meal = do(olla, "publish", kind="meal", fields={"menu": "charquicán", "planned": "80"})["uri"]
    note = do(olla, "publish", kind="note", fields={"text": "Hoy hay poroto"})["uri"]
    number = note.rpartition("/")[2]
    lot = f"kitchen/lots/{do(olla, 'pantry.add', what='trigo', quantity='20 kg')['lot']}"
    with browser.open(COOK) as reader:
        reader.come_in(olla.origin, "rosa", PASSWORD)
        settled(reader)
        for page in ("kitchen", "kitchen/pantry", lot, f"edit/{number}"):
            reader.go(f"{olla.origin}/{page}")
        reader.context.set_offline(True)
        reader.page.goto(f"{olla.origin}/kitchen")
        reader.type("[name=served]", "77")
        reader.tap("article form button")
        reader.page.wait_for_url("**/outbox")
        reader.page.goto(f"{olla.origin}/kitchen/pantry")
        reader.type("#f-what", "mote")
        reader.type("#f-quantity", "3")
        reader.tap("form .act button >> nth=-1")
        reader.page.wait_for_url("**/outbox")
        shown = reader.page.locator("#outbox")
        shown.locator("article >> nth=1").wait_for()
        assert "charquicán" in shown.inner_text()
        assert "mote · 3 kilos" in shown.inner_text()
        reader.page.goto(f"{olla.origin}/{lot}")
        reader.type("[name=quantity]", "12")
        reader.tap("button[value=count]")
        reader.page.wait_for_url("**/outbox")
        reader.page.goto(f"{olla.origin}/{lot}")
        reader.touch("details:has([name=expires]) summary")
        reader.type("[name=expires]", "2099-12-31")
        reader.tap("details:has([name=expires]) button")
        reader.page.wait_for_url("**/outbox")
        shown.locator("article", has_text="2099-12-31").get_by_text("Cambiarlo").click()
        reader.page.wait_for_url(f"**/{lot}#outbox=*")
        until(lambda: reader.page.input_value("[name=expires]") == "2099-12-31")
        reader.page.goto(f"{olla.origin}/edit/{number}")
        reader.type("[name=text]", "Hoy hay porotos")
        reader.tap("form.fill .act button")
        reader.page.wait_for_url("**/outbox")
        shown.locator("article >> nth=4").wait_for()

        reader.context.clear_cookies()  # her session ends, and somebody else comes in on her telephone
        reader.context.set_offline(False)
        reader.come_in(olla.origin, "elena", PASSWORD)
        reader.go(f"{olla.origin}/outbox")
        shown.locator("article >> nth=1").wait_for()
        assert "De otra persona" in shown.inner_text()
        assert "mote" not in shown.inner_text()
        assert not shown.get_by_text("Enviar ahora").first.is_visible()
        assert [row for row in do(olla, "pantry.list") if row["what"] == "mote"] == []

        reader.context.clear_cookies()
        reader.come_in(olla.origin, "rosa", PASSWORD)
        for _ in range(2):
            reader.go(f"{olla.origin}/outbox")
            reader.page.locator("#nothing").wait_for()
        reader.go(f"{olla.origin}/{lot}")
        assert "de 2099" in reader.text
    assert "servimos 77 raciones" in do(olla, "show", ref=meal)["text"]
    held = {row["what"]: row["good"] for row in do(olla, "pantry.list")}
    assert (held["mote"], held["trigo"]) == ("3", "12")
    assert "Hoy hay porotos" in do(olla, "show", ref=note)["text"]


def test_what_was_refused_or_is_changed_keeps_all_that_was_typed_and_unticked(browser, olla):
    urgent = do(olla, "publish", kind="need", fields={"what": "gas", "quantity": "15 kg", "urgent": "yes"})
    edit = f"{olla.origin}/edit/{urgent['uri'].rpartition('/')[2]}"
    with browser.open(COOK) as reader:
        reader.come_in(olla.origin, "rosa", PASSWORD)
        settled(reader)
        reader.go(f"{olla.origin}/new/need")
        reader.context.set_offline(True)
        write_need(reader, olla, "velas", quantity="muchas")
        reader.page.wait_for_url("**/outbox")
        reader.context.set_offline(False)
        reader.page.locator("#outbox .notice.bad").wait_for()
        assert "cantidad" in reader.page.locator("#outbox .notice.bad").inner_text().lower()
        assert not reader.page.get_by_text("Enviar ahora").is_visible()

        reader.tap("#outbox a")
        until(lambda: reader.page.input_value("[name=what]") == "velas")
        reader.type("[name=quantity]", "12")
        reader.tap("form.fill .act button >> nth=0")
        reader.page.wait_for_url("**/o/*")
        reader.go(f"{olla.origin}/outbox")
        reader.page.locator("#nothing").wait_for()

        reader.go(edit)
        reader.context.set_offline(True)
        reader.page.goto(edit)
        reader.page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        reader.page.locator("[name=urgent]").uncheck()
        reader.tap("form.fill .act button")
        reader.page.locator("#outbox", has_text="urgente: no").wait_for()
        reader.tap("#outbox a")
        until(lambda: not reader.page.locator("[name=urgent]").is_checked())
        reader.tap("form.fill .act button")
        reader.page.wait_for_url("**/outbox")
        reader.context.set_offline(False)
        reader.page.locator("#nothing").wait_for()
    assert len(needs(olla, "velas")) == 1
    assert not needs(olla, "gas")[0]["urgent"]


def test_whoever_logs_out_leaves_no_page_behind_and_nobody_else_loses_any(browser, olla):
    with browser.open(COOK) as reader:
        reader.come_in(olla.origin, "rosa", PASSWORD)
        settled(reader)
        reader.go(f"{olla.origin}/members")
        reader.context.set_offline(True)
        for door in ("login", "logout", "members"):  # without signal nobody has gone out
            reader.page.goto(f"{olla.origin}/{door}")
            assert ("rosa" if door == "members" else "Sin señal") in reader.text
        reader.context.set_offline(False)
        reader.go(f"{olla.origin}/logout")
        reader.tap("main button")
        reader.page.wait_for_url("**/login")
        assert reader.page.evaluate("caches.keys()") == []
        assert reader.page.evaluate("indexedDB.databases()") == []


def test_no_tap_that_waits_takes_the_place_of_another_and_no_receipt_is_made_anew(browser, olla, tmp_path):
    with browser.open(COOK) as reader:
        reader.come_in(olla.origin, "rosa", PASSWORD)
        settled(reader)
        drawn = io.BytesIO()
        Image.new("RGB", (60, 40), "#d99a1c").save(drawn, "png")
        reader.go(f"{olla.origin}/new/expense")
        reader.type("[name=amount]", "1200")
        reader.type("[name=purpose]", "Flete")
        picture = {"name": "boleta.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
        reader.page.set_input_files("[name=photo0]", picture)
        reader.page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        reader.page.locator("[name=cover_nothing]").check()
        reader.tap("form.fill .act button[value=publish]")
        reader.page.wait_for_url("**/o/*")
        booked = httpx.get(reader.page.url.partition("?")[0], headers={"accept": "application/activity+json"})
        assert booked.json()["record"]["evidence"] == b64encode(sha256(drawn.getvalue()).digest()).decode()

        reader.go(f"{olla.origin}/settings")
        reader.page.locator("[name=approves]").check()
        reader.tap("form[action='/settings'] .act button")
        for name in ("feria", "huerta"):
            about = ("--handle", name, "--name", name, "--kind", "kitchen")
            olla("collective", "add", *about, "--recovery-out", str(tmp_path / name))
            do(olla, "relation.follow", collective=name, target=olla.actor)
        until(lambda: len(do(olla, "relation.requests")) == 2)
        reader.go(f"{olla.origin}/home")
        reader.context.set_offline(True)
        for number in range(2):
            reader.page.goto(f"{olla.origin}/home")
            reader.page.locator("form[action='/answer/0/follower']:has([value=in]) button").nth(
                number
            ).click()
            reader.page.wait_for_url("**/outbox")
        reader.context.set_offline(False)
        reader.page.locator("#nothing").wait_for()
    assert do(olla, "relation.requests") == []
    assert len(do(olla, "relation.followers")) == 2


def test_a_form_that_waits_without_its_writer_is_shown_and_sent_by_whoever_says_so(browser, olla):
    with browser.open(COOK) as reader:
        reader.come_in(olla.origin, "rosa", PASSWORD)
        settled(reader)
        reader.go(f"{olla.origin}/new/need")
        reader.context.set_offline(True)
        write_need(reader, olla, "maicena")
        reader.page.wait_for_url("**/outbox")
        reader.page.locator("#outbox article").wait_for()
        reader.page.evaluate(
            """() => new Promise((done) => {
              const opening = indexedDB.open("minga");
              opening.onsuccess = () => {
                const rows = opening.result.transaction("outbox", "readwrite").objectStore("outbox");
                rows.getAll().onsuccess = ({ target: { result: [{ owner, ...row }] } }) => (rows.put(row).onsuccess = done);
              };
            })"""
        )  # as an older script kept it
        reader.context.clear_cookies()
        reader.context.set_offline(False)
        reader.come_in(olla.origin, "elena", PASSWORD)
        reader.go(f"{olla.origin}/outbox")
        reader.page.locator("#outbox", has_text="maicena").wait_for()
        assert "No se sabe" in reader.page.locator("#outbox").inner_text()
        assert needs(olla, "maicena") == []
        reader.page.get_by_text("Enviar ahora").click()
        told(reader, "Se envió")
    assert len(needs(olla, "maicena")) == 1


def test_what_is_withdrawn_without_signal_is_withdrawn_once_there_is_some(browser, olla):
    note = do(olla, "publish", kind="note", fields={"text": "Hoy no hay olla"})["uri"]
    number = note.rpartition("/")[2]
    with browser.open(COOK) as reader:
        reader.come_in(olla.origin, "rosa", PASSWORD)
        settled(reader)
        reader.go(f"{olla.origin}/o/{number}")
        reader.tap(f"a[href='/withdraw/{number}']")
        reader.page.wait_for_url(f"**/withdraw/{number}")
        until(lambda: reader.page.evaluate(f"caches.match('/withdraw/{number}').then(Boolean)"))
        reader.context.set_offline(True)
        reader.page.goto(f"{olla.origin}/withdraw/{number}")
        reader.tap("main form button")
        reader.page.wait_for_url("**/outbox")
        reader.page.locator("#outbox article").wait_for()
        assert "Hoy no hay olla" in do(olla, "show", ref=note)["text"]
        reader.context.set_offline(False)
        told(reader, "Se envió")
        reader.page.locator("#nothing").wait_for()
        for _ in range(2):
            assert httpx.get(note, headers={"accept": "application/activity+json"}).status_code == 410
            reader.go(f"{olla.origin}/outbox")
            reader.page.locator("#nothing").wait_for()
