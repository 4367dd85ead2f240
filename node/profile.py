"""What a collective says of itself: its actor document, from what is stored and the keys on the disk."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from federation import LocalActor, RetiredKey, build_actor
from federation.interfaces import Sender
from node.config import Config
from node.domain import logbook
from node.keyring import Keyring
from node.speak import tongues
from node.storage.collectives import Collective
from node.tlog.cosignature import COSIGNATURE_V1
from node.tlog.note import ED25519, VerifierKey
from node.tongues import message

_FUND = "fund"


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
                attachment=[*_payment(collective), *(statements if retired is None else ())],
                retired=retired_keys(collective) if retired is None else retired,
                approves_followers=self._config.relations.approve or collective.approves,
                icon=self._icon(collective),
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

    def _icon(self, collective: Collective) -> dict[str, Any] | None:
        if not collective.picture:
            return None
        url = f"{self._config.media}/{collective.picture}.jpg"
        return {"type": "Image", "mediaType": "image/jpeg", "url": url, "name": collective.name}


def _location(collective: Collective) -> dict[str, Any]:
    """The district, and the coordinates where a steward chose to give them: numbers, as the vocabulary has them."""
    if not collective.district:
        return {}
    place: dict[str, Any] = {"type": "Place", "name": collective.district}
    if collective.latitude and collective.longitude:
        place |= {"latitude": float(collective.latitude), "longitude": float(collective.longitude)}
    return {"location": place}


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
