"""The public account as a page: figures, entries with their proofs, a donor's own gift by its code, and nothing noted of who asks."""

import json
import re
import subprocess

import httpx
import pytest
from beancount import loader

from tests.node.account.funds import fund, give, sequenced, share, verify
from tests.nodes import minga
from tests.programs import hledger

SMALL = 30_000
MILESTONES = [{"percent": "10", "rations": "170"}, {"percent": "25", "rations": "420"}]


@pytest.fixture(scope="module")
def fondo(tmp_path_factory):
    """A fund after W5: a campaign, three gifts, a pledge, one in kind, the shares of round 1, one gift taken back."""
    node = fund(tmp_path_factory.mktemp("pages"))
    with node:
        campaign = node(
            "publish", "campaign", "title=Campaña Apoyo Mutuo", "goal=2500000 CLP", "ration_price=1500 CLP",
            "rounding=10", "closes=2099-12-15", f"milestones={json.dumps(MILESTONES)}",
        )  # fmt: skip
        give(
            node,
            "203000 CLP",
            "on=2026-09-03",
            f"campaign={campaign}",
            'stated={"amount":"200 EUR","rate":"1015"}',
        )
        second = give(node, "47000 CLP", "on=2026-09-05", f"campaign={campaign}", "fee=300 CLP")
        give(node, "375000 CLP", "on=2026-09-09", f"campaign={campaign}")
        node(
            "publish",
            "donation",
            "amount=90000 CLP",
            "status=pledged",
            "channel=bank",
            f"campaign={campaign}",
        )
        node(
            "publish", "donation", "amount=20000 CLP", "status=cleared", "channel=kind", "what=lentejas",
            "quantity=40 kg",
        )  # fmt: skip
        share(node, "624700 CLP")
        node("revise", second["id"], "status=reversed")
        sequenced(node, 7)
        node.campaign, node.code = campaign, second["code"]
        yield node


def page(node, path, language="es"):
    headers = {"accept": "text/html", "accept-language": language}
    return httpx.get(f"{node.origin}{path}", headers=headers, follow_redirects=True)


def words(answer):
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", ("578.000 CLP", "624.000 CLP", "−46.000 CLP", "Hay 46.000 CLP más prometidos", "Sin testigos", "23,12 %",
                "alcanzado el 9 de septiembre, perdido el", "90.000 CLP", "40 kg recibidos, 40 kg a la mano")),
        ("en", ("578,000 CLP", "−46,000 CLP", "46,000 CLP more is promised", "Not witnessed", "23.12%", "minga verify")),
    ],
)  # fmt: skip
def test_the_account_says_its_figures_the_gap_and_that_nobody_witnessed_it(fondo, language, said):
    answer = page(fondo, "/c/fondo/account", language)

    assert answer.status_code == 200
    for figure in said:
        assert figure in words(answer)
    assert len(answer.content) < SMALL
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert "set-cookie" not in answer.headers
    assert '<svg class="plot' in answer.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("es", "Entregado como 200 EUR al cambio 1.015."), ("en", "Given as 200 EUR at 1,015.")],
)
def test_a_foreign_gift_is_told_as_its_reader_writes_numbers(fondo, language, said):
    head = httpx.get(f"{fondo.actor}/log/checkpoint").text.split("\n")
    pages = (
        words(page(fondo, f"/c/fondo/account/entries/{seq}", language)) for seq in range(1, int(head[1]))
    )
    assert any(said in each for each in pages)


def test_short_addresses_lead_to_it(fondo):
    assert page(fondo, "/account").url.path == "/c/fondo/account"
    assert "Cuenta pública" in page(fondo, "/cuenta", "en").text
    assert page(fondo, "/c/nadie/account").status_code == 404


def test_each_entry_has_what_was_published_its_postings_and_a_proof_that_holds(fondo, tmp_path):
    listed = page(fondo, "/c/fondo/account").text
    for seq in range(7):
        assert f"/c/fondo/account/entries/{seq}" in listed
    entry = page(fondo, "/c/fondo/account/entries/2")
    assert "…" not in words(entry)
    assert "Asiento y prueba" not in entry.text
    assert "assets:bank" in entry.text
    assert "46.700 CLP" in words(entry)
    assert "comisiones expenses:fees 300 CLP" in words(entry)
    proof = tmp_path / "fondo-1-2.tlog-proof"
    proof.write_bytes(page(fondo, "/c/fondo/account/entries/2/proof").content)
    policy = tmp_path / "policy"
    policy.write_bytes(page(fondo, "/c/fondo/log/policy").content)
    assert verify(fondo, tmp_path / "seen", "--proof", str(proof))[0] == 0
    alone = minga("verify", "--proof", str(proof), "--policy", str(policy))
    assert alone.returncode == 0
    assert "46700 CLP" in alone.stdout
    proof.write_bytes(proof.read_bytes().replace(b"c2sp", b"c3sp"))
    assert minga("verify", "--proof", str(proof), "--policy", str(policy)).returncode == 1
    assert page(fondo, "/c/fondo/account/entries/99").status_code == 404


