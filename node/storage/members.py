"""Members, what they are in which collective, and bearer tokens. Nothing here ever leaves the node."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from node.errors import ConflictError
from node.storage.clients import REVOKED
from node.storage.database import Row, Snapshot, Transaction, from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Member:
    """A person who may come in. `password` is an argon2id hash, None where she cannot log in with one."""

    id: int
    name: str
    password: str | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Membership:
    """What a member is in one collective."""

    member: Member
    collective: int
    role: str


@dataclass(frozen=True, slots=True)
class Token:
    """Who comes with a token. `member` None is the operator of the machine."""

    id: int
    member: int | None
    collective: int
    scopes: tuple[str, ...]
    created: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """A program that may act for a member: its name ("" for a token made on the command line), for which collective."""

    id: int
    app: str
    collective: int
    scopes: tuple[str, ...]
    created: datetime


_MEMBER = "m.id, m.name, m.password, m.created"


def _member(row: Row) -> Member:
    return Member(row["id"], row["name"], row["password"], from_ms(row["created"]))


def by_name(snapshot: Snapshot, name: str) -> Member | None:
    """The member of this name."""
    row = snapshot.one(f"SELECT {_MEMBER} FROM members m WHERE name = ?", name)  # noqa: S608
    return None if row is None else _member(row)


def by_id(snapshot: Snapshot, member: int) -> Member | None:
    """The member of this number."""
    row = snapshot.one(f"SELECT {_MEMBER} FROM members m WHERE id = ?", member)  # noqa: S608
    return None if row is None else _member(row)


def of(snapshot: Snapshot, collective: int) -> list[Membership]:
    """Everybody in a collective, by name."""
    rows = snapshot.all(
        f"SELECT {_MEMBER}, s.role FROM memberships s JOIN members m ON m.id = s.member"  # noqa: S608
        " WHERE s.collective = ? ORDER BY m.name",
        collective,
    )
    return [Membership(_member(row), collective, row["role"]) for row in rows]


def role(snapshot: Snapshot, member: int, collective: int) -> str | None:
    """The role of a member in a collective, None where she is not in it."""
    found: str | None = snapshot.value(
        "SELECT role FROM memberships WHERE member = ? AND collective = ?", member, collective
    )
    return found


def collectives_of(snapshot: Snapshot, member: int) -> list[int]:
    """The collectives that a member is in."""
    rows = snapshot.all("SELECT collective FROM memberships WHERE member = ? ORDER BY collective", member)
    return [row[0] for row in rows]


def add(transaction: Transaction, name: str, password: str | None) -> Member:
    """Add a person. ConflictError where the name is taken."""
    number = transaction.next_id()
    try:
        transaction.execute(
            "INSERT INTO members (id, name, password, created) VALUES (?, ?, ?, ?)",
            number,
            name,
            password,
            to_ms(transaction.now),
        )
    except sqlite3.IntegrityError as taken:
        raise ConflictError(f"There is a member {name} already.", cause=str(taken)) from taken
    return Member(number, name, password, transaction.now)


def set_password(transaction: Transaction, member: int, password: str) -> None:
    """Replace a password's hash."""
    transaction.execute("UPDATE members SET password = ? WHERE id = ?", password, member)


def set_role(transaction: Transaction, member: int, collective: int, role: str) -> None:
    """Bring a member into a collective, or change what she is there."""
    transaction.execute(
        "INSERT INTO memberships (member, collective, role) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (member, collective) DO UPDATE SET role = ?3",
        member,
        collective,
        role,
    )


def remove(transaction: Transaction, member: int, collective: int) -> None:
    """Take a member out of a collective with her tokens there; out of the node when it was the last one."""
    transaction.execute("DELETE FROM tokens WHERE member = ? AND collective = ?", member, collective)
    transaction.tell(REVOKED)
    transaction.execute("DELETE FROM memberships WHERE member = ? AND collective = ?", member, collective)
    transaction.execute(
        "DELETE FROM members WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM memberships WHERE member = ?1)",
        member,
    )


def add_token(
    transaction: Transaction, digest: bytes, *, member: int | None, collective: int, scopes: tuple[str, ...]
) -> None:
    """Keep the digest of a token."""
    transaction.execute(
        "INSERT INTO tokens (id, digest, member, collective, scopes, created) VALUES (?, ?, ?, ?, ?, ?)",
        transaction.next_id(),
        digest,
        member,
        collective,
        " ".join(scopes),
        to_ms(transaction.now),
    )


def token(snapshot: Snapshot, digest: bytes) -> Token | None:
    """The token of this digest."""
    row = snapshot.one("SELECT id, member, collective, scopes, created FROM tokens WHERE digest = ?", digest)
    if row is None:
        return None
    return Token(
        row["id"], row["member"], row["collective"], tuple(row["scopes"].split()), from_ms(row["created"])
    )


def grants(snapshot: Snapshot, member: int) -> list[Grant]:
    """The tokens that act for a member, newest first."""
    rows = snapshot.all(
        "SELECT t.id, coalesce(a.name, '') AS app, t.collective, t.scopes, t.created FROM tokens t"
        " LEFT JOIN apps a ON a.id = t.app WHERE t.member = ? ORDER BY t.id DESC",
        member,
    )
    return [
        Grant(row["id"], row["app"], row["collective"], tuple(row["scopes"].split()), from_ms(row["created"]))
        for row in rows
    ]


def revoke_grant(transaction: Transaction, member: int, number: int) -> None:
    """Forget a token of a member, by its number."""
    transaction.execute("DELETE FROM tokens WHERE id = ? AND member = ?", number, member)
    transaction.tell(REVOKED)


def revoke(transaction: Transaction, digest: bytes) -> None:
    """Forget a token."""
    transaction.execute("DELETE FROM tokens WHERE digest = ?", digest)
    transaction.tell(REVOKED)
