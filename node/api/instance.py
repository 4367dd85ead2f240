"""The instance: what this node is, in both versions, complete, because apps read every field."""

from datetime import timedelta

from node.api.calls import Call, get
from node.api.entities import JsonObject, moment
from node.api.shelf import Shelf
from node.attachments import DESCRIPTION_CHARS, UPLOAD_BYTES
from node.profile import FIELDS
from node.publish.photographs import PICTURES
from node.storage import collectives, posts
from node.storage.collectives import Collective
from node.storage.database import Snapshot
from node.storage.posts import PINS

_LINK_CHARS = 23
_PIXELS = 50_000_000
_IMAGES = ["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"]


def _configuration(call: Call) -> JsonObject:
    return {
        "accounts": {"max_featured_tags": 0, "max_pinned_statuses": PINS, "max_profile_fields": FIELDS},
        "statuses": {
            "max_characters": call.services.config.text_chars,
            "max_media_attachments": PICTURES,
            "characters_reserved_per_url": _LINK_CHARS,
        },
        "media_attachments": {
            "supported_mime_types": _IMAGES,
            "description_limit": DESCRIPTION_CHARS,
            "image_size_limit": UPLOAD_BYTES,
            "image_matrix_limit": _PIXELS,
            "video_size_limit": 0,
            "video_frame_rate_limit": 0,
            "video_matrix_limit": 0,
        },
        "polls": {
            "max_options": 4,
            "max_characters_per_option": 50,
            "min_expiration": int(timedelta(minutes=5).total_seconds()),
            "max_expiration": int(timedelta(days=30).total_seconds()),
        },
    }


def _seen(snapshot: Snapshot, call: Call) -> tuple[list[Collective], int, JsonObject | None]:
    there = collectives.every(snapshot)
    contact = Shelf(snapshot, call.services, None).account(there[0].uri) if there else None
    return there, posts.count_local(snapshot) // 10 * 10, contact


def _title(there: list[Collective], host: str) -> str:
    return there[0].name if len(there) == 1 else host


async def v2(call: Call) -> JsonObject:
    """`GET /api/v2/instance`, for anybody."""
    services = call.services
    there, _, contact = await call.read(lambda snapshot: _seen(snapshot, call))
    header = f"{services.origin}/api/assets/header.png"
    return {
        "domain": services.host,
        "title": _title(there, services.host),
        "version": services.version_string,
        "source_url": f"{services.origin}/",
        "description": ", ".join(own.name for own in there),
        "usage": {"users": {"active_month": len(there)}},
        "thumbnail": {"url": header, "blurhash": None, "versions": {"@1x": header, "@2x": header}},
        "icon": [{"src": f"{services.origin}/api/assets/avatar.png", "size": "400x400"}],
        "languages": list(dict.fromkeys(own.locale for own in there)) or ["es"],
        "configuration": {
            "urls": {
                "streaming": services.streaming_url,
                "status": None,
                "about": f"{services.origin}/",
                "privacy_policy": None,
                "terms_of_service": None,
            },
            "vapid": {"public_key": ""},
            "translation": {"enabled": False},
            "limited_federation": False,
            **_configuration(call),
        },
        "registrations": {
            "enabled": False,
            "approval_required": False,
            "reason_required": False,
            "message": None,
            "min_age": None,
            "url": None,
        },
        "api_versions": {"mastodon": 1},
        "contact": {"email": "", "account": contact},
        "rules": [],
    }


async def v1(call: Call) -> JsonObject:
    """`GET /api/v1/instance`, for anybody."""
    services = call.services
    there, said, contact = await call.read(lambda snapshot: _seen(snapshot, call))
    names = ", ".join(own.name for own in there)
    return {
        "uri": services.host,
        "title": _title(there, services.host),
        "short_description": names,
        "description": names,
        "email": "",
        "version": services.version_string,
        "urls": {"streaming_api": services.streaming_url},
        "stats": {"user_count": len(there), "status_count": said, "domain_count": 0},
        "thumbnail": f"{services.origin}/api/assets/header.png",
        "languages": list(dict.fromkeys(own.locale for own in there)) or ["es"],
        "registrations": False,
        "approval_required": False,
        "invites_enabled": False,
        "configuration": _configuration(call),
        "max_toot_chars": services.config.text_chars,
        "contact_account": contact,
        "rules": [],
    }


async def privacy(call: Call) -> JsonObject:
    """`GET /api/v1/instance/extended_description` and its like: nothing beyond the description."""
    there, _, _ = await call.read(lambda snapshot: _seen(snapshot, call))
    content = "".join(own.summary for own in there)
    newest = max((own.updated for own in there), default=call.services.clock())
    return {"updated_at": moment(newest), "content": content}


ENDPOINTS = (
    get("/api/v2/instance", v2, anybody=True),
    get("/api/v1/instance", v1, anybody=True),
    get("/api/v1/instance/extended_description", privacy, anybody=True),
)
