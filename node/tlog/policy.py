"""Trust policies (C2SP tlog-policy): which logs, which witnesses, and how many of them must have cosigned.

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <name>...
    quorum <name>|none

Names are opaque bytes, kept as text in which undecodable bytes survive (surrogateescape).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from node.tlog.checkpoint import Checkpoint, open_checkpoint
from node.tlog.cosignature import COSIGNATURE_V1, timestamp
from node.tlog.errors import MalformedError, QuorumError, UnsignedError
from node.tlog.note import ED25519, Algorithm, Note, VerifierKey

MAX_BYTES = 1_000_000
MAX_LINES = 1_000
NONE = "none"
_COUNT = re.compile("[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Log:
    """A log that the policy accepts, and where it is spoken to, if said."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness that the policy knows, and where it is spoken to, if said."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses a checkpoint when `threshold` of its members (witnesses or groups) do."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint that meets the policy: whose it is, and when each witness by name cosigned it (POSIX seconds, latest).

    `witnesses` may be empty, where the quorum is `none`: signed by the log, and by nobody else.
    """

    checkpoint: Checkpoint
    witnesses: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses and groups by name (groups in an order in which each refers back), and the quorum's name."""

    logs: tuple[Log, ...]
    witnesses: Mapping[str, Witness]
    groups: Mapping[str, Group]
    quorum: str = NONE

    @classmethod
    def parse(cls, data: bytes) -> "Policy":
        """Read a policy file. Raises MalformedError, which names the line."""
        reader = _Reader()
        lines = data.split(b"\n")
        if len(data) > MAX_BYTES or len(lines) > MAX_LINES:
            raise MalformedError("policy", f"more than {MAX_BYTES} bytes or {MAX_LINES} lines")
        for number, line in enumerate(lines, 1):
            reader.read(line, f"policy line {number}")
        if reader.quorum is None:
            raise MalformedError("policy", "no quorum line")
        return cls(tuple(reader.logs), reader.witnesses, reader.groups, reader.quorum)

    def __bytes__(self) -> bytes:
        lines = [f"log {log.key} {log.url}" for log in self.logs]
        lines += [f"witness {name} {witness.key} {witness.url}" for name, witness in self.witnesses.items()]
        lines += [f"group {name} {g.threshold} {' '.join(g.members)}" for name, g in self.groups.items()]
        lines.append(f"quorum {self.quorum}")
        return "".join(f"{line.rstrip(' ')}\n" for line in lines).encode("utf-8", "surrogateescape")

    def check(self, note: Note, logs: Iterable[VerifierKey] = ()) -> Witnessed:
        """The checkpoint in a note, if a listed log (or one of `logs`) signed it and the quorum cosigned it.

        Raises MalformedError, SignatureError, QuorumError.
        """
        checkpoint = open_checkpoint(note, (*(log.key for log in self.logs), *logs))
        witnesses = self._cosigned(note)
        if not self.met_by(witnesses):
            raise QuorumError(self.quorum, witnesses)
        return Witnessed(checkpoint, witnesses)

    def met_by(self, witnesses: Iterable[str]) -> bool:
        """Whether cosignatures of these witnesses, by name, make the quorum."""
        witnessing = set(witnesses) & self.witnesses.keys()
        for name, group in self.groups.items():
            if sum(member in witnessing for member in group.members) >= group.threshold:
                witnessing.add(name)
        return self.quorum == NONE or self.quorum in witnessing

    def _cosigned(self, note: Note) -> dict[str, int]:
        names = {witness.key: name for name, witness in self.witnesses.items()}
        try:
            verified = note.verify(names)
        except UnsignedError:
            return {}
        latest: dict[str, int] = {}
        for key, signature in verified:
            latest[names[key]] = max(timestamp(signature), latest.get(names[key], 0))
        return latest


class _Reader:
    """Reads a policy line by line; what a line refers to must stand above it."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.witnesses: dict[str, Witness] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self._grouped: set[str] = set()

    def read(self, line: bytes, what: str) -> None:
        if any((byte < 0x20 and byte != 0x09) or byte == 0x7F for byte in line):
            raise MalformedError(what, "a control character")
        keyword, *items = re.split("[ \t]+", line.decode("utf-8", "surrogateescape").strip(" \t"))
        if keyword == "" or keyword.startswith("#"):
            return
        match keyword, items:
            case "log", [vkey, *url] if len(url) <= 1:
                self._log(Log(_key(vkey, what, ED25519), *url), what)
            case "witness", [name, vkey, *url] if len(url) <= 1:
                self._witness(name, Witness(_key(vkey, what, COSIGNATURE_V1), *url), what)
            case "group", [name, threshold, *members] if members:
                self._group(name, threshold, members, what)
            case "quorum", [name]:
                self._quorum(name, what)
            case _:
                raise MalformedError(what, "no line of a policy")

    def _log(self, log: Log, what: str) -> None:
        if any(log.key.public_key == other.key.public_key for other in self.logs):
            raise MalformedError(what, "a log with the key of another")
        self.logs.append(log)

    def _witness(self, name: str, witness: Witness, what: str) -> None:
        self._must_be_new(name, what)
        if any(witness.key.public_key == other.key.public_key for other in self.witnesses.values()):
            raise MalformedError(what, "a witness with the key of another")
        self.witnesses[name] = witness

    def _group(self, name: str, threshold: str, members: list[str], what: str) -> None:
        self._must_be_new(name, what)
        for member in members:
            self._must_be_defined(member, what)
            if member in self._grouped:
                raise MalformedError(what, "a member of two groups, or twice of one")
            self._grouped.add(member)
        named = {"all": len(members), "any": 1}
        count = named[threshold] if threshold in named else _count(threshold, what)
        if count > len(members):
            raise MalformedError(what, "a threshold above the number of members")
        self.groups[name] = Group(count, tuple(members))

    def _quorum(self, name: str, what: str) -> None:
        if self.quorum is not None:
            raise MalformedError(what, "a second quorum")
        if name != NONE:
            self._must_be_defined(name, what)
        self.quorum = name

    def _must_be_new(self, name: str, what: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise MalformedError(what, "a name that is taken")

    def _must_be_defined(self, name: str, what: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise MalformedError(what, "a name that no line above defines")


def _key(vkey: str, what: str, algorithm: Algorithm) -> VerifierKey:
    try:
        return VerifierKey.parse(vkey, algorithm)
    except MalformedError as error:
        raise MalformedError(what, error.why) from error


def _count(text: str, what: str) -> int:
    if not _COUNT.fullmatch(text):
        raise MalformedError(what, "a threshold that is no number")
    return int(text)
