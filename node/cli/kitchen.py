"""`minga pantry` and `minga recipe`: what there is, and what can be cooked of it. Nothing of it is published."""

from typing import Any

import click

from node.cli.scope import Command, Group, current, one_line

_REASONS = click.Choice(["counted", "spoiled", "given", "lost", "bought", "arrived", "cooked", "corrected"])


@click.group(
    cls=Group,
    examples=(
        "minga pantry add lentejas '40 kg' --expires 2026-12-31",
        "minga pantry list",
        "minga pantry count 117530012876800 '38,5 kg' --reason spoiled",
        "minga pantry use lentejas '8 kg' --reason cooked",
    ),
)
def pantry() -> None:
    """What the kitchen has, lot by lot."""


@pantry.command("list", cls=Command, examples=("minga pantry list",))
def list_() -> None:
    """Show what there is."""
    scope = current()
    answer = scope.ask("pantry.list")
    scope.show(answer, lambda: [line for each in answer for line in _held(each)])


@pantry.command(cls=Command, examples=("minga pantry add aceite '3 l'",))
@click.argument("what")
@click.argument("quantity")
@click.option("--expires", default="", metavar="DAY", help="The last day that it is good.")
@click.option("--note", default="", metavar="TEXT", help="In your words.")
def add(what: str, quantity: str, expires: str, note: str) -> None:
    """Put something in."""
    scope = current()
    answer = scope.ask("pantry.add", what=what, quantity=quantity, expires=expires, note=note)
    scope.show(answer, lambda: [answer["lot"]])


@pantry.command(cls=Command, examples=("minga pantry count 117530012876800 '38 kg' --reason counted",))
@click.argument("lot")
@click.argument("quantity")
@click.option("--reason", type=_REASONS, default="counted", show_default=True, help="Why it changed.")
@click.option("--note", default="", metavar="TEXT", help="In your words.")
def count(lot: str, quantity: str, reason: str, note: str) -> None:
    """Say how much of a lot there is; the difference is written down."""
    scope = current()
    answer = scope.ask("pantry.count", lot=lot, quantity=quantity, reason=reason, note=note)
    scope.show(answer, lambda: [f"difference: {answer['difference']}"])


@pantry.command(cls=Command, examples=("minga pantry use lentejas '8 kg' --reason cooked",))
@click.argument("what")
@click.argument("quantity")
@click.option("--reason", type=_REASONS, default="cooked", show_default=True, help="What for.")
@click.option("--note", default="", metavar="TEXT", help="In your words.")
def use(what: str, quantity: str, reason: str, note: str) -> None:
    """Take something out: first what expires first, never what is past its day."""
    scope = current()
    answer = scope.ask("pantry.use", what=what, quantity=quantity, reason=reason, note=note)
    scope.show(answer, lambda: [one_line(f"{answer['quantity']} {answer['what']}")])


@click.group(
    cls=Group,
    examples=(
        "minga recipe keep Lentejas 100 lentejas='8 kg' arroz='5 kg' aceite='1,5 l' gas='0,25 u'",
        "minga recipe list",
        "minga recipe missing Lentejas 300",
    ),
)
def recipe() -> None:
    """What so many rations need."""


@recipe.command("list", cls=Command, examples=("minga recipe list",))
def list_recipes() -> None:
    """Show what can be cooked by each recipe, and what limits it."""
    scope = current()
    answer = scope.ask("recipe.list")
    scope.show(
        answer,
        lambda: [
            f"{one_line(each['name'])}: {each['possible']} rations; limits: {one_line(', '.join(each['limiting']))}"
            for each in answer
        ],
    )


@recipe.command(cls=Command, examples=("minga recipe keep Lentejas 100 lentejas='8 kg' arroz='5 kg'",))
@click.argument("name")
@click.argument("rations")
@click.argument("ingredients", nargs=-1, required=True, metavar="WHAT=AMOUNT…")
def keep(name: str, rations: str, ingredients: tuple[str, ...]) -> None:
    """Write a recipe down, or change the one of that name."""
    pairs = [each.partition("=") for each in ingredients]
    if not all(sign for _, sign, _ in pairs):
        raise click.UsageError("An ingredient is WHAT=AMOUNT, like lentejas='8 kg'.")
    scope = current()
    given = {what: amount for what, _, amount in pairs}
    answer = scope.ask("recipe.keep", name=name, rations=rations, ingredients=given)
    scope.show(answer, lambda: [answer["recipe"]])


@recipe.command(cls=Command, examples=("minga recipe missing Lentejas 300",))
@click.argument("name")
@click.argument("rations", type=click.IntRange(1, 100_000))
def missing(name: str, rations: int) -> None:
    """Show what must be asked for to cook so many rations."""
    scope = current()
    answer = scope.ask("recipe.missing", name=name, rations=rations)
    scope.show(
        answer, lambda: [one_line(f"{each['what']}: {each['amount']} {each['unit']}") for each in answer]
    )


def _held(each: dict[str, Any]) -> list[str]:
    lines = [f"{one_line(each['what'])}: {each['good']} {each['unit']}"]
    for lot in each["lots"]:
        until = f", good until {lot['expires']}" if lot["expires"] else ""
        lines.append(f"  {lot['lot']}  {lot['remaining']}{until}")
    return lines
