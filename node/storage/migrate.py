"""Migrations: `migrations/NNNN_name.sql`, applied forward, each in one transaction with the record that it was."""

import sqlite3
from importlib import resources

from node.errors import NewerDataError


def _scripts() -> list[tuple[int, str]]:
    found = []
    for file in resources.files("node.storage").joinpath("migrations").iterdir():
        if file.name.endswith(".sql"):
            found.append((int(file.name.partition("_")[0]), file.read_text(encoding="utf-8")))
    return sorted(found)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to this version. NewerDataError where it is ahead of us: then nothing is touched."""
    scripts = _scripts()
    newest = scripts[-1][0]
    present = connection.execute("PRAGMA user_version").fetchone()[0]
    if present > newest:
        raise NewerDataError(
            f"This data directory was written by a newer Minga (data version {present}, this program knows {newest}).",
            hint="Install the newer version again, or restore a backup made with this one.",
        )
    for number, script in scripts:
        if number > present:
            connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
