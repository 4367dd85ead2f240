"""A member's own page: sessions, apps, password, all that is known about her, and leaving."""

import json
import sqlite3
from collections.abc import Iterator

import httpx
import pytest

from tests.node.web.visitor import WORDS, Visitor, member, steward, told
from tests.nodes import Node

NEW = "charquican del domingo"
KNOWN = {
    "sessions",
    "tokens",
    "codes",
    "memberships",
    "traces",
    "idempotency",
    "approvals",
    "invitations",
    "visits",
    "pickup_hands",
}
"""Tables with a column `member`: what stands in them of her is told to her and erased when she leaves, except approvals (kept, and
told so), invitations (gone after a day) and codes (gone after an hour)."""


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("me") / "a") as node:
        steward(node)
        yield node


@pytest.fixture
def olla(there: Node) -> Iterator[Node]:
    """The node, with a Rosa who has just come in."""
    member(there, "Rosa")
    yield there
    if any(each["name"] == "Rosa" for each in told(there, "member.list")):
        told(there, "member.remove", name="Rosa")


def test_logging_out_everywhere_ends_every_browser(olla: Node) -> None:
    with Visitor(olla).comes_in("Rosa") as here, Visitor(olla).comes_in("Rosa") as there:
        page = here.opens("/me").text
        assert page.count("Desde el") == 2
        assert page.count("este navegador") == 1
        here.sends("/me", "/me/sessions/end")

        assert here.opens("/me").url.path == there.opens("/me").url.path == "/login"
    with Visitor(olla).comes_in("Elena") as elena:
        assert elena.opens("/me").url.path == "/me"


def test_a_changed_password_logs_out_every_other_browser(olla: Node) -> None:
    with Visitor(olla).comes_in("Rosa") as here, Visitor(olla).comes_in("Rosa") as there:
        wrong = here.sends("/me/password", old="no era esta", new=NEW)
        assert wrong.status_code == 422
        assert "Aquí va: la contraseña que tienes ahora." in wrong.text
        short = here.sends("/me/password", old=WORDS, new="corta")
        assert "al menos 10 letras" in short.text
        assert WORDS not in short.text
        done = here.sends("/me/password", old=WORDS, new=NEW)

        assert done.url.path == "/me"
        assert there.opens("/me").url.path == "/login"
    with Visitor(olla).comes_in("Rosa", NEW):
        pass


def test_the_access_of_an_app_can_be_taken_by_its_member_alone(olla: Node) -> None:
    token = told(olla, "token", member="Rosa", scopes="read")["token"]
    as_app = {"authorization": f"Bearer {token}"}
    ask = f"{olla.origin}/api/v1/accounts/verify_credentials"
    with Visitor(olla).comes_in("Rosa") as rosa, Visitor(olla).comes_in("Elena") as elena:
        page = rosa.opens("/me").text
        assert "línea de comandos" in page
        assert token not in page
        there = next(part.split('"')[0] for part in page.split('action="')[1:] if "/revoke" in part[:60])
        assert "/revoke" not in elena.opens("/me").text
        seal = elena.opens("/me").text.split('name="csrf" value="')[1].split('"')[0]
        elena.client.post(there, data={"csrf": seal})
        assert httpx.get(ask, headers=as_app).status_code == 200

        rosa.sends("/me", there)
        assert httpx.get(ask, headers=as_app).status_code == 401


def test_the_file_has_all_that_is_stored_and_no_more(olla: Node) -> None:
    told(olla, "publish", kind="note", fields={"text": "Hoy cocinamos"}, **{"as": "Rosa"})["id"]
    told(olla, "token", member="Rosa")["token"]
    with Visitor(olla).comes_in("Rosa") as rosa:
        answer = rosa.opens("/me/known.json")
        assert "attachment" in answer.headers["content-disposition"]
        known = json.loads(answer.text)

        assert known["name"] == "Rosa"
        assert known["collectives"] == [{"collective": olla.actor, "role": "cook"}]
        assert len(known["sessions"]) == len(known["programs"]) == len(known["acts"]) == 1
        assert "argon2id$" not in answer.text
        page = rosa.opens("/me/known").text
        assert "Esto es todo" in page
        assert known["acts"][0]["activity"] in page


def test_leaving_erases_her_and_nothing_that_the_collective_said(olla: Node) -> None:
    number = told(olla, "publish", kind="note", fields={"text": "Hoy cocinamos"}, **{"as": "Rosa"})["id"]
    with Visitor(olla).comes_in("Rosa") as rosa:
        (act,) = json.loads(rosa.opens("/me/known.json").text)["acts"]
        assert "Te vas de: Olla Esperanza." in rosa.opens("/me/leave").text
        rosa.sends("/me/leave")
        assert rosa.opens("/me").url.path == "/login"
    assert "Hoy cocinamos" in httpx.get(f"{olla.origin}/o/{number}", headers={"accept": "text/html"}).text
    database = sqlite3.connect(f"file:{olla.directory / 'minga.db'}?mode=ro", uri=True)
    try:
        assert database.execute("SELECT count(*) FROM members WHERE name = 'Rosa'").fetchone() == (0,)
        traced = database.execute("SELECT count(*) FROM traces WHERE activity = ?", (act["activity"],))
        assert traced.fetchone() == (0,)
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        about = {
            table
            for table in tables
            if any(column[1] == "member" for column in database.execute(f"PRAGMA table_info({table})"))
        }
    finally:
        database.close()
    assert about == KNOWN, "what a new table knows about a member, node/dossier.py must tell and erase"


def test_the_last_steward_cannot_leave(olla: Node) -> None:
    with Visitor(olla).comes_in("Elena") as elena:
        assert elena.sends("/me/leave").status_code == 409
        assert elena.opens("/me").url.path == "/me"
