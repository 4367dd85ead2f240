"""Who wins where two are equally near, and the seed that nobody chooses alone.

A tie is decided by a hash that everybody can compute: the lower key wins. The seed of a round comes from all its claims
and their nonces, so the fund alone cannot choose it. A colluding last claimant who knows the other nonces still can, and
so move one tied unit.

Lone surrogates, which are no Unicode text, are hashed as they stand: no string stops a round here, schemas refuse them.
"""

import json
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256


def tie_key(seed: str, claimant: str) -> str:
    """Lower-case hexadecimal SHA-256 of seed, line feed, claimant id; the lower key wins."""
    return sha256(utf8(f"{seed}\n{claimant}")).hexdigest()


def seed_of(claims: Iterable[tuple[str, str, str]]) -> str:
    """The seed of a closed round, from (claim id, digest, nonce) of each of its claims.

    Base64 SHA-256 of the RFC 8785 array of the triples, sorted by claim id as UTF-8 bytes. For strings alone
    RFC 8785 is what `json` writes without spaces and without escaping what needs none.
    """
    ordered = sorted(claims, key=lambda claim: [utf8(part) for part in claim])
    canonical = json.dumps(ordered, ensure_ascii=False, separators=(",", ":"))
    return b64encode(sha256(utf8(canonical)).digest()).decode()


def utf8(text: str) -> bytes:
    """The bytes by which ids are ordered and hashed."""
    return text.encode("utf-8", "surrogatepass")
