"""Assembles everything into one node: the doors, the ASGI application, the workers. Decides nothing."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from federation import (
    Actors,
    Delivery,
    Fetcher,
    GuardedTransport,
    Inbox,
    Site,
    Software,
    networks,
    site_routes,
    user_agent,
)
from node import VERSION
from node.access import Access
from node.account.accounts import Accounts
from node.account.routes import AccountRoutes
from node.api import Absent, ClientApi, Services, Streams
from node.attachments import Attachments
from node.clients import Clients
from node.collectives import Collectives
from node.config import SOCKET, Config
from node.directory import CACHE, DATABASE, KEYS, MEDIA
from node.doors import Doors
from node.dossier import Dossier
from node.errors import ClockError, NodeError, SetupError, TooManyError
from node.feeds import feeds
from node.hosting import Arrivals, KeptActors, KeptDocuments, Outgoing, believe
from node.invitations import Invitations
from node.keyring import Keyring, Passphrase
from node.marks import Marks
from node.moderation import Moderation
from node.numbers import bound_numbers
from node.pantry import Pantry
from node.pickups import Pickups
from node.profile import current_key
from node.publish import Commands, Proposals, Publisher, Reactions, Trying
from node.rates import Rates
from node.receive import Fetching, Receiver, overhear
from node.relations import Bonds, Others, Relations
from node.speak import Speech
from node.storage import activities, collectives
from node.storage.database import Clock, Database, Snapshot
from node.web.consent import Consent
from node.web.kept import Kept
from node.web.reception import failed, refusal
from node.web.routes import pages
from node.workers import Workers

DAY = timedelta(days=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Node(Doors):
    """One node, assembled. `asgi` answers the network; `workers` run while it serves."""

    asgi: ASGIApp
    workers: Workers
    streams: Streams


@contextlib.asynccontextmanager
async def open_node(
    directory: Path,
    config: Config,
    *,
    passphrase: Passphrase,
    clock: Clock = lambda: datetime.now(UTC),
    chance: Callable[[int], bytes] = secrets.token_bytes,
    mending: bool = False,
) -> AsyncIterator[Node]:
    """Open a data directory and assemble its node; the caller holds the lock. Closed at the end of the `with`.

    SetupError where a key is missing, the origin was changed, the clock stands a day before the last activity, or the
    database is older than the log of an account (unless that is what the caller is `mending`).
    """
    database = await Database.open(directory / DATABASE, clock)
    fetcher, attachments, accounts = None, None, None
    try:
        keyring = await asyncio.to_thread(Keyring.open, directory / KEYS, config.origin, passphrase)
        await database.reader.run(lambda snapshot: _check(snapshot, config, keyring))
        fetcher = _fetcher(config, keyring, clock)
        accounts = Accounts.open(directory, database, keyring, fetcher.post, _bytes(fetcher), clock)
        if not mending:
            await accounts.sequencer.check()
        attachments = await Attachments.open(
            database, directory / MEDIA, directory / CACHE, fetcher, clock, base=config.media
        )
        node = _assemble(directory, config, clock, chance, database, keyring, fetcher, attachments, accounts)
        yield node
        await node.streams.stop()
    finally:
        if attachments is not None:
            await attachments.close()
        if accounts is not None:
            accounts.close()
        if fetcher is not None:
            await fetcher.aclose()
        await database.close()


def _check(snapshot: Snapshot, config: Config, keyring: Keyring) -> None:
    for collective in collectives.every(snapshot):
        if not collective.uri.startswith(f"{config.origin}/c/"):
            raise SetupError(
                f"This node was made for another origin: it holds {collective.uri}.",
                hint=f"Put origin = {collective.uri.partition('/c/')[0]!r} back into minga.toml: it can never change.",
            )
        keyring.choose(collective.uri, current_key(collective.document))
    latest = activities.latest(snapshot)
    if latest is not None and snapshot.now < latest - DAY:
        raise ClockError(
            f"The clock says {snapshot.now:%Y-%m-%d %H:%M} UTC, but the last activity is of {latest:%Y-%m-%d %H:%M}.",
            hint="Set the clock (timedatectl), then start again.",
        )


def _fetcher(config: Config, keyring: Keyring, clock: Clock) -> Fetcher:
    transport = GuardedTransport(
        allow_networks=networks(config.federation.allow_networks),
        proxy=config.federation.proxy or None,
        onion_proxy=config.federation.onion_proxy or None,
    )
    agent = user_agent(VERSION, config.origin)
    return Fetcher(transport=transport, keys=keyring, agent=agent, limits=config.limits, now=clock)


def _bytes(fetcher: Fetcher) -> Callable[[str], Awaitable[bytes]]:
    """What stands at a URL, whatever it is: for files of logs."""

    async def fetch(url: str) -> bytes:
        return (await fetcher.get(url, accept="*/*")).body

    return fetch


def _assemble(
    directory: Path,
    config: Config,
    clock: Clock,
    chance: Callable[[int], bytes],
    database: Database,
    keyring: Keyring,
    fetcher: Fetcher,
    attachments: Attachments,
    accounts: Accounts,
) -> Node:
    bound_numbers()
    spread = int(config.federation.delivery_jitter_seconds * 1000)
    speech = Speech(config.origin, keyring, chance, spread=spread)
    bonds = Bonds(speech, approve=config.relations.approve)
    others = Others(bonds)
    store = KeptActors(database, others.on_gone)
    plain_http = bool(config.federation.allow_networks)
    actors = Actors(store, fetcher, limits=config.limits, now=clock, plain_http=plain_http)
    relations = Relations(database, bonds, actors, believe)
    fetching = Fetching(database, speech, relations, fetcher, actors)
    receiver = Receiver(database, speech, others, actors, fetching, limits=config.limits)
    delivery = Delivery(Outgoing(database, clock), keyring, fetcher, now=clock)
    arrivals = Arrivals(database, clock, config.limits)
    server_name = urlsplit(config.origin).hostname or config.host
    documents = KeptDocuments(
        database, keyring, clock, origin=config.origin, name=server_name, room=config.limits.cached_bytes
    )
    publisher = Publisher(
        database,
        speech,
        fetching,
        text_limit=config.text_chars,
        answered=partial(overhear, speech),
        media=attachments.base,
    )
    access = Access(database)
    doors = Doors(
        directory=directory,
        config=config,
        clock=clock,
        database=database,
        keyring=keyring,
        access=access,
        invitations=Invitations(database, access),
        dossier=Dossier(database),
        moderation=Moderation(database, relations, config.origin),
        collectives=Collectives(config, database, keyring, speech),
        publisher=publisher,
        commands=Commands(database, speech, fetching, publisher),
        proposals=Proposals(publisher),
        trying=Trying(publisher),
        pantry=Pantry(publisher),
        pickups=Pickups(publisher),
        reactions=Reactions(database, speech, fetching),
        relations=relations,
        clients=Clients(database),
        marks=Marks(database),
        attachments=attachments,
        accounts=accounts,
    )
    rates, streams = Rates(clock, factor=config.api_rate), Streams()
    people = pages(doors, rates)
    site = Site(
        origin=config.origin,
        documents=documents,
        inbox=Inbox(log=arrivals, store=store, keys=actors, limits=config.limits, now=clock),
        log=arrivals,
        keys=actors,
        page=people,
        software=Software(version=VERSION),
        secure=config.federation.secure_mode,
        limits=config.limits,
        now=clock,
    )
    database.writer.listen(streams.listen)
    api = ClientApi(Services(doors=doors, streams=streams, rates=rates, version=VERSION))
    consent = Consent(config, doors.access, doors.clients, rates)
    application = _application(
        site,
        [
            *AccountRoutes(accounts, config.origin).routes(),
            *consent.routes(),
            *feeds(doors),
            *Absent().routes(),
            Mount("/", people),
        ],
        config.host,
        clock,
    )
    housekeeping = (doors.clients.expire, doors.invitations.expire, attachments.expire)
    return Node(
        **vars(doors),
        asgi=_behind(
            config.trusted_proxies,
            _apart(api, Kept(application, lambda: database.writer.commits, config.limits.cached_bytes)),
        ),
        workers=Workers(database, receiver, publisher, delivery, accounts, clock, housekeeping=housekeeping),
        streams=streams,
    )


def _application(site: Site, people: Sequence[BaseRoute], host: str, clock: Clock) -> ASGIApp:
    async def failing(request: Request, _error: Exception) -> Response:
        answer = failed(request, host, clock())
        answer.headers["connection"] = "close"  # the server cuts it after a failure
        return answer

    async def refusing(request: Request, error: Exception) -> Response:
        """What the node refused or could not do; its cause is for the log alone."""
        if not isinstance(error, NodeError):
            raise error
        if error.status >= 500:
            log.error("%s (%s)", error.public, error.cause)
        answer = refusal(request, host, error)
        if isinstance(error, TooManyError):
            answer.headers["retry-after"] = str(error.retry_after)
        return answer

    handlers = {NodeError: refusing, Exception: failing}
    application = Starlette(routes=[*site_routes(site), *people], exception_handlers=handlers)
    # A redirect would be built from the Host header, which anybody can write.
    application.router.redirect_slashes = False
    return application


def _apart(api: ClientApi, application: ASGIApp) -> ASGIApp:
    """What apps call, and everything else."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] == "websocket" or (scope["type"] == "http" and api.owns(scope))
        await (api if ours else application)(scope, receive, send)

    return answer


def _behind(proxies: Sequence[str], application: ASGIApp) -> ASGIApp:
    """The application as these proxies reach it: who asks is whom they name, the last one of their line whom nobody trusts."""
    if not proxies:
        return application
    named = ProxyHeadersMiddleware(application, list(proxies))  # type: ignore[arg-type]

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if SOCKET in proxies and scope.get("client") is None:
            scope["client"] = (SOCKET, 0)
        await named(scope, receive, send)  # type: ignore[arg-type]

    return answer
