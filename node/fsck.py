"""`minga fsck`: whether what is stored is what was said. Works on a copy; the node may go on running."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from node.directory import MEDIA
from node.speak.replay import differences
from node.storage import media
from node.storage.copies import copied
from node.storage.database import Clock, Database, Snapshot

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be. `check` is `replay`, `account`, `integrity`, `links` or `media`."""

    check: str
    what: str


async def fsck(
    database: Database, origin: str, directory: Path, clock: Clock, progress: Callable[[int], None]
) -> list[Finding]:
    """Check a consistent copy of the database; an empty list means that all is well.

    Every activity is folded anew and compared with the stored state, what it books with the leaves and balances of the account; SQLite's own check of the file, and every reference
    between tables; and each photograph that is kept. The copy lies below `directory` and is removed again.
    """
    async with copied(database, directory) as path:
        copy = await Database.open(path, clock, readers=1)
        try:
            findings = await copy.reader.run(_integrity)
            kept = await copy.reader.run(media.kept)
            changed = await copy.writer.run(lambda t: differences(t, origin, progress))
        finally:
            await copy.close()
    findings.extend(Finding(found.check, f"{found.uri}: {found.what}") for found in changed)
    damaged = await asyncio.to_thread(_damaged, kept, directory / MEDIA)
    # What was taken away while we looked is no damage.
    still = await database.reader.run(
        lambda snapshot: {name for name in damaged if media.used(snapshot, name)}
    )
    findings.extend(Finding("media", what) for name, what in damaged.items() if name in still)
    return findings


def _damaged(names: Iterable[str], photographs: Path) -> dict[str, str]:
    """What is wrong with the files of photographs, by the names of those that are damaged or gone."""
    found: dict[str, str] = {}
    for name in names:
        try:
            whole = media.file_of(photographs, media.large(name)).read_bytes()
            small = media.file_of(photographs, media.small(name)).read_bytes()
        except OSError as error:
            found[name] = f"photograph {name}: {error.strerror}"
            continue
        if media.name_of(whole) != name or not small:
            found[name] = f"photograph {name}: its file is not what was kept"
    return found


def _integrity(snapshot: Snapshot) -> list[Finding]:
    broken = [row[0] for row in snapshot.all(f"PRAGMA integrity_check({_SHOWN})") if row[0] != "ok"]
    findings = [Finding("integrity", text) for text in broken]
    for row in snapshot.all("PRAGMA foreign_key_check"):
        findings.append(Finding("links", f"{row[0]} row {row[1]} names a missing row of {row[2]}"))
    return findings[:_SHOWN]
