"""`minga backup` and `minga restore`: one encrypted file, and back again."""

from datetime import UTC, datetime
from pathlib import Path

import click

from node.cli.late import load
from node.cli.scope import Command, current, one_line, showing_progress
from node.cli.upkeep import ask_words
from node.control.wire import Progress

_MIB = 1_048_576


@click.command(
    cls=Command,
    examples=("minga backup", "minga backup --to /media/usb/olla.backup  # then carry it elsewhere"),
)
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A new file; else minga-DATE.backup here.",
)
def backup(target: Path | None) -> None:
    """Write one encrypted file with everything of this node, while it runs.

    It is encrypted to root 1 of every collective of the node: whoever holds those words opens it, nobody else.
    """
    scope = current()
    target = target or Path(f"minga-{datetime.now(UTC):%Y%m%d-%H%M%S}.backup")
    answer = scope.ask("backup", target=str(target.absolute()))
    scope.show(answer, lambda: [f"{answer['file']} ({answer['bytes'] / _MIB:.1f} MiB)"])


@click.command(
    cls=Command,
    examples=(
        "minga restore /media/usb/olla.backup -d data",
        "minga restore olla.backup -d data --words-file root-1.txt",
    ),
)
@click.argument("archive", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--words-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Read the 24 words of root 1 from this file instead of asking.",
)
def restore(archive: Path, words_file: Path | None) -> None:
    """Make a data directory from a backup, with the words of root 1. What it had not delivered is not sent again.

    Only where the former machine is gone for good: two nodes of one origin contradict each other.
    """
    scope = current()
    recovery = load("node.recovery")
    root = recovery.root_of(ask_words(words_file))
    module = load("node.backup")
    with showing_progress() as report:
        manifest = module.restore(
            archive,
            scope.directory,
            root,
            clock=lambda: datetime.now(UTC),
            tell=lambda done, total: report(Progress("restoring", done, total)),
        )
    answer = {
        "directory": str(scope.directory),
        "origin": manifest.origin,
        "made": manifest.made.isoformat(),
        "collectives": list(manifest.collectives),
    }
    scope.show(
        answer,
        lambda: [
            f"{scope.directory} is {one_line(manifest.origin)} as it was on {manifest.made:%Y-%m-%d %H:%M} UTC.",
            f"Next: minga fsck -d {scope.directory}, then minga serve -d {scope.directory}",
            f"Where a collective keeps an account, before it is served: minga recover -d {scope.directory}, or where the log has "
            "gone on since then: minga recover --from DIR_OR_URL, with the former data directory or a mirror.",
        ],
    )
