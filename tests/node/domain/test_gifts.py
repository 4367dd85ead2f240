"""Labels and codes of gifts."""

import re
from hashlib import sha256
from itertools import count

from node.domain.gifts import code_digest, new_code, new_label


def test_a_label_is_short_and_nobody_elses() -> None:
    numbers = count()
    seen: set[str] = set()

    def chance(size: int) -> bytes:
        return sha256(str(next(numbers) // 3).encode()).digest()[:size]

    for _ in range(300):
        label = new_label(chance, seen.__contains__)
        assert re.fullmatch(r"D-[0-9A-F]{4,16}", label)
        assert label not in seen
        seen.add(label)


def test_a_code_has_sixty_bits_and_is_known_however_it_is_typed() -> None:
    code = new_code(lambda size: bytes(range(size)))
    assert re.fullmatch(r"([A-Z2-7]{4}-){2}[A-Z2-7]{4}", code)
    digest = code_digest(code)
    assert (
        digest
        == code_digest(code.lower().replace("-", " "))
        == code_digest(code.replace("O", "0").replace("I", "1").replace("B", "8"))
    )
    assert digest != code_digest(new_code(bytes))
    assert len(digest) == 64


def test_every_bit_of_chance_that_is_used_changes_the_code() -> None:
    codes = {new_code(lambda size, bit=bit: (1 << bit).to_bytes(size, "big")) for bit in range(4, 64)}
    assert len(codes) == 60
