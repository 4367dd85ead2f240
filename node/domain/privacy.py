"""What never leaves: telephones, mail addresses, identity numbers, exact places.

A published thing is copied by strangers and cannot be called back, so it is refused before it is said, with the words that
were found. Only what people type is looked at; what the node makes has no private person in it.
"""

import re

from node.domain.expression import expression
from node.domain.kind import NotAllowedError
from schemas import Record, fields

_ADDRESS = expression(r"https?://\S+", re.IGNORECASE)
_MONTH = "enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = rf"{_DAY}[./-](?:0?[1-9]|1[0-2])[./-](?:19|20)\d\d"
_NOT_WITHIN = r"(?<![\w+])(?<!\d[.,-])"
"""Stands before what is no part of a longer number."""
_HARMLESS = expression(
    r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,3}(?:\.\d{3})+\b(?!-?[\dkK])|\b\d{1,3}(?:,\d{3})+\b"
    rf"|{_NOT_WITHIN}(?:{_DAY}-)?{_DATE}(?:-{_DATE})?(?!\w|[./-]\d)"
    rf"|{_NOT_WITHIN}(?<!\d ){_DAY}(?:[ -]{_DAY}){{1,12}} (?:de )?(?:{_MONTH})\b"
    r"|(?:[$€£₡₲]|\bS/\.?) ?\d{1,15}(?!\w|[ ().-]{0,2}\d)"
    rf"|{_NOT_WITHIN}(?<!\d )\d{{4,12}} (?:pesos|soles)\b"
    r"|\b\d{1,6}[.,]\d{1,15} ?(?:kg|kilos?|g|gramos?|l|litros?|ml)\b",
    re.IGNORECASE,
)
"""Days, sums of money and amounts, of as many digits as a telephone."""
_ALONE = expression(
    r"(?<![\w+])(?<!\d[ ().-])(?<!\d[ ().-]{2})"
    r"(?:(?:19|20)\d\d-(?:19|20)\d\d|(?:[01]?\d|2[0-3])\.[0-5]\d ?- ?(?:[01]?\d|2[0-3])\.[0-5]\d)"
    r"(?!\w|[ ().-]{0,2}\d)"
)
"""Two years, or from when to when: harmless where they stand alone, for they may also be the end of a telephone."""
_PHONE = expression(r"(?<![\w.,])\+?\d(?:[ ().-]{0,2}\d){7,14}(?![\w%])")
_MAIL = expression(r"(?<![\w@.])(?<![\w.+-][+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IDENTITY = expression(r"\b\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]\b(?!\.\d{3})")
_STREET = expression(
    r"\b(?:calle|pasaje|pje|psje|avenida|avda?|av|jirón|jr|callejón|camino|block|depto|dpto|departamento|street|road|avenue|lane|flat)\b\.?"
    r"|[#№]|\bn[°º]",
    re.IGNORECASE,
)
_HOUSE_NUMBER = expression(
    rf"\b(?!(?:[12]\d|3[01]|[1-9])[°º]?\s+de\s+(?:{_MONTH})\b)\d+[^\W\d_ºª]?\b", re.IGNORECASE
)
"""A number, but not the day in the name of a place, like `23 de Enero`."""


def refuse_private(record: Record) -> None:
    """Raise NotAllowedError where a typed text holds a telephone, a mail address, an identity number or an exact place."""
    for info in fields(type(record)):
        value = getattr(record, info.name)
        if info.type is not str or info.many or info.declared.made or info.declared.choices or value is None:
            continue
        if info.path == "location.name":
            refuse_exact(info.name, value)
        refuse_contact(info.name, value)


def refuse_exact(field: str, text: str) -> None:
    """Raise NotAllowedError where a place holds a street or a house number."""
    for pattern in (_STREET, _HOUSE_NUMBER):
        if found := pattern.search(text):
            raise NotAllowedError(
                field,
                'a coarse place, like "La Pintana, Santiago", without "{found}"',
                found=found.group().strip(),
            )


def refuse_contact(field: str, text: str) -> None:
    """Raise NotAllowedError where a text holds a telephone, a mail address or an identity number."""
    plain = _ADDRESS.sub(" ", text)
    for pattern in (_IDENTITY, _MAIL):
        if found := pattern.search(plain):
            raise NotAllowedError(
                field, 'words without private data; "{found}" looks like such', found=found.group()
            )
    if found := _PHONE.search(_ALONE.sub(" ", _HARMLESS.sub(" ", plain))):
        raise NotAllowedError(
            field, 'words without private data; "{found}" looks like such', found=found.group().strip()
        )
