"""What stands at our URLs as ActivityStreams: actors, objects, activities, agreements, collections."""

from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

import msgspec

from federation import build_server_actor
from federation.collections import collection, page
from federation.interfaces import Document, KeyStore
from federation.outbox import seal, tombstone
from node.domain.proposal import twin
from node.numbers import whole
from node.recent import Recent
from node.speak import LiveScene, tongues
from node.speak.reach import belongs
from node.speak.scene import thing_of
from node.storage import activities, collectives, entries, follows, objects, posts
from node.storage.collectives import Collective
from node.storage.database import Clock, Database, Snapshot
from node.storage.objects import Object
from schemas.need import Need
from schemas.offer import Offer

JsonObject = dict[str, Any]

_PAGE = 20
_REPLIES = 100
_PAGED = ("/outbox", "/replies")
_ACCOUNTED = frozenset(
    (
        "allocation", "campaign", "claim", "criteria", "decision", "deposit", "donation", "expense", "match", "period", "receipt",
        "round", "stance", "transfer",
    )
)  # fmt: skip
"""Kinds on which a public account rests: whoever checks one is a stranger, who has no server to sign with."""


class KeptDocuments:
    """The `Documents` of a node. What anybody may read is kept rendered until the next commit, up to `room` bytes of it."""

    def __init__(
        self, database: Database, keys: KeyStore, clock: Clock, *, origin: str, name: str, room: int
    ) -> None:
        self._database = database
        self._origin = origin
        self._keys = keys
        server = build_server_actor(keys.server(), username=name, name=name, origin=origin)
        outbox = collection(f"{origin}/actor/outbox", 0, attributed_to=f"{origin}/actor", items=[])
        self._of_server = {
            "/actor": _document(seal(server, keys.server(), clock()).body, page=False),
            "/actor/outbox": _document(outbox, page=False),
        }
        self._rendered: Recent[tuple[str, int | None], Document] = Recent(room)
        self._commits = -1

    async def document(self, path: str, query: str) -> Document | None:
        """The document at a path."""
        if path in self._of_server:
            return self._of_server[path]
        if self._commits != self._database.writer.commits:
            self._rendered.clear()
            self._commits = self._database.writer.commits
        # Of the query nothing else changes what stands there: whoever makes up others is shown the same copy.
        cursor = _cursor(query) if path.endswith(_PAGED) else None
        kept = self._rendered.get((path, cursor))
        if kept is not None:
            return kept
        commits = self._commits
        found = await self._database.reader.run(lambda s: self._find(s, path, cursor))
        if found is not None and found.readers is None and commits == self._database.writer.commits:
            self._rendered.put((path, cursor), found, len(found.body) + len(path))
        return found

    async def may_read(self, document: Document, actor_id: str) -> bool:
        """Whether a signed reader is one of those for whom it is."""
        readers = document.readers or frozenset()
        return await self._database.reader.run(lambda s: any(belongs(s, actor_id, name) for name in readers))

    async def refuses(self, document: Document, actor_id: str) -> bool:
        """Whether the owner of a document blocks an actor or its host."""
        return await self._database.reader.run(lambda s: follows.blocks(s, document.owner, actor_id))

    async def account(self, username: str) -> str | None:
        """Actor URI of a local name."""
        found = await self._database.reader.run(lambda s: collectives.by_handle(s, username))
        return None if found is None else found.uri

    async def usage(self) -> JsonObject:
        """Figures for NodeInfo: collectives are the users; posts are rounded down to tens."""

        def count(snapshot: Snapshot) -> JsonObject:
            users = len(collectives.every(snapshot))
            return {"users": {"total": users}, "localPosts": posts.count_local(snapshot) // 10 * 10}

        return await self._database.reader.run(count)

    def _find(self, snapshot: Snapshot, path: str, cursor: int | None) -> Document | None:
        _, room, name, *rest = [*path.split("/"), ""]
        part = "/".join(rest).strip("/")
        uri = f"{self._origin}/{room}/{name}"
        match room:
            case "c":
                own = collectives.by_handle(snapshot, name)
                return None if own is None else self._of_collective(snapshot, own, part, cursor)
            case "o":
                return self._of_object(snapshot, uri, part, cursor)
            case "s" if not part:
                return self._activity(snapshot, uri)
            case "g" if not part:
                return self._agreement(snapshot, uri)
        return None

    def _of_collective(
        self, snapshot: Snapshot, own: Collective, part: str, cursor: int | None
    ) -> Document | None:
        uri = f"{own.uri}/{part}"
        match part:
            case "":
                # Without an owner: whom we block reads here the keys that prove our Block and our Reject.
                return _document(own.document, open=entries.log_of(snapshot, own.id) is not None)
            case "outbox":
                return self._outbox(snapshot, own, cursor)
            case "followers":
                return _document(
                    collection(uri, follows.count_followers(snapshot, own.id), attributed_to=own.uri),
                    page=False,
                    owner=own.uri,
                )
            case "following":
                return _document(
                    collection(uri, follows.count_following(snapshot, own.id), attributed_to=own.uri),
                    page=False,
                    owner=own.uri,
                )
            case "featured":
                pins = [post.uri for post in posts.pinned(snapshot, own.uri)]
                return _document(
                    collection(uri, len(pins), attributed_to=own.uri, items=pins), page=False, owner=own.uri
                )
            case "peers":
                body = collection(uri, 0, attributed_to=own.uri)
                return _document(body, page=False, readers=frozenset({own.uri}), owner=own.uri)
        return None

    def _outbox(self, snapshot: Snapshot, own: Collective, cursor: int | None) -> Document:
        uri = f"{own.uri}/outbox"
        total = activities.count_said(snapshot, own.id)
        if cursor is None:
            return _document(
                collection(uri, total, attributed_to=own.uri, pages=True), page=False, owner=own.uri
            )
        rows = activities.said(snapshot, own.id, before=cursor or None, limit=_PAGE)
        body = page(
            uri,
            [msgspec.Raw(row.body) for row in rows if row.body is not None],
            total=total,
            cursor=f"max_id={cursor}" if cursor else "",
            older=f"max_id={rows[-1].id}" if len(rows) == _PAGE else "",
        )
        return _document(body, page=False, owner=own.uri)

    def _of_object(self, snapshot: Snapshot, uri: str, part: str, cursor: int | None) -> Document | None:
        row = objects.by_uri(snapshot, uri)
        if row is None or row.collective is None:
            return None
        readers = None if row.audience in ("public", "unlisted") else frozenset({row.owner, *row.readers})
        open = row.kind in _ACCOUNTED
        match part:
            case "" if not row.document:
                stone = tombstone(uri, "Note", row.updated)
                body = seal(stone, self._keys.sender(row.owner), row.updated).body
                return _document(body, status=410, readers=readers, owner=row.owner, open=open)
            case "":
                return _document(row.document, readers=readers, owner=row.owner, open=open)
            case "replies":
                return _document(_replies(snapshot, uri, cursor), readers=readers, owner=row.owner, open=open)
            case "context":
                told = posts.conversation(snapshot, f"{uri}/context")
                known = [p.uri for p in told if p.audience in ("public", "unlisted") and p.boost_of is None]
                return _document(
                    collection(f"{uri}/context", len(known), attributed_to=row.owner, items=known),
                    page=False,
                    readers=readers,
                    owner=row.owner,
                )
            case "proposal" if row.document:
                proposal = self._proposal(snapshot, row)
                return (
                    None
                    if proposal is None
                    else _document(proposal, page=False, readers=readers, owner=row.owner)
                )
        return None

    def _proposal(self, snapshot: Snapshot, row: Object) -> bytes | None:
        """The typed twin of a need or an offer, with a proof of its own."""
        thing, own = thing_of(row), collectives.by_uri(snapshot, row.owner)
        if own is None or not isinstance(thing.record, Need | Offer):
            return None
        made = twin(thing.document, thing.record, tongues(own)[0])
        return seal(made, self._keys.sender(own.uri), row.updated).body

    def _activity(self, snapshot: Snapshot, uri: str) -> Document | None:
        said = activities.by_uri(snapshot, uri)
        if said is None or said.collective is None or said.body is None:
            return None
        if said.audience in ("public", "unlisted"):
            booked, _ = entries.salt_of(snapshot, uri)
            return _document(said.body, page=False, owner=said.actor, open=booked)
        document = msgspec.json.decode(said.body)
        named = frozenset({said.actor, *document.get("to", ()), *document.get("cc", ())})
        return _document(said.body, page=False, readers=named, owner=said.actor)

    def _agreement(self, snapshot: Snapshot, uri: str) -> Document | None:
        """An agreement stands in the Accept that returned it, and is for those who may read the need."""
        thing = LiveScene(snapshot, self._origin).thing(uri)
        answer = None if thing is None else activities.answer_to(snapshot, thing.id, "Accept")
        if thing is None or answer is None or answer.body is None or answer.collective is None:
            return None
        accept = msgspec.json.decode(answer.body)
        result = {"@context": accept["@context"], **accept["result"]}
        if result.get("id") != uri:
            return None
        intent = result.get("stipulates", {}).get("satisfies", "")
        need = objects.by_alias(snapshot, intent)
        wide = need is not None and need.audience in ("public", "unlisted")
        readers = None if wide else frozenset({answer.actor, thing.owner, *(need.readers if need else ())})
        return _document(msgspec.json.encode(result), page=False, readers=readers, owner=answer.actor)


def _replies(snapshot: Snapshot, uri: str, cursor: int | None) -> bytes:
    """What answers something, for everybody to read: whole where it is little, else page by page, the oldest first."""
    rows = posts.replies(snapshot, uri, after=cursor or 0, limit=_REPLIES + 1)
    shown = [each.uri for each in rows[:_REPLIES] if each.audience in ("public", "unlisted")]
    id_ = f"{uri}/replies"
    if cursor is None and len(rows) <= _REPLIES:
        return collection(id_, len(shown), items=shown)
    total = posts.count_replies(snapshot, uri)
    if cursor is None:
        return collection(id_, total, pages=True)
    return page(
        id_,
        shown,
        total=total,
        cursor=f"min_id={cursor}" if cursor else "",
        older=f"min_id={rows[_REPLIES - 1].id}" if len(rows) > _REPLIES else "",
    )


def _cursor(query: str) -> int | None:
    """Before which activity a page of an outbox ends, or after which post one of replies begins, 0 for the first one; None where no
    page is asked for."""
    asked = parse_qs(query)
    if "page" not in asked:
        return None
    named = (asked.get("max_id") or asked.get("min_id") or [""])[0]
    return whole(named) or 0


def _document(
    body: bytes,
    *,
    status: int = 200,
    page: bool = True,
    readers: frozenset[str] | None = None,
    owner: str = "",
    open: bool = False,
) -> Document:
    return Document(body, _etag(body), status, readers, page, owner=owner, open=open)


def _etag(body: bytes) -> str:
    return sha256(body).hexdigest()[:24]
