"""Keys on the disk: private, loaded once, never overwritten, wrapped when asked."""

import pytest

from node.errors import SetupError
from node.keyring import Keyring

ORIGIN = "https://olla.example"
ESPERANZA = f"{ORIGIN}/c/esperanza"
PASSPHRASE = "tres ollas y una cuchara"


def nobody_asks() -> str:
    raise AssertionError("no passphrase should be asked for")


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys"


def opened(keys, passphrase=nobody_asks):
    return Keyring.open(keys, ORIGIN, passphrase)


def public(sender):
    return (sender.rsa.public_key().public_numbers(), sender.ed25519.public_key().public_bytes_raw())


def test_keys_are_the_same_after_a_restart(keys):
    first = opened(keys)
    made = first.make(ESPERANZA)

    again = opened(keys)

    assert public(again.sender(ESPERANZA)) == public(made)
    assert public(again.server()) == public(first.server())
    assert made.rsa_key_id == f"{ESPERANZA}#main-key"
    assert made.ed25519_key_id == f"{ESPERANZA}#ed25519-key"


def test_nobody_else_on_the_machine_may_read_them(keys):
    opened(keys).make(ESPERANZA)

    for path in [keys, *keys.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_key_file_that_others_can_read_is_refused(keys):
    opened(keys)
    (keys / "actor/main-key.pem").chmod(0o644)

    with pytest.raises(SetupError, match=r"main-key\.pem"):
        opened(keys)


def test_a_damaged_key_file_is_refused_by_name(keys):
    opened(keys)
    (keys / "actor/ed25519-key.pem").write_bytes(
        b"-----BEGIN PRIVATE KEY-----\nnone\n-----END PRIVATE KEY-----\n"
    )

    with pytest.raises(SetupError, match="ed25519-key"):
        opened(keys)


def test_an_actor_of_another_server_has_no_keys(keys):
    with pytest.raises(KeyError):
        opened(keys).sender("https://other.example/c/esperanza")


def test_keys_are_never_made_twice(keys):
    keyring = opened(keys)
    made = public(keyring.make(ESPERANZA))

    keyring.make(ESPERANZA)

    assert public(keyring.sender(ESPERANZA)) == made
    assert public(opened(keys).sender(ESPERANZA)) == made


def test_keys_half_made_when_the_power_went_are_completed(keys):
    made = opened(keys).make(ESPERANZA)
    (keys / "c/esperanza/ed25519-key.pem").unlink()

    again = opened(keys).make(ESPERANZA)

    assert public(again)[0] == public(made)[0]
    assert public(opened(keys).sender(ESPERANZA)) == public(again)


def test_a_rotated_key_signs_only_once_it_is_chosen(keys):
    keyring = opened(keys)
    former = keyring.make(ESPERANZA)

    key_id, _ = keyring.make_next(ESPERANZA)

    assert key_id == f"{ESPERANZA}#ed25519-key-2"
    assert keyring.sender(ESPERANZA).ed25519_key_id == former.ed25519_key_id
    keyring.choose(ESPERANZA, key_id)
    assert keyring.sender(ESPERANZA).ed25519_key_id == key_id
    assert keyring.sender(ESPERANZA).rsa is former.rsa


def test_a_number_is_never_used_again_after_an_interrupted_rotation(keys):
    first = opened(keys)
    first.make(ESPERANZA)
    first.make_next(ESPERANZA)

    again = opened(keys)
    again.choose(ESPERANZA, f"{ESPERANZA}#ed25519-key")

    assert again.make_next(ESPERANZA)[0] == f"{ESPERANZA}#ed25519-key-3"
    assert again.sender(ESPERANZA).ed25519_key_id == f"{ESPERANZA}#ed25519-key"


def test_a_chosen_key_that_is_missing_is_an_error_not_another_key(keys):
    keyring = opened(keys)
    keyring.make(ESPERANZA)

    with pytest.raises(SetupError, match="missing"):
        keyring.choose(ESPERANZA, f"{ESPERANZA}#ed25519-key-7")


def test_wrapped_keys_open_with_the_passphrase_only(keys):
    keyring = opened(keys)
    made = public(keyring.make(ESPERANZA))

    keyring.wrap(PASSPHRASE)

    assert not [path for path in keys.rglob("*") if path.is_file() and b"PRIVATE KEY" in path.read_bytes()]
    assert public(opened(keys, lambda: PASSPHRASE).sender(ESPERANZA)) == made
    with pytest.raises(SetupError, match="passphrase"):
        opened(keys, lambda: "another passphrase")


def test_a_key_made_while_wrapped_is_wrapped(keys):
    opened(keys).wrap(PASSPHRASE)
    keyring = opened(keys, lambda: PASSPHRASE)

    keyring.make(ESPERANZA)

    assert sorted(path.name for path in (keys / "c/esperanza").iterdir()) == [
        "ed25519-key.pem.age",
        "log-key.pem.age",
        "main-key.pem.age",
        "witness-key.pem.age",
    ]


def test_the_passphrase_can_be_changed(keys):
    keyring = opened(keys)
    keyring.wrap(PASSPHRASE)
    keyring.wrap("una frase del todo nueva")

    assert public(opened(keys, lambda: "una frase del todo nueva").server()) == public(keyring.server())


def test_a_short_passphrase_is_refused(keys):
    with pytest.raises(SetupError, match="12"):
        opened(keys).wrap("corta")
