"""Actors of other servers for tests: they have keys, sign what they send, and their keys can be looked up."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation import cavage, rfc9421
from federation.errors import FederationError, UnknownKey
from federation.interfaces import ActorKey
from federation.keys import ed25519_of_seed, make_rsa, multikey, public_pem
from federation.message import HttpMessage

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ORIGIN = "https://minga.example"
INBOX = f"{ORIGIN}/inbox"

# Making an RSA key takes long; the tests that need several different ones are few.
RSA_KEYS = [make_rsa(), make_rsa()]


@dataclass
class Correspondent:
    """One remote actor. `number` chooses its keys."""

    id: str
    number: int = 0

    @property
    def rsa(self) -> RSAPrivateKey:
        return RSA_KEYS[self.number]

    @property
    def ed25519(self) -> Ed25519PrivateKey:
        return ed25519_of_seed(bytes([self.number + 1]) * 32)

    @property
    def rsa_id(self) -> str:
        return f"{self.id}#main-key"

    @property
    def ed25519_id(self) -> str:
        return f"{self.id}#ed25519-key"

    @property
    def keys(self) -> list[ActorKey]:
        return [
            ActorKey(self.rsa_id, self.id, "rsa", public_pem(self.rsa.public_key())),
            ActorKey(self.ed25519_id, self.id, "ed25519", multikey(self.ed25519.public_key())),
        ]

    def note(self, **changed: Any) -> dict[str, Any]:
        origin = self.id.partition("/users/")[0]
        object_ = {
            "id": f"{origin}/notes/1",
            "type": "Note",
            "attributedTo": self.id,
            "content": "llevo 10 kg",
        }
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{origin}/activities/1",
            "type": "Create",
            "actor": self.id,
            "object": object_,
            **changed,
        }

    def post(
        self,
        document: object,
        *,
        scheme: str = "cavage",
        now: datetime = NOW,
        url: str = INBOX,
        ed25519: bool = False,
    ) -> HttpMessage:
        """A signed POST of `document` to `url`, as it arrives at ORIGIN."""
        body = json.dumps(document, ensure_ascii=False).encode()
        key_id, key = (self.ed25519_id, self.ed25519) if ed25519 else (self.rsa_id, self.rsa)
        sign = cavage.sign if scheme == "cavage" else rfc9421.sign
        headers = sign("POST", url, body, key_id=key_id, key=key, now=now)
        headers.setdefault("Host", url.split("/")[2])
        return HttpMessage("POST", "/" + url.split("/", 3)[3], tuple(headers.items()), body, ORIGIN)


def with_headers(message: HttpMessage, **changed: str | None) -> HttpMessage:
    """The same request with some headers changed (`content_digest`), or taken away (None)."""
    names = {name.replace("_", "-"): value for name, value in changed.items()}
    kept = [(name, value) for name, value in message.headers if name.lower() not in names]
    added = [(name, value) for name, value in names.items() if value is not None]
    return HttpMessage(message.method, message.target, (*kept, *added), message.body, message.origin)


@dataclass
class Keys:
    """A lookup of keys in memory: what is kept, and what the servers would answer if asked."""

    kept: dict[str, ActorKey] = field(default_factory=dict)
    served: dict[str, ActorKey | FederationError] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, *actors: Correspondent) -> "Keys":
        return cls({key.id: key for actor in actors for key in actor.keys})

    async def key(self, key_id: str, refresh: bool, *, owner: str | None) -> ActorKey:
        if key_id in self.kept and not refresh:
            return self.kept[key_id]
        self.fetched.append(key_id)
        answer = self.served.get(key_id, self.kept.get(key_id))
        if answer is None:
            raise UnknownKey("no such key")
        if isinstance(answer, FederationError):
            raise answer
        return answer
