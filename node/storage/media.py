"""Photographs that members sent: what is kept of them, and the post that shows them. The files lie beside the database."""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms

_ADDRESS = re.compile(r"/media/([0-9a-f]{40})\.jpg\Z")
LOOSE = timedelta(days=1)
"""How long a photograph may wait for its post."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What was kept of a photograph: its name (the content hash) and sizes in pixels."""

    name: str
    width: int
    height: int
    preview_width: int
    preview_height: int
    bytes: int
    blurhash: str


@dataclass(frozen=True, slots=True)
class Medium:
    """One photograph. `state` is working, ready or failed (`problem` says why); `focus` what must stay in view, from -1 to 1."""

    id: int
    collective: int
    state: str
    picture: Picture
    description: str
    focus: str
    problem: str
    post: int | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Description:
    """How a photograph is described anew: alternative text and focus; None leaves it."""

    id: int
    text: str | None
    focus: str | None


NO_PICTURE = Picture("", 0, 0, 0, 0, 0, "")


def medium_of(row: Row) -> Medium:
    """A row as a medium."""
    picture = Picture(
        row["name"],
        row["width"],
        row["height"],
        row["preview_width"],
        row["preview_height"],
        row["bytes"],
        row["blurhash"],
    )
    return Medium(
        row["id"],
        row["collective"],
        row["state"],
        picture,
        row["description"],
        row["focus"],
        row["problem"],
        row["post"],
        from_ms(row["created"]),
    )


def add(transaction: Transaction, collective: int, *, description: str, focus: str) -> Medium:
    """A photograph that is being worked on."""
    number = transaction.next_id()
    transaction.execute(
        "INSERT INTO media (id, collective, state, description, focus, created) VALUES (?, ?, 'working', ?, ?, ?)",
        number,
        collective,
        description,
        focus,
        to_ms(transaction.now),
    )
    return Medium(number, collective, "working", NO_PICTURE, description, focus, "", None, transaction.now)


def by_id(snapshot: Snapshot, collective: int, number: int) -> Medium | None:
    """A photograph of a collective."""
    row = snapshot.one("SELECT * FROM media WHERE id = ? AND collective = ?", number, collective)
    return None if row is None else medium_of(row)


def of_post(snapshot: Snapshot, post: int) -> list[Medium]:
    """The photographs that a post shows."""
    return [medium_of(row) for row in snapshot.all("SELECT * FROM media WHERE post = ? ORDER BY id", post)]


def finish(transaction: Transaction, number: int, picture: Picture) -> None:
    """A photograph is ready."""
    transaction.execute(
        "UPDATE media SET state = 'ready', name = ?, width = ?, height = ?, preview_width = ?, preview_height = ?,"
        " bytes = ?, blurhash = ? WHERE id = ?",
        picture.name,
        picture.width,
        picture.height,
        picture.preview_width,
        picture.preview_height,
        picture.bytes,
        picture.blurhash,
        number,
    )


def fail(transaction: Transaction, number: int, problem: str) -> None:
    """A photograph cannot be used."""
    transaction.execute("UPDATE media SET state = 'failed', problem = ? WHERE id = ?", problem, number)


def interrupt(transaction: Transaction, problem: str) -> None:
    """What was being worked on when the program ended is not worked on any more."""
    transaction.execute("UPDATE media SET state = 'failed', problem = ? WHERE state = 'working'", problem)


def describe(transaction: Transaction, described: Description) -> None:
    """Change the alternative text or the focus."""
    transaction.execute(
        "UPDATE media SET description = coalesce(?, description), focus = coalesce(?, focus) WHERE id = ?",
        described.text,
        described.focus,
        described.id,
    )


def attach(transaction: Transaction, post: int, numbers: Sequence[int]) -> None:
    """Let a post show these photographs, and no others."""
    wanted = json.dumps(list(numbers))
    transaction.execute(
        "UPDATE media SET post = NULL WHERE post = ? AND id NOT IN (SELECT value FROM json_each(?))",
        post,
        wanted,
    )
    transaction.execute(
        "UPDATE media SET post = ? WHERE id IN (SELECT value FROM json_each(?))", post, wanted
    )


def kept(snapshot: Snapshot) -> list[str]:
    """The names of all photographs that have files."""
    return [str(row[0]) for row in snapshot.all("SELECT DISTINCT name FROM media WHERE name <> ''")]


def name_of(body: bytes) -> str:
    """The name under which a photograph is kept: it says what its bytes are."""
    return sha256(body).hexdigest()[:40]


def large(name: str) -> str:
    """The file of a photograph."""
    return f"{name}.jpg"


def small(name: str) -> str:
    """The file of its preview."""
    return f"{name}.small.jpg"


def name_in(url: str) -> str:
    """The name of the photograph to which an address of ours leads, on whatever origin it was served then; "" for any other."""
    found = _ADDRESS.search(url)
    return found[1] if found else ""


def file_of(directory: Path, file: str) -> Path:
    """Where a file of a photograph lies."""
    return directory / file[:2] / file


def loose(snapshot: Snapshot, *, limit: int) -> list[Medium]:
    """Photographs that no post came to show, and no collective shows of itself."""
    rows = snapshot.all(
        "SELECT * FROM media WHERE post IS NULL AND created < ?"
        " AND name NOT IN (SELECT picture FROM collectives WHERE picture <> '' UNION SELECT banner FROM collectives WHERE banner <> '')"
        " LIMIT ?",
        to_ms(snapshot.now - LOOSE),
        limit,
    )
    return [medium_of(row) for row in rows]


def forget(transaction: Transaction, numbers: Collection[int]) -> None:
    """Forget photographs."""
    transaction.execute(
        "DELETE FROM media WHERE id IN (SELECT value FROM json_each(?))", json.dumps(list(numbers))
    )


def used(snapshot: Snapshot, name: str) -> bool:
    """Whether any photograph has this content, or a collective shows it of itself."""
    return bool(
        snapshot.value(
            "SELECT EXISTS (SELECT 1 FROM media WHERE name = ?1)"
            " OR EXISTS (SELECT 1 FROM collectives WHERE ?1 IN (picture, banner))",
            name,
        )
    )
