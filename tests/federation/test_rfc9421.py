import json
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path

import http_sfv
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st

from federation import rfc9421
from federation.errors import BadSignature, FederationError, MissingSignature
from federation.limits import Limits
from federation.message import HttpMessage
from federation.rfc9421 import AcceptedSignature
from tests.correspondents import INBOX, NOW, ORIGIN, Correspondent

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/signatures/rfc9421.json").read_bytes())
ANA = Correspondent("https://a.example/users/ana")
LIMITS = Limits()


def published(vector: dict) -> tuple[HttpMessage, rfc9421.MessageSignature, rfc9421.VerifyingKey]:
    content = vector["message"]
    headers = [(name, value) for name, value in content["headers"]]
    host = {name.lower(): value for name, value in headers}.get("host", "example.com")
    message = HttpMessage(
        content.get("method", ""),
        content.get("target", ""),
        headers,
        content["body"].encode(),
        f"https://{host}",
        content.get("status", 0),
    )
    [signature] = [found for found in rfc9421.read(message, LIMITS) if found.label == vector["label"]]
    material = VECTORS["keys"][vector["keyid"]]
    if "secret_base64" in material:
        return message, signature, b64decode(material["secret_base64"])
    return message, signature, load_pem_public_key(material["public"].encode())


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["id"])
def test_published_messages_give_their_stated_result(vector: dict) -> None:
    message, signature, key = published(vector)
    algorithm = "rsa-pss-sha512" if "pss" in vector["keyid"] else None
    if vector["expect"] == "valid":
        rfc9421.verify(signature, message, key, algorithm)
    else:
        with pytest.raises(BadSignature):
            rfc9421.verify(signature, message, key, algorithm)


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS["vectors"] if "signature_base" in v], ids=lambda vector: vector["id"]
)
def test_the_signature_base_is_the_published_one(vector: dict) -> None:
    message, signature, _ = published(vector)
    assert rfc9421.signature_base(signature, message).decode() == vector["signature_base"]


@pytest.mark.parametrize("ed25519", [False, True])
@pytest.mark.parametrize("body", [b"{}", None])
def test_what_we_sign_verifies_and_covers_enough(body: bytes | None, ed25519: bool) -> None:
    key = ANA.ed25519 if ed25519 else ANA.rsa
    method = "GET" if body is None else "POST"
    headers = rfc9421.sign(method, INBOX + "?page=1", body, key_id="https://a.example/#k", key=key, now=NOW)
    message = HttpMessage(method, "/inbox?page=1", tuple(headers.items()), body or b"", ORIGIN)
    [signature] = rfc9421.read(message, LIMITS)
    assert signature.key_id == "https://a.example/#k"
    assert rfc9421.check(signature, message, NOW, LIMITS) == NOW
    rfc9421.verify(signature, message, key.public_key())


def test_what_we_sign_is_what_every_peer_takes() -> None:
    headers = rfc9421.sign("POST", INBOX, b"{}", key_id="https://a.example/#k", key=ANA.ed25519, now=NOW)
    assert headers["Signature-Input"] == (
        'sig1=("@method" "@target-uri" "content-digest");created=1795338000;keyid="https://a.example/#k"'
    )


NAMES = st.sampled_from(["@method", "@path", "host", "date", "content-digest", "a b", "A", ""])
VALUES = (
    st.integers(-(10**14), 10**14)
    | st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=8)
    | st.booleans()
    | st.binary(max_size=4)
)


@given(
    st.lists(NAMES, max_size=4, unique=True),
    st.dictionaries(st.sampled_from(["created", "keyid", "alg", "nonce", "x.y"]), VALUES, max_size=4),
)
def test_the_short_way_of_reading_agrees_with_the_library(
    names: list[str], parameters: dict[str, object]
) -> None:
    inner = http_sfv.InnerList(names)
    inner.params.update(parameters)
    text = str(inner)
    headers = [("Signature-Input", f"a={text}"), ("Signature", "a=:AAAA:")]
    # A second member is read by the library alone.
    both = [("Signature-Input", f"a={text}, b=()"), ("Signature", "a=:AAAA:, b=:AAAA:")]
    try:
        long = rfc9421.read(HttpMessage("GET", "/", both, b"", ORIGIN), LIMITS)[0]
    except BadSignature:
        with pytest.raises(BadSignature):
            rfc9421.read(HttpMessage("GET", "/", headers, b"", ORIGIN), LIMITS)
        return
    assert rfc9421.read(HttpMessage("GET", "/", headers, b"", ORIGIN), LIMITS) == [long]
    assert long.parameters == text


