"""What the process that remakes a photograph (`node.picture`) answers the node: apart from it, so that only it loads Pillow."""

import msgspec


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The new files and their sizes in pixels; where there is nothing else, `problem` is the message id of what was expected."""

    problem: str = ""
    large: bytes = b""
    small: bytes = b""
    size: tuple[int, int] = (0, 0)
    small_size: tuple[int, int] = (0, 0)


def unfit(expected: str) -> Result:
    """The answer to what is no fit photograph: `expected` is what would have been one."""
    return Result(problem=expected)
