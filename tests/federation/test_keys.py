import json
import stat
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import FederationError, UnknownKey
from federation.keys import (
    base58_decode,
    base58_encode,
    did_key,
    did_key_url,
    ed25519_of_seed,
    load_private_key,
    make_ed25519,
    multihash,
    multikey,
    multikey_of_did,
    private_pem,
    public_key,
    public_pem,
    save_private_key,
)
from tests.correspondents import RSA_KEYS

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/signatures/multikey.json").read_bytes())["vectors"]
ED25519 = ed25519_of_seed(b"\1" * 32)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_published_multikeys_are_read_and_written(vector: dict) -> None:
    text = vector["multikey"]["publicKeyMultibase"]
    key = public_key(text)
    if "public_key_hex" in vector:
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        assert raw.hex() == vector["public_key_hex"]
    else:
        der = key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
        assert der.hex() == vector["public_key_der_pkcs1_hex"]
    assert multikey(key) == text


@pytest.mark.parametrize("key", [RSA_KEYS[0], ED25519], ids=["rsa", "ed25519"])
@pytest.mark.parametrize("passphrase", [None, b"olla comun"])
def test_a_private_key_survives_its_file_which_only_its_owner_may_read(
    tmp_path: Path, key, passphrase
) -> None:
    path = tmp_path / "key.pem"
    save_private_key(path, key, passphrase)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    loaded = load_private_key(path, passphrase)
    assert public_pem(loaded.public_key()) == public_pem(key.public_key())
    with pytest.raises(FederationError):
        load_private_key(path, None if passphrase else b"another")


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    save_private_key(path, ED25519)
    with pytest.raises(FileExistsError):
        save_private_key(path, make_ed25519())
    assert path.read_bytes() == private_pem(ED25519)


def test_public_keys_are_read_from_pem_and_from_multikey() -> None:
    for key in (RSA_KEYS[0].public_key(), ED25519.public_key()):
        assert public_pem(public_key(public_pem(key))) == public_pem(key)
        assert public_pem(public_key(multikey(key))) == public_pem(key)
    pkcs1 = RSA_KEYS[0].public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
    assert multikey(public_key(pkcs1)) == multikey(RSA_KEYS[0].public_key())


SMALL = rsa.generate_private_key(65537, 1024).public_key()
CURVE = ec.generate_private_key(ec.SECP256R1()).public_key()


@pytest.mark.parametrize(
    "material",
    [
        "",
        "z",
        "z6Mk",
        "z0OIl",
        "zé",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        public_pem(SMALL),
        multikey(SMALL),
        CURVE.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "z" + base58_encode(b"\x80\x24" + b"\2" * 33),
        "z" + "1" * 100_000,
        private_pem(ED25519).decode(),
    ],
)
def test_weak_foreign_and_broken_keys_are_unknown(material: str) -> None:
    with pytest.raises(UnknownKey):
        public_key(material)


@given(st.text(max_size=60) | st.text("z6Mk123ABC", max_size=60))
def test_any_material_ends_in_a_key_or_a_verdict(material: str) -> None:
    with pytest.raises(UnknownKey):
        public_key(material)


@given(st.binary(max_size=60))
def test_base58_is_reversible(data: bytes) -> None:
    assert base58_decode(base58_encode(data)) == data


def test_base58_is_that_of_bitcoin() -> None:
    assert base58_encode(b"Hello World!") == "2NEpo7TZRRrLZSi2U"
    assert base58_encode(b"\0\0(\x7f\xb4\xcd") == "11233QC4"


def test_a_did_key_and_its_verification_method_name_the_same_key() -> None:
    key = ED25519.public_key()
    assert did_key(key) == f"did:key:{multikey(key)}"
    assert multikey_of_did(did_key(key)) == multikey_of_did(did_key_url(key)) == multikey(key)


@pytest.mark.parametrize("did", ["", "did:web:a.example", "z6Mk", "did:key:z6Mka#z6Mkb"])
def test_what_is_no_did_key_is_refused(did: str) -> None:
    with pytest.raises(UnknownKey):
        multikey_of_did(did)


def test_a_multihash_says_which_hash_it_is() -> None:
    assert multihash(b"minga").startswith("zQm")
    assert base58_decode(multihash(b"minga")[1:]) == b"\x12\x20" + sha256(b"minga").digest()
