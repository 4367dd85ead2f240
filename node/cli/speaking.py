"""`minga publish` and everything else that a collective says."""

from collections.abc import Sequence
from pathlib import Path

import click

from node.cli.late import load
from node.cli.scope import Command, Group, current

VISIBILITY = click.Choice(["public", "unlisted", "followers", "peers", "direct"])


def typed_fields(pairs: Sequence[str]) -> dict[str, str]:
    """`what=lentejas quantity='40 kg'` as a mapping; wrong usage where a word is none of that form."""
    fields: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise click.UsageError(f"{pair!r} is not FIELD=VALUE, like text='Hoy cocinamos'")
        if name in fields:
            raise click.UsageError(f"{name} is given twice")
        fields[name] = value
    return fields


class Publish(Group):
    """`minga publish KIND`: a command for every kind that there is, with its fields in the help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Every kind."""
        return list(load("node.cli.kinds").names())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a kind. Whether there is such a kind is for the node to say."""
        return Kind(
            cmd_name,
            callback=publish_kind,
            params=[
                click.Argument(["pairs"], nargs=-1, metavar="FIELD=VALUE…"),
                click.Option(
                    ["--visibility"],
                    type=VISIBILITY,
                    help="Who may read it; else the widest that it may have.",
                ),
                click.Option(
                    ["--to"],
                    multiple=True,
                    metavar="HANDLE",
                    help="Address somebody by name; may be repeated.",
                ),
                click.Option(["--in-reply-to"], metavar="ID", help="What it answers, as number or URL."),
                *(_receipt() if cmd_name in ("expense", "gasto") else ()),
            ],
        )


class Kind(Command):
    """Publish one kind of thing."""

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002
        """One line on the kind."""
        return str(load("node.cli.kinds").summary(self.name))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """What the kind is and which fields it has."""
        load("node.cli.kinds").describe(self.name, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write an example made of its fields."""
        self.examples = load("node.cli.kinds").example(self.name)
        super().format_epilog(ctx, formatter)


def _receipt() -> list[click.Option]:
    """The options for the paper behind what is booked."""
    return [
        click.Option(
            ["--receipt"],
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="A photograph of the receipt. It stays here: its digest is published, and what --cover leaves of it.",
        ),
        click.Option(
            ["--cover", "covers"],
            multiple=True,
            metavar="LEFT,TOP,WIDTH,HEIGHT",
            help="What to blacken on it, in percent, like 0,10,100,8; may be repeated. Or: nothing.",
        ),
        click.Option(["--alt"], metavar="TEXT", help="What can be read on it, for whoever cannot see it."),
    ]


def publish_kind(
    pairs: tuple[str, ...],
    visibility: str | None,
    to: tuple[str, ...],
    in_reply_to: str | None,
    receipt: Path | None = None,
    covers: tuple[str, ...] = (),
    alt: str | None = None,
) -> None:
    """Publish; print the id."""
    scope, fields, shown = current(), typed_fields(pairs), None
    if receipt is not None:
        paper = load("node.cli.evidence")
        fields = {"evidence": paper.digest_of(receipt), **fields}
        shown = {"body": paper.redacted(receipt, covers), "description": alt or ""}
    answer = scope.ask(
        "publish",
        kind=click.get_current_context().info_name,
        fields=fields,
        visibility=visibility,
        to=list(to),
        in_reply_to=in_reply_to,
        picture=shown,
    )
    scope.show(answer, lambda: [str(answer["id"])])
    if receipt is not None:
        click.echo(f"keep {receipt}: whoever asks can compare it with {fields['evidence']}", err=True)
    if "code" in answer:
        click.echo(f"code for whoever gave it, shown only now: {answer['code']}", err=True)


@click.group(
    cls=Publish,
    examples=(
        "minga publish note text='Hoy cocinamos a las 13:00'",
        "minga publish note text='Gracias' --in-reply-to 117530012876800",
        "minga publish note text='La llave está donde siempre' --visibility peers",
        "minga publish note --help",
    ),
)
def publish() -> None:
    """Publish something; prints its id. `minga publish KIND --help` lists the fields of a kind."""


REF = "ID_OR_URL"


@click.command(cls=Command, examples=("minga revise 117530012876800 text='Hoy cocinamos a las 14:00'",))
@click.argument("ref", metavar=REF)
@click.argument("pairs", nargs=-1, required=True, metavar="FIELD=VALUE…")
def revise(ref: str, pairs: tuple[str, ...]) -> None:
    """Correct something that we said; fields that are not named stay as they are."""
    scope = current()
    answer = scope.ask("revise", ref=ref, fields=typed_fields(pairs))
    scope.show(answer, lambda: [str(answer["id"])])


def _about(name: str, help_: str, examples: Sequence[str]) -> click.Command:
    def act(ref: str) -> None:
        scope = current()
        answer = scope.ask(name, ref=ref)
        scope.show(answer, lambda: [str(answer["id"])])

    return Command(
        name, params=[click.Argument(["ref"], metavar=REF)], callback=act, help=help_, examples=examples
    )


withdraw = _about(
    "withdraw",
    "Withdraw something that we said: who follows us now, is trusted or named, and who boosted, liked or answered it, is told to delete it; its address answers 410.",
    ("minga withdraw 117530012876800",),
)
like = _about("like", "Like something.", ("minga like https://esperanza.example/o/117530012876800",))
boost = _about(
    "boost",
    "Boost something public to our followers.",
    ("minga boost https://esperanza.example/o/117530012876800",),
)
undo = _about(
    "undo",
    "Take back a like, a boost, or a follow, by the id of what was liked or by its own.",
    ("minga undo 117530012876800",),
)
