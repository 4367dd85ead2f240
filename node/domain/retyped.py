"""A need, an offer or a meal as the command that says it: what an app shows to whoever edits it (`domain.grammar` reads it again)."""

from collections.abc import Sequence
from datetime import date

from node.domain.acts import Act, Command
from node.domain.grammar import read
from node.domain.measure import read_quantity
from node.tongues import Tongue
from schemas import Record
from schemas.meal import Meal
from schemas.need import Need
from schemas.offer import Offer
from schemas.pledge import Pledge

_WORDS = {
    "es": {
        Act.NEED: "#necesitamos",
        Act.OFFER: "#ofrecemos",
        Act.PLEDGE: "#aportamos",
        "least": "mínimo",
        "by": "hasta el",
        "at": "a las",
        "served": "#servimos",
        "planned": "#planeamos",
        "of": "raciones de",
        "on": "el",
        "beside": "planeadas:",
    },
    "en": {
        Act.NEED: "#weneed",
        Act.OFFER: "#weoffer",
        Act.PLEDGE: "#wepledge",
        "least": "minimum",
        "by": "by",
        "at": "at",
        "served": "#served",
        "planned": "#weplan",
        "of": "rations of",
        "on": "on",
        "beside": "planned:",
    },
}
ACTS = {"need": Act.NEED, "offer": Act.OFFER, "meal": Act.MEAL}
_EMPTIED = {"need": ("minimum", "by", "details"), "offer": ("by", "details"), "meal": ("details",)}
"""What a command that no longer says it takes away. How many were planned stays when it is said how many were served."""


def retyped(record: Record | None, tongue: Tongue, today: date) -> str | None:
    """The command; None of what no command can say, because it would be read otherwise."""
    if isinstance(record, Meal):
        return _retyped_meal(record, tongue, today)
    if not isinstance(record, Need | Offer) or record.quantity is None:
        return None
    words = _WORDS.get(tongue.language, _WORDS["en"])
    act = ACTS[record.kind()]
    amount = tongue.quantity(record.quantity)
    parts = [f"{words[act]} {amount} {record.what}"]
    least = getattr(record, "minimum", None)
    if least is not None:
        parts.append(f"{words['least']} {tongue.quantity(least)}")
    text = _with_rest(parts, record, tongue)
    found = read(text, tongue, today)
    if not isinstance(found, Command) or found.act is not act or found.fields.get("what") != record.what:
        return None
    same = read_quantity(found.fields["quantity"], "quantity", tongue) == record.quantity
    return text if same else None


def retyped_pledge(record: Pledge, tongue: Tongue, today: date) -> str | None:
    """A promise as the command that makes it, where it answers the need; None as in `retyped`."""
    word = _WORDS.get(tongue.language, _WORDS["en"])[Act.PLEDGE]
    text = _with_rest([f"{word} {tongue.quantity(record.quantity)}"], record, tongue)
    found = read(text, tongue, today, record.quantity.unit)
    if not isinstance(found, Command) or found.act is not Act.PLEDGE:
        return None
    same = read_quantity(found.fields["quantity"], "quantity", tongue) == record.quantity
    return text if same else None


def _with_rest(parts: Sequence[str], record: Need | Offer | Pledge, tongue: Tongue) -> str:
    """A command with its day and details."""
    words = _WORDS.get(tongue.language, _WORDS["en"])
    by = []
    if record.by is not None:
        here = record.by.astimezone(tongue.zone)
        clock = "" if here.strftime("%H:%M") == "23:59" else f" {words['at']} {here:%H:%M}"
        by = [f"{words['by']} {here:%Y-%m-%d}{clock}"]
    return ", ".join([*parts, *by]) + (f".\n{record.details}" if record.details else "")


def _retyped_meal(record: Meal, tongue: Tongue, today: date) -> str | None:
    words = _WORDS.get(tongue.language, _WORDS["en"])
    counts = {name: str(each.value) for name in ("served", "planned") if (each := getattr(record, name))}
    if record.status is not None or not counts:
        return None
    name, *others = counts
    beside = f" ({words['beside']} {counts['planned']})" if others else ""
    counted, day = f"{counts[name]} {words['of']} {record.menu}", f"{words['on']} {record.on.isoformat()}"
    fields = {"menu": record.menu, "on": record.on.isoformat(), **counts}
    # A day behind a dish of several words is not always surely its day, and is asked back; before it, it is.
    for said in (f"{words[name]} {counted}, {day}{beside}", f"{words[name]} {day}: {counted}{beside}"):
        text = f"{said}.\n{record.details}" if record.details else said
        found = read(text, tongue, today)
        if isinstance(found, Command) and {key: found.fields.get(key) for key in fields} == fields:
            return text
    return None


def rewritten(text: str, kind: str, tongue: Tongue, today: date) -> dict[str, str] | None:
    """The fields of an edited command, those that it no longer says emptied; None where it is no such command."""
    found = read(text, tongue, today)
    if not isinstance(found, Command) or found.act is not ACTS.get(kind):
        return None
    return {**dict.fromkeys(_EMPTIED[kind], ""), **found.fields}
