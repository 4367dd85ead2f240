"""What a collective says of itself: what of it may change, how that is read, and the actor document that tells it."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from federation import LocalActor, RetiredKey, build_actor
from federation.interfaces import Sender
from node.config import Config
from node.domain import logbook
from node.domain.kind import NotAllowedError
from node.domain.privacy import refuse_exact
from node.errors import InvalidError
from node.keyring import Keyring
from node.speak import tongues
from node.storage.collectives import Collective
from node.tlog.cosignature import COSIGNATURE_V1
from node.tlog.note import ED25519, VerifierKey
from node.tongues import languages, message
from schemas import CONTROL, CURRENCIES

_FUND = "fund"
KINDS = ("kitchen", "assembly", "cooperative", "supply-network", "parish", "fund", "network")
_NAME_CHARS = 100
_SUMMARY_CHARS = 2000
FIELDS = 4
"""How many fields a collective may tell of itself, as many as Mastodon shows."""
_FIELD_CHARS = 255
_COORDINATE = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,10})?")
_HUNDREDTH = Decimal("0.01")


class Profiles:
    """Builds actor documents; nothing of them is signed here."""

    def __init__(self, config: Config, keyring: Keyring) -> None:
        self._config = config
        self._keyring = keyring

    def document(
        self,
        collective: Collective,
        sender: Sender,
        retired: Sequence[RetiredKey] | None = None,
        *,
        number: int | None = None,
    ) -> dict[str, Any]:
        """The actor document, without proof. `retired` are keys that were replaced, None as the document of before says."""
        statements = _key_statements(collective)
        number = number or _log_number(collective)
        return build_actor(
            LocalActor(
                sender=sender,
                username=collective.handle,
                handle=f"{collective.handle}@{self._config.host}",
                name=collective.name,
                summary=collective.summary,
                published=collective.created,
                shared_inbox=f"{self._config.origin}/inbox",
                collective_kind=collective.kind,
                identity=json.loads(collective.identity),
                attachment=[
                    *_fields(collective),
                    *_payment(collective),
                    *(statements if retired is None else ()),
                ],
                retired=retired_keys(collective) if retired is None else retired,
                approves_followers=self._config.relations.approve or collective.approves,
                icon=self._image(collective, collective.picture),
                image=self._image(collective, collective.banner),
                more={**self._logbook(collective.uri, number), **_location(collective)},
            )
        )

    def _logbook(self, uri: str, number: int) -> dict[str, Any]:
        """Where the collective's log is, where it witnesses those of others, and the keys of both."""
        log_key = VerifierKey(
            logbook.origin(uri, number), ED25519, self._keyring.log_key(uri).public_key().public_bytes_raw()
        )
        witness_key = VerifierKey(
            logbook.bare(uri), COSIGNATURE_V1, self._keyring.witness_key(uri).public_key().public_bytes_raw()
        )
        return {
            "log": {"prefix": logbook.prefix(uri, number), "key": str(log_key)},
            "witness": {"key": str(witness_key), "addCheckpoint": f"{uri}/witness/add-checkpoint"},
        }

    def _image(self, collective: Collective, name: str) -> dict[str, Any] | None:
        if not name:
            return None
        url = f"{self._config.media}/{name}.jpg"
        return {"type": "Image", "mediaType": "image/jpeg", "url": url, "name": collective.name}


def _location(collective: Collective) -> dict[str, Any]:
    """The district, and the coordinates where a steward chose to give them: numbers, as the vocabulary has them."""
    place: dict[str, Any] = {"type": "Place"}
    if collective.district:
        place["name"] = collective.district
    if collective.latitude and collective.longitude:
        place |= {"latitude": float(collective.latitude), "longitude": float(collective.longitude)}
    return {"location": place} if len(place) > 1 else {}


def _fields(collective: Collective) -> list[dict[str, Any]]:
    return [{"type": "PropertyValue", "name": name, "value": value} for name, value in collective.fields]


def _payment(collective: Collective) -> list[dict[str, Any]]:
    """Where to give to a fund (FEP-0ea0)."""
    if collective.kind != _FUND:
        return []
    name = tongues(collective)[0].say(message("Give"))
    return [{"type": "Link", "name": name, "href": f"{collective.uri}/give", "rel": ["payment"]}]


def current_key(document: bytes) -> str:
    """The id of the Ed25519 key with which an actor of ours signs, as its document says."""
    listed = json.loads(document)["assertionMethod"]
    return next(str(key["id"]) for key in listed if "revoked" not in key)


def retired_keys(collective: Collective) -> list[RetiredKey]:
    """The keys that were replaced, as the present document says."""
    if not collective.document:
        return []
    return [
        RetiredKey(key["id"], key["publicKeyMultibase"], datetime.fromisoformat(key["revoked"]))
        for key in json.loads(collective.document)["assertionMethod"]
        if "revoked" in key
    ]


def _key_statements(collective: Collective) -> list[dict[str, Any]]:
    if not collective.document:
        return []
    attached = json.loads(collective.document)["attachment"]
    return [each for each in attached if each["type"] == "KeyStatement"]


