"""What the process that remakes a photograph (`node.picture`) answers the node: apart from it, so that only it loads Pillow."""

import msgspec


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The new files and their sizes in pixels; `problem` is why there is nothing else."""

    problem: str = ""
    large: bytes = b""
    small: bytes = b""
    size: tuple[int, int] = (0, 0)
    small_size: tuple[int, int] = (0, 0)
