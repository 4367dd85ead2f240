"""MediaAttachment: the pictures of posts, ours and others', and photographs that wait for their post."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from node.api.entities import JsonObject, Proxy, picture_url, text_of
from node.storage.media import Medium, large, name_in

_ATTACHMENTS = 16


def attachments(
    document: Mapping[str, Any],
    proxy: Proxy | None,
    kept: Callable[[str], Sequence[Medium]],
    post: int,
    assets: str,
    media: str,
) -> list[JsonObject]:
    """The pictures of a post; `proxy` None for our own, of which `kept` knows the photographs, served below `media` now,
    wherever they were when they were shown first. What is no picture, or none that is taken from there, is a link of type unknown,
    before which apps are given one of our `assets`.

    Of another server's picture no address but ours is told: Phanpy asks `remote_url` by itself where ours shows nothing. Film and
    sound are not passed on by us, and without their own address nobody could open them."""
    attached = document.get("attachment")
    found: list[JsonObject] = []
    times: Counter[str] = Counter()
    for index, each in enumerate((attached if isinstance(attached, list) else [attached])[:_ATTACHMENTS]):
        url = picture_url(each.get("url", each.get("href"))) if isinstance(each, Mapping) else ""
        if not isinstance(each, Mapping) or not url or each.get("type") == "Link":
            continue
        if proxy is None and (name := name_in(url)):
            url = f"{media}/{large(name)}"
        picture = text_of(each, "mediaType").startswith("image/") or each.get("type") == "Image"
        picture = picture and (proxy is None or proxy(url) != "")
        # A reader's app fetches pictures and previews by itself, and what is no picture is opened only on a tap.
        shown = proxy(url) if proxy is not None and picture else url
        small = f"{url.removesuffix('.jpg')}.small.jpg" if proxy is None else proxy(url, small=True)
        same = kept(url)  # the same picture sent twice is two of them
        medium = same[times[url]] if times[url] < len(same) else None
        times[url] += 1
        found.append(
            {
                "id": str(medium.id if medium else post + index),
                "type": "image" if picture else "unknown",
                "url": shown,
                "preview_url": small if picture else f"{assets}/header.png",
                "remote_url": None if proxy is None or picture else url,
                "preview_remote_url": None,
                "text_url": None,
                "meta": _meta_of(each, medium, own=proxy is None) if picture else {},
                "description": text_of(each, "name")[:5000] or None,
                "blurhash": text_of(each, "blurhash")[:100] or None,
            }
        )
    return found


def attachment_of_medium(medium: Medium, media: str, assets: str) -> JsonObject:
    """The MediaAttachment of a photograph that was sent; while it is worked on without a URL, its preview one of our `assets`."""
    picture = medium.picture
    ready = medium.state == "ready"
    across, down = (float(part) for part in medium.focus.split(","))
    meta = _meta(
        (picture.width, picture.height), (picture.preview_width, picture.preview_height), (across, down)
    )
    return {
        "id": str(medium.id),
        "type": "image",
        "url": f"{media}/{picture.name}.jpg" if ready else None,
        "preview_url": f"{media}/{picture.name}.small.jpg" if ready else f"{assets}/header.png",
        "remote_url": None,
        "preview_remote_url": None,
        "text_url": None,
        "meta": meta if ready else {},
        "description": medium.description or None,
        "blurhash": picture.blurhash or None,
    }


def _meta_of(attached: Mapping[str, Any], medium: Medium | None, *, own: bool) -> JsonObject:
    """The measures of what a post shows. How large the preview of another server's picture is, nobody knows before it was made."""
    size = _size(attached.get("width")), _size(attached.get("height"))
    small = (0, 0)
    if own:
        small = (medium.picture.preview_width, medium.picture.preview_height) if medium else (0, 0)
    return _meta(size, small, _focus(attached.get("focalPoint")))


def _meta(size: tuple[int, int], small: tuple[int, int], focus: tuple[float, float]) -> JsonObject:
    """Both sizes, a side of 0 where one is not known, and what must stay in view."""
    meta: JsonObject = {"focus": {"x": focus[0], "y": focus[1]}}
    sizes = {"original": size, "small": small}
    return meta | {name: _measures(*sides) for name, sides in sizes.items() if all(sides)}


def _measures(width: int, height: int) -> JsonObject:
    return {
        "width": width,
        "height": height,
        "size": f"{width}x{height}",
        "aspect": round(width / max(height, 1), 6),
    }


def _size(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100_000 else 0


def _focus(value: Any) -> tuple[float, float]:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(part, int | float) for part in value):
        across, down = (float(max(-1, min(1, part))) for part in value)
        return across, down
    return 0.0, 0.0
