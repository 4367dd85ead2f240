"""What was typed into a form that was refused as a whole, so that it can be read and sent once more: its session had ended, or
somebody else had come in meanwhile."""

import json
import re
from dataclasses import dataclass

_UNTYPED = frozenset(
    [
        "about",
        "actor",
        "answers",
        "approves",
        "audience",
        "back",
        "category",
        "channel",
        "collective",
        "cover_nothing",
        "csrf",
        "currency",
        "key",
        "kind",
        "let",
        "locale",
        "more",
        "need",
        "no_picture",
        "of",
        "outcome",
        "over",
        "post",
        "receipt",
        "recipe",
        "role",
        "rule",
        "seen",
        "severity",
        "status",
        "step",
        "timezone",
        "unit",
        "urgent",
        "version",
        "way",
        "weekday",
    ]
)
"""Names of boxes into which nobody types: where something was chosen or ticked, or stands unseen."""
_NUMBERED = re.compile(r"(?:unit|picture|drop|cover)[0-9]+")
_SECRET = frozenset({"password", "old", "new", "code"})
"""A form with one of these is never shown again."""

Boxes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A form: the path that it goes to, all its texts but the seal, and whether files came with it, which are not kept."""

    to: str
    boxes: Boxes
    files: bool = False

    @property
    def typed(self) -> list[str]:
        """What was typed, in order."""
        return [text for name, text in self.boxes if text.strip() and self._is_typed(name)]

    @property
    def opens(self) -> bool:
        """Whether it goes where a form is drawn with what was typed."""
        return opens(self.to)

    @property
    def sent(self) -> Boxes:
        """The boxes that go along unseen."""
        return tuple((name, text) for name, text in self.boxes if name != "step" or not self.opens)

    @property
    def packed(self) -> str:
        """All of it as one text."""
        return json.dumps([self.to, self.boxes, self.files], ensure_ascii=False)

    def _is_typed(self, name: str) -> bool:
        chosen = name == "reason" and self.to.startswith("/kitchen/")
        return (
            not chosen
            and name not in _UNTYPED
            and not name.endswith(".unit")
            and not _NUMBERED.fullmatch(name)
        )


def opens(path: str) -> bool:
    """Whether a form is sent where it is drawn too."""
    return path.startswith(("/new/", "/edit/"))


def held(to: str, boxes: Boxes, *, files: bool) -> Held | None:
    """A form that was sent to a path; None where nothing was typed, or a password."""
    form = Held(to, tuple((name, text) for name, text in boxes if name != "csrf"), files)
    secret = any(name in _SECRET for name, _ in boxes)
    return form if form.typed and not secret else None


def unpacked(text: str) -> Held | None:
    """What `packed` made; None of anything else."""
    try:
        to, boxes, files = json.loads(text)
        return Held(str(to), tuple((str(name), str(value)) for name, value in boxes), files is True)
    except (ValueError, TypeError, RecursionError):
        return None
