"""How amounts of goods are said, and sentences put together."""

from collections.abc import Iterable
from datetime import datetime

from node.domain.markup import Names, mentions, to_html
from node.tongues import Tongue
from schemas import Quantity, Unit
from schemas.goods import good_named


def good_name(what: str, tongue: Tongue) -> str:
    """The words typed, with the accents that they lack, or the good's name where they are in another language."""
    good = good_named(what)
    if good is None:
        return what
    spelled = good.spelled(what, tongue.language) or good.name(tongue.language)
    return what if spelled.casefold() == what.casefold() else spelled


def amount_of(quantity: Quantity | None, what: str, tongue: Tongue) -> str:
    """`40 kg de lentejas`, `2 ollas`, `taller de panadería`."""
    if quantity is None:
        return what
    if quantity.unit is Unit.ONE:
        return f"{tongue.quantity(quantity)} {what}"
    return tongue.say("{amount} of {what}", amount=quantity, what=what)


def delivered_by(moment: datetime | None, tongue: Tongue) -> str:
    """By when something is brought, as a sentence; "" where nobody said."""
    return tongue.say("Delivered by {day}.", day=moment) if moment else ""


def ended(words: str) -> str:
    """Somebody's words as a sentence that others follow."""
    plain = words.rstrip()
    return plain if plain.endswith((".", "!", "?", "…", "»", "”", ")")) else f"{plain}."


def unended(words: str) -> str:
    """Words without their full stop, where that of the sentence in which they stand last follows."""
    return words.rstrip(" .")


def named_in(text: str | None, names: Names) -> tuple[str, ...]:
    """Everybody whom words mention and whom we know."""
    return tuple(actor for handle in mentions(text or "") if (actor := names.mention(handle)))


def paragraphs(names: Names, *texts: Iterable[str] | str | None) -> str:
    """Paragraphs of plain sentences as safe HTML; what is empty is left out."""
    plain = (
        text if isinstance(text, str) else " ".join(part for part in text if part) for text in texts if text
    )
    return to_html("\n\n".join(text for text in plain if text), names)
