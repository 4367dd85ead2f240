"""The private keys of this node's actors: files below `DIR/keys`, never in the database, loaded once.

```
keys/actor/main-key.pem               the server actor (`ORIGIN/actor`)
keys/actor/ed25519-key.pem
keys/c/HANDLE/main-key.pem            one collective; its RSA key lives as long as the actor
keys/c/HANDLE/ed25519-key.pem         a file has the name of its key id: `…/c/HANDLE#ed25519-key`
keys/c/HANDLE/ed25519-key-2.pem       after a rotation; a number is never used again
keys/c/HANDLE/log-key.pem             Ed25519, signs the checkpoints of its account's log and nothing else
keys/c/HANDLE/witness-key.pem         Ed25519, cosigns the checkpoints of others and nothing else
keys/wrap.age                         only where the keys are wrapped: then every other file ends in `.pem.age`
```

Wrapped keys are age files to an identity made for the purpose, which is itself encrypted by the passphrase in
`wrap.age` (age's scrypt). So the passphrase is asked once a start, and can be changed without touching a key.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation.errors import FederationError
from federation.interfaces import Sender
from federation.keys import PrivateKey, make_ed25519, make_rsa, private_pem, read_private_pem
from node.directory import sync, write_private
from node.errors import SetupError

Passphrase = Callable[[], str]

SERVER_PATH = "/actor"
_RSA = "main-key"
_ED25519 = "ed25519-key"
_LOG = "log-key"
_WITNESS = "witness-key"
_NAME = r"(?:main-key|log-key|witness-key|ed25519-key(?:-([1-9][0-9]*))?)"
_FILE_NAME = re.compile(f"^{_NAME}$")
_FILE = re.compile(rf"^{_NAME}\.pem(\.age)?$")
_WRAP = "wrap.age"


class Keyring:
    """`federation.interfaces.KeyStore` over files. Every key is in memory after `open`."""

    def __init__(self, directory: Path, origin: str) -> None:
        self._directory = directory
        self._origin = origin
        self._keys: dict[str, dict[str, PrivateKey]] = {}
        self._chosen: dict[str, str] = {}
        self._wrap: pyrage.x25519.Identity | None = None

    @classmethod
    def open(cls, directory: Path, origin: str, passphrase: Passphrase) -> "Keyring":
        """Load every key below `directory`, and make the server actor's where there are none.

        `passphrase` is asked only where the keys are wrapped. SetupError where a file is readable by others,
        broken, or the passphrase is wrong.
        """
        keyring = cls(directory, origin)
        _private_directory(directory)
        if (directory / _WRAP).exists():
            keyring._wrap = _unwrap(_read(directory / _WRAP), passphrase())
        for path in _key_files(directory):
            actor = f"{origin}/{path.parent.relative_to(directory).as_posix()}"
            name = path.name.partition(".")[0]
            keyring._keys.setdefault(actor, {})[name] = _load(path, keyring._wrap)
        keyring.make(origin + SERVER_PATH)
        return keyring

    @property
    def wrapped(self) -> bool:
        """Whether a passphrase stands before the keys."""
        return self._wrap is not None

    def sender(self, actor_id: str) -> Sender:
        """Keys of one actor of ours. KeyError where it is not."""
        keys = self._keys[actor_id]
        current = self._chosen.get(actor_id) or _newest(keys)
        rsa, ed25519 = keys[_RSA], keys[current]
        if not isinstance(rsa, RSAPrivateKey) or not isinstance(ed25519, Ed25519PrivateKey):
            raise SetupError(f"The key files of {actor_id} hold keys of another kind than their names say.")
        return Sender(
            actor=actor_id,
            rsa_key_id=f"{actor_id}#{_RSA}",
            rsa=rsa,
            ed25519_key_id=f"{actor_id}#{current}",
            ed25519=ed25519,
        )

    def server(self) -> Sender:
        """Keys of the server actor."""
        return self.sender(self._origin + SERVER_PATH)

    def make(self, actor_id: str) -> Sender:
        """Make the keys of a new actor; on disk when this returns. Those that are there already stay.

        Takes a moment (RSA): call it in a thread.
        """
        keys = self._keys.setdefault(actor_id, {})
        if _RSA not in keys:
            keys[_RSA] = self._write(actor_id, _RSA, make_rsa())
        if not _numbers(keys):
            keys[_ED25519] = self._write(actor_id, _ED25519, make_ed25519())
        if actor_id != self._origin + SERVER_PATH:
            for name in (_LOG, _WITNESS):
                if name not in keys:
                    keys[name] = self._write(actor_id, name, make_ed25519())
        return self.sender(actor_id)

    def log_key(self, actor_id: str) -> Ed25519PrivateKey:
        """The key that signs the checkpoints of a collective's log."""
        return self._single(actor_id, _LOG)

    def witness_key(self, actor_id: str) -> Ed25519PrivateKey:
        """The key with which a collective cosigns the checkpoints of others."""
        return self._single(actor_id, _WITNESS)

    def _single(self, actor_id: str, name: str) -> Ed25519PrivateKey:
        key = self._keys.get(actor_id, {}).get(name)
        if not isinstance(key, Ed25519PrivateKey):
            raise SetupError(
                f"The {name} of {actor_id} is missing in {self._directory}.",
                hint="Restore the keys from a backup.",
            )
        return key

    def make_next(self, actor_id: str) -> tuple[str, Ed25519PrivateKey]:
        """Make the next Ed25519 key of an actor: its key id and the key, on disk. `choose` puts it in use."""
        name = f"{_ED25519}-{max(_numbers(self._keys[actor_id])) + 1}"
        key = make_ed25519()
        self._write(actor_id, name, key)
        self._chosen.setdefault(actor_id, _newest(self._keys[actor_id]))
        self._keys[actor_id][name] = key
        return f"{actor_id}#{name}", key

    def choose(self, actor_id: str, key_id: str) -> None:
        """From now on sign with this Ed25519 key: the one that the actor document lists as current."""
        name = key_id.rpartition("#")[2]
        if not {name, _RSA} <= self._keys.get(actor_id, {}).keys():
            raise SetupError(
                f"A private key of {actor_id} is missing in {self._directory}.",
                hint="Restore the keys from a backup, or rotate with the words of root 1: `minga keys rotate`.",
            )
        self._chosen[actor_id] = name

    def wrap(self, passphrase: str) -> None:
        """Put a passphrase before every key file, or change it. A power cut leaves every key readable.

        What was on the disk before can still be found there by somebody who looks: use an encrypted disk too.
        """
        if len(passphrase) < 12:
            raise SetupError(
                "A passphrase of at least 12 characters, please: it is all that protects the keys."
            )
        self._wrap = self._wrap or pyrage.x25519.Identity.generate()
        sealed = pyrage.passphrase.encrypt(str(self._wrap).encode(), passphrase)
        write_private(self._directory / _WRAP, sealed, replace=True)
        for actor, keys in self._keys.items():
            folder = self._folder(actor)
            for name, key in keys.items():
                self._write(actor, name, key, replace=True)
                (folder / f"{name}.pem").unlink(missing_ok=True)

    def _folder(self, actor_id: str) -> Path:
        return self._directory / urlsplit(actor_id).path.lstrip("/")

    def _write(self, actor_id: str, name: str, key: PrivateKey, *, replace: bool = False) -> PrivateKey:
        folder = self._folder(actor_id)
        _private_directory(folder)
        pem = private_pem(key)
        if self._wrap is None:
            write_private(folder / f"{name}.pem", pem, replace=replace)
        else:
            sealed = pyrage.encrypt(pem, [self._wrap.to_public()])
            write_private(folder / f"{name}.pem.age", sealed, replace=replace)
        return key


