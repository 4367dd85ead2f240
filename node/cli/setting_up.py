"""`minga init`, `minga serve`, `minga up`: a node comes to be, and runs.

The heavy part is loaded by name, so that every other command starts fast.
"""

import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from node.cli.late import load
from node.cli.scope import Command, Scope, ask_passphrase, current
from node.errors import SetupError

Keeper = Callable[[str], None]

KIND = click.Choice(["kitchen", "assembly", "cooperative", "supply-network", "parish", "fund", "network"])

WORDS_FILE = "recovery-words.txt"
TRIAL = {"origin": "http://127.0.0.1:8000", "handle": "minga", "name": "Minga de prueba", "kind": "kitchen"}


def about_collective(command: click.Command) -> click.Command:
    """The options that say what a collective is, for `init` and `collective add`."""
    command.params[:0] = [
        click.Option(["--handle"], required=True, metavar="H", help="Its name in addresses, 1 to 30 of a-z 0-9 _; it can never change."),
        click.Option(["--name"], required=True, metavar="TEXT", help="Its name as people say it."),
        click.Option(["--kind"], type=KIND, required=True, help="What it is."),
        click.Option(["--locale"], type=click.Choice(["es", "en"]), default="es", show_default=True, help="The language in which it speaks."),
        click.Option(["--currency"], default="CLP", show_default=True, help="The currency of its account."),
        click.Option(["--timezone"], default="America/Santiago", show_default=True, help="Where its days begin and end."),
        click.Option(
            ["--recovery-out"],
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Write the recovery words to this new file instead of the terminal.",
        ),
    ]  # fmt: skip
    return command


def sheet_keeper(recovery_out: Path | None) -> Keeper:
    """Where recovery words go: a new file, or the terminal. SetupError, before anything is made, where neither will do."""
    if recovery_out is not None:
        if recovery_out.exists():
            raise SetupError(
                f"{recovery_out} is there already; recovery words are never written over anything.",
                hint="Name a new file with --recovery-out.",
            )
        return lambda sheet: _write_new(recovery_out, sheet)
    if not os.isatty(1):
        raise SetupError(
            "The recovery words must be shown to somebody, and this is no terminal.",
            hint="Run this on a terminal, or write them to a new file with --recovery-out FILE.",
        )
    return _show_sheet


def _show_sheet(sheet: str) -> None:
    click.echo(sheet)
    click.pause("Press any key when the words are on paper…")


def _write_new(path: Path, sheet: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(sheet)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SetupError(f"{path} cannot be written: {error.strerror}") from error


@click.command(
    cls=Command,
    examples=(
        "minga init --origin https://olla.example --handle esperanza --name 'Olla La Esperanza' --kind kitchen",
        "minga init --origin http://127.0.0.1:8000 --handle prueba --name Prueba --kind network --recovery-out words.txt",
    ),
)
@click.option(
    "--origin",
    required=True,
    metavar="URL",
    help="The address of the node, like https://olla.example; it can never change.",
)
def init(origin: str, recovery_out: Path | None, **about: str) -> None:
    """Make a node: its data directory, keys, database and settings, with one collective.

    Shows the two recovery roots once, as 24 words each. Every id of the node begins with its origin, which can never
    change; neither can a handle.
    """
    scope = current()
    keeper = sheet_keeper(recovery_out)
    uri = _found(scope.directory, origin, about, keeper)
    answer = {"directory": str(scope.directory), "origin": origin, "actor": uri}
    scope.show(
        answer,
        lambda: [
            f"{about['name']} is {uri}",
            f"Data directory: {scope.directory}. The origin {origin} can never change.",
            *(
                [f"The recovery words are in {recovery_out}: take them off this machine."]
                if recovery_out
                else []
            ),
            f"Next: minga serve -d {scope.directory}",
        ],
    )


about_collective(init)


def _found(directory: Path, origin: str, about: dict[str, str], keep: Keeper) -> str:
    founding = load("node.founding")
    config = load("node.config").first_config(origin)
    return str(
        founding.found(directory, config, about, now=datetime.now(UTC), chance=secrets.token_bytes, keep=keep)
    )


def _serving(command: click.Command) -> click.Command:
    """The settings that can be given for one run."""
    command.params[:0] = [
        click.Option(["--bind"], metavar="HOST:PORT", help="Where to listen; else as minga.toml says."),
        click.Option(["--unix"], metavar="PATH", help="Listen on a Unix socket instead."),
        click.Option(["--set", "settings"], multiple=True, metavar="NAME=VALUE", help="Any other setting of minga.toml, like federation.secure_mode=true."),
    ]  # fmt: skip
    return command


@click.command(
    cls=Command,
    examples=(
        "minga serve",
        "minga serve -d /var/lib/minga --unix /run/minga/http.sock",
        "minga serve --set log_level=debug",
    ),
)
def serve(bind: str | None, unix: str | None, settings: tuple[str, ...]) -> None:
    """Run the node until it is stopped (Ctrl-C or SIGTERM)."""
    _serve(current(), bind, unix, settings)


_serving(serve)


@click.command(cls=Command, examples=("minga up", "minga up -d /tmp/trial --bind 127.0.0.1:8001"))
def up(bind: str | None, unix: str | None, settings: tuple[str, ...]) -> None:
    """Make a trial node on this machine if there is none, then run it."""
    scope = current()
    if not (scope.directory / "minga.toml").exists():
        about = {**TRIAL, "locale": "es", "currency": "CLP", "timezone": "America/Santiago"}
        origin = f"http://{bind}" if bind else about["origin"]
        del about["origin"]
        words: list[str] = []
        _found(scope.directory, origin, about, words.append)
        _write_new(scope.directory / WORDS_FILE, words[0])
        click.echo(
            f"Made a trial node in {scope.directory}; its recovery words are in {scope.directory / WORDS_FILE}."
        )
        click.echo("For a node of your own: minga init --help")
    _serve(scope, bind, unix, settings, first=True)


_serving(up)


def _serve(
    scope: Scope, bind: str | None, unix: str | None, settings: tuple[str, ...], *, first: bool = False
) -> None:
    flags = {name: value for name, value in (("bind", bind), ("unix", unix)) if value is not None}
    for pair in settings:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.UsageError(f"{pair!r} is not NAME=VALUE, like federation.secure_mode=true")
        flags[name] = value
    load("node.cli.serving").serve(scope.directory, flags, ask_passphrase, first=first)
