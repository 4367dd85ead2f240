"""Every way in which this node can refuse or fail, as one tree.

    NodeError
    ├── InvalidError            422  a field is wrong: `field`, and what was expected
    ├── NotPermittedError       403  this member or actor may not do it
    │   └── UnapprovedError     403  more members must approve it first
    ├── UnauthorizedError       401  nobody proved to be somebody
    ├── UnknownError            404  no such thing, here or where we looked
    ├── WithdrawnError          410  it was there
    ├── ConflictError           409  it cannot be done now: somebody was first, or it is already so
    │   └── AnsweredError       409  the same member answered the same before
    ├── TooManyError            429  slower, please; carries `retry_after`
    ├── ElsewhereError          502  another server gave no usable answer
    ├── StorageError            500
    │   ├── DatabaseError       500  SQLite failed; nothing of it was stored
    │   └── DiskFullError       507  nothing of it was stored
    └── SetupError              500  the data directory or the configuration does not allow a start
        ├── InUseError               another process holds the data directory
        ├── NewerDataError           written by a newer Minga
        └── ClockError               the clock is a day behind the last activity

`cause` is for the log, `public` for the stranger or the person who typed, `hint` for the cook who administers. The text in
`public` is one line; the command line prints it with the hint and exits 1, pages and APIs answer with `status`.

An error is worded in English with {placeholders}, which are message ids for `Tongue.say`: `said(tongue.say)` and
`hinted(tongue.say)` are what people read in their language, `public` and `hint` the same in English.
"""

from collections.abc import Callable
from typing import Any, ClassVar

Say = Callable[..., str]
"""From a message id and its values to a text in some language."""


def plain(wording: str, **values: object) -> str:
    """A wording with its values filled in, in English."""
    return wording.format(**values) if values else wording


class NodeError(Exception):
    """Base of everything that this node refuses or fails at. `values` fill the wording and the hint."""

    status: ClassVar[int] = 500

    def __init__(self, wording: str, /, *, cause: str = "", hint: str = "", **values: object) -> None:
        super().__init__(wording)
        self.wording = wording
        self.hinting = hint
        self.cause = cause
        self.values: dict[str, Any] = values

    def __str__(self) -> str:
        return self.public

    def said(self, say: Say) -> str:
        """What went wrong, in the language of `say`."""
        return say(self.wording, **self.values)

    def hinted(self, say: Say) -> str:
        """What can be done about it, in the language of `say`; "" where nobody knows."""
        return say(self.hinting, **self.values) if self.hinting else ""

    @property
    def public(self) -> str:
        """What went wrong, in English."""
        return self.said(plain)

    @property
    def hint(self) -> str:
        """What can be done about it, in English."""
        return self.hinted(plain)


class InvalidError(NodeError):
    """A field is wrong; `field` names it as the person typed it, the wording says what was expected."""

    status = 422

    def __init__(
        self, field: str, wording: str, /, *, cause: str = "", hint: str = "", **values: object
    ) -> None:
        super().__init__(wording, cause=cause, hint=hint, **values)
        self.field = field

    def said(self, say: Say) -> str:
        """The field, and what was expected."""
        return f"{self.field}: {self.expects(say)}"

    def expects(self, say: Say) -> str:
        """What was expected, in the language of `say`."""
        return super().said(say)

    def named(self, field: str) -> "InvalidError":
        """The same of a field that is called otherwise where it was typed."""
        return InvalidError(field, self.wording, cause=self.cause, hint=self.hinting, **self.values)

    @property
    def expected(self) -> str:
        """What was expected, in English."""
        return self.expects(plain)


class NotPermittedError(NodeError):
    """Somebody known, who may not do this."""

    status = 403


class UnapprovedError(NotPermittedError):
    """More members must approve it first."""


class UnauthorizedError(NodeError):
    """No valid password, session or token."""

    status = 401


class UnknownError(NodeError):
    """No such thing."""

    status = 404


class WithdrawnError(NodeError):
    """It was there and was withdrawn."""

    status = 410


class ConflictError(NodeError):
    """True or done already, or overtaken by somebody else."""

    status = 409


class AnsweredError(ConflictError):
    """The same member gave the same answer before; nothing changed."""


class TooLargeError(NodeError):
    """More was sent than is read of one form."""

    status = 413


class TooManyError(NodeError):
    """Over a rate limit; try again after `retry_after` seconds."""

    status = 429

    def __init__(
        self, wording: str, /, *, retry_after: int, cause: str = "", hint: str = "", **values: object
    ) -> None:
        super().__init__(wording, cause=cause, hint=hint, **values)
        self.retry_after = retry_after


class ElsewhereError(NodeError):
    """Another server could not be reached or answered with something unusable; `host` names it."""

    status = 502

    def __init__(
        self, wording: str, /, *, host: str = "", cause: str = "", hint: str = "", **values: object
    ) -> None:
        super().__init__(wording, cause=cause, hint=hint, **values)
        self.host = host

    def said(self, say: Say) -> str:
        """The host, and what was wrong with it."""
        return f"{self.host}: {super().said(say)}" if self.host else super().said(say)


class StorageError(NodeError):
    """The database failed; nothing of the transaction was stored."""


class DatabaseError(StorageError):
    """SQLite failed, whatever the reason; nothing of the transaction was stored."""

    def __init__(self, *, cause: str = "") -> None:
        super().__init__(
            "The database of this server failed; nothing was stored.",
            cause=cause,
            hint="Look at the log and at the disk; `minga fsck` checks what is stored.",
        )


class DiskFullError(StorageError):
    """No room on the disk; nothing of the transaction was stored."""

    status = 507

    def __init__(self, *, cause: str = "") -> None:
        super().__init__(
            "The disk of this server is full; nothing was stored.",
            cause=cause,
            hint="Free some space (old backups, logs), then try again: nothing that was acknowledged is lost.",
        )


class SetupError(NodeError):
    """The data directory or the configuration does not allow this."""


class InUseError(SetupError):
    """Another process holds the lock of the data directory."""


class NewerDataError(SetupError):
    """The data directory was written by a newer version."""


class ClockError(SetupError):
    """The clock stands a day or more before the last activity."""
