"""MediaAttachment: the pictures of posts, ours and others', and photographs that wait for their post."""

from collections.abc import Callable, Mapping
from typing import Any

from node.api.entities import JsonObject, Proxy, picture_url, text_of
from node.storage.media import Medium

_ATTACHMENTS = 16


def attachments(
    document: Mapping[str, Any], proxy: Proxy | None, numbers: Callable[[str], int | None], post: int
) -> list[JsonObject]:
    """The pictures of a post; `proxy` None for our own. What is no picture is a link of type unknown."""
    attached = document.get("attachment")
    found: list[JsonObject] = []
    for index, each in enumerate((attached if isinstance(attached, list) else [attached])[:_ATTACHMENTS]):
        url = picture_url(each.get("url", each.get("href"))) if isinstance(each, Mapping) else ""
        if not isinstance(each, Mapping) or not url or each.get("type") == "Link":
            continue
        picture = text_of(each, "mediaType").startswith("image/") or each.get("type") == "Image"
        # A reader's app fetches previews by itself, and what is no picture is opened only on a tap.
        shown = proxy(url) if proxy is not None and picture else url
        small = f"{url.removesuffix('.jpg')}.small.jpg" if proxy is None else shown
        width, height = _size(each.get("width")), _size(each.get("height"))
        found.append(
            {
                "id": str(numbers(url) or post + index),
                "type": "image" if picture else "unknown",
                "url": shown,
                "preview_url": small if picture else None if proxy is not None else url,
                "remote_url": None if proxy is None else url,
                "preview_remote_url": None,
                "text_url": None,
                "meta": _meta(width, height, _focus(each.get("focalPoint"))) if picture else {},
                "description": text_of(each, "name")[:5000] or None,
                "blurhash": text_of(each, "blurhash")[:100] or None,
            }
        )
    return found


def attachment_of_medium(medium: Medium, media: str) -> JsonObject:
    """The MediaAttachment of a photograph that was sent; without a URL while it is worked on."""
    picture = medium.picture
    ready = medium.state == "ready"
    across, down = (float(part) for part in medium.focus.split(","))
    meta = _meta(picture.width, picture.height, (across, down))
    if picture.preview_width:
        meta["small"] = _measures(picture.preview_width, picture.preview_height)
    return {
        "id": str(medium.id),
        "type": "image",
        "url": f"{media}/{picture.name}.jpg" if ready else None,
        "preview_url": f"{media}/{picture.name}.small.jpg" if ready else None,
        "remote_url": None,
        "preview_remote_url": None,
        "text_url": None,
        "meta": meta if ready else {},
        "description": medium.description or None,
        "blurhash": picture.blurhash or None,
    }


def _meta(width: int, height: int, focus: tuple[float, float]) -> JsonObject:
    meta: JsonObject = {"focus": {"x": focus[0], "y": focus[1]}}
    if width and height:
        meta["original"] = meta["small"] = _measures(width, height)
    return meta


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
