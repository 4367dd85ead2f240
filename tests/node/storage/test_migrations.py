"""A database of an older version is brought forward with all that it holds; one of a newer version is refused untouched."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.activities import roles
from node.errors import NewerDataError
from node.storage import activities, actors, entries, migrate, posts, proposals
from node.storage.database import Database

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OLD = 9
"""The version before proposals could be taken back."""


def older(path: Path) -> None:
    """A database as version 9 left it, with a proposal that one member had signed, and a witness."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for number, script in migrate._scripts():
            if number <= OLD:
                connection.executescript(script)
        connection.execute(f"PRAGMA user_version = {OLD}")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(
            "INSERT INTO activities (id, uri, actor, type, object, audience, at, digest)"
            " VALUES (8, 'https://olla.example/s/8', 'https://olla.example/c/olla', 'Create', 'o', 'public', 5, x'00')"
        )
        connection.execute(
            "INSERT INTO deliveries (id, activity, sender, inbox, host, thread, first, next) VALUES (9, 8, 's', 'i', 'h', 't', 5, 5)"
        )
        connection.execute(
            "INSERT INTO posts (id, uri, actor, conversation, audience, kind, published)"
            " VALUES (8, 'https://olla.example/o/8', 'https://olla.example/c/olla', 'c', 'public', 'note', 5)"
        )
        connection.execute(
            "INSERT INTO likes (id, post, actor, activity) VALUES (11, 8, 'a', 'https://p.example/likes/1')"
        )
        connection.execute(
            "INSERT INTO keys (id, actor, algorithm, material, first, current) VALUES ('a#k', 'a', 'rsa', 'PEM', 5, 1)"
        )
        fields = json.dumps({"amount": "5000 CLP", "channel": "cash", "status": "cleared"})
        connection.execute(
            "INSERT INTO proposals (id, collective, kind, fields, at) VALUES (1, 7, 'donation', ?, 5)",
            (fields,),
        )
        connection.execute("INSERT INTO approvals (proposal, member, name, at) VALUES (1, 3, 'ana', 6)")
        connection.execute(
            "INSERT INTO witnesses (collective, actor, key, url, size) VALUES (7, 'https://olla.example/c/olla', 'k', 'u', 4)"
        )


async def test_what_an_older_version_kept_is_there_after_the_start(tmp_path: Path) -> None:
    older(tmp_path / "minga.db")

    database = await Database.open(tmp_path / "minga.db", lambda: NOW)
    (waiting,) = await database.reader.run(lambda s: proposals.waiting(s, 7, roles))
    (witness,) = await database.reader.run(lambda s: entries.witnesses(s, 7))
    waits = await database.reader.run(lambda s: s.all("SELECT activity, inbox FROM deliveries"))
    liked = await database.reader.run(lambda s: posts.like_by(s, 8, "a"))
    (key,) = await database.reader.run(lambda s: actors.keys(s, "a"))
    (said,) = await database.reader.run(lambda s: list(activities.every(s)))
    await database.close()

    assert [tuple(row) for row in waits] == [(8, "i")]
    assert liked == "https://p.example/likes/1"
    assert (key.id, key.material, key.revoked) == ("a#k", "PEM", None)
    assert (said.id, said.uri) == (8, "https://olla.example/s/8")
    assert (waiting.kind, waiting.lapsed, waiting.about, waiting.recused) == ("donation", ("ana",), "", ())
    assert (witness.size, witness.refused) == (4, "")


async def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "minga.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA user_version = 9999")
    before = path.read_bytes()

    with pytest.raises(NewerDataError, match="newer Minga"):
        await Database.open(path, lambda: NOW)

    assert path.read_bytes() == before
