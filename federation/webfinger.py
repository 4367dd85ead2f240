"""WebFinger (RFC 7033): which actor stands behind `olla@esperanza.example`. Answer for our own names, ask others.

A handle is believed only when both ends agree: the name's server points to the actor, and the actor's document names
the same handle (FEP-2c59, or its preferred name on its own host). Everything that the other server says besides is
ignored.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from federation.errors import BadAnswer, BadResource, Gone, Malformed, NotFound, Unreachable
from federation.fetch import Answer, Budget, Fetcher
from federation.interfaces import Documents
from federation.jsonld import parse_object
from federation.vocab import ACTIVITY_JSON, as_list, id_of, is_as2_media_type

__all__ = ["JRD_JSON", "Resource", "answer", "ask", "host_meta_json", "host_meta_xml", "split_handle"]

JRD_JSON = "application/jrd+json"
_HANDLE = re.compile(r"@?(?P<user>[^@\s/:]{1,128})@(?P<host>[^@\s/?#]{1,255})")
_JRD_BYTES = 65_536
_PROFILE_PAGE = "http://webfinger.net/rel/profile-page"


@dataclass(frozen=True, slots=True)
class Resource:
    """What a WebFinger server said: the handle it prefers (`user@host`) and the actor's URI."""

    handle: str
    actor: str


def split_handle(handle: str) -> tuple[str, str]:
    """`@Olla@Esperanza.example` → `("Olla", "esperanza.example")`. Raises Malformed."""
    match = _HANDLE.fullmatch(handle.strip())
    if match is None:
        raise Malformed(f"no handle: {handle[:200]!r}")
    return match["user"], match["host"].lower()


async def answer(resource: str | None, *, origin: str, documents: Documents) -> bytes | None:
    """The JRD for one of our names; None where the name is not ours (404). Raises Malformed (400).

    Takes `acct:` names in any case, actor URIs, and the origin itself, which leads to the server actor (FEP-d556).
    """
    if not resource:
        raise BadResource("resource: expected one, like acct:olla@example.org")
    scheme, _, rest = resource.partition(":")
    host = urlsplit(origin).netloc.lower()
    server_name = urlsplit(origin).hostname or host
    if scheme.lower() == "acct":
        try:
            user, asked_host = split_handle(rest)
        except Malformed as error:
            raise BadResource(error.cause) from error
        if asked_host != host:
            return None
        name = user.lower()
    elif scheme.lower() in ("https", "http"):
        if resource.rstrip("/") in (origin, f"{origin}/actor"):
            name = server_name
        else:
            name = _local_name(resource, origin)
    else:
        raise BadResource(f"no resource that can be looked up: {resource[:200]!r}")
    actor = await documents.account(name)
    if actor is None and name == server_name:
        actor = f"{origin}/actor"
    if actor is None:
        return None
    return _jrd(f"acct:{name}@{host}", actor)


def _local_name(url: str, origin: str) -> str:
    """The name in the address of an actor or its page, "" where it is none."""
    for prefix in (f"{origin}/c/", f"{origin}/@"):
        if url.startswith(prefix) and "/" not in (name := url.removeprefix(prefix)):
            return name.lower()
    return ""


def _jrd(subject: str, actor: str) -> bytes:
    return msgspec.json.encode(
        {
            "subject": subject,
            "aliases": [actor],
            "links": [
                {"rel": "self", "type": ACTIVITY_JSON, "href": actor},
                {"rel": _PROFILE_PAGE, "type": "text/html", "href": actor},
            ],
        }
    )


def host_meta_xml(origin: str) -> bytes:
    """RFC 6415: where WebFinger is found, as XRD; old peers ask for it first."""
    template = f"{origin}/.well-known/webfinger?resource={{uri}}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
        f'<Link rel="lrdd" type="{JRD_JSON}" template="{template}"/></XRD>\n'
    ).encode()


def host_meta_json(origin: str) -> bytes:
    """The same as JSON (RFC 6415 appendix A)."""
    template = f"{origin}/.well-known/webfinger?resource={{uri}}"
    return msgspec.json.encode({"links": [{"rel": "lrdd", "type": JRD_JSON, "template": template}]})


async def ask(
    fetcher: Fetcher, handle: str, *, plain_http: bool = False, budget: Budget | None = None
) -> Resource:
    """Ask the handle's server which actor it is. What comes back is a claim: see `Actors.find` for the round trip.

    `plain_http`: try http too (a trial on one machine); an onion service is always asked so where https does not answer. Raises
    Malformed, NotFound, BadAnswer or another Unreachable.
    """
    user, host = split_handle(handle)
    path = f"{host}/.well-known/webfinger?resource={quote(f'acct:{user}@{host}', safe='')}"
    found = await _first_answer(fetcher, _schemes(host, plain_http=plain_http), path, budget)
    try:
        jrd = parse_object(found.body, max_bytes=_JRD_BYTES, max_depth=fetcher.limits.json_depth)
    except Malformed as error:
        raise BadAnswer(f"unreadable JRD: {error.cause}", host=host) from error
    subject = str(jrd.get("subject", "")).removeprefix("acct:")
    try:
        preferred_user, preferred_host = split_handle(subject)
    except Malformed:
        preferred_user, preferred_host = user, host
    return Resource(f"{preferred_user}@{preferred_host}", _self_link(jrd, host))


def _schemes(host: str, *, plain_http: bool) -> tuple[str, ...]:
    """In which order to knock. An address without a name has no certificate: such a peer is a trial, and http comes first."""
    name = urlsplit(f"//{host}").hostname or ""
    if plain_http and _is_address(name):
        return "http", "https"
    return ("https", "http") if plain_http or name.endswith(".onion") else ("https",)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


async def _first_answer(
    fetcher: Fetcher, schemes: tuple[str, ...], path: str, budget: Budget | None
) -> Answer:
    async def knock(scheme: str) -> Answer:
        url = f"{scheme}://{path}"
        return await fetcher.get(url, accept=JRD_JSON, budget=budget, max_bytes=_JRD_BYTES)

    *early, last = schemes
    for scheme in early:
        try:
            return await knock(scheme)
        except (NotFound, Gone):
            raise
        except Unreachable as error:
            # A server that answers https badly is never asked again in the clear.
            if scheme == "https" and isinstance(error, BadAnswer):
                raise
    return await knock(last)


def _self_link(jrd: dict[str, Any], host: str) -> str:
    for link in as_list(jrd.get("links")):
        if not isinstance(link, dict) or link.get("rel") != "self":
            continue
        href = id_of(link.get("href"))
        if href and href.startswith(("https://", "http://")) and is_as2_media_type(str(link.get("type", ""))):
            return href
    raise BadAnswer("the JRD names no actor", host=host)
