"""What a person saw of each log, in one small file: the next visit must find a continuation of it."""

import json
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from node.errors import SetupError
from node.tongues import message


@dataclass(frozen=True, slots=True)
class Seen:
    """The tip of a log at the last visit that found nothing wrong, and the key that had signed it."""

    size: int
    root: bytes
    key: str
    at: str


class Memory:
    """The file. It is replaced whole, so that a visit that is cut short leaves the one before."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def default(cls) -> "Memory":
        """Where it is kept unless told otherwise: `$XDG_CACHE_HOME/minga/seen.json`."""
        cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        return cls(Path(cache) / "minga" / "seen.json")

    def recall(self, origin: str) -> Seen | None:
        """What was seen of a log; None at the first visit. SetupError where the file cannot be read."""
        found = self._read().get(origin)
        if found is None:
            return None
        try:
            return Seen(
                int(str(found["size"])), b64decode(str(found["root"])), str(found["key"]), str(found["at"])
            )
        except (KeyError, TypeError, ValueError) as error:
            raise self._broken() from error

    def others(self, actor: str) -> dict[str, str]:
        """Every log of an actor (its URI without scheme) that was seen, with when."""
        return {
            origin: str(seen.get("at"))
            for origin, seen in self._read().items()
            if origin == f"{actor}/log" or origin.startswith(f"{actor}/log/")
        }

    def keep(self, origin: str, seen: Seen) -> None:
        """Remember this visit."""
        known = self._read()
        known[origin] = {
            "size": seen.size,
            "root": b64encode(seen.root).decode(),
            "key": seen.key,
            "at": seen.at,
        }
        draft = self.path.with_name(f"{self.path.name}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")
            draft.replace(self.path)
        except OSError as error:
            raise SetupError(
                message("{path} cannot be written: {why}"), path=str(self.path), why=str(error.strerror)
            ) from error

    def _read(self) -> dict[str, dict[str, object]]:
        try:
            known = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise self._broken() from error
        if not isinstance(known, dict):
            raise self._broken()
        return known

    def _broken(self) -> SetupError:
        return SetupError(
            message("{path} does not hold what an earlier visit saw."),
            hint=message("Move it away to begin anew; then nothing is known of earlier visits."),
            path=str(self.path),
        )
