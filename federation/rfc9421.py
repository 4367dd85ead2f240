"""HTTP Message Signatures, RFC 9421: the scheme that follows draft-cavage.

The steps are those of `cavage`: `read` the headers, `check` what a signature covers and how old it is, find the key,
`verify`. A request may carry several signatures under any labels; a label says nothing, since it is not signed.
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import parse_qsl, quote

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.hmac import HMAC

from federation.digest import byte_sequences, check_content_digest, content_digest
from federation.errors import BadSignature, MissingSignature
from federation.keys import PrivateKey
from federation.limits import Limits
from federation.message import HttpMessage, check_age
from federation.signature_input import (
    DEFAULT_ACCEPT_SIGNATURE,
    AcceptedSignature,
    Component,
    Scalars,
    accept_signature,
    quoted,
    read_accept_signature,
    read_inputs,
)

__all__ = [
    "DEFAULT_ACCEPT_SIGNATURE",
    "AcceptedSignature",
    "Algorithm",
    "MessageSignature",
    "VerifyingKey",
    "accept_signature",
    "check",
    "read",
    "read_accept_signature",
    "sign",
    "signature_base",
    "verify",
]

Algorithm = Literal["rsa-v1_5-sha256", "rsa-pss-sha512", "ecdsa-p256-sha256", "ed25519", "hmac-sha256"]
VerifyingKey = RSAPublicKey | Ed25519PublicKey | EllipticCurvePublicKey | bytes

_PKCS1 = PKCS1v15()
_PSS = PSS(MGF1(SHA512()), salt_length=64)
_SHA256 = SHA256()
_P256_BYTES = 32


@dataclass(frozen=True, slots=True)
class MessageSignature:
    """One signature of a message.

    `components` are names with their parameters (`@query-param` has a `name`); `parameters` the value of
    `@signature-params`, canonical. `algorithm` is what the signer says, "" where it says nothing.
    """

    label: str
    components: tuple[Component, ...]
    parameters: str
    signature: bytes
    key_id: str
    algorithm: str
    created: datetime | None
    expires: datetime | None
    nonce: str = ""
    tag: str = ""

    def covers(self, name: str) -> bool:
        """Whether the component is covered as it is, without parameters."""
        return (name, ()) in self.components


def read(message: HttpMessage, limits: Limits) -> list[MessageSignature]:
    """The signatures of a message, at most as many as are looked at. Raises MissingSignature, BadSignature."""
    inputs, signatures = message.field("signature-input"), message.field("signature")
    if inputs is None or signatures is None:
        raise MissingSignature
    if len(inputs) + len(signatures) > 2 * limits.header_bytes:
        raise BadSignature("signature headers longer than any honest ones")
    try:
        values = byte_sequences(signatures)
        found = [
            _signature(label, components, parameters, text, values[label])
            for label, components, parameters, text in read_inputs(inputs)
            if label in values
        ]
    except ValueError as error:
        raise BadSignature("signature headers that cannot be read") from error
    if not found:
        raise BadSignature("no signature has both its input and its value")
    return found[: limits.signatures]


def _signature(
    label: str, components: tuple[Component, ...], parameters: Scalars, text: str, value: bytes
) -> MessageSignature:
    words = {name: found for name, found in parameters.items() if isinstance(found, str)}
    return MessageSignature(
        label=label,
        components=components,
        parameters=text,
        signature=value,
        key_id=words.get("keyid", ""),
        algorithm=words.get("alg", ""),
        created=_moment(parameters, "created"),
        expires=_moment(parameters, "expires"),
        nonce=words.get("nonce", ""),
        tag=words.get("tag", ""),
    )


def _moment(parameters: Scalars, name: str) -> datetime | None:
    seconds = parameters.get(name)
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadSignature(f"{name} is no time") from error


def check(signature: MessageSignature, message: HttpMessage, now: datetime, limits: Limits) -> datetime:
    """Refuse a signature that leaves open what it must cover, and answer when it was made.

    It must cover @method, and @target-uri or else @path with @authority (or host) and the query; where there is a
    body, content-digest. The authority is always ours: the base is built from our own origin. The digest must be
    that of the body, `created` within the window. Raises BadSignature, BadDigest, StaleSignature.
    """
    if len(set(signature.components)) != len(signature.components):
        raise BadSignature("a component is covered twice")
    covers = signature.covers
    by_parts = (
        (covers("@authority") or covers("host"))
        and (covers("@path") or covers("@request-target"))
        and ("?" not in message.target or covers("@query") or covers("@request-target"))
    )
    if not covers("@method") or not (covers("@target-uri") or by_parts):
        raise BadSignature("@method and @target-uri must be covered")
    if covers("host"):
        message.check_host()
    if signature.created is None:
        raise BadSignature("created must be there")
    check_age(signature.created, signature.expires, now, limits)
    if message.has_content and not covers("content-digest"):
        raise BadSignature("content-digest must be covered")
    if covers("content-digest"):
        check_content_digest(message.field("content-digest") or "", message.body)
    return signature.created


def _derived(name: str, message: HttpMessage) -> str:
    path, mark, query = message.target.partition("?")
    match name:
        case "@method":
            return message.method
        case "@target-uri":
            return message.origin + message.target
        case "@authority":
            return message.authority
        case "@scheme":
            return message.origin.partition("://")[0]
        case "@request-target":
            return message.target
        case "@path":
            return path or "/"
        case "@query":
            return "?" + query if mark else "?"
        case "@status" if message.status:
            return str(message.status)
    raise BadSignature(f"component {name[:40]!r} cannot be covered here")


def _query_parameter(wanted: str, message: HttpMessage) -> str:
    pairs = parse_qsl(message.target.partition("?")[2], keep_blank_values=True)
    values = [value for name, value in pairs if quote(name, safe="*-._") == wanted]
    if len(values) != 1:
        raise BadSignature(f"{len(values)} query parameters {wanted[:40]!r}")
    return quote(values[0], safe="*-._")


def _line(component: Component, message: HttpMessage) -> str:
    name, parameters = component
    if name == "@query-param" and len(parameters) == 1 and parameters[0][0] == "name":
        return f'"{name}";name="{parameters[0][1]}": {_query_parameter(parameters[0][1], message)}'
    if parameters:
        raise BadSignature(f"component {name[:40]!r} with parameters that we do not know")
    value = _derived(name, message) if name.startswith("@") else message.field(name)
    if value is None or name != name.lower():
        raise BadSignature(f"header {name[:40]!r} is covered and absent")
    return f'"{name}": {value}'


def signature_base(signature: MessageSignature, message: HttpMessage) -> bytes:
    """The bytes that were signed (RFC 9421 section 2.5). Raises BadSignature."""
    lines = [_line(component, message) for component in signature.components]
    lines.append(f'"@signature-params": {signature.parameters}')
    try:
        return "\n".join(lines).encode("latin-1")
    except UnicodeEncodeError as error:
        raise BadSignature("a header that is no Latin-1") from error


def verify(
    signature: MessageSignature, message: HttpMessage, key: VerifyingKey, algorithm: Algorithm | None = None
) -> None:
    """Verify the signature itself. Raises BadSignature.

    The key decides the algorithm: RSA keys of actors mean rsa-v1_5-sha256, unless `algorithm` says what else is known
    of the key. Where the signer names one it must be the same. Shared secrets (bytes) are for published vectors.
    """
    expected = algorithm or _algorithm_of(key)
    if signature.algorithm not in ("", expected):
        raise BadSignature(f"algorithm {signature.algorithm[:40]!r} with a key for {expected}")
    base, value = signature_base(signature, message), signature.signature
    try:
        match key:
            case RSAPublicKey() if expected == "rsa-v1_5-sha256":
                key.verify(value, base, _PKCS1, _SHA256)
            case RSAPublicKey() if expected == "rsa-pss-sha512":
                key.verify(value, base, _PSS, SHA512())
            case Ed25519PublicKey() if expected == "ed25519":
                key.verify(value, base)
            case EllipticCurvePublicKey() if expected == "ecdsa-p256-sha256":
                key.verify(_der(value), base, ECDSA(_SHA256))
            case bytes() if expected == "hmac-sha256":
                mac = HMAC(key, _SHA256)
                mac.update(base)
                mac.verify(value)
            case _:
                raise BadSignature(f"a key that is not for {expected}")
    except InvalidSignature as error:
        raise BadSignature("the signature is not of this key and this message") from error


def _algorithm_of(key: VerifyingKey) -> Algorithm:
    if isinstance(key, RSAPublicKey):
        return "rsa-v1_5-sha256"
    if isinstance(key, Ed25519PublicKey):
        return "ed25519"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "ecdsa-p256-sha256"
    return "hmac-sha256"


def _der(value: bytes) -> bytes:
    """An ECDSA signature as the library takes it; on the wire it is r and s, 32 bytes each."""
    if len(value) != 2 * _P256_BYTES:
        raise BadSignature("an ECDSA signature of another length")
    return encode_dss_signature(int.from_bytes(value[:_P256_BYTES]), int.from_bytes(value[_P256_BYTES:]))


def sign(
    method: str,
    url: str,
    body: bytes | None,
    *,
    key_id: str,
    key: PrivateKey,
    now: datetime,
    wanted: AcceptedSignature = DEFAULT_ACCEPT_SIGNATURE,
) -> dict[str, str]:
    """The headers that sign a request to `url`: Content-Digest where there is a body, Signature-Input, Signature.

    `wanted` is what the peer asked for, if it did. A body is always covered by its digest, and a query is covered
    where the target is named in parts; without a body content-digest is left out.
    """
    address = httpx.URL(url)
    headers = {} if body is None else {"Content-Digest": content_digest(body)}
    message = HttpMessage(
        method=method.upper(),
        target=address.raw_path.decode(),
        headers=headers.items(),
        body=body or b"",
        origin=f"{address.scheme}://{address.netloc.decode()}",
    )
    names = [name for name in wanted.components if name != "content-digest"]
    if not {"@target-uri", "@request-target", "@query"}.intersection(names):
        names.append("@query")
    if body is not None:
        names.append("content-digest")
    parameters = f"({' '.join(map(quoted, names))});created={int(now.timestamp())};keyid={quoted(key_id)}"
    if wanted.nonce:
        parameters += f";nonce={quoted(wanted.nonce)}"
    if wanted.tag:
        parameters += f";tag={quoted(wanted.tag)}"
    unsigned = MessageSignature(
        wanted.label, tuple((name, ()) for name in names), parameters, b"", key_id, "", now, None
    )
    base = signature_base(unsigned, message)
    value = key.sign(base) if isinstance(key, Ed25519PrivateKey) else key.sign(base, _PKCS1, _SHA256)
    headers["Signature-Input"] = f"{wanted.label}={parameters}"
    headers["Signature"] = f"{wanted.label}=:{b64encode(value).decode()}:"
    return headers
