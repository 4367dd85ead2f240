"""Numbers in addresses: at most eighteen digits, which the database can hold; under a longer one there is nothing."""

from starlette.convertors import IntegerConvertor, register_url_convertor


class _Number(IntegerConvertor):
    regex = "[0-9]{1,18}"


def bound_numbers() -> None:
    """Have every `:int` of an address bounded. Before the routes are made."""
    register_url_convertor("int", _Number())
