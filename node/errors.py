"""Every way in which this node can refuse or fail, as one tree.

    NodeError
    ├── InvalidError            422  a field is wrong: `field`, and what was expected
    ├── NotPermittedError       403  this member or actor may not do it
    │   └── UnapprovedError     403  more members must approve it first
    ├── UnauthorizedError       401  nobody proved to be somebody
    ├── UnknownError            404  no such thing, here or where we looked
    ├── WithdrawnError          410  it was there
    ├── ConflictError           409  it cannot be done now: somebody was first, or it is already so
    ├── TooManyError            429  slower, please; carries `retry_after`
    ├── ElsewhereError          502  another server gave no usable answer
    ├── StorageError            500
    │   └── DiskFullError       507  nothing of it was stored
    └── SetupError              500  the data directory or the configuration does not allow a start
        ├── InUseError               another process holds the data directory
        ├── NewerDataError           written by a newer Minga
        └── ClockError               the clock is a day behind the last activity

`cause` is for the log, `public` for the stranger or the person who typed, `hint` for the cook who administers. The text in
`public` is one line; the command line prints it with the hint and exits 1, pages and APIs answer with `status`.
"""

from typing import ClassVar


class NodeError(Exception):
    """Base of everything that this node refuses or fails at."""

    status: ClassVar[int] = 500

    def __init__(self, public: str, *, cause: str = "", hint: str = "") -> None:
        super().__init__(public)
        self.public = public
        self.cause = cause
        self.hint = hint


class InvalidError(NodeError):
    """A field is wrong; `field` names it as the person typed it."""

    status = 422

    def __init__(self, field: str, expected: str, *, cause: str = "", hint: str = "") -> None:
        super().__init__(f"{field}: {expected}", cause=cause, hint=hint)
        self.field = field
        self.expected = expected


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


class TooManyError(NodeError):
    """Over a rate limit; try again after `retry_after` seconds."""

    status = 429

    def __init__(self, public: str, *, retry_after: int, cause: str = "", hint: str = "") -> None:
        super().__init__(public, cause=cause, hint=hint)
        self.retry_after = retry_after


class ElsewhereError(NodeError):
    """Another server could not be reached or answered with something unusable."""

    status = 502


class StorageError(NodeError):
    """The database failed; nothing of the transaction was stored."""


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
