"""What two must approve: proposed by a form, approved with one tap by another, published with the last approval."""

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from tests.node.web.visitor import WORDS, Forms, Visitor, steward
from tests.nodes import Node


@pytest.fixture(scope="module")
def fund(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("proposals") / "fondo", "fondo", kind="fund") as node:
        steward(node)
        for name, role in (("Tere", "treasurer"), ("Ana", "cook")):
            node("member", "add", name, "--role", role, "--password-stdin", stdin=WORDS)
        yield node


def test_a_gift_in_cash_is_proposed_once_and_published_by_the_second_who_approves(fund: Node) -> None:
    form = "/new/donation"
    with Visitor(fund).comes_in("Elena") as elena, Visitor(fund).comes_in("Tere") as tere:
        cash = {"amount": "50000", "status": "cleared", "channel": "cash", "receipt": "1"}
        look = elena.sends(form, form, **cash, step="preview")
        assert "2 integrantes lo tienen que aprobar" in look.text

        page = elena.sends(form, form, again=True, **cash)
        assert "Propuesto, y aprobado por ti." in page.text
        assert len(fund.json("proposals")) == 1
        assert "espera tu aprobación" not in elena.opens("/home").text
        assert "<button>Aprobar" not in elena.opens(page.url.path).text

        assert "Aporte: espera tu aprobación" in tere.opens("/home").text
        assert "<strong>50.000 CLP</strong>" in tere.opens("/home").text
        shown = tere.opens(page.url.path).text
        assert "50.000 CLP" in shown
        assert "aporte D-…" in shown
        assert "cuando lo apruebe 1 integrante más" in shown
        done = tere.sends(page.url.path, again=True)
        assert done.status_code == 200
        assert fund.json("proposals") == []
        assert "Esto se aprobó y se publicó." in elena.opens(page.url.path).text


def test_cash_that_was_promised_comes_by_a_correction_that_two_approve(fund: Node) -> None:
    gift = fund("publish", "donation", "amount=8000 CLP", "status=pledged", "channel=cash")
    form = f"/edit/{gift}"
    with Visitor(fund).comes_in("Elena") as elena, Visitor(fund).comes_in("Tere") as tere:
        page = elena.sends(form, form, again=True, status="cleared")
        assert "Propuesto, y aprobado por ti." in page.text
        assert fund.json("show", gift)["state"] == "pledged"

        shown = tere.opens(page.url.path).text
        assert "Un cambio de algo que ya está publicado" in shown
        assert "ya acreditados" in shown
        assert tere.sends(page.url.path, again=True).status_code == 200
        assert fund.json("show", gift)["state"] == "cleared"


def test_nobody_is_told_that_she_approved_what_her_signature_was_refused_for(fund: Node) -> None:
    gift = fund("publish", "donation", "amount=8500 CLP", "status=pledged", "channel=cash")
    form = f"/edit/{gift}"
    with Visitor(fund).comes_in("Elena") as elena, Visitor(fund).comes_in("Tere") as tere:
        page = elena.sends(form, form, status="cleared").url.path
        tere.opens(page)
        fund("revise", gift, "amount=8600 CLP")

        refused = tere.sends(page)

        assert refused.status_code == 409
        assert "cambió después de que se propuso" in refused.text
        assert "Retira esta propuesta" in refused.text
        assert "Lo aprobaste" not in refused.text
        assert tere.sends(f"{page}/withdraw", f"{page}/withdraw").status_code == 200
        csrf = re.search(r'name="csrf" value="([^"]+)"', elena.opens("/new/need").text)
        assert csrf
        for way in (page, f"{page}/recuse"):
            answer = elena.client.post(way, data={"csrf": csrf[1]})
            assert answer.status_code == 409
            assert "se retiró" in answer.text
    assert fund.json("show", gift)["state"] == "pledged"


def test_no_photograph_of_what_two_must_approve_is_lost_in_silence(fund: Node) -> None:
    form, paper = "/new/expense", BytesIO()
    Image.new("RGB", (40, 80), "white").save(paper, "JPEG")
    files = {"photo0": ("boleta.jpg", paper.getvalue(), "image/jpeg")}
    spent = {"amount": "1200", "purpose": "Flete de garrafas", "channel": "cash"}
    with Visitor(fund).comes_in("Elena") as elena, Visitor(fund).comes_in("Tere") as tere:
        gift = {"amount": "5000", "status": "cleared", "channel": "cash"}
        tere.sends(elena.sends("/new/donation", "/new/donation", **gift).url.path)
        before = len(fund.json("proposals"))
        for step in ("preview", "publish"):
            refused = elena.sends(form, form, files=files, **spent, cover_nothing="yes", step=step)
            assert refused.status_code == 409
            assert "Saca la foto" in refused.text
            assert "Flete de garrafas" in refused.text
        assert len(fund.json("proposals")) == before

        kept = max((boxes for to, boxes in Forms(refused.text).forms if to == form), key=len)
        page = elena.client.post(form, data=kept | {"drop0": "yes", "step": "publish"})

        assert "Propuesto, y aprobado por ti." in page.text
        booked = tere.sends(page.url.path)
        assert "Flete de garrafas" in booked.text
        number = booked.url.path.rpartition("/")[2]
        assert "Otra persona también lo tiene que aprobar" in elena.opens(f"/withdraw/{number}").text


