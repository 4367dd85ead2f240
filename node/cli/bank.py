"""`minga account import`: a bank's statement beside the account. The file stays here; only days, amounts and labels reach the node."""

import sys
from pathlib import Path
from typing import Any

import click

from node.cli.late import load
from node.cli.scope import Command, current, one_line
from node.domain.reconciling import labels_in
from node.errors import InvalidError, SetupError
from schemas import Money

_COLUMNS = ("date", "amount", "in", "out", "text", "balance")


@click.command(
    "import",
    cls=Command,
    examples=(
        "minga account import cartola.csv",
        "minga account import cartola.csv --encoding windows-1252 --column date=Fecha --column in=Abonos --column out=Cargos",
        "minga account import statement.ofx --book",
        "minga account import camt053.xml",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--format", type=click.Choice(["csv", "ofx", "camt"]), help="Else as the file begins.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of a CSV, like windows-1252.")
@click.option("--currency", metavar="CODE", help="Of a CSV; else the collective's own.")
@click.option(
    "--column", "columns", multiple=True, metavar="WHAT=NAME", help=f"What is one of {', '.join(_COLUMNS)}."
)
@click.option("--day", default="", metavar="FORMAT", help="How a CSV writes days, like %m/%d/%Y.")
@click.option("--book", is_flag=True, help="Book the promised gifts that came: all of them, or nothing.")
def import_statement(
    file: Path,
    format: str | None,
    encoding: str,
    currency: str | None,
    columns: tuple[str, ...],
    day: str,
    book: bool,
) -> None:
    """Compare a bank's statement (CSV, OFX, camt.053) with the account: what is booked, what was promised and came, what nobody booked.

    Nothing is booked without --book. Exit 1 where the bank holds something else than the account says.
    """
    scope = current()
    try:
        data = file.read_bytes()
    except OSError as error:
        raise SetupError(f"{file} cannot be read: {error.strerror}") from error
    known = scope.ask("account.bank")
    # Heavy, and only needed here.
    tool = load("node.statement")
    read = tool.Columns(currency or known["currency"], encoding, _named(columns), day)
    statement = tool.read(data, format, read)
    answer = scope.ask(
        "account.compare",
        lines=[
            {"on": row.on.isoformat(), "amount": row.amount, "labels": list(labels_in(row.text))}
            for row in statement.rows
        ],
        currency=statement.currency,
        opening=statement.opening,
        closing=statement.closing,
        closes=None if statement.closes is None else statement.closes.isoformat(),
        book=book,
    )
    scope.show(answer, lambda: _told(answer, statement))
    if not _holds(answer):
        sys.exit(1)


def _named(columns: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(each.partition("=")[::2] for each in columns)
    for what, name in pairs.items():
        if what not in _COLUMNS or not name:
            raise InvalidError("column", f"WHAT=NAME, where WHAT is one of {', '.join(_COLUMNS)}")
    return pairs


def _holds(answer: dict[str, Any]) -> bool:
    return all(answer[end]["bank"] in (None, answer[end]["account"]) for end in ("opening", "closing"))


def _told(answer: dict[str, Any], statement: Any) -> list[str]:
    currency = statement.currency

    def money(minor: int) -> str:
        return f"{Money(minor, currency).amount:,f} {currency}"

    said, unmatched = [], []
    for line, row in zip(answer["lines"], statement.rows, strict=True):
        what = {
            "booked": f"entry {line['seq']}",
            "pledged": f"promised as {line['id']}: it came",
            "unclear": f"one of these promises: {', '.join(line['candidates'])}"
            if line["candidates"]
            else "names a gift that is another amount: NOT BOOKED",
            "unmatched": "NOT BOOKED",
        }[line["match"]]
        said.append(
            f"{row.number:>5}  {line['on']}  {money(line['amount']):>18}  {what}  {one_line(row.text)}"
        )
        if line["match"] == "unmatched":
            unmatched.append(_hint(line, money(abs(line["amount"]))))
        if line["match"] == "unclear" and line["candidates"]:
            unmatched.append(f"  minga revise NUMBER status=cleared on={line['on']}")
    said += [
        f"entry {each['seq']}  {each['on']}  {money(each['amount'])}  is NOT ON THE STATEMENT"
        for each in answer["missing"]
    ]
    if answer["booked"]:
        said.append(f"booked: {', '.join(answer['booked'])}")
    elif any(line["match"] == "pledged" for line in answer["lines"]):
        said.append("Promised gifts that came are booked with --book.")
    if unmatched:
        said += ["What nobody booked can be booked like this:", *unmatched]
    for end, words in (("opening", "before the first line"), ("closing", f"on {answer['closing']['on']}")):
        bank, held = answer[end]["bank"], answer[end]["account"]
        if bank is None:
            said.append(f"{words} the account holds {money(held)}; the statement does not say")
        elif bank == held:
            said.append(f"{words} bank and account hold {money(held)}")
        else:
            said.append(
                f"WRONG {words} the bank holds {money(bank)}, the account {money(held)}: {money(bank - held)} apart"
            )
    return said


def _hint(line: dict[str, Any], amount: str) -> str:
    plain = amount.replace(",", "")
    if line["amount"] > 0:
        return f"  minga publish donation amount='{plain}' status=cleared channel=bank on={line['on']}"
    return f"  minga publish expense amount='{plain}' on={line['on']} purpose=…"
