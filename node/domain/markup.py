"""HTML: escape what goes out, sanitise what comes in, and read it as plain text.

Outgoing text is plain text of ours or of a member: everything is escaped, and only addresses, #hashtags and
@mentions become links. Incoming HTML is cut down to the elements that Mastodon keeps.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from html import escape, unescape
from typing import Protocol

import nh3

URL = re.compile(r"https?://[^\s<>\"'`{|}\\^]+", re.IGNORECASE)
HASHTAG = re.compile(r"(?<![\w/&#])#(\w*[^\W\d_]\w*)")
MENTION = re.compile(
    r"(?<![\w/@.])@([A-Za-z0-9_]++(?:[.-]++[A-Za-z0-9_]++)*+"
    r"(?:@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?|(?![\w@]|[.-]\w)))"
)
"""`@user@host`, and `@user` alone, as apps write whom their own server has."""

_TOKEN = re.compile(
    "|".join((f"(?P<url>{URL.pattern})", f"(?P<tag>{HASHTAG.pattern})", f"(?P<mention>{MENTION.pattern})")),
    re.IGNORECASE,
)
_MENTIONED = re.compile(
    r'<span class="h-card"><a href="(?P<actor>[^"]*)" class="u-url mention">@<span>[^<]*</span></a></span>'
)
_REL = "nofollow noopener noreferrer"

_TAGS = {
    "p", "br", "span", "a", "del", "s", "pre", "blockquote", "code", "b", "strong", "u", "i", "em", "ul", "ol", "li",
    "ruby", "rt", "rp", "h1", "h2", "h3", "h4", "h5", "h6",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "class", "translate"},
    "span": {"class", "translate"},
    "ol": {"start", "reversed"},
    "li": {"value"},
    "p": {"class"},
}
_KEPT_CHARS = 4000
"""Texts up to this length are kept sanitised: pages and timelines show the same ones again and again."""
_FORMATTED_CHARS = 32_768
_FORMATTED_TAGS = 1000
"""Longer texts, and those with more tags, are shown as text: what cleans HTML takes time by the square of the depth of its elements,
and so anybody's post could hold up every page that shows it. Within both it takes some 30 ms at most."""
_SHOWN_CHARS = 100_000
"""Of a text that is shown as text, no more than this."""
_CLASS = re.compile(r"(h|p|u|dt|e)-[\w-]*|mention|hashtag|ellipsis|invisible|quote-inline")
_BREAK = re.compile(r"<br\s{0,9}/?>", re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:p|div|blockquote|pre|ul|ol|h[1-6])(?:\s[^<>]*)?>", re.IGNORECASE)
_ITEM = re.compile(r"<li(?:\s[^<>]*)?>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


class Names(Protocol):
    """What turning plain text into HTML must look up (a `Scene` has it)."""

    def mention(self, handle: str) -> str | None:
        """Actor URI of a handle; None leaves it plain text."""

    def tag(self, name: str) -> str:
        """URL of a hashtag's page."""


def to_html(text: str, names: Names) -> str:
    """Plain text as safe HTML: paragraphs, line breaks, links to addresses, hashtags and known mentions."""
    paragraphs = re.split(r"\n[ \t]*\n\s*", text.replace("\r\n", "\n").strip())
    return "".join(f"<p>{_inline(part, names)}</p>" for part in paragraphs)


def sanitise(html: str) -> str:
    """HTML of strangers, cut down to what Mastodon shows; only http and https links live, and they leak no referrer."""
    return _sanitised(html) if len(html) <= _KEPT_CHARS else _clean(html)


@lru_cache(maxsize=1024)
def _sanitised(html: str) -> str:
    return _clean(html)


def _clean(html: str) -> str:
    if not _is_formatted(html):
        text = to_text(html[:_SHOWN_CHARS]) + ("…" if len(html) > _SHOWN_CHARS else "")
        return "".join(f"<p>{_plain(part)}</p>" for part in text.split("\n\n"))
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        attribute_filter=_keep,
        url_schemes={"http", "https"},
        link_rel=_REL,
    )


