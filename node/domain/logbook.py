"""What a collective's log is called and where it stands: the same for whoever writes it, witnesses it and checks it.

https://fondo.example/c/fondo/log/        prefix of log 1        origin line  fondo.example/c/fondo/log
https://fondo.example/c/fondo/log/2/      prefix of log 2        origin line  fondo.example/c/fondo/log/2
https://fondo.example/c/fondo             as witness             name of key  fondo.example/c/fondo
"""

import re

FIRST = 1
_LOG = re.compile(r"(?P<actor>.+/c/[a-z0-9_]{1,30})/log(?:/(?P<number>[2-9]|[1-9][0-9]{1,3}))?")


def prefix(actor: str, number: int = FIRST) -> str:
    """The URL that all files of a log begin with, with its slash at the end."""
    return f"{actor}/log/" if number == FIRST else f"{actor}/log/{number}/"


def origin(actor: str, number: int = FIRST) -> str:
    """The origin line of a log's checkpoints, and the name of its key: its URL without scheme and last slash."""
    return bare(prefix(actor, number)).rstrip("/")


def bare(url: str) -> str:
    """A URL without its scheme: how keys are named after it."""
    return url.partition("://")[2]


def actor_of(origin_line: str) -> str | None:
    """The actor that a log of this origin belongs to, without its scheme; None where it is not named like one of ours."""
    found = _LOG.fullmatch(origin_line)
    return None if found is None else found["actor"]
