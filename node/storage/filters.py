"""Filters: words and posts that a collective does not want to see, where, for how long, and how they are hidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from node.storage.database import Snapshot, Transaction, from_ms, to_ms

FILTERS = 100
KEYWORDS = 200
"""How many filters of a collective, and words of a filter, there may be."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word or phrase that a filter looks for."""

    id: int
    keyword: str
    whole_word: bool


@dataclass(frozen=True, slots=True)
class Filtered:
    """A single post that a filter hides."""

    id: int
    post: int


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter. `contexts` are of home, notifications, public, thread, account; `action` warn, hide or blur."""

    id: int
    collective: int
    title: str
    contexts: tuple[str, ...]
    action: str
    until: datetime | None
    keywords: tuple[Keyword, ...] = ()
    posts: tuple[Filtered, ...] = ()


def every(snapshot: Snapshot, collective: int, number: int | None = None) -> list[Filter]:
    """The filters of a collective, or one of them, in three statements."""
    only = "" if number is None else " AND f.id = ?2"
    given = (collective,) if number is None else (collective, number)
    keywords: dict[int, list[Keyword]] = {}
    for row in snapshot.all(
        "SELECT k.* FROM filter_keywords k JOIN filters f ON f.id = k.filter"  # noqa: S608
        f" WHERE f.collective = ?1{only} ORDER BY k.id",
        *given,
    ):
        word = Keyword(row["id"], row["keyword"], bool(row["whole_word"]))
        keywords.setdefault(row["filter"], []).append(word)
    posts: dict[int, list[Filtered]] = {}
    for row in snapshot.all(
        "SELECT s.* FROM filter_posts s JOIN filters f ON f.id = s.filter"  # noqa: S608
        f" WHERE f.collective = ?1{only} ORDER BY s.id",
        *given,
    ):
        posts.setdefault(row["filter"], []).append(Filtered(row["id"], row["post"]))
    rows = snapshot.all(f"SELECT f.* FROM filters f WHERE f.collective = ?1{only} ORDER BY f.id", *given)  # noqa: S608
    return [
        Filter(
            row["id"],
            row["collective"],
            row["title"],
            tuple(row["contexts"].split()),
            row["action"],
            None if row["until"] is None else from_ms(row["until"]),
            tuple(keywords.get(row["id"], ())),
            tuple(posts.get(row["id"], ())),
        )
        for row in rows
    ]


def of_keyword(snapshot: Snapshot, collective: int, number: int) -> int | None:
    """The filter of a collective that a keyword belongs to."""
    found: int | None = snapshot.value(
        "SELECT f.id FROM filter_keywords k JOIN filters f ON f.id = k.filter WHERE k.id = ? AND f.collective = ?",
        number,
        collective,
    )
    return found


def of_post(snapshot: Snapshot, collective: int, number: int) -> int | None:
    """The filter of a collective that hides a single post by this entry."""
    found: int | None = snapshot.value(
        "SELECT f.id FROM filter_posts s JOIN filters f ON f.id = s.filter WHERE s.id = ? AND f.collective = ?",
        number,
        collective,
    )
    return found


def put(transaction: Transaction, given: Filter) -> None:
    """Store a filter, new or changed, without its words and posts."""
    transaction.execute(
        "INSERT INTO filters (id, collective, title, contexts, action, until) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET title = excluded.title, contexts = excluded.contexts,"
        " action = excluded.action, until = excluded.until",
        given.id,
        given.collective,
        given.title,
        " ".join(given.contexts),
        given.action,
        None if given.until is None else to_ms(given.until),
    )


def remove(transaction: Transaction, collective: int, number: int) -> bool:
    """Forget a filter; whether it was there."""
    return transaction.execute("DELETE FROM filters WHERE collective = ? AND id = ?", collective, number) == 1


def put_keyword(
    transaction: Transaction, owner: int, keyword: str, *, whole_word: bool, number: int | None = None
) -> int:
    """Store a word of a filter, new or changed; its number."""
    number = transaction.next_id() if number is None else number
    transaction.execute(
        "INSERT INTO filter_keywords (id, filter, keyword, whole_word) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET keyword = excluded.keyword, whole_word = excluded.whole_word",
        number,
        owner,
        keyword,
        int(whole_word),
    )
    return number


def remove_keywords(transaction: Transaction, owner: int, numbers: Sequence[int]) -> None:
    """Forget words of a filter."""
    for number in numbers:
        transaction.execute("DELETE FROM filter_keywords WHERE filter = ? AND id = ?", owner, number)


def put_post(transaction: Transaction, owner: int, post: int) -> int:
    """Hide a single post by a filter; the number of the entry."""
    number = transaction.next_id()
    transaction.execute(
        "INSERT OR IGNORE INTO filter_posts (id, filter, post) VALUES (?, ?, ?)", number, owner, post
    )
    found: int = transaction.value("SELECT id FROM filter_posts WHERE filter = ? AND post = ?", owner, post)
    return found


def remove_post(transaction: Transaction, owner: int, number: int) -> None:
    """Show a single post again."""
    transaction.execute("DELETE FROM filter_posts WHERE filter = ? AND id = ?", owner, number)