def test_who_has_a_stake_in_a_proposal_leaves_it_to_others(fund: Node) -> None:
    fund("propose", "donation", "amount=33000 CLP", "status=cleared", "channel=cash")
    number = next(each["number"] for each in fund.json("proposals") if "33000" in str(each["fields"]))
    with Visitor(fund).comes_in("Elena") as elena:
        page = elena.sends(f"/proposals/{number}", f"/proposals/{number}/recuse", again=True).text
        assert "Lo dejaste en manos de otras personas." in page
        assert "<button>Aprobar" not in page
        assert f'href="/proposals/{number}"' not in elena.opens("/home").text


def test_who_keeps_no_money_approves_none(fund: Node) -> None:
    fund("propose", "donation", "amount=20000 CLP", "status=cleared", "channel=cash")
    number = next(each["number"] for each in fund.json("proposals") if "20000" in str(each["fields"]))
    with Visitor(fund).comes_in("Ana") as ana:
        page = ana.opens(f"/proposals/{number}").text
        assert "<button>Aprobar" not in page
        assert "recibimos 20.000 CLP" in page


def test_a_mistaken_proposal_is_taken_back_and_waits_for_nobody(fund: Node) -> None:
    fund("propose", "donation", "amount=70000 CLP", "status=cleared", "channel=cash")
    number = next(each["number"] for each in fund.json("proposals") if "70000" in str(each["fields"]))
    page = f"/proposals/{number}"
    with Visitor(fund).comes_in("Elena") as elena, Visitor(fund).comes_in("Tere") as tere:
        with Visitor(fund).comes_in("Ana") as ana:
            assert "Retirarla" not in ana.opens(f"{page}/withdraw").text
            csrf = re.search(r'name="csrf" value="([^"]+)"', ana.opens("/new/need").text)
            assert csrf
            refused = ana.client.post(f"{page}/withdraw", data={"csrf": csrf[1]})
            assert refused.status_code == 403
            assert "Pueden estos roles: Coordinación y Tesorería." in refused.text
        assert "¿Retirar esta propuesta?" in tere.opens(f"{page}/withdraw").text
        assert f'href="{page}"' in elena.opens("/home").text

        assert "Ya no espera a nadie." in tere.sends(f"{page}/withdraw", f"{page}/withdraw", again=True).text

        assert f'href="{page}"' not in elena.opens("/home").text
        shown = elena.opens(page).text
        assert "Esta propuesta se retiró." in shown
        assert "<dd>acreditado</dd>" in shown
        assert "<dd>en efectivo</dd>" in shown
        assert "<button>Aprobar" not in shown
    assert number not in [each["number"] for each in fund.json("proposals")]
    assert fund.run("sign", number, "--as", "Elena").returncode == 1


def test_the_operator_takes_a_proposal_back_and_never_one_that_was_published(fund: Node) -> None:
    fund("propose", "donation", "amount=90000 CLP", "status=cleared", "channel=cash")
    fund("propose", "donation", "amount=91000 CLP", "status=cleared", "channel=cash")
    wrong, right = (
        next(each["number"] for each in fund.json("proposals") if amount in str(each["fields"]))
        for amount in ("90000", "91000")
    )

    assert fund("proposals", "withdraw", wrong) == wrong

    assert wrong not in [each["number"] for each in fund.json("proposals")]
    for name in ("Elena", "Tere"):
        fund("sign", right, "--as", name)
    assert fund.run("proposals", "withdraw", right).returncode == 1


def test_a_transfer_that_did_not_go_out_is_withdrawn_by_two(fund: Node) -> None:
    to = fund.actor  # somebody who is there
    fund("publish", "donation", "amount=9000 CLP", "status=cleared", "channel=bank")
    claims = f'claims=[{{"claimant": "{to}", "weight": "1"}}]'
    allocation = fund(
        "publish", "allocation", "rule=largest-remainder/1", "seed=x", "available=9000 CLP", claims
    )
    proposal = fund("propose", "transfer", f"to={to}", "amount=8000 CLP", f"allocation={allocation}")
    with Visitor(fund).comes_in("Tere") as tere:
        assert re.search(r"<strong>8\.000 CLP · [^<@/]+</strong>", tere.opens("/home").text)
        assert "cuando lo aprueben 2 integrantes más" in tere.opens(f"/proposals/{proposal}").text
    fund("sign", proposal, "--as", "Elena")
    transfer = fund("sign", proposal, "--as", "Tere")
    alone = fund.run("withdraw", transfer)
    assert alone.returncode == 1
    assert f"minga propose {transfer} --withdraw" in alone.stderr

    with Visitor(fund).comes_in("Elena") as elena, Visitor(fund).comes_in("Tere") as tere:
        form = f"/withdraw/{transfer}"
        assert "transferido: 8.000 CLP</a>" in elena.opens(f"/o/{allocation}").text, "a part of the share"
        assert "Otra persona también lo tiene que aprobar" in elena.opens(form).text
        page = elena.sends(form, again=True)
        assert "Propuesto, y aprobado por ti." in page.text
        assert "deja de contar en la cuenta" in page.text
        assert fund.json("show", transfer)["state"] == "open"
        assert tere.sends(page.url.path, again=True).status_code == 200

    assert not [each for each in fund.json("proposals") if str(each["about"]).endswith(transfer)]
    last = fund.json("account")["entries"][0]
    assert {each["account"]: each["amount"] for each in last["postings"]} == {
        "assets:bank": "8000",
        f"liabilities:payable:{fund.address}": "-8000",
    }
