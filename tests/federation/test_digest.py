from base64 import b64encode
from hashlib import sha256, sha512

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.digest import check_content_digest, check_digest, content_digest, digest
from federation.errors import BadDigest

BODY = b'{"hello": "world"}'
SHA256 = b64encode(sha256(BODY).digest()).decode()
SHA512 = b64encode(sha512(BODY).digest()).decode()


@given(st.binary(max_size=50))
def test_our_digests_fit_their_body_and_no_other(body: bytes) -> None:
    check_digest(digest(body), body)
    check_content_digest(content_digest(body), body)
    with pytest.raises(BadDigest):
        check_digest(digest(body), body + b" ")
    with pytest.raises(BadDigest):
        check_content_digest(content_digest(body), body + b" ")


@pytest.mark.parametrize(
    "value",
    [
        f"SHA-256={SHA256}",
        f"sha-256={SHA256}",
        f"SHA-512={SHA512}",
        f"SHA-256={SHA256}, SHA-512={SHA512}",
        f"MD5=AAAA, SHA-256={SHA256}",
        f"unixsum=30637,SHA-256={SHA256}",
    ],
)
def test_digest_is_taken_in_every_spelling(value: str) -> None:
    check_digest(value, BODY)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "SHA-256=",
        "SHA-256",
        "MD5=AAAA",
        f"SHA-256={SHA256[:-4]}",
        f"SHA-256={SHA256}, SHA-512=AAAA",
        f"SHA-256={SHA256}, sha-256={SHA256}",
        f"SHA-256={SHA256}" + "," * 9000,
    ],
)
def test_a_digest_that_proves_nothing_is_refused(value: str) -> None:
    with pytest.raises(BadDigest):
        check_digest(value, BODY)


@pytest.mark.parametrize(
    "value", [f"sha-256=:{SHA256}:", f"sha-512=:{SHA512}:, md5=:AAAA:, sha-256=:{SHA256}:"]
)
def test_content_digest_is_taken_from_one_or_several(value: str) -> None:
    check_content_digest(value, BODY)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "sha-256",
        f"sha-256={SHA256}",
        "sha-256=:AAAA:",
        "md5=:AAAA:",
        f"sha-256=:{SHA256}:, sha-512=:AA==:",
        "ñ",
    ],
)
def test_a_content_digest_that_proves_nothing_is_refused(value: str) -> None:
    with pytest.raises(BadDigest):
        check_content_digest(value, BODY)


@given(st.text(max_size=40) | st.text("sha-256=:,ABC/+ ", max_size=40))
def test_any_header_ends_in_a_verdict(value: str) -> None:
    for check in (check_digest, check_content_digest):
        with pytest.raises(BadDigest):
            check(value, BODY)
