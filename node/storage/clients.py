"""Programs of members: registered apps, authorization codes, and the tokens that they hold. Only digests are kept."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from node.storage.database import Event, Row, Snapshot, Transaction, from_ms, to_ms

CODES = timedelta(minutes=10)
"""How long an authorization code may wait."""
UNUSED_APPS = timedelta(days=2)
"""After so long an app of which nobody holds a token is forgotten."""
REVOKED: Event = ("revoked",)
"""What is told when a token is forgotten: whoever holds a stream open looks up whether it was that one."""


@dataclass(frozen=True, slots=True)
class App:
    """A registered program. `secret` is the digest of its client secret."""

    id: int
    client_id: str
    secret: bytes
    name: str
    website: str | None
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    created: datetime


@dataclass(frozen=True, slots=True)
class Code:
    """What a member allowed an app, until the app changes it for a token. `token` is the digest of the one it got."""

    app: int
    member: int
    collective: int
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    created: datetime
    token: bytes | None


@dataclass(frozen=True, slots=True)
class Held:
    """A token as it is held: by which app, for which member (None: the operator) of which collective, in which role.

    Of a program that acts only for itself, `collective` is None.
    """

    app: int | None
    member: int | None
    collective: int | None
    role: str | None
    scopes: tuple[str, ...]
    created: datetime


_APP = "id, client_id, secret, name, website, redirect_uris, scopes, created"


def _app(row: Row) -> App:
    return App(
        row["id"],
        row["client_id"],
        row["secret"],
        row["name"],
        row["website"],
        tuple(json.loads(row["redirect_uris"])),
        tuple(row["scopes"].split()),
        from_ms(row["created"]),
    )


def add_app(
    transaction: Transaction,
    *,
    client_id: str,
    secret: bytes,
    name: str,
    website: str | None,
    redirect_uris: Sequence[str],
    scopes: Sequence[str],
) -> App:
    """Register a program."""
    app = App(
        transaction.next_id(),
        client_id,
        secret,
        name,
        website,
        tuple(redirect_uris),
        tuple(scopes),
        transaction.now,
    )
    transaction.execute(
        f"INSERT INTO apps ({_APP}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        app.id,
        client_id,
        secret,
        name,
        website,
        json.dumps(list(redirect_uris)),
        " ".join(scopes),
        to_ms(transaction.now),
    )
    return app


def app(snapshot: Snapshot, number: int) -> App | None:
    """The app of this number."""
    row = snapshot.one(f"SELECT {_APP} FROM apps WHERE id = ?", number)  # noqa: S608
    return None if row is None else _app(row)


def app_by_client(snapshot: Snapshot, client_id: str) -> App | None:
    """The app of this client id."""
    row = snapshot.one(f"SELECT {_APP} FROM apps WHERE client_id = ?", client_id)  # noqa: S608
    return None if row is None else _app(row)


def add_code(transaction: Transaction, digest: bytes, code: Code) -> None:
    """Keep a code, by its digest."""
    transaction.execute(
        "INSERT INTO codes (digest, app, member, collective, redirect_uri, scopes, challenge, created)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        digest,
        code.app,
        code.member,
        code.collective,
        code.redirect_uri,
        " ".join(code.scopes),
        code.challenge,
        to_ms(transaction.now),
    )


def code(snapshot: Snapshot, digest: bytes) -> Code | None:
    """The code of this digest, used or not, expired or not."""
    row = snapshot.one("SELECT * FROM codes WHERE digest = ?", digest)
    if row is None:
        return None
    return Code(
        row["app"],
        row["member"],
        row["collective"],
        row["redirect_uri"],
        tuple(row["scopes"].split()),
        row["challenge"],
        from_ms(row["created"]),
        row["token"],
    )


def use_code(transaction: Transaction, digest: bytes, token: bytes) -> None:
    """Note for which token a code was changed."""
    transaction.execute("UPDATE codes SET token = ? WHERE digest = ?", token, digest)


def add_token(
    transaction: Transaction,
    digest: bytes,
    *,
    app: int,
    member: int,
    collective: int,
    scopes: Sequence[str],
) -> None:
    """Keep the digest of a token that an app holds for a member."""
    transaction.execute(
        "INSERT INTO tokens (id, digest, member, collective, scopes, created, app) VALUES (?, ?, ?, ?, ?, ?, ?)",
        transaction.next_id(),
        digest,
        member,
        collective,
        " ".join(scopes),
        to_ms(transaction.now),
        app,
    )


def add_app_token(transaction: Transaction, digest: bytes, *, app: int, scopes: Sequence[str]) -> None:
    """Keep the digest of a token that an app holds for itself."""
    transaction.execute(
        "INSERT INTO app_tokens (digest, app, scopes, created) VALUES (?, ?, ?, ?)",
        digest,
        app,
        " ".join(scopes),
        to_ms(transaction.now),
    )


def held(snapshot: Snapshot, digest: bytes) -> Held | None:
    """Who comes with the token of this digest; None where there is none, or its member left the collective."""
    row = snapshot.one(
        "SELECT t.app, t.member, t.collective, m.role, t.scopes, t.created FROM tokens t"
        " LEFT JOIN memberships m ON m.member = t.member AND m.collective = t.collective WHERE t.digest = ?",
        digest,
    )
    if row is None:
        row = snapshot.one(
            "SELECT app, NULL AS member, NULL AS collective, NULL AS role, scopes, created FROM app_tokens"
            " WHERE digest = ?",
            digest,
        )
    elif row["member"] is not None and row["role"] is None:
        return None
    if row is None:
        return None
    return Held(
        row["app"],
        row["member"],
        row["collective"],
        row["role"],
        tuple(row["scopes"].split()),
        from_ms(row["created"]),
    )


def revoke(transaction: Transaction, digest: bytes, app: int) -> bool:
    """Forget a token of an app; whether there was one."""
    gone = transaction.execute("DELETE FROM tokens WHERE digest = ? AND app = ?", digest, app)
    gone += transaction.execute("DELETE FROM app_tokens WHERE digest = ? AND app = ?", digest, app)
    transaction.tell(REVOKED)
    return gone > 0


def expire(transaction: Transaction) -> None:
    """Forget codes past their time, and apps that nobody came to use; one with a code that waits is being used."""
    transaction.execute("DELETE FROM codes WHERE created < ?", to_ms(transaction.now - 6 * CODES))
    transaction.execute(
        "DELETE FROM apps WHERE created < ? AND NOT EXISTS (SELECT 1 FROM tokens t WHERE t.app = apps.id)"
        " AND NOT EXISTS (SELECT 1 FROM app_tokens t WHERE t.app = apps.id)"
        " AND NOT EXISTS (SELECT 1 FROM codes c WHERE c.app = apps.id)",
        to_ms(transaction.now - UNUSED_APPS),
    )
