"""`minga status`, `fsck`, `keys`: how a node fares and how it is kept well."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from node.cli.scope import Command, Group, current, one_line
from node.errors import NodeError, SetupError

MIB = 1_048_576


@click.command(cls=Command, examples=("minga status", "minga status --json"))
def status() -> None:
    """Show how the node fares: queues, peers that do not answer, the clock, sizes."""
    scope = current()
    answer = scope.ask("status")
    scope.show(answer, lambda: _status(answer))


def _status(told: dict[str, Any]) -> Sequence[str]:
    sizes = ", ".join(f"{name} {size / MIB:.1f} MiB" for name, size in told["sizes"].items())
    skew = told["clock_skew_seconds"]
    return [
        f"Minga {told['version']} at {told['origin']}",
        *(
            f"  {each['handle']}: {each['followers']} followers, follows {each['following']}"
            for each in told["collectives"]
        ),
        f"waiting: {told['inbound_waiting']} to process, {told['deliveries_waiting']} to deliver",
        *(
            f"  {one_line(each['host'])} does not answer since {each['since']} ({each['waiting']} wait): {one_line(each['reason'])}"
            for each in told["failing"]
        ),
        "clock: no peer told its time yet" if skew is None else f"clock: peers differ by {skew} s",
        f"sizes: {sizes}",
        *(
            f"refused or doubted {each['count']} times on {each['day']}: {one_line(each['actor'])} {each['code']}"
            for each in told["incidents"]
        ),
        *(f"warning: {warning}" for warning in told["warnings"]),
    ]


@click.group(
    cls=Group, invoke_without_command=True, examples=("minga keys", "minga keys rotate", "minga keys wrap")
)
@click.pass_context
def keys(context: click.Context) -> None:
    """The keys with which a collective signs: shows them, rotates them, puts a passphrase before them."""
    if context.invoked_subcommand is None:
        context.invoke(show_keys)


@keys.command("show", examples=("minga keys show",))
def show_keys() -> None:
    """Show which keys the collective signs with."""
    scope = current()
    answer = scope.ask("keys.show")
    scope.show(answer, lambda: [f"{name}: {value}" for name, value in answer.items()])


@keys.command(
    "rotate", examples=("minga keys rotate", "minga keys rotate --words-file /media/usb/root-1.txt")
)
@click.option(
    "--words-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Read the 24 words of root 1 from this file instead of asking.",
)
def rotate_keys(words_file: Path | None) -> None:
    """Sign with a new key from now on; the words of root 1 confirm it to everybody who knows the collective.

    What was signed before stays valid. Rotate when somebody who had the machine in hand is not trusted any more.
    """
    scope = current()
    answer = scope.ask("keys.rotate", words=ask_words(words_file))
    scope.show(answer, lambda: [f"{answer['actor']} signs with {answer['ed25519']} now."])


@keys.command("wrap", examples=("minga keys wrap", "MINGA_PASSPHRASE_FILE=/run/minga/passphrase minga serve"))
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Read the passphrase from this file.",
)
def wrap_keys(passphrase_file: Path | None) -> None:
    """Put a passphrase before the keys: whoever carries the machine away cannot sign for the collective.

    `minga serve` then asks for it on a terminal, or reads the file that MINGA_PASSPHRASE_FILE names; keep that file off the
    data directory and off this disk.
    """
    scope = current()
    if passphrase_file is not None:
        passphrase = read_secret(passphrase_file)
    elif sys.stdin.isatty():
        passphrase = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True)
    else:
        raise SetupError(
            "Nobody is here to be asked for the passphrase.",
            hint="Run this on a terminal, or name a file that holds it with --passphrase-file.",
        )
    answer = scope.ask("keys.wrap", passphrase=passphrase)
    scope.show(answer, lambda: ["The keys are wrapped. The next start asks for the passphrase."])


@click.command(cls=Command, examples=("minga fsck",))
def fsck() -> None:
    """Check what is stored: every activity is folded anew and compared with the present state and the account, each photograph with its name."""
    scope = current()
    answer = scope.ask("fsck")
    problems = answer["problems"]
    scope.show(
        answer,
        lambda: [*(f"{each['check']}: {one_line(each['what'])}" for each in problems), _summary(answer)],
    )
    if problems:
        sys.exit(1)


def _summary(answer: dict[str, Any]) -> str:
    if answer["problems"]:
        return f"{len(answer['problems'])} problems in {answer['activities']} activities."
    return f"{answer['activities']} activities folded anew: the same state and account, whole references, a sound file, every photograph."


def ask_words(words_file: Path | None) -> str:
    """The words of root 1, from a file or asked on the terminal."""
    if words_file is not None:
        return read_secret(words_file)
    if not sys.stdin.isatty():
        raise SetupError(
            "The words of root 1 are needed, and this is no terminal.", hint="Name a file with --words-file."
        )
    return str(click.prompt("The 24 words of root 1", hide_input=True, err=True))


def read_secret(path: Path) -> str:
    """What a file holds, without the end of the line."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NodeError(f"{path} cannot be read.", cause=str(error)) from error
