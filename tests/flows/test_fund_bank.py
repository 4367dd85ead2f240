"""A bank's statement beside the account of a running fund: what matches, what came, what is missing, and a period that the bank denies."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.node.account.funds import fund, give
from tests.nodes import Node

HEAD = "Fecha;Glosa;Monto;Saldo\n"


@pytest.fixture
def fondo(tmp_path: Path) -> Iterator[Node]:
    with fund(tmp_path) as node:
        give(node, "203000 CLP", "on=2026-09-03")
        yield node


def statement(tmp_path: Path, *lines: str) -> str:
    path = tmp_path / "cartola.csv"
    path.write_text(HEAD + "\n".join(lines) + "\n")
    return str(path)


def pledge(node: Node, amount: str) -> dict[str, str]:
    fields = (f"amount={amount}", "status=pledged", "channel=bank", "on=2026-09-01")
    said: dict[str, str] = node.json("publish", "donation", *fields)
    return said


def balance(node: Node) -> str:
    found = node.json("account")["balances"]
    return str(next(row["amount"] for row in found if row["account"] == "assets:bank"))


def test_what_came_is_booked_at_once_and_what_nobody_booked_is_listed(fondo: Node, tmp_path: Path) -> None:
    first, second = pledge(fondo, "47000 CLP"), pledge(fondo, "47000 CLP")
    label = fondo.json("show", second["id"])["document"]["record"]["label"]
    file = statement(
        tmp_path,
        "03/09/2026;Transferencia de Juana Pérez;203.000;203.000",
        f"05/09/2026;Aporte {label.lower()};47.000;250.000",
        "06/09/2026;Comisión;-1.200;248.800",
    )
    told = fondo.run("account", "import", file)
    assert told.returncode == 1, told.stderr
    for words in (
        "asiento 1",
        f"prometido como {second['id']}: llegó",
        "SIN ANOTAR  Comisión",
        "minga publish expense amount='1200 CLP' on=2026-09-06",
        "Antes de la primera línea el banco y la cuenta tienen 0 CLP",
        "NO CALZA: El 6 de septiembre de 2026 el banco tiene 248.800 CLP y la cuenta 203.000 CLP: 45.800 CLP de diferencia",
    ):
        assert words in told.stdout
    assert balance(fondo) == "203000"

    fondo.run("account", "import", file, "--book")
    assert balance(fondo) == "250000"
    assert fondo.json("show", second["id"])["state"] == "cleared"
    assert fondo.json("show", first["id"])["state"] == "pledged"
    fondo("publish", "expense", "amount=1200 CLP", "on=2026-09-06", "purpose=Comisión del banco")
    assert "el banco y la cuenta tienen 248.800 CLP" in fondo("account", "import", file)
    assert "Juana" not in (fondo.directory / "minga.db").read_bytes().decode("latin-1")


def test_what_one_may_not_spend_alone_is_printed_as_a_proposal(fondo: Node, tmp_path: Path) -> None:
    file = statement(
        tmp_path,
        "06/09/2026;Flete;-75.000;128.000",
        "07/09/2026;Gas;-50.000;78.000",
        "07/09/2026;Gas;-2.000;76.000",
    )
    told = fondo.run("account", "import", file).stdout
    commands = [shlex.split(line)[1:] for line in told.splitlines() if line.startswith("  minga ")]
    assert [(verb, amount) for verb, _, amount, *_ in commands] == [
        ("propose", "amount=75000 CLP"),
        ("publish", "amount=50000 CLP"),
        ("propose", "amount=2000 CLP"),
    ]
    for command in commands:
        fondo(*command)
    alone = fondo.run("publish", "expense", "amount=75000 CLP", "on=2026-09-06", "purpose=Flete")
    assert "minga propose" in alone.stderr


def test_where_the_beginning_is_wrong_nothing_is_booked(fondo: Node, tmp_path: Path) -> None:
    gift = pledge(fondo, "47000 CLP")
    file = statement(tmp_path, "05/09/2026;x;47.000;251.000")
    refused = fondo.run("account", "import", file, "--book")
    assert refused.returncode == 1
    assert "el banco tenía 204.000 CLP y la cuenta 203.000 CLP: no se anotó nada" in refused.stderr
    assert fondo.json("show", gift["id"])["state"] == "pledged"


def test_a_period_is_not_closed_against_what_the_bank_says(fondo: Node) -> None:
    period = ("publish", "period", "opens=2026-09-01", "closes=2026-09-30")
    refused = fondo.run(*period, "bank=203001 CLP")
    assert refused.returncode == 1
    assert "bank: 203.000 CLP" in refused.stderr
    assert "falta o sobra 1 CLP" in refused.stderr
    assert "cash: 0 CLP" in fondo.run(*period, "bank=203000 CLP", "cash=500 CLP").stderr
    text = fondo("show", fondo(*period, "bank=203000 CLP", "cash=0 CLP"))
    assert "La cartola del banco dice lo mismo: 203.000 CLP." in text
    assert "assets:bank: 0 CLP al abrir, 203.000 CLP al cerrar" in text
    late = fondo.run("publish", "donation", "amount=1 CLP", "status=cleared", "channel=bank", "on=2026-09-30")
    assert "la cuenta está cerrada" in late.stderr
    following = fondo.json("publish", "period", "opens=2026-10-01", "closes=2026-10-31")
    assert "assets:bank: 203.000 CLP al abrir, 203.000 CLP al cerrar" in fondo("show", following["id"])


def test_a_file_in_another_encoding_is_refused_with_what_to_say(fondo: Node, tmp_path: Path) -> None:
    path = tmp_path / "cartola.csv"
    path.write_bytes((HEAD + "03/09/2026;Inés;203.000;203.000\n").encode("windows-1252"))
    refused = fondo.run("account", "import", str(path))
    assert (refused.returncode, "byte" in refused.stderr, "--encoding windows-1252" in refused.stderr) == (
        1,
        True,
        True,
    )
    assert fondo.run("account", "import", str(path), "--encoding", "windows-1252").returncode == 0
    assert "cannot be read" in fondo.run("account", "import", str(tmp_path / "none.csv")).stderr