def test_older_entries_stand_on_further_pages(fondo):
    text = page(fondo, "/c/fondo/account?before=3").text
    assert "/account/entries/2" in text
    assert "/account/entries/3" not in text


def test_a_donor_finds_her_gift_by_its_code_and_by_nothing_else(fondo):
    address = f"{fondo.origin}/c/fondo/account/gift"
    typed = f" {fondo.code.lower().replace('o', '0')} "
    found = httpx.post(address, data={"code": typed})
    assert found.status_code == 200
    assert "47.000 CLP" in found.text
    assert "/c/fondo/account/entries/2/proof" in found.text
    assert "/c/fondo/account/entries/6/proof" in found.text
    assert (found.headers["cache-control"], "set-cookie" in found.headers) == ("no-store", False)
    label = re.search(r"D-[0-9A-F]{4}", found.text)[0]
    for wrong in ("", "AAAA-AAAA-AAAA", label, "\x00", "é" * 500):
        refused = httpx.post(address, data={"code": wrong})
        assert refused.status_code == 404
        assert "Ningún aporte" in refused.text
    assert (
        httpx.post(address, data={"code": fondo.code}, headers={"origin": "https://evil.example"}).status_code
        == 403
    )


def test_too_many_codes_are_refused(fondo):
    answers = [
        httpx.post(f"{fondo.origin}/c/fondo/account/gift", data={"code": "X"}).status_code for _ in range(30)
    ]
    assert answers[-1] == 429


@pytest.mark.parametrize("about", ["treasurer", "stranger"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_what_the_account_means_is_explained_with_its_own_address(fondo, about, language):
    answer = page(fondo, f"/c/fondo/account/help/{about}", language)
    assert answer.status_code == 200
    assert f"minga verify {fondo.actor}/account" in answer.text or about == "treasurer"
    assert "fondo.example" not in answer.text
    assert len(answer.content) < SMALL
    assert "--" not in re.sub(r'<span class="whole">--|<!--|<pre>.*?</pre>', "", answer.text, flags=re.S)
    if about == "treasurer":  # as `minga bank` prints it
        assert {"es": "NO CALZA: El", "en": "WRONG: On"}[language] in answer.text


def test_the_campaign_has_its_picture_on_its_own_page(fondo):
    answer = page(fondo, f"/o/{fondo.campaign}")
    assert "578.000 CLP de 2.500.000 CLP: 23,12 %" in words(answer)
    assert "perdido el" in answer.text
    assert '<svg class="plot' in answer.text


def export(node, format, path):
    answer = page(node, f"/c/fondo/account/export/{format}")
    assert answer.status_code == 200
    path.write_bytes(answer.content)
    assert node("account", "--export", format).splitlines() == answer.text.strip().splitlines()
    return answer.text


def test_csv_and_json_say_the_same(fondo, tmp_path):
    rows = export(fondo, "csv", tmp_path / "x.csv").splitlines()
    leaves = json.loads(export(fondo, "json", tmp_path / "x.json"))
    assert len(rows) == 1 + sum(len(leaf["postings"]) for leaf in leaves) == 1 + 17
    assert page(fondo, "/c/fondo/account/export/xls").status_code == 404


@pytest.mark.needs("hledger")
def test_hledger_accepts_the_account_and_comes_to_the_same_balance(fondo, tmp_path):
    journal = tmp_path / "fondo.journal"
    export(fondo, "hledger", journal)
    run = [hledger(), "-f", str(journal)]
    done = subprocess.run([*run, "check", "--strict"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = subprocess.run([*run, "balance", "assets:bank", "-N"], capture_output=True, text=True, check=True)
    assert told.stdout.split()[0] == "578000"
    journal.write_text(journal.read_text().replace("assets:bank  375000 CLP", "assets:bank  375001 CLP"))
    assert subprocess.run([*run, "check", "--strict"], capture_output=True, check=False).returncode != 0


def test_beancount_accepts_the_account_and_finds_a_changed_amount(fondo, tmp_path):
    ledger = tmp_path / "fondo.beancount"
    export(fondo, "beancount", ledger)
    assert loader.load_file(str(ledger))[1] == []
    ledger.write_text(ledger.read_text().replace("Assets:Bank  375000 CLP", "Assets:Bank  375001 CLP"))
    assert loader.load_file(str(ledger))[1] != []