def _is_formatted(html: str) -> bool:
    """Whether cleaning it takes a bounded time."""
    return len(html) <= _FORMATTED_CHARS and html.count("<") <= _FORMATTED_TAGS


def to_text(html: str) -> str:
    """HTML as plain text: what is left when nothing can be formatted."""
    spaced = _ITEM.sub("\n- ", _BLOCK.sub("\n\n", _BREAK.sub("\n", html)))
    if _is_formatted(spaced):
        text = unescape(nh3.clean(spaced, tags=set(), clean_content_tags={"script", "style"}))
    else:
        text = unescape(_TAG.sub("", spaced))
    return re.sub(r"\n{3,}", "\n\n", text.replace("\xa0", " ")).strip()


def beginning(text: str, chars: int) -> str:
    """The beginning of a plain text with "…", cut between words; of a clause that only leads to what is cut away nothing is left."""
    if len(text) <= chars:
        return text
    short = (text[:chars].rpartition(" ")[0] or text[:chars]).rstrip()
    if short.endswith(":"):
        end = short.rfind(". ") + 1
        short = short[:end] if end > chars // 2 else short
    return f"{short} …" if short.endswith(".") else f"{short.rstrip(',;:')}…"


def to_typed(html: str, handle: Callable[[str], str]) -> str:
    """HTML of `to_html` as it was typed: mentions have their host again, which only their link says. `handle` is `user@host`
    of an actor's URI."""

    def typed(match: re.Match[str]) -> str:
        whole = handle(unescape(match["actor"]))
        return f"@{escape(whole, quote=False)}" if "@" in whole else match.group()

    return to_text(_MENTIONED.sub(typed, html))


def hashtags(text: str) -> tuple[str, ...]:
    """The names of the hashtags in a plain text, without `#`, each once."""
    return _once(match["tag"][1:] for match in _TOKEN.finditer(text) if match["tag"])


def mentions(text: str) -> tuple[str, ...]:
    """The handles (`user@host`, `user` of this node) mentioned in a plain text, each once."""
    return _once(match["mention"][1:] for match in _TOKEN.finditer(text) if match["mention"])


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple({name.casefold(): name for name in reversed(list(names))}.values())[::-1]


def _inline(text: str, names: Names) -> str:
    parts, end = [], 0
    for match in _TOKEN.finditer(text):
        link, length = _link(match, names)
        parts += [_plain(text[end : match.start()]), link]
        end = match.start() + length
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def _link(match: re.Match[str], names: Names) -> tuple[str, int]:
    """A token as HTML, and how many of its characters that used."""
    token = match.group()
    if match["url"]:
        address = _without_punctuation(token)
        return f'<a href="{escape(address)}" rel="{_REL}">{escape(address, quote=False)}</a>', len(address)
    if match["tag"]:
        return hashtag_link(token[1:], names), len(token)
    actor = names.mention(token[1:])
    if actor is None:
        return _plain(token), len(token)
    name = escape(token[1:].split("@", maxsplit=1)[0], quote=False)
    return (
        f'<span class="h-card"><a href="{escape(actor)}" class="u-url mention">@<span>{name}</span></a></span>',
        len(token),
    )


def hashtag_link(name: str, names: Names) -> str:
    """The link of a hashtag, as Mastodon knows it."""
    return f'<a href="{escape(names.tag(name))}" class="mention hashtag" rel="tag">#<span>{escape(name, quote=False)}</span></a>'


def _without_punctuation(address: str) -> str:
    """An address without what ends the sentence around it; a bracket stays where its partner is inside."""
    while address[-1] in ".,;:!?)]":
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


def _keep(element: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return " ".join(name for name in value.split() if _CLASS.fullmatch(name)) or None
    if attribute == "translate":
        return "no" if value == "no" else None
    if attribute == "href" and not value.lower().startswith(("http://", "https://")):
        return None
    if (
        element in ("ol", "li")
        and attribute in ("start", "value")
        and not re.fullmatch(r"-?[0-9]{1,6}", value)
    ):
        return None
    return value
