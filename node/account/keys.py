"""The keys that an account signs with, as the account asks for them."""

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class LogKeys(Protocol):
    """Private keys by collective (`node.keyring`)."""

    def log_key(self, actor_id: str) -> Ed25519PrivateKey:
        """The key that signs the checkpoints of a collective's log."""

    def witness_key(self, actor_id: str) -> Ed25519PrivateKey:
        """The key with which a collective cosigns the checkpoints of others."""