def test_of_a_parameter_that_stands_twice_the_last_counts_as_the_library_has_it() -> None:
    headers = [("Signature-Input", 'a=();created=1;nonce="n";created=2'), ("Signature", "a=:AAAA:")]
    [signature] = rfc9421.read(HttpMessage("GET", "/", headers, b"", ORIGIN), LIMITS)
    assert signature.parameters == '();created=2;nonce="n"'
    assert signature.created == datetime.fromtimestamp(2, UTC)


@given(st.text('ab12=();,:"@-method\\? ', max_size=60), st.text('ab=:;A"?', max_size=20))
def test_any_headers_end_in_signatures_or_a_verdict(inputs: str, signatures: str) -> None:
    headers = [("Signature-Input", inputs), ("Signature", signatures), ("Host", "minga.example")]
    message = HttpMessage("GET", "/?a=b", headers, b"", ORIGIN)
    try:
        for signature in rfc9421.read(message, LIMITS):
            rfc9421.check(signature, message, NOW, LIMITS)
            rfc9421.verify(signature, message, ANA.ed25519.public_key())
    except FederationError:
        return
    pytest.fail("random text verified")


def test_a_request_without_either_header_is_not_signed() -> None:
    for header in ("Signature-Input", "Signature"):
        with pytest.raises(MissingSignature):
            rfc9421.read(HttpMessage("GET", "/", [(header, "a=()")], b"", ORIGIN), LIMITS)


def test_a_peers_wish_is_obeyed() -> None:
    wanted = rfc9421.read_accept_signature(
        'sig1=("@method" "@unknown");created, two=("@method" "@authority" "@path" "content-digest");nonce="n\\"1";tag="t"'
    )
    assert wanted == AcceptedSignature(
        "two", ("@method", "@authority", "@path", "content-digest"), 'n"1', "t"
    )
    headers = rfc9421.sign("POST", INBOX, b"{}", key_id="k", key=ANA.ed25519, now=NOW, wanted=wanted)
    message = HttpMessage("POST", "/inbox", tuple(headers.items()), b"{}", ORIGIN)
    [signature] = rfc9421.read(message, LIMITS)
    assert (signature.label, signature.nonce, signature.tag) == ("two", 'n"1', "t")
    rfc9421.check(signature, message, NOW, LIMITS)
    rfc9421.verify(signature, message, ANA.ed25519.public_key())


def test_a_wish_never_makes_us_leave_the_body_or_the_query_open() -> None:
    wanted = rfc9421.read_accept_signature('sig1=("@method" "@authority" "@path")')
    assert wanted is not None
    headers = rfc9421.sign("POST", INBOX + "?a=b", b"{}", key_id="k", key=ANA.ed25519, now=NOW, wanted=wanted)
    message = HttpMessage("POST", "/inbox?a=b", tuple(headers.items()), b"{}", ORIGIN)
    [signature] = rfc9421.read(message, LIMITS)
    assert rfc9421.check(signature, message, NOW, LIMITS) == NOW
    rfc9421.verify(signature, message, ANA.ed25519.public_key())


@pytest.mark.parametrize(
    "value",
    [
        "",
        "sig1",
        'sig1=("content-digest")',
        'sig1=("@method" "cookie" "@target-uri")',
        'sig1=("@method"',
        "x" * 9000,
    ],
)
def test_a_wish_that_would_loosen_the_signature_is_not_granted(value: str) -> None:
    assert rfc9421.read_accept_signature(value) is None


def test_our_own_wish_can_be_read() -> None:
    assert rfc9421.read_accept_signature(rfc9421.accept_signature()) == rfc9421.DEFAULT_ACCEPT_SIGNATURE
