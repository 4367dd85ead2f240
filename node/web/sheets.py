"""One form as it stands between two requests: what was typed, photographs that were sent, who shall read it, what was wrong."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from node.attachments import Attachments, read_description
from node.domain.kind import AnyKind, Audience, NotAllowedError
from node.errors import ConflictError, InvalidError, NodeError
from node.numbers import whole
from node.publish import Idempotency
from node.publish.photographs import PICTURES
from node.remade import Cover
from node.storage.collectives import Collective
from node.storage.media import Description, Medium
from node.tongues import Tongue, message
from node.web.forms import box_of, compacted
from node.web.kinds import takes_receipt
from node.web.papers import digest_of, is_digest
from node.web.reception import Form
from schemas import SchemaError

_CARRIED = frozenset({"csrf", "key", "step", "audience", "answers", "back", "seen", "recipe"})
"""Names of boxes that are not of the kind's own."""
_NOT_TYPED = ("photo", "alt", "picture", "cover")
_STRIPS = 10
_UNCOVERED = message(
    "Mark what is to be covered on it, or say that there is nothing of the kind. Then choose it again."
)
_LONGEST = 20_000
_UNITLESS, _NUMBER = "an amount with its unit", "a number, like {example}"
_EMPTY = ("a value; it is required", "some text")
"""How the door begins where a field that it needs is empty."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph of the form: sent already, with what can be seen on it in words."""

    medium: Medium
    description: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form that somebody is filling in. `back` is where she came from, `answers` what it answers, `seen` what she
    began from, `recipe` by what a meal is cooked, `alts` the words for photographs that could not be taken, by their boxes."""

    kind: AnyKind
    texts: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    photos: tuple[Photo, ...] = ()
    alts: Mapping[str, str] = field(default_factory=dict)
    audience: str = ""
    answers: str = ""
    back: str = ""
    seen: str = ""
    recipe: str = ""
    key: str = ""
    trouble: str = ""

    @property
    def chosen(self) -> Audience | None:
        """Who shall read it; None where the kind says."""
        return Audience(self.audience) if self.audience in list(Audience) else None

    @property
    def cooked_by(self) -> int | None:
        """The recipe of a meal."""
        return whole(self.recipe)

    @property
    def numbers(self) -> list[int]:
        """The photographs by number."""
        return [photo.medium.id for photo in self.photos]

    @property
    def described(self) -> list[Description]:
        """Photographs that a post shows, in other words."""
        shown = (each for each in self.photos if each.medium.post is not None)
        # A box holds one line: what was written in several is not changed by that.
        changed = (each for each in shown if each.description.split() != each.medium.description.split())
        return [Description(each.medium.id, each.description, None) for each in changed]

    def once(self, route: str) -> Idempotency:
        """What tells a second tap from a second thing."""
        body = {"texts": dict(sorted(self.texts.items())), "audience": self.audience, "answers": self.answers}
        # By what they show: a form that comes again brings its photographs again, under new numbers.
        pictures = [photo.medium.picture.name for photo in self.photos]
        return Idempotency(route, self.key, json.dumps([body, pictures]).encode())

    def refused(self, error: NodeError, tongue: Tongue, others: Iterable[NotAllowedError] = ()) -> "Sheet":
        """The same with what was wrong: beside its box where it has one; `others` are wrong too."""
        words = words_of(error, tongue)
        if not isinstance(error, InvalidError):
            return replace(self, trouble=words)
        wrong = wrong_by_box(error, tongue, others)
        for each in (error.__cause__, *others):
            if isinstance(each, NotAllowedError) and each.expected.startswith(_UNITLESS):
                name = box_of(each.field)
                if self.texts.get(f"{name}.unit") and name in wrong:  # the unit was chosen beside it
                    wrong[name] = refused(NotAllowedError(each.field, _NUMBER, example=Decimal(40)), tongue)
        return replace(self, errors={**self.errors, **wrong})


def photographs_refused() -> ConflictError:
    """Why a form with photographs is not proposed: what waits for approval holds none, and none may be lost on the way."""
    return ConflictError(
        message(
            "Several members must approve this first, and what waits for them holds no photograph. Leave the photograph out."
        )
    )


def fresh_key() -> str:
    """The key of a form that nobody has sent yet."""
    return secrets.token_urlsafe(18)


def sheet_of(kind: AnyKind, form: Form) -> Sheet:
    """The form as it came, without its photographs."""
    texts = {name: text[:_LONGEST] for name, text in form.texts().items() if name not in _CARRIED}
    own = {name: text for name, text in texts.items() if not name.startswith(_NOT_TYPED)}
    key, back = form["key"], form["back"]
    return Sheet(
        kind,
        compacted(kind, own),
        audience=form["audience"],
        answers=form["answers"],
        back=back if is_local(back) else "",
        seen=form["seen"],
        recipe=form["recipe"],
        key=key if 16 <= len(key) <= 64 and key.isascii() else fresh_key(),
    )


def is_local(path: str) -> bool:
    """Whether a path leads to a page of ours."""
    return path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path


async def take_photos(
    sheet: Sheet, form: Form, own: Collective, attachments: Attachments, tongue: Tongue
) -> Sheet:
    """The form with the photographs that came with it, kept and made small. What is no photograph is an error beside the box in
    which another can be chosen; words that are refused are one beside the photograph, which is kept."""
    photos: list[Photo] = []
    lost: list[tuple[str, str]] = []
    errors, texts = dict(sheet.errors), dict(sheet.texts)
    receipt = takes_receipt(sheet.kind)
    covers = [Cover(0, strip * 10, 100, 10) for strip in range(_STRIPS) if form[f"cover{strip}"]]

    async def take(medium: Medium, description: str) -> None:
        photos.append(Photo(medium, description))
        if medium.description != description:
            try:
                if medium.post is None:
                    await attachments.describe(own, medium.id, description=description, focus=None)
                else:
                    read_description(medium.id, description=description, focus=None)
            except InvalidError as error:
                errors[f"alt{len(photos) - 1}"] = words_of(error, tongue)

    for index in range(PICTURES):
        number, description = form[f"picture{index}"], form[f"alt{index}"][:1500]
        if (kept := whole(number)) is not None and not form[f"drop{index}"]:
            await take(await attachments.medium(own, kept), description)
        elif number and receipt and not _numbered(texts):
            texts["evidence"] = ""  # the digest was that of the photograph that is left out
        for file in form.files(f"photo{index}"):
            if len(photos) >= PICTURES:
                break
            if receipt and not covers and not form["cover_nothing"]:
                lost.append((tongue.say(_UNCOVERED), description))
                continue
            body = await form.take_out(file)
            try:
                medium = await attachments.add(
                    own, body, description="", focus=None, wait=True, covers=covers if receipt else ()
                )
            except InvalidError as error:
                lost.append((words_of(error, tongue), description))
                continue
            await take(medium, description)
            if receipt and not _numbered(texts):
                texts["evidence"] = digest_of(body)
    alts = {}
    for box, (wrong, description) in enumerate(lost, start=len(photos)):
        errors[f"photo{box}"], alts[f"alt{box}"] = wrong, description
    return replace(sheet, texts=texts, photos=tuple(photos), alts=alts, errors=errors)


def _numbered(texts: Mapping[str, str]) -> bool:
    """Whether somebody typed the number of the slip: a photograph does not take its place."""
    return bool(evidence := texts.get("evidence", "").strip()) and not is_digest(evidence)


def words_of(error: NodeError, tongue: Tongue) -> str:
    """What was wrong, in the reader's language."""
    cause = error.__cause__
    if isinstance(cause, NotAllowedError | SchemaError):
        return refused(cause, tongue)
    if isinstance(error, InvalidError):
        return fitting(error, tongue)
    return error.said(tongue.say)


def wrong_by_box(error: NodeError, tongue: Tongue, others: Iterable[NotAllowedError] = ()) -> dict[str, str]:
    """What was wrong, by the name of its box; "" for what has none. `others` are wrong too."""
    more = {box_of(each.field): refused(each, tongue) for each in others}
    name = box_of(error.field) if isinstance(error, InvalidError) else ""
    return {**more, name: words_of(error, tongue)}


def fitting(error: InvalidError, tongue: Tongue) -> str:
    """What fits where something did not, as a sentence."""
    return _sentence(error.expects(tongue.say), tongue)


def refused(refusal: NotAllowedError | SchemaError, tongue: Tongue) -> str:
    """What fits where something did not, in the reader's language."""
    if refusal.expected.startswith(_EMPTY):
        return tongue.say(message("This has to be filled in."))
    return _sentence(tongue.say(refusal.expected, **refusal.values), tongue)


def _sentence(expected: str, tongue: Tongue) -> str:
    return tongue.say(message("What fits here: {expected}."), expected=expected.rstrip("."))


def given_of(texts: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something, as a new thing wants them: what is empty is not there."""
    return {name: value for name, value in texts.items() if value not in ("", [], {}, "no")}
