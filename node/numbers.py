"""Whole numbers as strangers type them, in addresses, forms and commands: at most eighteen digits, which the database can hold; under a
longer one there is nothing."""

import re

from starlette.convertors import IntegerConvertor, register_url_convertor

_DIGITS = "[0-9]{1,18}"


class _Number(IntegerConvertor):
    regex = _DIGITS


def bound_numbers() -> None:
    """Have every `:int` of an address bounded. Before the routes are made."""
    register_url_convertor("int", _Number())


def whole(typed: str) -> int | None:
    """A number that somebody typed; None for everything else."""
    return int(typed) if re.fullmatch(_DIGITS, typed) else None
