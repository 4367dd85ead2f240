"""Whose word it is: the collective, the keys that its actor document lists, and the proofs that they made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from federation import FederationError, check_proof, public_key, read_proofs
from federation.integrity import read_time
from node.verify.source import DifferenceError

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Signer:
    """The collective, and every Multikey that its actor document lists, with the date of its revocation."""

    actor: str
    keys: Mapping[str, tuple[Ed25519PublicKey, datetime | None]]
    now: datetime

    @classmethod
    def of(cls, document: Mapping[str, Any], now: datetime) -> "Signer":
        """The keys of an actor document. DifferenceError where one cannot be read."""
        keys: dict[str, tuple[Ed25519PublicKey, datetime | None]] = {}
        actor = str(document["id"])
        listed = document.get("assertionMethod")
        for entry in listed if isinstance(listed, list) else []:
            try:
                key = public_key(str(entry["publicKeyMultibase"]))
                id_, controller = str(entry["id"]), entry.get("controller")
                revoked = read_time(entry.get("revoked"))
            except (FederationError, KeyError, TypeError, AttributeError) as error:
                raise DifferenceError("actor", f"a key that cannot be read: {str(entry)[:300]}") from error
            if id_ in keys or ("revoked" in entry and revoked is None):
                raise DifferenceError("actor", f"a key that can be read in two ways: {str(entry)[:300]}")
            if isinstance(key, Ed25519PublicKey) and controller == actor and id_.startswith(f"{actor}#"):
                keys[id_] = key, revoked
        return cls(actor, keys, now)

    def check(self, document: JsonObject, check: str) -> None:
        """Raise DifferenceError unless the document carries a valid proof by one of the keys, made before its revocation."""
        try:
            for proof in read_proofs(document):
                key, revoked = self.keys.get(proof.verification_method, (None, None))
                if key is None:
                    continue
                check_proof(document, proof, key, self.now)
                if revoked is not None and (proof.created is None or proof.created > revoked):
                    raise DifferenceError(
                        check,
                        f"{document.get('id')} is signed by {proof.verification_method} after its revocation",
                    )
                return
        except FederationError as error:
            raise DifferenceError(
                check, f"{document.get('id')} carries no valid proof: {error}"[:1000]
            ) from error
        raise DifferenceError(check, f"{document.get('id')} carries no proof by {self.actor}")
