"""What an app sends, however it sends it: query, urlencoded, multipart or JSON, with values of any plain type.

Apps differ (CLIENT-API.md, points 1 and 2): booleans arrive as `true`, `"1"` or `on`, numbers as text, lists as `id[]=1&id[]=2`,
`id=1` or JSON, nested names as `poll[options][]=a`. Everything is read into one tree and asked for by type.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from node.attachments.room import Share
from node.bodies import BadRequestError, media_type, pieces, read_form
from node.errors import InvalidError
from node.numbers import whole
from node.tongues import message

_FIELDS = 1000
_PARTS = 200
_PART_BYTES = 1 << 20
_DEPTH = 6
_NO = frozenset({"", "0", "f", "false", "off", "no", "n", "null", "none"})
_YES = frozenset({"1", "t", "true", "on", "yes", "y"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_PART = re.compile(r"\[([^\[\]]*)\]")


class Values:
    """A tree of values as they came: texts, numbers, booleans, lists, dictionaries, files."""

    def __init__(self, tree: Mapping[str, Any] | None = None) -> None:
        self.tree: Mapping[str, Any] = tree or {}

    def __contains__(self, name: str) -> bool:
        return name in self.tree

    def given(self, name: str) -> str | None:
        """A text, None where it did not come (or came as null)."""
        value = self.tree.get(name)
        if isinstance(value, list):
            value = value[-1] if value else None
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value)
        return value.replace("\r\n", "\n") if isinstance(value, str) else None  # as browsers send lines

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        found = self.given(name)
        return default if found is None else found

    def flag(self, name: str) -> bool | None:
        """A boolean, None where it did not come."""
        found = self.given(name)
        return None if found is None else found.strip().lower() not in _NO

    def decision(self, name: str) -> bool | None:
        """A boolean that is published, so that nothing else is taken for one. InvalidError."""
        found = self.given(name)
        known = found is None or found.strip().lower() in _YES | _NO
        if not known or (found is None and self.tree.get(name) is not None):
            raise InvalidError(name, message("true or false"))
        return self.flag(name)

    def words(self, name: str) -> str:
        """A text that is published: one value, no list and no nested ones. InvalidError."""
        if isinstance(self.tree.get(name), list | dict | UploadFile):
            raise InvalidError(name, message("a text"))
        return self.text(name)

    def language(self, name: str) -> str | None:
        """The code of a language (BCP 47), None where it did not come. InvalidError."""
        found = self.words(name)
        if not found:
            return None
        if _LANGUAGE.fullmatch(found) is None:
            raise InvalidError(name, message("the code of a language, like es or pt-BR"))
        return found

    def number(self, name: str) -> int | None:
        """A whole number; None where it did not come or is none."""
        found = self.text(name).strip()
        sign, digits = ("-", found[1:]) if found.startswith("-") else ("", found)
        value = whole(digits)
        return -value if sign and value is not None else value

    def texts(self, name: str) -> list[str]:
        """A list of texts, however it came."""
        return [text for row in self._rows(name) if (text := Values({"": row}).given("")) is not None]

    def numbers(self, name: str) -> list[int]:
        """A list of whole numbers; what is none is left out."""
        return [number for row in self._rows(name) if (number := Values({"": row}).number("")) is not None]

    def listed(self, name: str) -> list[int]:
        """A list of whole numbers, all of it; an empty text, as forms send it, is nothing. InvalidError where one is none."""
        rows = [row for row in self._rows(name) if row != ""]
        numbers = [Values({"": row}).number("") for row in rows]
        if None in numbers:
            raise InvalidError(name, message("whole numbers"))
        return [number for number in numbers if number is not None]

    def rows(self, name: str) -> list["Values"]:
        """A list of nested values."""
        return [Values(row) for row in self._rows(name) if isinstance(row, dict)]

    def records(self, name: str, *known: str) -> list["Values"] | None:
        """The same, all of it, each with one at least of some names; None where it did not come. InvalidError for anything
        else."""
        value = self.tree.get(name)
        if value is None:
            return None
        rows = self._rows(name) if isinstance(value, list | dict) else [value]
        if not all(isinstance(row, dict) and any(key in row for key in known) for row in rows):
            raise InvalidError(name, message("a list, of which each has {known}"), known=" / ".join(known))
        return [Values(row) for row in rows]

    def inner(self, name: str) -> "Values":
        """Nested values by name."""
        value = self.tree.get(name)
        return Values(value) if isinstance(value, dict) else Values()

    def file(self, name: str) -> UploadFile | None:
        """A file, None where none came."""
        value = self.tree.get(name)
        return value if isinstance(value, UploadFile) else None

    async def close(self) -> None:
        """Let the files go."""
        for value in self.tree.values():
            if isinstance(value, UploadFile):
                await value.close()

    def digestible(self) -> bytes:
        """The same bytes for the same values, whatever form they came in: what an idempotency key is bound to."""
        return msgspec.json.encode(self.tree, order="deterministic", enc_hook=lambda _: "file")

    def _rows(self, name: str) -> list[Any]:
        value = self.tree.get(name)
        if isinstance(value, dict):
            return [value[key] for key in sorted(value, key=lambda key: (len(key), key))]
        if value is None:
            return []
        return value if isinstance(value, list) else [value]


async def read_values(request: Request, *, limit: int, share: Share | None = None) -> Values:
    """Query and body of a request together; the body wins; its files count in `share`. BadRequestError, TooLargeError."""
    tree = _tree(parse_qsl(request.url.query, keep_blank_values=True, max_num_fields=None))
    if request.method in ("GET", "HEAD"):
        return Values(tree)
    kind = media_type(request)
    if kind == "multipart/form-data":
        try:
            form = await read_form(request, limit=limit, fields=_PARTS, box=_PART_BYTES, share=share)
        except MultiPartException as error:
            raise BadRequestError(message("The form cannot be read."), cause=str(error)) from error
        tree.update(_tree(form.multi_items()))
        return Values(tree)
    body = b"".join([piece async for piece in pieces(request, limit=limit)])
    if kind == "application/json" or (kind.endswith("+json") and body):
        tree.update(_json(body))
    elif kind in ("application/x-www-form-urlencoded", "") and body:
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS)
        except ValueError as error:
            raise BadRequestError(message("The form cannot be read."), cause=str(error)) from error
        tree.update(_tree(pairs))
    return Values(tree)


def _json(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadRequestError(message("The JSON cannot be read."), cause=str(error)) from error
    if not isinstance(found, dict):
        raise BadRequestError(message("Expected a JSON object."))
    # Some apps name lists in JSON as in forms.
    return {name.removesuffix("[]"): value for name, value in found.items()}


def _tree(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for count, (name, value) in enumerate(pairs):
        if count >= _FIELDS:
            raise BadRequestError(message("The form has too many fields."))
        first, bracket, rest = name.partition("[")
        parts = _PART.findall(bracket + rest) if bracket else []
        if len(parts) <= _DEPTH:
            _put(tree, first, parts, value)
    return tree


def _put(place: dict[str, Any], name: str, parts: list[str], value: Any) -> None:
    """Put a value at `name[part][part]…`; an empty part is the next row of a list."""
    held = place.get(name)
    if not parts:
        if name in place and not isinstance(held, dict):
            place[name] = [*(held if isinstance(held, list) else [held]), value]
        else:
            place[name] = value
        return
    first, *rest = parts
    if first == "":
        rows = held if isinstance(held, list) else [] if held is None else [held]
        place[name] = rows
        if not rest:
            rows.append(value)
            return
        # `keywords[][word]=a&keywords[][word]=b`: a name that the last row has already begins a new one.
        if not rows or not isinstance(rows[-1], dict) or rest[0] in rows[-1]:
            rows.append({})
        _put(rows[-1], rest[0], rest[1:], value)
        return
    if not isinstance(held, dict):
        held = place[name] = {}
    _put(held, first, rest, value)
