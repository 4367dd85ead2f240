"""Labels and codes of gifts: the label is public and says nothing, the code opens the gift for whoever gave it."""

from base64 import b32encode
from collections.abc import Callable
from hashlib import sha256

CODE_BYTES = 8
UNLABELLED = "D-…"
"""How the label of a gift reads that is not published yet."""


def new_label(chance: Callable[[int], bytes], taken: Callable[[str], bool]) -> str:
    """A short label (`D-7F3A`) that nobody has yet; it grows where short ones run out. `chance(n)` gives n random bytes."""
    length = 2
    label = f"D-{chance(length).hex().upper()}"
    while taken(label):
        length = min(length + 1, 8)
        label = f"D-{chance(length).hex().upper()}"
    return label


def new_code(chance: Callable[[int], bytes]) -> str:
    """A code of 60 random bits (`K3QF-7TWA-ZZM2`), shown once to the donor; the node keeps only `code_digest` of it."""
    letters = b32encode(chance(CODE_BYTES)).decode()[:12]
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))


def code_digest(code: str) -> str:
    """What is kept of a code, however it was typed: lower-case hex SHA-256 of its twelve letters."""
    letters = (
        "".join(sign for sign in code.upper() if sign.isalnum())
        .replace("0", "O")
        .replace("1", "I")
        .replace("8", "B")
    )
    return sha256(letters.encode()).hexdigest()
