"""`minga timeline` and `minga show`: what was said."""

from typing import Any

import click

from node.cli.scope import Command, current, one_line


@click.command(
    cls=Command,
    examples=("minga timeline home", "minga timeline notifications --limit 5", "minga timeline local --json"),
)
@click.argument("which", type=click.Choice(["home", "local", "notifications"]))
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many at most.")
@click.option("--before", metavar="ID", help="Only what is older than this id.")
def timeline(which: str, limit: int, before: str | None) -> None:
    """Show what was said, newest first: by whom we follow, by this node's collectives, or to us."""
    scope = current()
    answer = scope.ask("timeline", which=which, limit=limit, before=before)
    line = _notification if which == "notifications" else _post
    scope.show(answer, lambda: [line(each) for each in answer])


@click.command(
    cls=Command,
    examples=("minga show 117530012876800", "minga show https://esperanza.example/o/117530012876800 --json"),
)
@click.argument("ref", metavar="ID_OR_URL")
def show(ref: str) -> None:
    """Show one thing as it stands now; what is not known here is fetched."""
    scope = current()
    answer = scope.ask("show", ref=ref)
    scope.show(answer, lambda: _whole(answer))


def _post(told: dict[str, Any]) -> str:
    boosted = f" (boosted by {told['boosted_by']})" if told["boosted_by"] else ""
    return f"{told['id']}  {told['published'][:16]}  {one_line(told['author'])}{boosted}  {one_line(told['text'])}"


def _notification(told: dict[str, Any]) -> str:
    said = f"  {one_line(told['post']['text'])}" if told["post"] else ""
    return f"{told['id']}  {told['at'][:16]}  {told['type']}  {one_line(told['author'])}{said}"


def _whole(told: dict[str, Any]) -> list[str]:
    told = {"author": told["owner"], "text": "", "likes": 0, "boosts": 0, "replies": 0, **told}
    lines = [
        f"{told['kind']} {told['id']}  {told['state']}  {told['audience']}",
        told["uri"],
        one_line(told["author"]),
        "",
        *(one_line(line) for line in told["text"].split("\n")),
        "",
        ", ".join(_counted(told[name], name) for name in ("replies", "boosts", "likes")),
    ]
    lines += [pledge_line(each) for each in told["pledges"]]
    lines += [_reply_line(each) for each in told["answers"]]
    # What is itself a table, like what an allocation books, is for --json and for the account.
    plain = {name: value for name, value in told["facts"].items() if not isinstance(value, list | dict)}
    return lines + [f"{name}: {one_line(str(value))}" for name, value in plain.items()]


def _counted(number: int, what: str) -> str:
    return (
        f"{number} {'reply' if what == 'replies' else what.removesuffix('s')}"
        if number == 1
        else f"{number} {what}"
    )


def _reply_line(told: dict[str, Any]) -> str:
    """One plain reply: its id, with which it is confirmed, by whom it is, and its first words."""
    return f"reply {told['id']}  {one_line(told['author'])}  {one_line(told['text'])}"


def pledge_line(told: dict[str, Any]) -> str:
    """One pledge for a need: its id, with which it is accepted, and what it says."""
    return f"pledge {told['id']}  {told['state']}  {one_line(told['owner'])}  {one_line(told['text'])}"
