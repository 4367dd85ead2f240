"""What is about to be said, changed or taken back: everything that had to be looked up before the transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from node.domain.kind import AnyKind, Audience


@dataclass(frozen=True, slots=True)
class Draft:
    """A thing about to be said, with everything that had to be looked up before the transaction."""

    kind: AnyKind
    given: Mapping[str, Any]
    found: Mapping[str, str]
    ids: Mapping[str, str]
    audience: Audience | None = None
    to: tuple[str, ...] = ()
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a thing of ours about to be said, with everything that had to be looked up before the transaction."""

    uri: str
    given: Mapping[str, Any]
    ids: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Something of ours that is to be taken back."""

    uri: str
    kind: str = ""
