"""HTTP Signatures, draft-cavage-http-signatures-12: what most of the network signs with.

Verifying has four steps, each a function, so that `verify` can stop before it fetches a key: `read` the header,
`check` what it covers and how old it is, find the key, `verify` the signature.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from federation.digest import check_digest, digest
from federation.errors import BadSignature, MissingSignature
from federation.keys import PrivateKey, PublicKey
from federation.limits import Limits
from federation.message import HttpMessage, check_age, http_date, read_http_date

__all__ = ["CavageSignature", "check", "read", "sign", "signing_strings", "verify"]

_PARAMETER = re.compile(r'\s*([A-Za-z]+)=(?:"([^"]*)"|(\d{1,15})(?:\.\d+)?)\s*(?:,|$)')
# What peers write for the algorithm of each kind of key. `hs2019` leaves it to the key; everybody means RSA with
# PKCS #1 v1.5 and SHA-256 by it (GoToSocial http_signatures.md).
_ALGORITHMS = {"rsa": ("", "rsa-sha256", "hs2019"), "ed25519": ("", "ed25519", "hs2019")}
_PKCS1 = PKCS1v15()
_SHA256 = SHA256()


@dataclass(frozen=True, slots=True)
class CavageSignature:
    """The parameters of one signature header. `covered` are names in lower case, in signing order."""

    key_id: str
    algorithm: str
    covered: tuple[str, ...]
    signature: bytes
    created: datetime | None
    expires: datetime | None


def read(message: HttpMessage, limits: Limits) -> CavageSignature:
    """The signature in the Signature header, or in Authorization. Raises MissingSignature, BadSignature."""
    text = message.field("signature")
    if text is None:
        scheme, _, text = (message.field("authorization") or "").partition(" ")
        if scheme.lower() != "signature":
            raise MissingSignature
    if len(text) > limits.header_bytes:
        raise BadSignature("a signature header longer than any honest one")
    parameters = _parameters(text)
    try:
        signature = b64decode(parameters["signature"], validate=True)
        key_id = parameters["keyId"]
    except (KeyError, ValueError) as error:
        raise BadSignature("a signature header without keyId or signature") from error
    return CavageSignature(
        key_id=key_id,
        algorithm=parameters.get("algorithm", "").lower(),
        # Without the parameter older drafts sign the Date header; draft 12 says (created), which nobody does.
        covered=tuple(parameters.get("headers", "date").lower().split(" ")),
        signature=signature,
        created=_moment(parameters.get("created")),
        expires=_moment(parameters.get("expires")),
    )


def _parameters(text: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    position = 0
    while position < len(text):
        found = _PARAMETER.match(text, position)
        if found is None or found[1] in parameters:
            raise BadSignature("a signature header that cannot be read")
        parameters[found[1]] = found[2] if found[2] is not None else found[3]
        position = found.end()
    return parameters


def _moment(seconds: str | None) -> datetime | None:
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadSignature("created or expires is no time") from error


def check(signature: CavageSignature, message: HttpMessage, now: datetime, limits: Limits) -> datetime:
    """Refuse a signature that leaves open what it must cover, and answer when it was made.

    It must cover (request-target), host, and date or (created); where there is a body, digest too. The host must be
    ours, the digest that of the body, and the date within the window. Raises BadSignature, BadDigest,
    StaleSignature.
    """
    covered = signature.covered
    if len(set(covered)) != len(covered):
        raise BadSignature("a header is covered twice")
    if "(request-target)" not in covered or "host" not in covered:
        raise BadSignature("(request-target) and host must be covered")
    message.check_host()
    if "(created)" in covered and signature.created is not None:
        signed_at = signature.created
    elif "date" in covered:
        signed_at = read_http_date(message.single("date"))
    else:
        raise BadSignature("date or (created) must be covered")
    check_age(signed_at, signature.expires, now, limits)
    if message.has_content and "digest" not in covered:
        raise BadSignature("digest must be covered")
    if "digest" in covered:
        check_digest(message.field("digest") or "", message.body)
    return signed_at


def _lines(signature: CavageSignature, message: HttpMessage, target: str) -> Iterator[str]:
    for name in signature.covered:
        if name == "(request-target)":
            yield f"(request-target): {message.method.lower()} {target}"
        elif name in {"(created)", "(expires)"}:
            moment = signature.created if name == "(created)" else signature.expires
            # Draft 12 section 2.3: an error where the parameter is missing, or the algorithm is an older one.
            if moment is None or signature.algorithm.startswith(("rsa", "hmac", "ecdsa")):
                raise BadSignature(f"{name} cannot be covered here")
            yield f"{name}: {int(moment.timestamp())}"
        else:
            value = message.field(name)
            if value is None:
                raise BadSignature(f"header {name[:40]!r} is covered and absent")
            yield f"{name}: {value}"


def signing_strings(signature: CavageSignature, message: HttpMessage) -> Iterator[bytes]:
    """The bytes that may have been signed: with the query, and without it, as Fedify signs. Raises BadSignature."""
    path = message.target.partition("?")[0]
    for target in (message.target,) if path == message.target else (message.target, path):
        try:
            yield "\n".join(_lines(signature, message, target)).encode("latin-1")
        except UnicodeEncodeError as error:
            raise BadSignature("a header that is no Latin-1") from error


def verify(signature: CavageSignature, message: HttpMessage, key: PublicKey) -> None:
    """Verify the signature itself. The key decides the algorithm, never the header. Raises BadSignature."""
    kind = "rsa" if isinstance(key, RSAPublicKey) else "ed25519"
    if signature.algorithm not in _ALGORITHMS[kind]:
        raise BadSignature(f"algorithm {signature.algorithm[:40]!r} with an {kind} key")
    for base in signing_strings(signature, message):
        try:
            if isinstance(key, RSAPublicKey):
                key.verify(signature.signature, base, _PKCS1, _SHA256)
            else:
                key.verify(signature.signature, base)
        except InvalidSignature:
            continue
        return
    raise BadSignature("the signature is not of this key and this request")


def sign(
    method: str, url: str, body: bytes | None, *, key_id: str, key: PrivateKey, now: datetime
) -> dict[str, str]:
    """The headers that sign a request to `url`: Host, Date, Digest where there is a body, and Signature."""
    address = httpx.URL(url)
    headers = {"Host": address.netloc.decode(), "Date": http_date(now)}
    covered = "(request-target) host date"
    lines = [f"(request-target): {method.lower()} {address.raw_path.decode()}"]
    if body is not None:
        headers["Digest"] = digest(body)
        covered += " digest"
    lines += [f"{name.lower()}: {value}" for name, value in headers.items()]
    base = "\n".join(lines).encode()
    if isinstance(key, Ed25519PrivateKey):
        algorithm, signature = "hs2019", key.sign(base)
    else:
        algorithm, signature = "rsa-sha256", key.sign(base, _PKCS1, _SHA256)
    headers["Signature"] = (
        f'keyId="{key_id}",algorithm="{algorithm}",headers="{covered}",signature="{b64encode(signature).decode()}"'
    )
    return headers
