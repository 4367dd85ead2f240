"""Signed notes (C2SP signed-note): a text, signature lines, and the verifier keys that carry it.

    text, ending in a newline
    (an empty line)
    — example.com/log base64(key id ‖ signature)

The text of a note means nothing before `Note.verify` has named a key that signed it. A signature type is an `Algorithm`; this
module brings plain Ed25519, `cosignature` the timestamped one, and others can join without a change here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from node.tlog.encoding import from_base64, to_base64
from node.tlog.errors import AmbiguousKeyError, ForgedSignatureError, MalformedError, UnsignedError

MAX_BYTES = 1_000_000
MAX_SIGNATURES = 64
_DASH = "— "


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One signature type: its identifier byte, the size of its public keys, and whether a signature verifies.

    `verifies(key, text, signature)` answers for any bytes and raises nothing.
    """

    type: int
    public_key_size: int
    verifies: Callable[["VerifierKey", bytes, bytes], bool] = field(repr=False)


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Who may sign: a name (usually a URL without scheme), an algorithm and a public key. `str` gives its vkey."""

    name: str
    algorithm: Algorithm
    public_key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that stand for this key in a signature line; no hash to rely on."""
        return sha256(self.name.encode() + b"\n" + self._material()).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{to_base64(self._material())}"

    def _material(self) -> bytes:
        return bytes([self.algorithm.type]) + self.public_key

    @classmethod
    def parse(cls, text: str, *algorithms: Algorithm) -> "VerifierKey":
        """Read a vkey of one of these algorithms. Raises MalformedError."""
        name, plus, rest = text.partition("+")
        key_id, plus_too, encoded = rest.partition("+")
        if not (plus and plus_too and is_name(name)):
            raise MalformedError("verifier key", "not of the form name+id+key")
        material = from_base64(encoded, "verifier key")
        for algorithm in algorithms:
            if material[:1] == bytes([algorithm.type]):
                key = cls(name, algorithm, material[1:])
                break
        else:
            raise MalformedError("verifier key", "a signature type that is not taken here")
        if len(key.public_key) != algorithm.public_key_size:
            raise MalformedError("verifier key", f"not {algorithm.public_key_size} bytes of key")
        if key.id.hex() != key_id:
            raise MalformedError("verifier key", "its id belongs to another key")
        return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: a claim of `name`, still to be verified. `str` gives the line without its newline."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.value)}"

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """Read a signature line. Raises MalformedError."""
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        if not (line.startswith(_DASH) and space and is_name(name)):
            raise MalformedError("signature line", "not of the form — name signature")
        data = from_base64(encoded, "signature line")
        if len(data) < 5:
            raise MalformedError("signature line", "no signature behind the key id")
        return cls(name, data[:4], data[4:])


@dataclass(frozen=True, slots=True)
class Note:
    """A text with signature lines, none of them verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def __bytes__(self) -> bytes:
        lines = "".join(f"{signature}\n" for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()

    @classmethod
    def parse(cls, data: bytes) -> "Note":
        """Read a note. Raises MalformedError."""
        if len(data) > MAX_BYTES:
            raise MalformedError("note", f"more than {MAX_BYTES} bytes")
        whole = decode_text(data, "note")
        text, blank, lines = whole.rpartition("\n\n")
        if not (text and blank and lines.endswith("\n")):
            raise MalformedError("note", "no text, blank line and signatures")
        return cls(f"{text}\n", parse_signatures(lines))

    def verify(self, keys: Iterable[VerifierKey]) -> tuple[tuple[VerifierKey, Signature], ...]:
        """The signatures by keys that we know, each of them verified, in the order of their lines.

        Lines of other keys say nothing. Raises ForgedSignatureError if a line of a known key does not verify,
        UnsignedError if there is none, AmbiguousKeyError if our own keys cannot be told apart.
        """
        known: dict[tuple[str, bytes], VerifierKey] = {}
        for key in keys:
            if known.setdefault((key.name, key.id), key) != key:
                raise AmbiguousKeyError(key.name)
        verified = []
        for signature in self.signatures:
            signer = known.get((signature.name, signature.key_id))
            if signer is None:
                continue
            if not signer.algorithm.verifies(signer, self.text.encode(), signature.value):
                raise ForgedSignatureError(f"{signature.name} did not sign this")
            verified.append((signer, signature))
        if not verified:
            raise UnsignedError("no known key signed this")
        return tuple(verified)

    def signed(self, *signatures: Signature) -> "Note":
        """The note with more signature lines; one that stands there already is not repeated."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *signatures))))


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """Read one or more signature lines, each ending in a newline. Raises MalformedError."""
    rows = lines.split("\n")
    if len(rows) < 2 or rows.pop() or len(rows) > MAX_SIGNATURES:
        raise MalformedError("note", f"not between 1 and {MAX_SIGNATURES} signature lines")
    return tuple(Signature.parse(row) for row in rows)


def decode_text(data: bytes, what: str) -> str:
    """UTF-8 without control characters other than newline. Raises MalformedError about `what`."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise MalformedError(what, "not UTF-8") from error
    if any(character < " " and character != "\n" for character in text):
        raise MalformedError(what, "a control character")
    return text


def is_name(text: str) -> bool:
    """Whether this can be the name of a key: Unicode text, not empty, no spaces, no control characters, no plus."""
    return bool(text) and not any(
        c.isspace() or c < " " or c == "+" or "\ud800" <= c <= "\udfff" for c in text
    )


def ed25519_verifies(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is an Ed25519 signature (RFC 8032) of the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


ED25519 = Algorithm(0x01, 32, lambda key, text, signature: ed25519_verifies(key.public_key, text, signature))


def sign(text: str, name: str, private_key: Ed25519PrivateKey) -> Signature:
    """Sign the text of a note with plain Ed25519."""
    key = VerifierKey(name, ED25519, private_key.public_key().public_bytes_raw())
    return Signature(name, key.id, private_key.sign(text.encode()))
