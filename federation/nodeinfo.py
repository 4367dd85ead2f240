"""NodeInfo 2.0 and 2.1: what this server is, in the few figures that are true and tell nothing of its members.

The link document also names the server actor (FEP-2677). `metadata` is an object; its `upstream` says whose client API
is spoken (FEP-0151), which lets apps choose.
"""

from typing import Literal

import msgspec

from federation.interfaces import JsonObject

__all__ = ["Software", "links", "media_type", "nodeinfo"]

Version = Literal["2.0", "2.1"]
_SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/"


class Software(msgspec.Struct, frozen=True, kw_only=True):
    """What runs here. `repository` is where its source is found (AGPL), only said in 2.1."""

    name: str = "minga"
    version: str
    repository: str = ""


def links(origin: str) -> bytes:
    """`/.well-known/nodeinfo`: where the documents are, and the server actor."""
    found = [
        {"rel": f"{_SCHEMA}{version}", "href": f"{origin}/nodeinfo/{version}"} for version in ("2.1", "2.0")
    ]
    found.append({"rel": "https://www.w3.org/ns/activitystreams#Application", "href": f"{origin}/actor"})
    return msgspec.json.encode({"links": found})


def nodeinfo(version: Version, software: Software, usage: JsonObject, *, name: str = "") -> bytes:
    """One NodeInfo document. `usage` as `Documents.usage` gives it; `name` is what the node calls itself."""
    told = {"name": software.name, "version": software.version}
    if version == "2.1" and software.repository:
        told["repository"] = software.repository
    metadata: JsonObject = {"upstream": {"name": "mastodon"}}
    if name:
        metadata["nodeName"] = name
    return msgspec.json.encode(
        {
            "version": version,
            "software": told,
            "protocols": ["activitypub"],
            "services": {"inbound": [], "outbound": []},
            "openRegistrations": False,
            "usage": usage,
            "metadata": metadata,
        }
    )


def media_type(version: Version) -> str:
    """Its Content-Type, with the schema as profile."""
    return f'application/json; profile="{_SCHEMA}{version}#"'
