"""What every command takes: the data directory, for which collective and as which member, and how to print.

Commands are `Command`s and `Group`s of this module; they carry the common options by themselves, before or after the
name of the command. `scope.ask` performs a command of `node.control` in the node that runs, or here where none does.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import click

from node.cli.late import load
from node.control import client
from node.control.wire import Progress, Report
from node.errors import InUseError, NodeError, Say, SetupError, plain

_STARTING_SECONDS = 30.0
_AGAIN_SECONDS = 0.05


@dataclass
class Scope:
    """The common options of one call."""

    directory: Path = field(default_factory=lambda: Path(os.environ.get("MINGA_DATA", "data")))
    json: bool = False
    collective: str | None = None
    member: str | None = None

    def ask(self, command: str, **arguments: Any) -> Any:
        """Perform a command and return its answer; progress is shown on a terminal."""
        given = {name: value for name, value in arguments.items() if value is not None}
        if self.collective is not None:
            given["collective"] = self.collective
        if self.member is not None:
            given["as"] = self.member
        with showing_progress() as report:
            return self._perform(command, given, report)

    def _perform(self, command: str, arguments: dict[str, Any], report: Report) -> Any:
        until = time.monotonic() + _STARTING_SECONDS
        while True:
            try:
                return client.ask(self.directory, command, arguments, report)
            except client.AbsentError:
                pass
            try:
                # Heavy, and only needed where no node runs: loaded by name.
                alone = load("node.control.alone")
                return alone.perform_alone(self.directory, command, arguments, report, ask_passphrase)
            except InUseError:
                # Whoever holds the directory is just starting or stopping, or performs a command of its own.
                if time.monotonic() > until:
                    raise
                time.sleep(_AGAIN_SECONDS)

    def show(self, answer: Any, lines: Callable[[], Sequence[str]]) -> None:
        """Print an answer: as JSON where `--json` was given, else these lines."""
        if self.json:
            click.echo(json.dumps(answer, ensure_ascii=False))
            return
        for line in lines():
            click.echo(line)


def current() -> Scope:
    """The scope of the command that runs."""
    return click.get_current_context().ensure_object(Scope)


def _set(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def put(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value not in (None, False):
            setattr(context.ensure_object(Scope), name, value)

    return put


def _common() -> list[click.Parameter]:
    return [
        click.Option(
            ["-d", "--data", "directory"],
            type=click.Path(path_type=Path, file_okay=False),
            metavar="DIR",
            help="Data directory (MINGA_DATA, else ./data).",
            expose_value=False,
            callback=_set("directory"),
        ),
        click.Option(["--json"], is_flag=True, help="Print JSON.", expose_value=False, callback=_set("json")),
        click.Option(
            ["--collective"],
            metavar="HANDLE",
            help="For which collective, where the node has several.",
            expose_value=False,
            callback=_set("collective"),
        ),
        click.Option(
            ["--as", "member"],
            metavar="MEMBER",
            help="As which member; else as the operator of this machine.",
            expose_value=False,
            callback=_set("member"),
        ),
    ]


class Command(click.Command):
    """A command with the common options; `examples` are lines of shell shown at the end of its help."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **extra: Any) -> None:
        super().__init__(*args, **extra)
        given = {name for parameter in self.params for name in parameter.opts}
        self.params += [option for option in _common() if not given & set(option.opts)]
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        super().format_epilog(ctx, formatter)
        _write_examples(formatter, self.examples)


class Group(click.Group):
    """A group of commands with the common options. `lazy` names commands as `module:attribute`, loaded when needed."""

    command_class = Command

    def __init__(
        self, *args: Any, lazy: dict[str, str] | None = None, examples: Sequence[str] = (), **extra: Any
    ) -> None:
        super().__init__(*args, **extra)
        self.params += _common()
        self.lazy = lazy or {}
        self.examples = examples

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, in the order in which they are given."""
        return [*self.lazy, *(name for name in super().list_commands(ctx) if name not in self.lazy)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, loaded from its file."""
        place = self.lazy.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = place.partition(":")
        found = getattr(load(module), attribute)
        return found if isinstance(found, click.Command) else None

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        super().format_epilog(ctx, formatter)
        _write_examples(formatter, self.examples)


def _write_examples(formatter: click.HelpFormatter, examples: Sequence[str]) -> None:
    if examples:
        with formatter.section("Examples"):
            for example in examples:
                formatter.write(f"  {example}\n")


@contextmanager
def showing_progress() -> Iterator[Report]:
    """Show progress on a terminal while a long command works; nothing is drawn before there is something to tell."""
    if not sys.stderr.isatty():
        yield lambda _progress: None
        return
    drawn: list[Any] = []

    def report(progress: Progress) -> None:
        if not drawn:
            bars = load("rich.progress")
            console = load("rich.console").Console(stderr=True)
            drawn.extend([bars.Progress(console=console, transient=True), None])
            drawn[0].start()
            drawn[1] = drawn[0].add_task(progress.what, total=None)
        drawn[0].update(
            drawn[1], description=progress.what, completed=progress.done, total=progress.total or None
        )

    try:
        yield report
    finally:
        if drawn:
            drawn[0].stop()


def ask_passphrase() -> str:
    """The passphrase of wrapped keys: from the file that MINGA_PASSPHRASE_FILE names, else asked on a terminal."""
    named = os.environ.get("MINGA_PASSPHRASE_FILE")
    if named is not None:
        try:
            return Path(named).read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SetupError(f"MINGA_PASSPHRASE_FILE: {named} cannot be read.") from error
    if not sys.stdin.isatty():
        raise SetupError(
            "The keys of this node are wrapped, and nobody is here to be asked for the passphrase.",
            hint="Run this on a terminal, or name a file that holds it in MINGA_PASSPHRASE_FILE.",
        )
    return str(click.prompt("Passphrase of the keys", hide_input=True, err=True))


def exit_with(error: NodeError, language: str = "") -> NoReturn:
    """Say what went wrong, one line and a hint, in a language or in that of whoever types, and exit 1."""
    say = _say(language or wanted_here())
    click.echo(f"minga: {one_line(error.said(say))}", err=True)
    if error.hint:
        click.echo(f"hint: {one_line(error.hinted(say))}", err=True)
    sys.exit(1)


def wanted_here() -> str:
    """The language of whoever types, as her machine has it (POSIX)."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((each for each in named if each), "en")


def _say(language: str) -> Say:
    """How an error is said. What the node refused has its words already."""
    if language.partition(".")[0].partition("_")[0] in ("en", "C", "POSIX"):
        return plain
    # Heavy, and only needed here.
    said: Say = load("node.tongues").Tongue.of(language, ZoneInfo("UTC")).say
    return said


def one_line(text: str) -> str:
    """Text that a stranger may have written, safe for a terminal: one line, control characters escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
