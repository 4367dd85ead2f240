"""`minga account import`: a bank's statement beside the account. The file stays here; only days, amounts and labels reach the node."""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from node.cli.late import load
from node.cli.scope import Command, current, exit_with, one_line
from node.domain.reconciling import labels_in
from node.errors import InvalidError, SetupError
from node.tongues import message
from schemas import Money

if TYPE_CHECKING:
    from node.tongues import Tongue

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
@click.option("--encoding", default="utf-8", show_default=True, help="Of a CSV or an OFX, like windows-1252.")
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
        raise SetupError(
            message("{path} cannot be read: {why}"), path=str(file), why=str(error.strerror)
        ) from error
    known = scope.ask("account.bank")
    # Heavy, and only needed here.
    tool = load("node.statement")
    read = tool.Columns(currency or known["currency"], encoding, _named(columns), day)
    try:
        statement = tool.read(data, format, read)
    except InvalidError as error:
        exit_with(error, known["language"])
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
    tongue = load("node.tongues").Tongue.of(known["language"], ZoneInfo("UTC"))
    scope.show(answer, lambda: _told(answer, statement, tongue))
    if not _holds(answer):
        sys.exit(1)


def _named(columns: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(each.partition("=")[::2] for each in columns)
    for what, name in pairs.items():
        if what not in _COLUMNS or not name:
            raise InvalidError(
                "column", message("WHAT=NAME, where WHAT is one of {known}"), known=", ".join(_COLUMNS)
            )
    return pairs


def _holds(answer: dict[str, Any]) -> bool:
    return all(answer[end]["bank"] in (None, answer[end]["account"]) for end in ("opening", "closing"))


def _told(answer: dict[str, Any], statement: Any, tongue: "Tongue") -> list[str]:
    """What the comparison found, in the language of the collective."""

    def money(minor: int) -> str:
        return tongue.money(Money(minor, statement.currency))

    said, unmatched = [], []
    for line, row in zip(answer["lines"], statement.rows, strict=True):
        said.append(
            f"{row.number:>5}  {line['on']}  {money(line['amount']):>18}  {_matched(line, tongue)}  {one_line(row.text)}"
        )
        if line["match"] == "unmatched":
            unmatched.append(_hint(line, statement.currency))
        if line["match"] == "unclear" and line["candidates"]:
            unmatched.append(f"  minga revise {line['candidates'][0]} status=cleared on={line['on']}")
    said += [
        tongue.say(
            "entry {number} of {day}, {amount}, is NOT ON THE STATEMENT",
            number=str(each["seq"]),
            day=each["on"],
            amount=money(each["amount"]),
        )
        for each in answer["missing"]
    ]
    if answer["booked"]:
        said.append(tongue.say("booked: {ids}", ids=", ".join(answer["booked"])))
    elif any(line["match"] == "pledged" for line in answer["lines"]):
        said.append(tongue.say("Promised gifts that came are booked with {option}.", option="--book"))
    if unmatched:
        said += [tongue.say("What nobody booked can be booked like this:"), *unmatched]
    when = tongue.say("On {day}", day=date.fromisoformat(answer["closing"]["on"]))
    ends = (("opening", tongue.say("Before the first line")), ("closing", when))
    return [*said, *(_held(words, answer[end], money, tongue) for end, words in ends)]


def _matched(line: dict[str, Any], tongue: "Tongue") -> str:
    """What a line of the statement is in the account."""
    if line["match"] == "booked":
        return tongue.say("entry {number}", number=str(line["seq"]))
    if line["match"] == "pledged":
        return tongue.say("promised as {id}: it came", id=line["id"])
    if line["match"] == "unmatched":
        return tongue.say("NOT BOOKED")
    if line["candidates"]:
        return tongue.say("one of these promises: {ids}", ids=", ".join(line["candidates"]))
    return tongue.say("names a gift that is another amount: NOT BOOKED")


def _held(when: str, end: dict[str, Any], money: Callable[[int], str], tongue: "Tongue") -> str:
    """What bank and account hold at one end of the statement."""
    bank, held = end["bank"], end["account"]
    if bank is None:
        return tongue.say(
            "{when} the account holds {held}; the statement does not say", when=when, held=money(held)
        )
    if bank == held:
        return tongue.say("{when} bank and account hold {held}", when=when, held=money(held))
    return tongue.say(
        "WRONG: {when} the bank holds {bank}, the account {held}: {gap} apart",
        when=when,
        bank=money(bank),
        held=money(held),
        gap=money(bank - held),
    )


def _hint(line: dict[str, Any], currency: str) -> str:
    plain = f"{Money(abs(line['amount']), currency).amount:f} {currency}"
    if line["amount"] > 0:
        return f"  minga publish donation amount='{plain}' status=cleared channel=bank on={line['on']}"
    verb = "propose" if line["by_two"] else "publish"
    return f"  minga {verb} expense amount='{plain}' on={line['on']} purpose=…"
