"""`minga account`, `log` and `recover`: the public account, its log, and what to do after a restored backup."""

from pathlib import Path
from typing import Any

import click

from node.cli.bank import import_statement
from node.cli.scope import Command, Group, current, one_line


@click.group(
    cls=Group,
    invoke_without_command=True,
    examples=(
        "minga account",
        "minga account --export hledger > fondo.journal && hledger -f fondo.journal balance",
        "minga account succeed --yes",
    ),
)
@click.option(
    "--export",
    "format",
    type=click.Choice(["csv", "json", "hledger", "beancount"]),
    help="Print the whole account in this format.",
)
@click.option(
    "--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many entries are shown."
)
@click.option("--before", type=int, metavar="SEQ", help="Only entries before this place.")
@click.pass_context
def account(context: click.Context, format: str | None, limit: int, before: int | None) -> None:
    """The public account: what came in, went out, is promised and is left; or all of it for another program."""
    if context.invoked_subcommand is not None:
        return
    scope = current()
    if format is not None:
        click.echo(scope.ask("account.export", format=format)["text"], nl=False)
        return
    answer = scope.ask("account.show", limit=limit, before=before)
    scope.show(answer, lambda: _account(answer))


def _account(told: dict[str, Any]) -> list[str]:
    lines = [told["account"]]
    for each in told["totals"]:
        lines.append(
            f"{each['commodity']}: received {each['received']}, spent {each['spent']},"
            f" promised {each['promised']}, held {each['held']}, unallocated {each['unallocated']}"
        )
        if each["over_committed"]:
            lines.append(each["warning"])
    lines += [f"  {row['account']}  {row['amount']} {row['commodity']}" for row in told["balances"]]
    lines.append("")
    for entry in told["entries"]:
        lines.append(f"{entry['seq']:>6}  {entry['date'] or entry['type']}  {one_line(entry['activity'])}")
        lines += [
            f"          {row['account']}  {row['amount']} {row['commodity']}" for row in entry["postings"]
        ]
    return [*lines, "", *_log(told["log"])]


@account.command("succeed", examples=("minga account succeed --yes",))
@click.option("--yes", is_flag=True, help="Close the log for ever.")
def succeed(yes: bool) -> None:
    """Close a log that cannot go on and begin the next, which cites the last checkpoint of the former.

    Only where `minga recover` finds no copy: what was published after that checkpoint stays missing.
    """
    scope = current()
    answer = scope.ask("account.succeed", yes=yes)
    scope.show(
        answer, lambda: [f"{answer['former']} ended with {answer['size']} leaves; {answer['log']} goes on."]
    )


account.add_command(import_statement)


@click.group(
    cls=Group,
    invoke_without_command=True,
    examples=("minga log", "minga log witness add esperanza@esperanza.example", "minga log quorum 2"),
)
@click.pass_context
def log(context: click.Context) -> None:
    """The log of the account: what it shows, and who witnesses it."""
    if context.invoked_subcommand is None:
        scope = current()
        answer = scope.ask("log.show")
        scope.show(answer, lambda: _log(answer))


@log.group("witness", cls=Group, examples=("minga log witness add esperanza@esperanza.example", "minga log"))
def witness() -> None:
    """Peers that cosign the log, so that nobody can be shown another history."""


@witness.command("add", examples=("minga log witness add esperanza@esperanza.example",))
@click.argument("ref", metavar="HANDLE_OR_URL")
def add(ref: str) -> None:
    """Ask a collective that follows us, or that we follow, to witness the log."""
    _changed("log.witness.add", ref=ref)


@witness.command("remove", examples=("minga log witness remove esperanza@esperanza.example",))
@click.argument("ref", metavar="HANDLE_OR_URL")
def remove(ref: str) -> None:
    """Ask it no more."""
    _changed("log.witness.drop", ref=ref)


@log.command("quorum", examples=("minga log quorum 2",))
@click.argument("number", type=click.IntRange(1, 100))
def quorum(number: int) -> None:
    """Say how many witnesses must cosign for the account to call itself witnessed."""
    _changed("log.quorum", quorum=number)


def _changed(command: str, **arguments: Any) -> None:
    scope = current()
    answer = scope.ask(command, **arguments)
    scope.show(answer, lambda: _log(answer))


def _log(told: dict[str, Any]) -> list[str]:
    lines = (
        ["no account yet: it begins with the first thing that is booked"]
        if told["origin"] is None
        else _own(told)
    )
    for each in told.get("evidence", ()):
        lines.append(
            f"{each['what'].upper()} of {one_line(each['log'])} at {each['size']} leaves, {each['at'][:16]};"
            " both signed notes: minga log --json"
        )
    for each in told.get("doubts", ()):
        lines.append(
            f"refused of {one_line(each['log'])} at {each['size']} leaves, {each['at'][:16]}; its server has not explained it yet"
        )
    return lines


def _own(told: dict[str, Any]) -> list[str]:
    waiting = f", {told['waiting']} wait" if told["waiting"] else ""
    lines = [f"log {told['origin']}: {told['size']} leaves{waiting}", f"key {told['key']}"]
    if stopped := told.get("stopped"):
        lines += [f"STANDS STILL: {one_line(stopped['why'])}", f"  {one_line(stopped['hint'])}".rstrip()]
    if not told["witnesses"]:
        lines.append("NOT WITNESSED: add peers with `minga log witness add HANDLE`")
    for each in told["witnesses"]:
        ahead = " AHEAD OF THIS NODE," if each["size"] > told["size"] else ""
        state = "up to date" if each["up_to_date"] else f"{ahead} at {each['size']}".strip()
        lines.append(f"witness {one_line(each['actor'])}: {state}")
        if each["refused"]:
            lines.append(f"  did not cosign, since {each['refused_since'][:16]}: {one_line(each['refused'])}")
    if told["witnesses"]:
        lines.append(f"quorum: {told['quorum']} of {len(told['witnesses'])}")
    return lines


@click.command(
    cls=Command,
    examples=(
        "minga recover                                          # trusts the files of the log that are here",
        "minga recover --from /media/usb/data                   # a data directory, or the log in it",
        "minga recover --from https://mirror.example/fondo/log/",
    ),
)
@click.option(
    "--from",
    "source",
    metavar="DIR_OR_URL",
    default="",
    help="A copy of the log's files, with its checkpoint: a data directory, the log directory in it, or a mirror; else the files in the data directory.",
)
def recover(source: str) -> None:
    """After a restored backup: bring the account up to what its log has already shown. The log is never rolled back."""
    scope = current()
    if source and not source.startswith(("http://", "https://")):
        source = str(Path(source).absolute())
    answer = scope.ask("account.recover", source=source)
    scope.show(
        answer,
        lambda: [f"{answer['log']}: {answer['size']} leaves, {answer['brought_back']} of them brought back."],
    )
