"""Documents that other programs really send. See tests/vectors/README.md for where they come from."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from federation.errors import FederationError, Malformed
from federation.jsonld import parse_object
from federation.limits import Limits
from federation.message import HttpMessage
from federation.origin import own_object
from federation.verify import verify_activity
from federation.vocab import id_of, ids_of, is_public, read_activity, types_of
from tests.correspondents import NOW, ORIGIN, Keys

LIMITS = Limits()
WHERE = Path(os.environ.get("MINGA_SAMPLES", "")).parent
INDEX: list[dict[str, Any]] = (
    json.loads((WHERE / "INDEX.json").read_bytes()) if "MINGA_SAMPLES" in os.environ else []
)

pytestmark = pytest.mark.skipif(not INDEX, reason="MINGA_SAMPLES names no directory of samples")


def expecting(*expectations: str, whole: bool = False) -> list[Any]:
    """The samples of which the index expects this; `whole`: those with all that makes an activity."""
    paths = [WHERE / entry["file"] for entry in INDEX if entry["expect"] in expectations]
    return [
        pytest.param(path, id=str(path.relative_to(WHERE))) for path in paths if not whole or is_whole(path)
    ]


def is_whole(path: Path) -> bool:
    document = json.loads(path.read_bytes())
    urls = [document.get("id"), id_of(document.get("actor"))]
    return bool(types_of(document)) and all(str(url).startswith("http") for url in urls)


@pytest.mark.parametrize("path", expecting("parse"))
def test_what_peers_send_is_read(path: Path) -> None:
    document = parse_object(path.read_bytes(), max_bytes=LIMITS.fetched_bytes, max_depth=LIMITS.json_depth)
    for name in ("to", "cc", "object", "tag", "attachment", "attributedTo", "url"):
        list(ids_of(document.get(name)))
        id_of(document.get(name))
        is_public(document.get(name))
        types_of(document.get(name))


@pytest.mark.parametrize("path", expecting("parse", whole=True))
def test_an_activity_that_peers_send_is_taken(path: Path) -> None:
    body = path.read_bytes()
    document = json.loads(body)
    activity = read_activity(body)
    assert activity.id == document["id"]
    assert activity.type in types_of(document)


@pytest.mark.parametrize("path", expecting("parse", "invalid-as2", "reject-spoofed"))
def test_every_sample_ends_in_an_activity_or_a_verdict(path: Path) -> None:
    with suppress(Malformed):
        read_activity(path.read_bytes())


@pytest.mark.parametrize("path", expecting("reject-spoofed"))
async def test_what_is_spoofed_is_never_believed(path: Path) -> None:
    try:
        activity = read_activity(path.read_bytes())
    except Malformed:
        return
    assert own_object(activity) is None
    message = HttpMessage("POST", "/inbox", (), activity.body, ORIGIN)
    with pytest.raises(FederationError):
        await verify_activity(message, activity, Keys(), now=NOW, limits=LIMITS)
