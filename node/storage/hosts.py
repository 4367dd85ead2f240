"""The names of servers, in the one spelling by which blocks, limits and queues keep them."""

import json
from collections.abc import Container
from contextlib import suppress
from ipaddress import IPv6Address
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SHARED = frozenset(
    {"ac", "co", "com", "edu", "go", "gob", "gov", "gub", "mil", "ne", "net", "nom", "or", "org"}
)
"""Second names below which a country gives names to everybody: `com.ar`, `org.br`."""


def covered(blocked: Container[str], host: str) -> bool:
    """Whether one of the blocked hosts means this one."""
    return any(name in blocked for name in above(host))


def meant(actor: str) -> list[str]:
    """Whatever a block may name to mean an actor: the actor itself, its host, and what is above that."""
    return [actor.partition("#")[0], *above(host_of(actor))]


def meant_as_json(actor: str | None) -> str:
    """The same for statements, which know it as `meant(actor)`."""
    return json.dumps(meant(actor or ""))


def above(host: str) -> list[str]:
    """A host and what is above it: itself without its port, and the names above that, but the top one: `a.b.example:8443`,
    `a.b.example`, `b.example`."""
    name, colon, port = host.rpartition(":")
    if not colon or not port.isdecimal() or (":" in name and not name.endswith("]")):
        name = host
    parts = name.split(".")
    plain = name.startswith("[") or name.replace(".", "").isdecimal()  # an address has no names above it
    names = [name] if plain else [".".join(parts[start:]) for start in range(max(1, len(parts) - 1))]
    return names if name == host else [host, *names]


def owned(host: str) -> str:
    """The name under which budgets count a host: whoever owns `b.example` has as many names below it, and as many ports, as she
    likes. What many own, like `com.ar`, is no such name."""
    names = above(host)
    if len(names) > 1 and host.startswith(f"{names[1]}:"):
        names = names[1:]
    second, _, top = names[-1].partition(".")
    return names[-2] if len(names) > 1 and second in _SHARED and len(top) == 2 else names[-1]


def host_of(url: str) -> str:
    """The host of a URL, with its port where that is not the default: the one spelling by which blocks and queues name
    it. "" where there is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if not host.isascii():
        with suppress(UnicodeError):
            host = host.encode("idna").decode()
    if ":" in host:
        with suppress(ValueError):
            host = IPv6Address(host).compressed
    host = f"[{host}]" if ":" in host else host.removesuffix(".")
    return host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"
