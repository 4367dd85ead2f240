"""What forms ask of a collective: its name, kind, words, place and picture; what they offer, and how they are read."""

from dataclasses import replace
from decimal import Decimal

from node import profile
from node.domain.markup import to_text
from node.doors import Doors
from node.errors import InvalidError
from node.profile import KINDS, Change
from node.storage.collectives import Collective
from node.tongues import Tongue, languages
from node.web.drawing import LANGUAGE_NAMES
from node.web.reception import Form
from schemas import CURRENCIES

ZONES = (
    "America/Santiago", "America/Punta_Arenas", "America/Argentina/Buenos_Aires", "America/Asuncion", "America/Bogota",
    "America/Caracas", "America/Costa_Rica", "America/El_Salvador", "America/Guatemala", "America/Guayaquil",
    "America/Havana", "America/La_Paz", "America/Lima", "America/Managua", "America/Mexico_City", "America/Montevideo",
    "America/New_York", "America/Los_Angeles", "America/Panama", "America/Puerto_Rico", "America/Santo_Domingo",
    "America/Sao_Paulo", "America/Tegucigalpa", "Europe/Berlin", "Europe/London", "Europe/Madrid", "UTC",
)  # fmt: skip
"""Time zones that a form offers; the one in force is offered too."""
FIELDS = ("name", "kind", "summary", "locale", "currency", "timezone", "district", "latitude", "longitude")


def choices(tongue: Tongue, own: Collective) -> dict[str, object]:
    """What the forms offer."""
    currencies = sorted(((each, tongue.currency(each)) for each in CURRENCIES), key=lambda pair: pair[1])
    return {
        "kinds": KINDS,
        "locales": [(each, LANGUAGE_NAMES.get(each, each)) for each in languages()],
        "currencies": [(each, f"{name} ({each})") for each, name in currencies],
        "zones": [(each, each.replace("_", " ")) for each in dict.fromkeys((own.timezone, *ZONES))],
    }


def typed_of(own: Collective, tongue: Tongue, *, new: bool = False) -> dict[str, str]:
    """What the boxes show before anybody typed; of a `new` trial node not the name that it invented."""
    said = {name: str(getattr(own, name)) for name in FIELDS}
    for name in ("latitude", "longitude"):
        said[name] = tongue.typed(Decimal(said[name])) if said[name] else ""
    return said | {"summary": to_text(own.summary), "name": "" if new else own.name}


def misread(form: Form) -> list[InvalidError]:
    """All that does not read of what a form says about a collective."""
    return profile.misread({name: form[name] for name in FIELDS if name in form.texts()})


async def read_change(doors: Doors, own: Collective, form: Form, **more: object) -> Change:
    """What a form says about a collective, with the picture that came with it. InvalidError names the box."""
    typed = {name: form[name] for name in FIELDS if name in form.texts()}
    change = Change.of(typed, **more)
    pictures = form.files("picture")
    return (
        replace(change, picture=await portrait(doors, own, await form.take_out(pictures[0])))
        if pictures
        else change
    )


async def portrait(doors: Doors, own: Collective, body: bytes) -> str:
    """The name of a photograph that is kept, without place and camera. InvalidError where it is none."""
    try:
        medium = await doors.attachments.add(own, body, description="", focus=None, wait=True)
    except InvalidError as error:
        raise error.named("picture") from error
    return medium.picture.name
