"""How a page is drawn: templates, the reader's language, and the headers that every page carries."""

import hashlib
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from node.board import Line
from node.storage.collectives import Collective
from node.storage.members import Member
from node.tongues import Tongue, languages, wanted_language
from node.web.words import Words

EXCERPT_CHARS = 700
"""A text longer than this is cut in lists, so that a page stays small."""

_DRAWN_PARTS = 1024
"""Parts of pages that are kept as they were drawn: lists show the same lines again and again."""

_TYPES = {"css": "text/css", "svg": "image/svg+xml", "js": "text/javascript", "png": "image/png"}
_ASSETS = {
    each.name: each.read_bytes()
    for each in resources.files("node.web").joinpath("assets").iterdir()
    if each.name.rpartition(".")[2] in _TYPES
}
LANGUAGE_NAMES = {"es": "Español", "en": "English"}
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; worker-src 'self'; connect-src 'self';"
        " manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "interest-cohort=()",
    "cache-control": "no-cache",
    "vary": "Accept, Accept-Language, Cookie",
}

# An app's login opens in a popup of its site and ends by a redirect to it: an opener policy would cut the way back, and
# browsers apply form-action to the redirect after a form too.
_POPUP_HEADERS = {name: value for name, value in _HEADERS.items() if name != "cross-origin-opener-policy"} | {
    "content-security-policy": _HEADERS["content-security-policy"].replace(" form-action 'self';", ""),
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """Who reads a page: a member acting for a collective, or a stranger. `lang` is the language that the address named,
    `place` the entry of the main navigation that the page stands in."""

    member: Member | None = None
    collective: Collective | None = None
    role: str = ""
    csrf: str = ""
    lang: str = ""
    place: str = ""

    @property
    def reader(self) -> str:
        """The actor as whom she reads; "" for a stranger."""
        return self.collective.uri if self.member and self.collective else ""

    @property
    def steers(self) -> bool:
        """Whether she decides about people, peers and settings."""
        return self.role == "steward"


STRANGER = Visit()


def asset(name: str) -> str:
    """The address of a file of the pages; it changes with its content."""
    return f"/assets/{hashlib.sha256(_ASSETS[name]).hexdigest()[:12]}/{name}"


ASSETS = {asset(name): name for name in _ASSETS}


def _shares(line: Line) -> tuple[str, str]:
    """How many of a hundred parts of a need are covered, and how many are promised."""
    if line.asked is None or line.received is None or line.promised is None or not line.asked.value:
        return "0", "0"
    covered, promised = (
        (amount.value * 100 / line.asked.value).quantize(Decimal(1))
        for amount in (line.received, line.promised)
    )
    return str(covered), str(promised)


class _Context(Context):
    """Calls what a template calls as it is. Nothing that ours call wants to be handed the context, and to look for that each
    time costs more than most of what they call."""

    def call(self, what: Callable[..., Any], /, *values: Any, **named: Any) -> Any:
        """What a template calls."""
        named.pop("_block_vars", None)
        named.pop("_loop_vars", None)
        return what(*values, **named)


class _Template(Template):
    """Makes the macros of a page once: its layout and each of its parts import the same ones, which use only what the whole page
    was given."""

    def make_module(
        self,
        vars: dict[str, Any] | None = None,
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,
    ) -> TemplateModule:
        """What another template imports."""
        made: dict[str | None, TemplateModule] = (vars or {})["modules"]
        if self.name not in made:
            made[self.name] = super().make_module(vars, shared, locals)
        return made[self.name]


_TEMPLATES = Environment(
    loader=PackageLoader("node.web"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_TEMPLATES.context_class = _Context
_TEMPLATES.template_class = _Template
_drawn: dict[tuple[Hashable, ...], str] = {}
_TEMPLATES.filters["shares"] = _shares
_TEMPLATES.filters["unbroken"] = lambda html: html.replace(" %", "\u00a0%")
_TEMPLATES.globals["asset"] = cache(asset)
_TEMPLATES.globals["css"] = asset("minga.css")


def direction_of(language: str) -> str:
    """Which way a language is written."""
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def served(request: Request) -> Response:
    """The style sheet, the script and the pictures of the pages."""
    name = ASSETS[request.url.path]
    headers = {"cache-control": "public, max-age=31536000, immutable", "x-content-type-options": "nosniff"}
    return Response(_ASSETS[name], media_type=_TYPES[name.rpartition(".")[2]], headers=headers)


def plain_asset(name: str) -> bytes:
    """The bytes of one of the files, for what must be served at an address that stays."""
    return _ASSETS[name]


def page(
    template: str,
    tongue: Tongue,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    head: bool = False,
    visit: Visit = STRANGER,
    popup: bool = False,
    media: str = "",
    query: str = "",
    path: str = "",
) -> Response:
    """Draw a page in a tongue. `values` has at least `host`, how people write the address of this node. `popup`: it may
    stand in a window that another site opened, and send it somewhere else. `media`: a second origin of ours, for pictures.
    `query`: what stood behind the address, kept when the language is switched; `path`: where that leads, if not to the address
    itself."""
    host = values["host"]

    def here(url: str) -> str:
        """An address of this node, in the language that the present one names."""
        ours = url.startswith("/") or urlsplit(url).netloc == host
        return f"{url}{'&' if '?' in url else '?'}lang={visit.lang}" if visit.lang and ours else url

    def switch(language: str) -> str:
        """This page in another language."""
        kept = [(name, value) for name, value in parse_qsl(query) if name != "lang"]
        return f"{path}?{urlencode([*kept, ('lang', language)])}"

    def once(part: Macro, *values: Hashable) -> str:
        """What a macro draws of values: as it was drawn, where the same values were shown in the same tongue before. Such a macro
        uses nothing else than these values, say, plural, tongue, words and here."""
        key = (part.name, tongue, visit.lang, host, *values)
        text = _drawn.get(key)
        if text is None:
            if len(_drawn) >= _DRAWN_PARTS:
                del _drawn[next(iter(_drawn))]
            text = _drawn[key] = part(*values)
        return text

    text = _TEMPLATES.get_template(template).render(
        modules={},
        tongue=tongue,
        say=tongue.say,
        plural=tongue.plural,
        words=Words(tongue),
        excerpt=EXCERPT_CHARS,
        visit=visit,
        here=here,
        once=once,
        switch=switch,
        popup=popup,
        direction=direction_of(tongue.language),
        other_languages=[
            (each, LANGUAGE_NAMES.get(each, each)) for each in languages() if each != tongue.language
        ],
        **values,
    )
    headers = (_POPUP_HEADERS if popup else _HEADERS) | {"content-language": tongue.language}
    if media:
        policy = headers["content-security-policy"].replace("img-src 'self'", f"img-src 'self' {media}")
        headers["content-security-policy"] = policy
    if visit.member:
        headers |= {"cache-control": "private, no-cache"}
    response = HTMLResponse(text, status, headers)
    if head:
        response.body = b""
    return response


def tongue_for(request: Request, locale: str, zone: str, *, chosen: str = "") -> Tongue:
    """The tongue of a reader: what she chose or the address names, else what her browser asks for first and we speak, else the
    collective's."""
    if chosen in languages():
        return _tongue(chosen, zone)
    wanted = named_language(request) or wanted_language(request.headers.get("accept-language", ""))
    return _tongue(wanted or locale, zone)


def named_language(request: Request) -> str:
    """The language that `?lang=` names, where we speak it; else ""."""
    named = request.query_params.get("lang", "")
    return named if named in languages() else ""


@cache
def _tongue(language: str, zone: str) -> Tongue:
    return Tongue.of(language, ZoneInfo(zone))
