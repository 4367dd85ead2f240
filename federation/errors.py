"""Every way in which speaking with another server can fail, as one tree.

    FederationError
    ├── Malformed                  400  the bytes are not an activity we can read
    │   ├── TooLarge               413
    │   └── TooDeep                400
    ├── Unauthenticated            401  nobody proved to have said this
    │   ├── MissingSignature
    │   ├── BadSignature
    │   ├── BadDigest
    │   ├── StaleSignature
    │   ├── UnknownKey              the key could not be found, or its owner does not list it
    │   └── BadProof
    ├── Forbidden                  403  somebody proved to have said it who may not
    │   ├── NotOwner                the signer is not the author
    │   ├── WrongOrigin             an id or an embedded object belongs to another origin
    │   └── Blocked
    ├── Overloaded                 503  try later; carries `retry_after`
    │   └── OverAllowance          429  a host sent what a day may bring of strangers
    └── Unreachable                502  we asked somebody else and got no usable answer
        ├── ForbiddenAddress        netguard: where we never connect
        ├── TimedOut
        ├── TooManyRedirects
        ├── BadAnswer               status, content type, size or content was not what was asked for
        ├── NotFound                404
        └── Gone                    410

Every error is one value with an inside and an outside: `cause` goes to our log (bounded, escaped),
`public` to the stranger, `hint` to the cook who administers. `code` is the stable name under which a
verdict is counted; `status` the HTTP status of an answer that carries it.
"""

from typing import ClassVar


class FederationError(Exception):
    """Base of everything that goes wrong between servers."""

    status: ClassVar[int] = 500
    public: ClassVar[str] = "Something went wrong on this server."
    hint: ClassVar[str] = ""

    def __init__(self, cause: str = "", *, host: str = "") -> None:
        super().__init__(cause or self.public)
        self.cause = cause
        self.host = host

    @property
    def code(self) -> str:
        """Stable reason code, for counting and for problem details (RFC 9457): `bad-signature`."""
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in type(self).__name__).lstrip("-")


class Malformed(FederationError):
    """The bytes are not an activity that can be read."""

    status = 400
    public = "This is not an activity that we can read."


class BadResource(Malformed):
    """WebFinger was asked for something that is no name."""

    public = "This is no name that can be looked up, like acct:olla@example.org."


class TooLarge(Malformed):
    """More bytes than the stated budget."""

    status = 413
    public = "This is larger than we accept."


class TooDeep(Malformed):
    """Nested deeper than the stated budget."""

    public = "This is nested deeper than we accept."


class Unauthenticated(FederationError):
    """Nobody proved to have said this."""

    status = 401
    public = "The signature of this request could not be verified."


class MissingSignature(Unauthenticated):
    """Neither an HTTP signature nor a proof."""

    public = "This request is not signed."


class BadSignature(Unauthenticated):
    """A signature is there and does not verify, or does not cover what it must."""


class BadDigest(Unauthenticated):
    """The digest in the header is not that of the body, or is not covered by the signature."""

    public = "The digest does not match the body."


class StaleSignature(Unauthenticated):
    """Signed too long ago, expired, or dated in the future."""

    public = "The signature is too old, or its date is in the future."


class UnknownKey(Unauthenticated):
    """The key cannot be had, or the actor that it names does not list it."""

    public = "The key of this signature could not be confirmed."


class BadProof(Unauthenticated):
    """An object integrity proof (FEP-8b32) that does not hold."""

    public = "The integrity proof of this object does not hold."


class Forbidden(FederationError):
    """Proven, but not theirs to say."""

    status = 403
    public = "You may not say this."


class NotOwner(Forbidden):
    """The signer is not the author of what is being changed."""

    public = "Only its author may change this."


class WrongOrigin(Forbidden):
    """An id does not belong to the origin that speaks (FEP-fe34)."""

    public = "This id does not belong to your server."


class Blocked(Forbidden):
    """A host or actor that the collective has blocked."""

    public = "You may not write here."


class Overloaded(FederationError):
    """We cannot take more now."""

    status = 503
    public = "Too much at once. Please try again later."

    def __init__(self, cause: str = "", *, retry_after: int = 60, host: str = "") -> None:
        super().__init__(cause, host=host)
        self.retry_after = retry_after


class OverAllowance(Overloaded):
    """A host sent all that is taken in a day of actors whom nobody here follows."""

    status = 429
    public = "That is all that we take today from those of your server whom nobody here follows. Please try again later."


class Unreachable(FederationError):
    """Another server gave no usable answer."""

    status = 502
    public = "The other server could not be reached."
    hint = "Check the address, and whether that server is up; it is tried again by itself where it matters."


class ForbiddenAddress(Unreachable):
    """The address is private, local or otherwise none of a federated server's business."""

    public = "That address is not one that this server connects to."
    hint = "For a trial on one machine set federation.allow_networks in minga.toml."


class TimedOut(Unreachable):
    """No whole answer within the budget."""

    public = "The other server did not answer in time."


class TooManyRedirects(Unreachable):
    """More redirects than the budget, or one to an address that is refused."""


class BadAnswer(Unreachable):
    """An answer of the wrong status, type, size or content."""

    public = "The other server answered with something unusable."

    def __init__(
        self, cause: str = "", *, status: int | None = None, retry_after: int | None = None, host: str = ""
    ) -> None:
        super().__init__(cause, host=host)
        self.answered = status
        self.retry_after = retry_after


class NotFound(BadAnswer):
    """404."""

    public = "The other server does not know this."


class Gone(BadAnswer):
    """410: it was there, and its server says that it never comes back."""

    public = "The other server has removed this."
