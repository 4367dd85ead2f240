import json
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st

from federation import cavage
from federation.errors import BadSignature, FederationError
from federation.keys import public_key
from federation.limits import Limits
from federation.message import HttpMessage
from tests.correspondents import INBOX, NOW, ORIGIN, Correspondent, with_headers

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/signatures/cavage12.json").read_bytes())
ANA = Correspondent("https://a.example/users/ana")


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["id"])
def test_published_messages_verify(vector: dict) -> None:
    content = vector["message"]
    message = HttpMessage(
        content["method"],
        content["target"],
        [(name, value) for name, value in content["headers"]],
        content["body"].encode(),
        "https://example.com",
    )
    key = load_pem_public_key(VECTORS["keys"][vector["keyid"]]["public"].encode())
    cavage.verify(cavage.read(message, Limits()), message, key)
    changed = [(name, value + " ") if name == "Signature" else (name, "x") for name, value in message.headers]
    other = HttpMessage("PUT", "/other", changed, b"", "https://example.com")
    signature = cavage.read(other, Limits())
    with pytest.raises(BadSignature):
        cavage.verify(signature, other, key)


@pytest.mark.parametrize("ed25519", [False, True])
@pytest.mark.parametrize("body", [b"{}", None])
def test_what_we_sign_verifies(body: bytes | None, ed25519: bool) -> None:
    key = ANA.ed25519 if ed25519 else ANA.rsa
    method = "GET" if body is None else "POST"
    headers = cavage.sign(method, INBOX + "?page=1", body, key_id="k", key=key, now=NOW)
    message = HttpMessage(method, "/inbox?page=1", tuple(headers.items()), body or b"", ORIGIN)
    signature = cavage.read(message, Limits())
    assert cavage.check(signature, message, NOW, Limits()) == NOW
    cavage.verify(signature, message, key.public_key())


def test_the_request_target_may_be_signed_without_its_query() -> None:
    headers = cavage.sign("GET", ORIGIN + "/outbox", None, key_id="k", key=ANA.ed25519, now=NOW)
    message = HttpMessage("GET", "/outbox?page=1", tuple(headers.items()), b"", ORIGIN)
    cavage.verify(cavage.read(message, Limits()), message, ANA.ed25519.public_key())


def test_the_host_of_a_url_with_a_port_and_an_idn_is_signed_as_it_is_sent() -> None:
    headers = cavage.sign("GET", "http://ñandú.example:8091/x", None, key_id="k", key=ANA.ed25519, now=NOW)
    assert headers["Host"] == "xn--and-6ma2c.example:8091"


def created_request(**parameters: object) -> HttpMessage:
    """A request signed by hand over (created), as draft 12 with hs2019 has it."""
    created = int(NOW.timestamp())
    base = f"(request-target): get /x\nhost: minga.example\n(created): {created}"
    if parameters.get("algorithm") == "rsa-sha256":
        signature = ANA.rsa.sign(base.encode(), PKCS1v15(), SHA256())
    else:
        signature = ANA.ed25519.sign(base.encode())
    shown = {"algorithm": "hs2019", "created": created, **parameters}
    text = f'keyId="k",algorithm="{shown.pop("algorithm")}",headers="(request-target) host (created)",'
    text += "".join(f"{name}={value}," for name, value in shown.items())
    text += f'signature="{b64encode(signature).decode()}"'
    return HttpMessage("GET", "/x", [("Host", "minga.example"), ("Signature", text)], b"", ORIGIN)


def test_created_stands_for_the_date() -> None:
    message = created_request()
    signature = cavage.read(message, Limits())
    assert cavage.check(signature, message, NOW, Limits()) == NOW
    cavage.verify(signature, message, ANA.ed25519.public_key())


def test_created_is_refused_with_an_older_algorithm() -> None:
    message = created_request(algorithm="rsa-sha256")
    signature = cavage.read(message, Limits())
    with pytest.raises(BadSignature):
        cavage.verify(signature, message, ANA.rsa.public_key())


def test_the_signature_may_stand_in_authorization() -> None:
    message = ANA.post({})
    text = message.field("signature")
    moved = with_headers(message, signature=None, authorization=f"Signature {text}")
    cavage.verify(cavage.read(moved, Limits()), moved, public_key(ANA.keys[0].material))


@given(
    st.text(st.characters(codec="ascii", exclude_characters="\r\n\0"))
    | st.text('keyIdsgnatureh="(),:/ =A1', max_size=80)
)
def test_any_header_ends_in_a_signature_or_a_verdict(text: str) -> None:
    message = HttpMessage(
        "GET", "/", [("Host", "minga.example"), ("Signature", text), ("Date", text)], b"", ORIGIN
    )
    try:
        signature = cavage.read(message, Limits())
        cavage.check(signature, message, NOW, Limits())
        cavage.verify(signature, message, ANA.ed25519.public_key())
    except FederationError:
        return
    pytest.fail("random text verified")


@pytest.mark.parametrize(
    "text",
    [
        'keyId="k",keyId="j",signature="AA=="',
        'keyId="k"',
        'signature="AA=="',
        'keyId="k",signature="*"',
        'keyId="k",signature="AA==",created=999999999999999',
        'keyId="k" signature="AA=="',
        "x" * 10_000,
    ],
)
def test_a_header_that_can_be_read_in_two_ways_is_refused(text: str) -> None:
    message = HttpMessage("GET", "/", [("Signature", text)], b"", ORIGIN)
    with pytest.raises(BadSignature):
        cavage.read(message, Limits())


def test_parameters_are_read_as_they_stand() -> None:
    text = 'keyId="https://a.example/#k", algorithm="HS2019", created=1402170695, expires=1402170699.5,headers="Host  Date",signature="AAE="'
    signature = cavage.read(HttpMessage("GET", "/", [("Signature", text)], b"", ORIGIN), Limits())
    assert signature.key_id == "https://a.example/#k"
    assert signature.algorithm == "hs2019"
    assert signature.created == datetime.fromtimestamp(1402170695, UTC)
    assert signature.signature == b"\0\1"
