"""How a page is drawn: templates, the reader's language, and the headers that every page carries."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from node.tongues import Tongue, languages
from node.web.words import Words

CSS_NAME = "minga.css"
EXCERPT_CHARS = 700
"""A text longer than this is cut in lists, so that a page stays small."""

_CSS = resources.files("node.web").joinpath("assets", CSS_NAME).read_bytes()
CSS_PATH = f"/assets/{hashlib.sha256(_CSS).hexdigest()[:12]}/{CSS_NAME}"

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "interest-cohort=()",
    "cache-control": "no-cache",
    "vary": "Accept, Accept-Language",
}

_TEMPLATES = Environment(
    loader=PackageLoader("node.web"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def css(_request: Request) -> Response:
    """The one style sheet; its address changes with its content."""
    return Response(
        _CSS, media_type="text/css", headers={"cache-control": "public, max-age=31536000, immutable"}
    )


def page(
    template: str, tongue: Tongue, values: Mapping[str, Any], *, status: int = 200, head: bool = False
) -> Response:
    """Draw a page in a tongue."""
    text = _TEMPLATES.get_template(template).render(
        tongue=tongue,
        say=tongue.say,
        plural=tongue.plural,
        words=Words(tongue),
        css=CSS_PATH,
        excerpt=EXCERPT_CHARS,
        **values,
    )
    response = HTMLResponse(text, status, _HEADERS | {"content-language": tongue.language})
    if head:
        response.body = b""
    return response


def tongue_for(request: Request, locale: str, zone: str) -> Tongue:
    """The tongue of a reader: what her browser asks for first and we speak, else the collective's."""
    wanted = _wanted(request.headers.get("accept-language", "")[:200])
    return _tongue(wanted or locale, zone)


@cache
def _tongue(language: str, zone: str) -> Tongue:
    return Tongue.of(language, ZoneInfo(zone))


def _wanted(header: str) -> str | None:
    """The best language of an Accept-Language header that we speak (RFC 9110 section 12.5.4)."""
    weighed: list[tuple[float, str]] = []
    for part in header.split(","):
        name, _, parameters = part.strip().lower().partition(";")
        short = name.strip().partition("-")[0]
        weight = parameters.strip().removeprefix("q=") or "1"
        if short in languages() and weight.replace(".", "", 1).isdecimal() and float(weight) > 0:
            weighed.append((float(weight), short))
    return max(weighed, key=lambda pair: pair[0])[1] if weighed else None