def _log_number(collective: Collective) -> int:
    """Which of its logs a collective's document names."""
    if not collective.document:
        return logbook.FIRST
    prefix = str(json.loads(collective.document)["log"]["prefix"])
    last = prefix.rstrip("/").rpartition("/")[2]
    return int(last) if last.isdecimal() else logbook.FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changes of a collective, as typed; None stays. InvalidError names the field.

    `summary` is plain text, links are found in it; `district` is never an address; `latitude` and `longitude` are decimal degrees,
    kept rounded to 0.01° (about a kilometre), "" takes them away; `picture` and `banner` are names of kept photographs, "" takes them away;
    `fields` are pairs of a name and a plain text (`fields_of`).
    """

    name: str | None = None
    kind: str | None = None
    summary: str | None = None
    locale: str | None = None
    currency: str | None = None
    timezone: str | None = None
    district: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    picture: str | None = None
    banner: str | None = None
    fields: tuple[tuple[str, str], ...] | None = None
    approves: bool | None = None

    @classmethod
    def of(cls, typed: Mapping[str, str], **more: Any) -> "Change":
        """What somebody typed, read and checked; the fields that are not there stay. Of several that do not read the first is
        refused; `misread` tells them all."""
        read, refused = _reading(typed)
        if refused:
            raise refused[0]
        return cls(**read, **more)


def misread(typed: Mapping[str, str]) -> list[InvalidError]:
    """All that does not read of what somebody typed, each field by itself."""
    return _reading(typed)[1]


def _reading(typed: Mapping[str, str]) -> tuple[dict[str, Any], list[InvalidError]]:
    read: dict[str, Any] = {}
    refused: list[InvalidError] = []
    for name in [name for name in typed if name in _READ]:
        try:
            read[name] = _READ[name](typed[name])
        except InvalidError as error:
            refused.append(error)
    there = [name for name in ("latitude", "longitude") if typed.get(name, "").strip()]
    if len(there) == 1:
        missing = "longitude" if there == ["latitude"] else "latitude"
        refused.append(InvalidError(missing, message("both numbers, or none of them")))
    return read, refused


def fields_of(field: str, typed: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """What is told beside the description, of which empty pairs are left out; InvalidError names `field`."""
    plain = ((" ".join(name.split()), " ".join(value.split())) for name, value in typed)
    pairs = tuple(pair for pair in plain if any(pair))
    if len(pairs) > FIELDS:
        raise InvalidError(field, message("at most {most} of them"), most=FIELDS)
    if not all(0 < len(text) <= _FIELD_CHARS for pair in pairs for text in pair):
        raise InvalidError(
            field, message("a name and a text of at most {most} letters each"), most=_FIELD_CHARS
        )
    for pair in pairs:
        for text in pair:
            _refuse_control(field, text)
    return pairs


def coarse(field: str, place: str) -> str:
    """A place as coarse as may be known; InvalidError where it is an exact address."""
    place = " ".join(unicodedata.normalize("NFC", place).split())
    if len(place) > _NAME_CHARS or not place.isprintable():
        raise InvalidError(field, message("at most 100 letters"))
    try:
        refuse_exact(field, place)
    except NotAllowedError as refusal:
        raise InvalidError(
            field, message("only a coarse place, like “La Pintana, Santiago”: no street, no number")
        ) from refusal
    return place


def name_of(name: str) -> str:
    """The name of a collective; InvalidError where it is empty, too long, or not to be read."""
    name = unicodedata.normalize("NFC", name).strip()
    if not 0 < len(name) <= _NAME_CHARS or not name.isprintable():
        raise InvalidError("name", message("a name of 1 to 100 letters"))
    return name


def _degrees(field: str, most: int) -> Callable[[str], str]:
    """How a coordinate is read: rounded at once, so that the exact one is stored nowhere."""

    def read(text: str) -> str:
        plain = text.strip().replace(",", ".").replace("−", "-")
        if not plain:
            return ""
        if not _COORDINATE.fullmatch(plain) or abs(Decimal(plain)) > most:
            raise InvalidError(
                field,
                message("degrees from -{most} to {most}, like {example}"),
                most=most,
                example=Decimal("-33.58"),
            )
        return str(Decimal(plain).quantize(_HUNDREDTH))

    return read


def one_of(field: str, value: str, known: Iterable[str]) -> str:
    """A word out of those that there are; InvalidError lists them."""
    if value not in known:
        raise InvalidError(field, message("one of these: {known}"), known=", ".join(known))
    return value


def _summary(text: str) -> str:
    text = text.replace("\r\n", "\n")
    if len(text) > _SUMMARY_CHARS:
        raise InvalidError("summary", message("at most 2000 characters"))
    _refuse_control("summary", text)
    return text


def _refuse_control(field: str, text: str) -> None:
    if CONTROL.search(text):
        raise InvalidError(field, message("text without control characters"))


def timezone_of(name: str) -> str:
    """The name of a time zone; InvalidError where there is none of it."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidError("timezone", message("the name of a time zone, like America/Santiago")) from error
    return name


_READ: Mapping[str, Callable[[str], Any]] = {
    "name": name_of,
    "kind": lambda text: one_of("kind", text, KINDS),
    "summary": _summary,
    "locale": lambda text: one_of("locale", text, languages()),
    "currency": lambda text: one_of("currency", text.upper(), CURRENCIES),
    "timezone": lambda text: timezone_of(text.strip()),
    "district": lambda text: coarse("district", text),
    "latitude": _degrees("latitude", 90),
    "longitude": _degrees("longitude", 180),
}
