"""`minga fsck`: whether what is stored is what was said. Works on a copy; the node may go on running."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from node.speak.replay import differences
from node.storage.copies import copied
from node.storage.database import Clock, Database, Snapshot

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be. `check` is `replay`, `integrity` or `links`."""

    check: str
    what: str


async def fsck(
    database: Database, origin: str, directory: Path, clock: Clock, progress: Callable[[int], None]
) -> list[Finding]:
    """Check a consistent copy of the database; an empty list means that all is well.

    Every activity is folded anew and compared with the stored state; SQLite's own check of the file, and every reference
    between tables. The copy lies below `directory` and is removed again.
    """
    async with copied(database, directory) as path:
        copy = await Database.open(path, clock, readers=1)
        try:
            findings = await copy.reader.run(_integrity)
            changed = await copy.writer.run(lambda t: differences(t, origin, progress))
        finally:
            await copy.close()
    findings.extend(Finding("replay", f"{found.uri}: {found.what}") for found in changed)
    return findings


def _integrity(snapshot: Snapshot) -> list[Finding]:
    broken = [row[0] for row in snapshot.all(f"PRAGMA integrity_check({_SHOWN})") if row[0] != "ok"]
    findings = [Finding("integrity", text) for text in broken]
    for row in snapshot.all("PRAGMA foreign_key_check"):
        findings.append(Finding("links", f"{row[0]} row {row[1]} names a missing row of {row[2]}"))
    return findings[:_SHOWN]
