"""The people of a collective: links for new ones, roles, and how somebody is taken out."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.node.web.visitor import WORDS, Visitor, member, steward, told
from tests.nodes import Node


@pytest.fixture(scope="module")
def olla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("members") / "a") as node:
        steward(node)
        for name, role in (("Rosa", "cook"), ("Ana", "newcomer"), ("Inés", "cook")):
            member(node, name, role)
        yield node


@pytest.fixture
def elena(olla: Node) -> Iterator[Visitor]:
    with Visitor(olla).comes_in("Elena") as visitor:
        yield visitor


def number(page: str, name: str) -> str:
    """The number by which the list of members links to somebody."""
    found = re.search(rf"<strong>{name}</strong>.*?/members/(\d+)/role", page, re.DOTALL)
    assert found, f"{name} is not in the list"
    return found[1]


def the_link(page: str) -> str:
    found = re.search(r"http://[^<]*(/join/[\w-]+)", page)
    assert found
    return found[1]


def test_an_invitation_is_a_link_and_a_picture_of_it_and_works(olla: Node, elena: Visitor) -> None:
    made = elena.sends("/members/invite", role="treasurer")

    assert "<svg" in made.text
    assert "Lleva la cuenta" in made.text
    assert "Como" not in elena.opens("/members/invite").text
    assert "Tesorería, hasta" in elena.opens("/members").text
    with Visitor(olla) as new:
        link = the_link(made.text)
        new.sends(link, link, member="Pilar", password=WORDS)
        assert "Tesorería, hasta" not in elena.opens("/members").text
        assert "<strong>Pilar</strong>" in elena.opens("/members").text


def test_two_taps_make_one_link(elena: Visitor) -> None:
    elena.sends("/members/invite", again=True, role="advisor")

    assert elena.opens("/members").text.count("Asesora o asesor, hasta") == 1


def test_a_link_that_was_withdrawn_opens_nothing(olla: Node, elena: Visitor) -> None:
    link = the_link(elena.sends("/members/invite", role="newcomer").text)
    revoke = re.search(r'action="(/members/invite/\d+/revoke)"', elena.opens("/members").text)
    assert revoke
    elena.sends("/members", revoke[1])

    with Visitor(olla) as late:
        assert late.opens(link).status_code == 404


def test_only_stewards_decide_about_people(olla: Node, elena: Visitor) -> None:
    ana = number(elena.opens("/members").text, "Ana")
    with Visitor(olla).comes_in("Rosa") as rosa:
        page = rosa.opens("/members")
        assert "<strong>Elena</strong>" in page.text
        assert "/members/invite" not in page.text
        for path in ("/members/invite", f"/members/{ana}/remove", f"/members/{ana}/role"):
            assert rosa.opens(path).status_code == 403
            assert rosa.client.post(path, data={"role": "steward"}).status_code == 403


def test_a_form_of_another_session_is_refused(olla: Node, elena: Visitor) -> None:
    with Visitor(olla).comes_in("Elena") as other:
        seal = re.search(r'name="csrf" value="(\w+)"', other.opens("/members/invite").text)
        assert seal
    assert elena.client.post("/members/invite", data={"role": "cook", "csrf": seal[1]}).status_code == 403


def test_a_role_changes_and_what_it_allows_with_it(olla: Node, elena: Visitor) -> None:
    ana = number(elena.opens("/members").text, "Ana")
    elena.sends(f"/members/{ana}/role", role="steward")
    with Visitor(olla).comes_in("Ana") as she:
        assert she.opens("/members/invite").status_code == 200
    elena.sends(f"/members/{ana}/role", role="newcomer")
    with Visitor(olla).comes_in("Ana") as she:
        assert she.opens("/members/invite").status_code == 403


def test_whoever_is_taken_out_is_out_at_once(olla: Node, elena: Visitor) -> None:
    ines = number(elena.opens("/members").text, "Inés")
    with Visitor(olla).comes_in("Inés") as she:
        assert "¿Sacar a Inés?" in elena.opens(f"/members/{ines}/remove").text
        elena.sends(f"/members/{ines}/remove")

        assert she.opens("/members").url.path == "/login"
    assert elena.opens(f"/members/{ines}/remove").status_code == 404


def test_the_last_steward_stays(olla: Node, elena: Visitor) -> None:
    page = elena.opens("/members").text
    own = number(page, "Elena")

    assert elena.sends(f"/members/{own}/role", role="cook").status_code == 409
    assert elena.sends(f"/members/{own}/remove").status_code == 409
    assert "única persona que coordina" in elena.sends(f"/members/{own}/remove").text
    assert olla.run("member", "remove", "Elena").returncode == 1


def test_a_forgotten_password_is_chosen_anew_by_the_member_alone(olla: Node, elena: Visitor) -> None:
    rosa = number(elena.opens("/members").text, "Rosa")
    with Visitor(olla).comes_in("Rosa") as before, Visitor(olla) as she:
        link = the_link(elena.sends(f"/members/{rosa}/password").text)
        assert "Nueva contraseña para Rosa" in she.opens(link).text
        she.sends(link, link, password="charquican del domingo")

        assert "session" in she.client.cookies
        assert before.opens("/members").url.path == "/login"
    with Visitor(olla) as thief:
        assert thief.client.post("/login", data={"name": "Rosa", "password": WORDS}).status_code == 401
    with Visitor(olla).comes_in("Rosa", "charquican del domingo"):
        pass


def test_nobody_gives_a_password_to_whoever_is_in_another_collective_too(tmp_path: Path) -> None:
    with Node(tmp_path / "a") as olla:
        olla("collective", "add", "--handle", "sanjose", "--name", "Olla San José", "--kind", "kitchen", "--recovery-out", str(tmp_path / "w"))  # fmt: skip
        for handle, name, role in (("esperanza", "Elena", "steward"), ("esperanza", "Rosa", "cook")):
            olla(
                "member", "add", name, "--role", role, "--password-stdin", "--collective", handle, stdin=WORDS
            )
        told(olla, "member.add", name="Rosa", role="steward", collective="sanjose")
        with Visitor(olla).comes_in("Elena") as elena:
            rosa = number(elena.opens("/members").text, "Rosa")

            assert elena.sends(f"/members/{rosa}/password").status_code == 409
