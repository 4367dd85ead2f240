"""Objects and actors that nobody sent us: fetched from where they live, believed as far as their origin goes."""

from dataclasses import replace
from typing import Protocol

import msgspec

from federation import Budget, FederationError, Fetched, Gone, NotFound, same_origin
from federation.interfaces import RemoteActor
from federation.vocab import ACTOR_TYPES, id_of, types_of
from node.domain.kind import NotAllowedError, Speaker
from node.errors import ElsewhereError, UnknownError
from node.receive import notes
from node.receive.notes import Arrival
from node.relations import Relations
from node.speak import LiveScene, Speech
from node.storage import activities, collectives, follows, objects, posts
from node.storage.database import Database, Snapshot, Transaction
from node.tongues import message


class Documents(Protocol):
    """How a document is fetched (`federation.Fetcher`)."""

    async def document(
        self, url: str, *, on_behalf_of: str | None = None, budget: Budget | None = None
    ) -> Fetched:
        """The ActivityStreams document at a URL."""


class Directory(Protocol):
    """How an actor is found (`federation.Actors`)."""

    async def actor(
        self,
        actor_id: str,
        *,
        refresh: bool = False,
        on_behalf_of: str | None = None,
        budget: Budget | None = None,
    ) -> RemoteActor:
        """The actor of a URI."""


class Fetching:
    """Finds and keeps what this node does not know yet; the `Finder` of publish."""

    def __init__(
        self,
        database: Database,
        speech: Speech,
        relations: Relations,
        documents: Documents,
        directory: Directory,
    ) -> None:
        self._database = database
        self._speech = speech
        self._relations = relations
        self._documents = documents
        self._directory = directory

    async def actor(self, speaker: Speaker, handle_or_url: str) -> str:
        """Actor URI of a handle or URL."""
        return await self._relations.find(speaker, handle_or_url)

    async def object(self, speaker: Speaker, url: str) -> str:
        """URI of the object at a URL, kept here from now on."""
        try:
            return await self.fetch(url, budget=None, on_behalf_of=speaker.actor, boosted=True)
        except (NotFound, Gone) as error:
            raise UnknownError(
                message("Nothing was found at {url}."),
                cause=error.cause,
                hint=message("Is the address right? What is for few is found only by those whom it is for."),
                url=url,
            ) from error
        except FederationError as error:
            raise ElsewhereError(
                error.public, host=error.host or url, cause=error.cause, hint=error.hint
            ) from error
        except NotAllowedError as error:
            raise ElsewhereError(
                message("That is nothing that can be kept here."), cause=str(error)
            ) from error

    async def fetch(
        self,
        url: str,
        *,
        budget: Budget | None,
        on_behalf_of: str | None = None,
        asked: bool = True,
        by: str = "",
        boosted: bool = False,
    ) -> str:
        """Fetch one object and keep it, if it is a post; its id. What nobody here `asked` for is kept only where it
        concerns us. Who says that it is `by` somebody means none that a neighbour published by its id; where what is `boosted`
        is meant, a boost brings that. Raises what federation raises; NotFound where it is not to be kept."""
        if await self._database.reader.run(lambda s: self._known(s, url, by)):
            return url
        if same_origin(url, self._speech.origin):
            raise NotFound(f"{url} is ours and unknown")
        fetched = await self._documents.document(url, on_behalf_of=on_behalf_of, budget=budget)
        document = fetched.document
        shared = id_of(document.get("object")) if types_of(document)[:1] == ("Announce",) else None
        if boosted and shared is not None:
            return await self.fetch(shared, budget=budget, on_behalf_of=on_behalf_of, asked=asked)
        if types_of(document)[:1] in (("Create",), ("Update",)):
            inner = document.get("object")
            document = inner if isinstance(inner, dict) else document
        uri = id_of(document)
        author = id_of(document.get("attributedTo")) or id_of(document.get("actor"))
        if ACTOR_TYPES.intersection(types_of(document)) or uri is None or author is None:
            raise NotFound(f"{url} is no post")
        if not notes.is_post(document) or not same_origin(uri, fetched.url) or not same_origin(author, uri):
            raise NotFound(f"{url} is no post of its origin")
        await self._directory.actor(author, on_behalf_of=on_behalf_of, budget=budget)
        reader = (on_behalf_of,) if on_behalf_of else ()
        arrival = Arrival(document, author, "", reader, named=uri == url)
        # Of what was fetched inside its Create, only the object is kept.
        body = fetched.body if document is fetched.document else msgspec.json.encode(document)
        await self._database.writer.run(lambda t: self._keep(t, arrival, uri, body, asked=asked))
        if asked and not await self._database.reader.run(lambda s: self._known(s, uri)):
            raise NotFound(f"{uri} is not taken here")
        return uri

    async def author(self, uri: str, *, budget: Budget | None, on_behalf_of: str | None) -> str:
        """Whom its origin names as the author of an object, asked at the object's own id; "" where nothing stands there that says it.
        Raises what federation raises but for that."""
        try:
            fetched = await self._documents.document(uri, on_behalf_of=on_behalf_of, budget=budget)
        except (NotFound, Gone):
            return ""
        named = id_of(fetched.document.get("attributedTo")) or ""
        return named if id_of(fetched.document) == uri and named and same_origin(named, uri) else ""

    def _known(self, snapshot: Snapshot, url: str, by: str = "") -> bool:
        held = objects.by_alias(snapshot, url)
        if held is not None:
            return not by or held.owner == by
        return posts.meant(snapshot, url) is not None

    def _keep(
        self, transaction: Transaction, arrival: Arrival, uri: str, body: bytes, *, asked: bool
    ) -> None:
        for_whom = arrival.inboxes or [own.uri for own in collectives.every(transaction)]
        if all(follows.blocks(transaction, own, arrival.actor) for own in for_whom):
            return
        if not asked and not notes.concerns_us(transaction, arrival):
            return
        number = transaction.next_id()
        name = f"{uri}#fetched-{number}"
        named = replace(arrival, activity=name)
        taken = notes.create(transaction, LiveScene(transaction, self._speech.origin, url=uri), named)
        if taken is None:
            return
        kind, heard, _ = taken
        activities.add(
            transaction,
            number=number,
            uri=name,
            actor=arrival.actor,
            type="Create",
            object=uri,
            kind=notes.name_of(kind, heard),
            collective=None,
            audience=heard.audience.value,
            body=body,
            transport="fetch",
        )
