"""A fund as a process, and what strangers and tamperers do to it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from node.tlog.checkpoint import Checkpoint
from node.tlog.note import Note
from tests.nodes import Node, until

CLAIMS = [("esperanza", 600), ("villasol", 240), ("lohermida", 150), ("maule", 90)]
"""Kitchens of scenario 1 with their weekly rations (their ids need not answer)."""


def fund(directory: Path, handle: str = "fondo") -> Node:
    return Node(directory / handle, handle, kind="fund")


def give(node: Node, amount: str, *fields: str) -> dict[str, str]:
    return node.json("publish", "donation", f"amount={amount}", "status=cleared", "channel=bank", *fields)


def share(node: Node, available: str = "625000 CLP") -> dict[str, str]:
    """Round 1 of scenario 1: 625,000 CLP in rations of 1,500, by W2b; less where fees were kept back."""
    claims = [
        {"claimant": f"https://{name}.example/c/{name}", "weight": str(weight)} for name, weight in CLAIMS
    ]
    return node.json(
        "publish",
        "allocation",
        "rule=largest-remainder/1",
        "seed=https://fondo.example/rounds/1",
        f"available={available}",
        "unit_price=1500 CLP",
        f"claims={json.dumps(claims)}",
    )


def shown(node: Node) -> Checkpoint | None:
    """The checkpoint that the fund shows."""
    try:
        data = (node.directory / "log" / node.handle / "1" / "checkpoint").read_bytes()
    except FileNotFoundError:
        return None
    return Checkpoint.parse(Note.parse(data).text)


def sequenced(node: Node, size: int) -> Checkpoint:
    """Wait until the log shows so many leaves."""

    def there() -> Checkpoint | None:
        head = shown(node)
        return head if head is not None and head.size >= size else None

    return until(there)


def verify(node: Node, state: Path, *arguments: str) -> tuple[int, dict]:
    """What a stranger finds: the exit code and what was told."""
    result = node.run("verify", f"{node.actor}/account", "--state", str(state), "--json", *arguments)
    assert result.stdout, result.stderr
    return result.returncode, json.loads(result.stdout)


def tamper(node: Node, sql: str, *parameters: object) -> None:
    """Change the database behind the back of the node."""
    with closing(sqlite3.connect(node.directory / "minga.db", timeout=10)) as database:
        changed = database.execute(sql, parameters).rowcount
        database.commit()
    assert changed == 1


def flip(path: Path, before: bytes, after: bytes) -> None:
    """Change bytes of a file, once."""
    content = path.read_bytes()
    assert content.count(before) >= 1
    path.write_bytes(content.replace(before, after, 1))
