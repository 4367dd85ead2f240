"""Documents that other programs really send, put through the whole door: taken or ignored, never a failure of ours."""

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from federation import FederationError, read_activity
from federation.limits import DEFAULT_LIMITS
from federation.vocab import as_list, id_of, types_of
from node.receive.notes import POST_TYPES
from node.storage import inbound
from tests.fediverse import Instance, Person, World

WHERE = Path(os.environ.get("MINGA_SAMPLES", "")).parent
INDEX: list[dict[str, Any]] = (
    json.loads((WHERE / "INDEX.json").read_bytes()) if "MINGA_SAMPLES" in os.environ else []
)

VOCABULARIES = {"https://www.w3.org", "http://www.w3.org", "https://w3id.org"}

pytestmark = pytest.mark.needs("samples")


def samples(expected: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for entry in INDEX:
        document = json.loads((WHERE / entry["file"]).read_bytes()) if entry["expect"] == expected else None
        if isinstance(document, dict):
            yield entry["file"], document


def hosts_in(value: Any) -> set[str]:
    """Origins of every URL in a document."""
    if isinstance(value, dict):
        return set().union(*(hosts_in(inner) for inner in value.values()), set())
    if isinstance(value, list):
        return set().union(*(hosts_in(inner) for inner in value), set())
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        parts = urlsplit(value)
        return {f"{parts.scheme}://{parts.netloc}"}
    return set()


def moved(document: dict[str, Any], person: Person) -> dict[str, Any]:
    """The document as if `person` had said it, and every server in it were that person's: nothing leaves this machine."""
    authors = (id_of(as_list(document.get(key)) or None) for key in ("actor", "attributedTo"))
    author = next((found for found in authors if found and found.startswith("http")), None)
    text = json.dumps(document)
    if author is not None:
        text = text.replace(f'"{author}"', f'"{person.id}"')
    for origin in hosts_in(document) - VOCABULARIES:
        text = text.replace(f'"{origin}/', f'"{person.peer.origin}/')
    found: dict[str, Any] = json.loads(text)
    return found


def as_activity(document: dict[str, Any], person: Person) -> dict[str, Any] | None:
    """What the sample is carried by: itself, or a Create where it is a post; None where it is neither."""
    document = moved(document, person)
    if POST_TYPES.intersection(types_of(document)):
        document = {**document, "attributedTo": person.id}
        return person.activity("Create", document)
    return document if "object" in document and "actor" in document else None


@pytest.fixture
async def olla(world: World) -> Instance:
    return await world.node("olla")


@pytest.fixture
async def rosa(olla: Instance, world: World) -> Person:
    person = (await world.peer()).person("rosa")
    await olla.hear(person)
    return person


async def test_what_peers_send_is_taken_or_ignored_and_breaks_nothing(
    olla: Instance, rosa: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """Written to the queue as if the door had proven its author, so that every sample is processed."""
    queued = 0

    def put(transaction: Any, number: int, document: dict[str, Any], body: bytes) -> None:
        inbound.keep(
            transaction,
            uri=f"{document['id']}#{number}",
            actor=rosa.id,
            type=types_of(document)[0],
            inbox=olla.uri(),
            scheme="cavage",
            key=rosa.sender.rsa_key_id,
            transport="inbox",
            body=body,
        )

    for number, (_, document) in enumerate(samples("parse")):
        carried = as_activity(document, rosa)
        if carried is None:
            continue
        body = json.dumps(carried).encode()
        try:
            read_activity(body, DEFAULT_LIMITS)
        except FederationError:
            continue
        await olla.node.database.writer.run(lambda t, n=number, d=carried, b=body: put(t, n, d, b))
        queued += 1
    assert queued > 300
    with caplog.at_level(logging.ERROR):
        await olla.until(lambda: _waiting_for_others_alone(olla), seconds=60)
    assert [record.getMessage() for record in caplog.records if record.name.startswith("node")] == []
    assert await olla.look(lambda snapshot: snapshot.value("SELECT count(*) FROM objects")) > 100
    assert await olla.check() == []


async def _waiting_for_others_alone(olla: Instance) -> bool:
    """Whether nothing is left but what waits for servers that do not exist."""
    return not await olla.look(lambda snapshot: inbound.due(snapshot, 1))


async def test_what_is_spoofed_is_never_believed(olla: Instance, rosa: Person) -> None:
    spoofed = list(samples("reject-spoofed"))
    assert spoofed
    for _, document in spoofed:
        for inbox in (f"{olla.origin}/inbox", f"{olla.uri()}/inbox"):
            answer = await rosa.post(document, inbox)
            assert 400 <= answer.status_code < 500
            wrapped = rosa.activity("Create", document)
            assert 400 <= (await rosa.post(wrapped, inbox)).status_code < 500
    assert await olla.home() == []
