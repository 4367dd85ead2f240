"""What a member typed, as the record that it means to her collective: its language, its day, and what is known here."""

from collections.abc import Mapping
from typing import Any

from node.domain.kind import AnyKind
from node.domain.privacy import refuse_private
from node.domain.typed import read_fields
from node.errors import InvalidError
from node.publish.door import known, uri_of
from node.speak import tongues
from node.speak.compose import cover_of
from node.storage.collectives import Collective
from node.storage.database import Snapshot, Transaction
from node.tongues import message
from schemas import Record, fields
from schemas.note import Note


def read_record(
    snapshot: Snapshot,
    collective: Collective,
    kind: AnyKind,
    given: Mapping[str, Any],
    ids: Mapping[str, str],
    before: Record | None,
) -> Record:
    """The record of a kind from its fields as typed, over what it was `before`. `ids` are those that were looked up.

    SchemaError or NotAllowedError names the field that does not read, or holds what is private; InvalidError an id of nothing.
    """
    tongue = tongues(collective)[0]

    def resolve(field: str, ref: str) -> str:
        uri = ids.get(ref) or uri_of(snapshot, ref)
        if uri is None:
            raise InvalidError(
                field, message("the number or the URL of something known here"), cause=ref[:200]
            )
        return uri

    record: Record = read_fields(
        kind.record, given, tongue, tongue.today(snapshot.now), resolve, before=before
    )
    refuse_private(record)
    return record


def read_cover(
    transaction: Transaction, collective: Collective, given: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """What stands before a thing that was typed as a note: its warning. None where nothing is said of that."""
    if given is None:
        return None
    read = read_record(transaction, collective, known(Note.kind()), given, {}, None)
    return cover_of(read) if isinstance(read, Note) else None


def refuse_long(kind: AnyKind, given: Mapping[str, Any], limit: int) -> None:
    """InvalidError for a text of more characters than that, but for lists that are typed as JSON."""
    record: type[Record] = kind.record
    lists = {each.name for each in fields(record) if each.many}
    for name, text in given.items():
        if isinstance(text, str) and len(text) > limit and name not in lists:
            raise InvalidError(
                name, message("at most {limit} characters; this has {count}"), limit=limit, count=len(text)
            )
