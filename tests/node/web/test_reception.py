"""What people are told where the node itself fails: in their language, with nothing of the cause, which the log has."""

import contextlib
import sqlite3

import httpx
import pytest

from tests.node.web.visitor import Forms, Visitor, told
from tests.nodes import until


@pytest.mark.parametrize("digits", ["9" * 19, "9" * 5000], ids=["19", "5000"])
def test_a_number_that_no_database_holds_is_none_in_a_form_either(olla, elena, digits):
    form = Forms(elena.opens("/new/note").text).forms[-1][1]
    typed = {**form, "text": "Hola", "step": "look"}
    answers = [
        elena.opens(f"/new/note?answers={digits[:500]}"),
        elena.opens(f"/home?arrived={digits[:500]}"),
        elena.opens(f"/board?before={digits[:500]}"),
        *(
            elena.client.post(path, data={**typed, **more}, follow_redirects=True)
            for path, more in (
                ("/new/note", {"answers": digits}),
                ("/new/note", {"answers": digits, "step": "publish"}),
                ("/new/note", {"picture0": digits, "alt0": "una olla"}),
                ("/new/meal", {"recipe": digits, "menu": "porotos", "on": "hoy"}),
                ("/new/criteria", {"version": digits, "label": "c", "text": "por raciones"}),
                ("/home/seen", {"position": digits}),
            )
        ),
    ]
    assert [each.url for each in answers if each.status_code >= 500] == []


@pytest.fixture(scope="module")
def damaged(olla):
    """The number of a post whose day was damaged on the disk."""
    note = told(olla, "publish", kind="note", fields={"text": "Hoy cocinamos #olla"})
    with contextlib.closing(sqlite3.connect(olla.directory / "minga.db")) as disk, disk:
        disk.execute("UPDATE posts SET published = 9223372036854775807 WHERE uri = ?", (note["uri"],))
    return note["uri"].rpartition("/")[2]


def test_a_member_reads_of_a_failure_in_the_language_that_she_chose(elena, damaged):
    elena.sends("/more", "/more/language", language="en")
    assert "Something went wrong on this server" in elena.opens(f"/o/{damaged}").text
    elena.sends("/more", "/more/language", language="es")
    assert "Algo salió mal en este servidor" in elena.opens(f"/o/{damaged}").text


@pytest.mark.parametrize(
    ("language", "words", "again"),
    [("es", "Algo salió mal en este servidor.", "Probar de nuevo"), ("en", "Something went wrong on", "Try again")],
)  # fmt: skip
def test_a_failure_is_a_page_in_the_readers_language_that_tells_nothing_of_its_cause(
    olla, damaged, language, words, again
):
    with Visitor(olla, language) as reader:
        page = reader.opens(f"/o/{damaged}")

    assert page.status_code == 500
    assert page.headers["content-language"] == language
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert words in page.text
    assert again in page.text
    for secret in ("Traceback", "Error", "9223372036854775807", str(olla.directory), ".py"):
        assert secret not in page.text
    until(lambda: "Traceback" in olla.log())


@pytest.mark.parametrize("path", ["/tags/olla", "/api/v1/timelines/tag/olla"])
@pytest.mark.parametrize(
    ("language", "said"),
    [("es-CL", "Algo salió mal en este servidor."), ("", "Something went wrong on this server.")],
)
def test_programs_are_told_of_a_failure_as_json(olla, damaged, path, language, said):
    headers = {"accept": "application/json", "accept-language": language}
    answer = httpx.get(olla.origin + path, headers=headers)

    assert answer.status_code == 500
    assert answer.json() == {"error": said}


@pytest.mark.parametrize(
    "path",
    [
        "/answer/{}/accept", "/withdraw/{}", "/proposals/{}", "/moderation/reports/{}", "/me/apps/{}/revoke",
        "/kitchen/lots/{}", "/kitchen/recipes/{}/drop", "/c/a/account/entries/{}", "/c/a/account/entries/{}/proof",
    ],
)  # fmt: skip
def test_under_a_number_that_no_database_holds_there_is_nothing(olla, elena, path):
    address = path.format("9" * 19).replace("/c/a/", f"/c/{olla.handle}/")
    csrf = Forms(elena.opens("/more").text).forms[0][1]["csrf"]

    answers = (elena.opens(address), elena.client.post(address, data={"csrf": csrf, "step": "yes"}))
    assert {each.status_code for each in answers} <= {404, 405}


def test_a_disk_that_fails_is_told_in_words_and_its_cause_is_for_the_log_alone(olla, elena):
    with contextlib.closing(sqlite3.connect(olla.directory / "minga.db")) as disk:
        disk.execute("ALTER TABLE objects RENAME TO away")
        try:
            with Visitor(olla) as stranger:
                pages = [stranger.opens("/board"), elena.opens("/home")]
        finally:
            disk.execute("ALTER TABLE away RENAME TO objects")

    for page in pages:
        assert page.status_code == 500
        assert page.headers["content-language"] == "es"
        assert "No resultó" in page.text
        assert "La base de datos de este servidor falló" in page.text
        assert "no such table" not in page.text
    until(lambda: olla.log().count("no such table") >= len(pages))
