"""A need or an offer as the command that says it: what an app shows to whoever edits it (`domain.grammar` reads it again)."""

from datetime import date

from node.domain.acts import Act, Command
from node.domain.grammar import read
from node.domain.measure import read_quantity
from node.tongues import Tongue
from schemas import Record
from schemas.need import Need
from schemas.offer import Offer

_WORDS = {
    "es": {
        Act.NEED: "#necesitamos",
        Act.OFFER: "#ofrecemos",
        "least": "mínimo",
        "by": "hasta el",
        "at": "a las",
    },
    "en": {Act.NEED: "#weneed", Act.OFFER: "#weoffer", "least": "minimum", "by": "by", "at": "at"},
}
ACTS = {"need": Act.NEED, "offer": Act.OFFER}


def retyped(record: Record | None, tongue: Tongue, today: date) -> str | None:
    """The command; None of what no command can say, because it would be read otherwise."""
    if not isinstance(record, Need | Offer) or record.quantity is None:
        return None
    words = _WORDS.get(tongue.language, _WORDS["en"])
    act = ACTS[record.kind()]
    amount = tongue.quantity(record.quantity)
    parts = [f"{words[act]} {amount} {record.what}"]
    least = getattr(record, "minimum", None)
    if least is not None:
        parts.append(f"{words['least']} {tongue.quantity(least)}")
    if record.by is not None:
        here = record.by.astimezone(tongue.zone)
        clock = "" if here.strftime("%H:%M") == "23:59" else f" {words['at']} {here:%H:%M}"
        parts.append(f"{words['by']} {here:%Y-%m-%d}{clock}")
    text = ", ".join(parts) + (f".\n{record.details}" if record.details else "")
    found = read(text, tongue, today)
    if not isinstance(found, Command) or found.act is not act or found.fields.get("what") != record.what:
        return None
    same = read_quantity(found.fields["quantity"], "quantity", tongue) == record.quantity
    return text if same else None


def rewritten(text: str, kind: str, tongue: Tongue, today: date) -> dict[str, str] | None:
    """The fields of an edited command, those that it no longer says emptied; None where it is no such command."""
    found = read(text, tongue, today)
    if not isinstance(found, Command) or found.act is not ACTS.get(kind):
        return None
    optional = ("minimum", "by", "details") if kind == "need" else ("by", "details")
    return {**dict.fromkeys(optional, ""), **found.fields}
