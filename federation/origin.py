"""Who may speak for whom (FEP-fe34, narrowed): only the author. The same origin alone is not enough here, because
one node may carry several collectives that do not govern each other.

An origin is written `https://host` or `http://host:port`: lower case, IDN as A-labels, no default port, no trailing
dot, no credentials. Two URLs are of one origin when these strings are equal.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Any
from urllib.parse import urlsplit

import httpx

from federation.errors import Malformed, NotOwner, WrongOrigin
from federation.interfaces import JsonObject
from federation.vocab import ACTOR_TYPES, Activity, as_list, id_of, ids_of, types_of

__all__ = [
    "author_of",
    "authority_of",
    "check_authorship",
    "is_ours",
    "may_speak_for",
    "origin_of",
    "own_object",
    "same_origin",
]

_DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_MAX_HOST = 253
_MAX_SUCCESSIONS = 20
_NO_SUCCESSIONS: Mapping[str, str] = {}


@lru_cache(maxsize=2048)
def origin_of(url: str) -> str:
    """The origin of an http(s) URL, normalised. Raises WrongOrigin where it has none that can be relied on."""
    if "\\" in url or " " in url or not url.isprintable():
        raise WrongOrigin("an id with characters that URL parsers read differently")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WrongOrigin(f"an id that is no URL: {error}") from error
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc or port == 0:
        raise WrongOrigin("an id is an http(s) URL without credentials")
    host = _normal_host(parts.hostname or "")
    if port is None or port == _DEFAULT_PORTS[parts.scheme]:
        return f"{parts.scheme}://{host}"
    return f"{parts.scheme}://{host}:{port}"


def _normal_host(host: str) -> str:
    if ":" in host:
        try:
            return f"[{IPv6Address(host).compressed}]"
        except ValueError as error:
            raise WrongOrigin("a host that is no IPv6 address") from error
    if not host.isascii():
        try:
            host = httpx.URL(f"https://{host}/").raw_host.decode()
        except httpx.InvalidURL as error:
            raise WrongOrigin("a host that is no domain name") from error
    host = host.lower().removesuffix(".")
    if len(host) > _MAX_HOST or not _HOST.fullmatch(host):
        raise WrongOrigin("a host that is no domain name")
    return host


def authority_of(url: str) -> str:
    """Host and port of an http(s) URL, normalised; without the port where it is the default. Raises WrongOrigin."""
    return origin_of(url).partition("://")[2]


def same_origin(one: str, other: str) -> bool:
    """Whether two ids are of one origin; False for what has none."""
    try:
        return origin_of(one) == origin_of(other)
    except WrongOrigin:
        return False


def is_ours(id_: str, own_origin: str) -> bool:
    """Whether an id claims to be of this node. Such an id is believed only where this node's storage knows it."""
    return same_origin(id_, own_origin)


def may_speak_for(speaker: str, author: str, successions: Mapping[str, str] = _NO_SUCCESSIONS) -> bool:
    """Whether actor `speaker` may change what actor `author` made.

    Only the author itself may, or the actor that succeeded it: `successions` maps a former actor to the one that
    it became, as proven by its identity statements (SURVIVAL.md foundation 7).
    """
    for _ in range(_MAX_SUCCESSIONS):
        if speaker == author:
            return True
        if author not in successions:
            return False
        author = successions[author]
    return False


def author_of(document: JsonObject) -> str | None:
    """Whom an object names as its author: itself if it is an actor, else `attributedTo`, else `actor`.

    None where it names nobody. Of several authors the first (PeerTube names the person, then the channel).
    """
    if ACTOR_TYPES.intersection(types_of(document)):
        return id_of(document)
    return id_of(document.get("attributedTo")) or id_of(document.get("actor"))


def _claims(document: JsonObject, actor: str, successions: Mapping[str, str]) -> bool:
    """Whether `document` may be believed on the word of `actor`: its id and its author are the actor's."""
    found = id_of(document)
    if found is None or not same_origin(found, actor):
        return False
    if ACTOR_TYPES.intersection(types_of(document)):
        return found == actor
    authors: list[Any] = as_list(document.get("attributedTo")) or as_list(document.get("actor"))
    if not authors:
        return True
    return any(may_speak_for(actor, author, successions) for author in ids_of(authors))


def own_object(activity: Activity, successions: Mapping[str, str] = _NO_SUCCESSIONS) -> JsonObject | None:
    """The embedded object, if the activity's actor is its author and so may be believed about it.

    None where nothing is embedded, or where it is somebody else's: then its id must be fetched from its own origin.
    """
    if activity.object is not None and _claims(activity.object, activity.actor, successions):
        return activity.object
    return None


def check_authorship(
    activity: Activity, *, own_origin: str, successions: Mapping[str, str] = _NO_SUCCESSIONS
) -> None:
    """Refuse an activity that speaks for somebody else than its actor, as far as the activity itself shows it.

    Its id is of the actor's origin. What it creates or updates is the actor's own; what it deletes is of the
    actor's origin; what it undoes was done by the actor. An actor of another origin makes no id of ours. Whether the
    object that we *stored* is the actor's is for the host to check, with `may_speak_for`. Raises Malformed,
    WrongOrigin, NotOwner.
    """
    origin = origin_of(activity.actor)
    if origin_of(activity.id) != origin:
        raise WrongOrigin("the activity's id is of another origin than its actor", host=origin)
    if activity.type in {"Create", "Update", "Delete"}:
        if not activity.object_id:
            raise Malformed(f"{activity.type} without the id of an object")
        if origin_of(activity.object_id) != origin:
            where = "ours" if is_ours(activity.object_id, own_origin) else "another"
            raise WrongOrigin(f"the object is of {where} origin", host=origin)
    embedded = activity.object
    if embedded is None:
        return
    if activity.type in {"Create", "Update"} and not _claims(embedded, activity.actor, successions):
        raise NotOwner("the object names another author", host=origin)
    if activity.type == "Undo":
        undone = id_of(embedded.get("actor"))
        if undone is not None and not may_speak_for(activity.actor, undone, successions):
            raise NotOwner("the undone activity names another actor", host=origin)
