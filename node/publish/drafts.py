"""What is about to be said, changed or taken back: everything that had to be looked up before the transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from node.domain.kind import AnyKind, Audience, Saying, Verb
from node.domain.privacy import refuse_contact
from schemas import Record


@dataclass(frozen=True, slots=True)
class Typed:
    """A post as it is typed in an app. `to` are handles that it is for, `pictures` numbers of photographs sent before; `language`
    is that of a plain one, "" the collective's."""

    text: str
    warning: str = ""
    sensitive: bool | None = None
    audience: Audience | None = None
    to: tuple[str, ...] = ()
    in_reply_to: str | None = None
    pictures: tuple[int, ...] = ()
    language: str = ""

    @property
    def fields(self) -> Mapping[str, Any]:
        """As the fields of a note."""
        given: dict[str, Any] = {"text": self.text, "warning": self.warning}
        return given if self.sensitive is None else given | {"sensitive": self.sensitive}


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
    language: str = ""

    def saying(self, by: str, record: Record, parent: str | None, verb: Verb | None = None) -> Saying:
        """What a collective says when it says this; `verb` where not as its kind opens."""
        return Saying(
            verb=verb or self.kind.opening,
            kind=self.kind.name,
            by=by,
            record=record,
            audience=self.audience,
            to=self.to,
            in_reply_to=parent,
            language=self.language,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a thing of ours about to be said, with everything that had to be looked up before the transaction."""

    uri: str
    given: Mapping[str, Any]
    ids: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    language: str = ""

    def saying(self, by: str, about: str, record: Record, kind: AnyKind) -> Saying:
        """What a collective says when it changes this."""
        return Saying(Verb.UPDATE, kind.name, by, about=about, record=record, language=self.language)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Something of ours that is to be taken back."""

    uri: str
    kind: str = ""


def answering(verb: Verb, kind: AnyKind, by: str, about: str, reason: str) -> Saying:
    """What accepts or refuses something offered, with the reason that who offered it reads. NotAllowedError for one that holds what is
    private."""
    refuse_contact("reason", reason)
    why = "{reason}" if reason else ""
    return Saying(verb, kind.name, by, about, reason=why, values={"reason": reason})
