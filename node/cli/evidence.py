"""`minga evidence`, and `--receipt` of `minga publish expense`: the paper behind an expense. What is covered is covered on this machine;
the file itself never leaves it, only its digest does."""

import json
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from node import VERSION
from node.cli.late import load
from node.cli.scope import Command, current
from node.errors import InvalidError, SetupError
from node.remade import Cover, answered, command
from node.tongues import message

NOTHING = "nothing"
_MOST_BYTES = 64 * 1_048_576
_SECONDS = 60


def digest_of(file: Path) -> str:
    """Base64 SHA-256 of a file, as `evidence` says it."""
    return b64encode(sha256(_read(file)).digest()).decode()


def redacted(file: Path, covers: tuple[str, ...]) -> str:
    """The photograph of a receipt as it may be seen, base64: remade from its pixels alone, with `covers` blackened."""
    if not covers:
        raise click.UsageError(
            "Say what to cover on the receipt with --cover LEFT,TOP,WIDTH,HEIGHT (percent), names, numbers and signatures above all;"
            f" or --cover {NOTHING}, where there is nothing of the kind on it."
        )
    parts = [_cover(text) for text in covers if text != NOTHING]
    done = subprocess.run(  # noqa: S603
        [sys.executable, *command(parts)],
        input=_read(file),
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    result = answered(done.stdout)
    if result.problem:
        raise InvalidError("receipt", result.problem)
    return b64encode(result.large).decode()


def _cover(text: str) -> Cover:
    try:
        return Cover.read(text)
    except ValueError as error:
        raise click.UsageError(
            f"{text!r} is no part of a photograph: LEFT,TOP,WIDTH,HEIGHT in whole percent, like 0,10,100,8"
        ) from error


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise SetupError(
                message("{path} is larger than {limit} MB."), path=str(file), limit=_MOST_BYTES // 1_048_576
            )
        return file.read_bytes()
    except OSError as error:
        raise SetupError(
            message("{path} cannot be read: {why}"), path=str(file), why=str(error.strerror)
        ) from error


@click.command(
    cls=Command,
    examples=(
        "minga evidence boleta.jpg                                              # its digest",
        "minga evidence boleta.jpg https://fondo.example/o/117530012876800      # is it the paper behind this?",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("url", required=False)
def evidence(file: Path, url: str | None) -> None:
    """Print the digest of a receipt, as `evidence` of an expense or transfer has it; with URL compare it with what was published there.

    No node is needed. Exit 0: the same; 1: another paper, or none was named.
    """
    digest, scope = digest_of(file), current()
    if url is None:
        scope.show({"evidence": digest}, lambda: [digest])
        return
    published = _published(url)
    same = published == digest
    told = {"evidence": digest, "published": published, "same": same}
    words = "is the paper behind" if same else f"is not the paper behind ({published or 'none is named'})"
    scope.show(told, lambda: [f"{file} {words} {url}"])
    if not same:
        sys.exit(1)


def _published(url: str) -> str | None:
    # Heavy, and only needed here.
    source: Any = load("node.verify").Source.anywhere(f"minga-evidence/{VERSION}")
    try:
        document = json.loads(source.get(url, "application/activity+json"))
    except (ValueError, RecursionError) as error:
        raise InvalidError("url", message("the address of something that was published")) from error
    finally:
        source.close()
    record = document.get("record") if isinstance(document, dict) else None
    found = record.get("evidence") if isinstance(record, dict) else None
    return found if isinstance(found, str) else None
