"""`minga accept`, `receive`, `board` and the rest of what brings needs and offers together."""

from typing import Any

import click

from node.cli.reading import pledge_line
from node.cli.scope import Command, current, one_line
from node.cli.speaking import typed_fields

PLEDGE = "PLEDGE"


def _said(command: str, **arguments: Any) -> None:
    scope = current()
    answer = scope.ask(command, **arguments)
    scope.show(answer, lambda: [str(answer["id"])])


@click.command(
    cls=Command,
    examples=(
        "minga accept https://cooperativa.example/s/117536004505600",
        "minga accept 117536004505600 --over",
    ),
)
@click.argument("ref", metavar=PLEDGE)
@click.option("--over", is_flag=True, help="Take it although it is more than what is lacking.")
def accept(ref: str, over: bool) -> None:
    """Accept a pledge for a need of ours, by the id of the offer."""
    _said("accept", ref=ref, options=["over"] if over else [])


@click.command(cls=Command, examples=('minga reject 117536004505600 --reason "ya está cubierto"',))
@click.argument("ref", metavar=PLEDGE)
@click.option("--reason", required=True, help="Why; whoever offered reads it.")
def reject(ref: str, reason: str) -> None:
    """Refuse a pledge for a need of ours, and say why."""
    _said("reject", ref=ref, reason=reason)


@click.command(
    cls=Command,
    examples=(
        'minga receive 117536004505600 quantity="24 kg"',
        'minga receive 117536004505600 quantity="10 kg" more=true',
    ),
)
@click.argument("ref", metavar=PLEDGE)
@click.argument("pairs", nargs=-1, required=True, metavar="FIELD=VALUE…")
def receive(ref: str, pairs: tuple[str, ...]) -> None:
    """Record what arrived of a pledge. It closes the pledge, unless more=true; a shortfall is lacking again."""
    _said("receive", ref=ref, fields=typed_fields(pairs))


@click.command(cls=Command, examples=('minga confirm 117530012876800 quantity="10 kg"',))
@click.argument("ref", metavar="REPLY")
@click.argument("pairs", nargs=-1, required=True, metavar="FIELD=VALUE…")
def confirm(ref: str, pairs: tuple[str, ...]) -> None:
    """Confirm what somebody promised in a plain reply to a need of ours, as an informal pledge."""
    _said("confirm", ref=ref, fields=typed_fields(pairs))


@click.command(
    cls=Command,
    examples=(
        "minga board",
        "minga board --kind need --open",
        "minga board --limit 20 --before 117530012876800",
    ),
)
@click.option("--kind", type=click.Choice(["need", "offer"]), help="Only these.")
@click.option("--open", "only_open", is_flag=True, help="Only what is still lacking or to be had.")
@click.option(
    "--limit", type=click.IntRange(1, 200), default=200, show_default=True, help="How many at most."
)
@click.option("--before", metavar="ID", help="Only what stands below this id.")
def board(kind: str | None, only_open: bool, limit: int, before: str | None) -> None:
    """Show what is asked and offered, ours and our peers': asked, promised, received, lacking. Below a need of ours stand the
    pledges that wait for `minga accept` or `minga reject`, and those of which something is still to come, for `minga receive`."""
    scope = current()
    # One more than is shown: so it is known whether there are others.
    found = scope.ask("board", kind=kind, only_open=only_open, before=before, limit=limit + 1)
    answer = found[:limit]
    scope.show(answer, lambda: [line for each in answer for line in _lines(each)])
    if len(found) > limit:
        click.echo(f"There is more: add --before {answer[-1]['id']}", err=True)


def _lines(told: dict[str, Any]) -> list[str]:
    line = f"{told['id']}  {told['state']}  {one_line(told['text'])}"
    return [line, *(f"    {pledge_line(each)}" for each in (*told["waiting"], *told["coming"]))]