def _newest(keys: Iterable[str]) -> str:
    return f"{_ED25519}-{number}" if (number := max(_numbers(keys))) > 1 else _ED25519


def _numbers(names: Iterable[str]) -> list[int]:
    """Numbers of the Ed25519 keys among these names; the first key's, which has none, is 1."""
    found = [match for name in names if (match := _FILE_NAME.match(name))]
    return [int(match[1] or 1) for match in found if match[0].startswith(_ED25519)]


def _key_files(directory: Path) -> Iterator[Path]:
    """Key files, each once: a plain one comes before its wrapped twin, which a power cut may have left half made."""
    for path in sorted(directory.rglob("*.pem*")):
        plain = path.suffix == ".pem"
        if _FILE.match(path.name) and (plain or not path.with_suffix("").exists()):
            yield path


def _load(path: Path, wrap: pyrage.x25519.Identity | None) -> PrivateKey:
    content = _read(path)
    try:
        if path.suffix == ".age":
            content = pyrage.decrypt(content, [wrap] if wrap else [])
        return read_private_pem(content)
    except (FederationError, pyrage.DecryptError) as error:
        raise SetupError(
            f"The key file {path} cannot be read.", hint="Restore the keys from a backup."
        ) from error


def _unwrap(sealed: bytes, passphrase: str) -> pyrage.x25519.Identity:
    try:
        return pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(sealed, passphrase).decode())
    except pyrage.DecryptError as error:
        raise SetupError("This is not the passphrase of the keys.") from error


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise SetupError(
                f"{path} can be read by others on this machine.",
                hint=f"chmod 600 {path}; then think about who may have copied it, and `minga keys rotate`.",
            )
        return path.read_bytes()
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}") from error


def _private_directory(path: Path) -> None:
    if not path.exists():
        _private_directory(path.parent)
        path.mkdir(mode=0o700)
        sync(path.parent)
