"""Accounts: who somebody is, what they said, and how the collective stands to them."""

from dataclasses import dataclass

from starlette.datastructures import UploadFile

from node.api.calls import NOT_FOUND, Answer, Call, delete, found, get, number, patch, post
from node.api.entities import JsonObject, moment, profile_field
from node.api.paging import Page, window
from node.api.shelf import Shelf
from node.api.statuses import AUDIENCES
from node.api.timelines import page_of
from node.attachments import UPLOAD_BYTES
from node.bodies import take_out
from node.domain.markup import to_typed
from node.errors import InvalidError, NotPermittedError, UnknownError
from node.profile import Change, fields_of
from node.speak import LiveScene
from node.storage import actors, collectives, follows, gathering, marks, posts, timelines
from node.storage.database import Snapshot
from node.storage.gathering import Tally
from node.storage.timelines import Choice
from node.tongues import message

PICTURES = {"avatar": "picture", "header": "banner"}
"""What apps call the pictures of an account, and what a collective has there."""
_FIXED = {"bot": False, "discoverable": True, "indexable": True, "hide_collections": True}
"""What apps may ask for and is one way for every collective."""
_DEFAULTS = {"privacy": "public", "sensitive": "false"}


@dataclass(frozen=True, slots=True)
class Somebody:
    """An account of the API: its actor, and the host that it is of."""

    number: int
    uri: str
    host: str


def somebody(snapshot: Snapshot, wanted: int, host: str) -> Somebody:
    """The actor with a number. UnknownError where there is none."""
    if (own := collectives.by_id(snapshot, wanted)) is not None:
        return Somebody(own.id, own.uri, host)
    profile = found(actors.by_id(snapshot, wanted))
    return Somebody(profile.id, profile.uri, profile.host)


async def target(call: Call) -> Somebody:
    """The account in the path. UnknownError where there is none."""
    wanted = call.id
    return await call.read(lambda snapshot: somebody(snapshot, wanted, call.services.host))


async def verify_credentials(call: Call) -> JsonObject:
    """`GET /api/v1/accounts/verify_credentials`: the collective that the app acts for."""
    return await call.read(lambda snapshot: credential_account(snapshot, call))


def credential_account(snapshot: Snapshot, call: Call) -> JsonObject:
    """The CredentialAccount: with what only the collective itself sees."""
    own = found(collectives.by_id(snapshot, call.own.id))
    preferred = _DEFAULTS | marks.preferences(snapshot, own.id)
    account = Shelf(snapshot, call.services, own).account(own.uri)
    handle = LiveScene(snapshot, call.services.origin).handle
    waiting = follows.followers(snapshot, own.id, state="requested", limit=100)
    return account | {
        "source": {
            "privacy": preferred["privacy"],
            "sensitive": preferred["sensitive"] == "true",
            "language": preferred.get("language", own.locale),
            "note": to_typed(own.summary, handle),
            "fields": [profile_field(name, to_typed(value, handle)) for name, value in own.fields],
            "follow_requests_count": len(waiting),
            "hide_collections": True,
            "discoverable": True,
            "indexable": True,
            "attribution_domains": [],
        },
        "role": {"id": "-99", "name": "", "permissions": "0", "color": "", "highlighted": False},
    }


async def update_credentials(call: Call) -> JsonObject:
    """`PATCH /api/v1/accounts/update_credentials`: name, description, pictures, fields and whether follows wait, and how posts
    usually are. Stewards only."""
    given, source = call.values, call.values.inner("source")
    preferred = {}
    for setting, fixed in _FIXED.items():
        if given.decision(setting) is (not fixed):
            raise InvalidError(
                setting,
                message("{value}, as it is for every collective here"),
                value=str(fixed).lower(),
            )
    if (privacy := source.given("privacy")) is not None:
        if privacy not in AUDIENCES:
            raise InvalidError("privacy", message("one of these: {known}"), known=", ".join(AUDIENCES))
        preferred["privacy"] = privacy
    if (sensitive := source.flag("sensitive")) is not None:
        preferred["sensitive"] = "true" if sensitive else "false"
    if (language := source.language("language")) is not None:
        preferred["language"] = language
    name, note = given.given("display_name"), given.given("note")
    sent = {each: file for each in PICTURES if (file := given.file(each)) is not None}
    locked, fields = given.decision("locked"), _fields(call)
    described = any(each is not None for each in (name, note, locked, fields)) or bool(sent)
    if described or preferred:
        _only_stewards(call)
    if described:
        typed = {"name": name, "summary": note}
        pictures = {PICTURES[each]: await _picture(call, each, file) for each, file in sent.items()}
        texts = {field: text for field, text in typed.items() if text is not None}
        with call.as_sent({"name": "display_name", "summary": "note"}):
            change = Change.of(texts, approves=locked, fields=fields, **pictures)
            await call.services.doors.collectives.describe(call.own.uri, change)
    if preferred:
        await call.services.marks.prefer(call.own, preferred)
    return await verify_credentials(call)


def _fields(call: Call) -> tuple[tuple[str, str], ...] | None:
    """What is told beside the description; None where it is not spoken of."""
    rows = call.values.records("fields_attributes", "name", "value")
    if rows is None:
        return None
    return fields_of("fields_attributes", ((row.words("name"), row.words("value")) for row in rows))


async def remove_picture(call: Call) -> JsonObject:
    """`DELETE /api/v1/profile/avatar`, `…/header`: stewards only."""
    _only_stewards(call)
    field = found(PICTURES.get(str(call.request.path_params["picture"])))
    await call.services.doors.collectives.describe(call.own.uri, Change.of({}, **{field: ""}))
    return await verify_credentials(call)


def _only_stewards(call: Call) -> None:
    if call.speaker.role not in ("operator", "steward"):
        raise NotPermittedError(message("Only a steward changes what the collective says of itself."))


async def _picture(call: Call, sent: str, file: UploadFile) -> str:
    """The name of a photograph that was sent, remade and kept."""
    body = await take_out(file, call.request.state.share, most=UPLOAD_BYTES + 1)
    with call.as_sent({"file": sent}):
        medium = await call.services.attachments.add(call.own, body, description="", focus=None, wait=True)
    return medium.picture.name


async def preferences(call: Call) -> JsonObject:
    """`GET /api/v1/preferences`"""
    own = call.own
    held = _DEFAULTS | await call.read(lambda snapshot: marks.preferences(snapshot, own.id))
    return {
        "posting:default:visibility": held["privacy"],
        "posting:default:sensitive": held["sensitive"] == "true",
        "posting:default:language": held.get("language", own.locale),
        "reading:expand:media": "default",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": False,
    }


async def show(call: Call) -> JsonObject:
    """`GET /api/v1/accounts/:id`, for anybody."""

    def look(snapshot: Snapshot) -> JsonObject:
        who = somebody(snapshot, call.id, call.services.host)
        return Shelf(snapshot, call.services, call.viewer).account(who.uri)

    return await call.read(look)


async def show_many(call: Call) -> list[JsonObject]:
    """`GET /api/v1/accounts?id[]=`, for anybody."""
    wanted = call.values.numbers("id")[:40]

    def look(snapshot: Snapshot) -> list[JsonObject]:
        known = {own.id: own.uri for own in collectives.every(snapshot)}
        known |= {key: each.uri for key, each in gathering.profiles_by_id(snapshot, wanted).items()}
        return Shelf(snapshot, call.services, call.viewer).accounts([known[n] for n in wanted if n in known])

    return await call.read(look)


async def lookup(call: Call) -> JsonObject:
    """`GET /api/v1/accounts/lookup`, for anybody: by handle, of those who are known here."""
    name, _, host = call.values.text("acct").strip().lstrip("@").lower().partition("@")

    def look(snapshot: Snapshot) -> JsonObject:
        if host in ("", call.services.host):
            uri = found(collectives.by_handle(snapshot, name)).uri
        else:
            uri = found(next(iter(actors.shown_as(snapshot, f"{name}@{host}")), None))
            if call.viewer is None and not gathering.tallies(snapshot, [uri]).get(uri, Tally()).posts:
                raise UnknownError(NOT_FOUND)  # whom else this node knows is nobody's business
        return Shelf(snapshot, call.services, call.viewer).account(uri)

    return await call.read(look)


async def statuses(call: Call) -> Answer:
    """`GET /api/v1/accounts/:id/statuses`, for anybody."""
    wanted, given = window(call.values), call.values
    choice = Choice(
        replies=not given.flag("exclude_replies"),
        boosts=not given.flag("exclude_reblogs"),
        pictured=bool(given.flag("only_media")),
        tag=given.text("tagged")[:100],
    )

    def look(snapshot: Snapshot) -> Page[object]:
        who = somebody(snapshot, call.id, call.services.host)
        shelf = Shelf(snapshot, call.services, call.viewer, "account")
        if given.flag("pinned"):
            return Page(shelf.statuses(posts.pinned(snapshot, who.uri)), (), whole=False)
        return page_of(shelf, timelines.of_actor(snapshot, shelf.viewer, wanted, who.uri, choice), wanted)

    return call.page(await call.read(look))


async def followers(call: Call) -> Answer:
    """`GET /api/v1/accounts/:id/followers`: of the collective itself only; strangers see how many there are."""
    return await _related(call, followers=True)


async def following(call: Call) -> Answer:
    """`GET /api/v1/accounts/:id/following`: of the collective itself only."""
    return await _related(call, followers=False)


async def _related(call: Call, *, followers: bool) -> Answer:
    wanted = window(call.values, usual=40, most=80)

    def look(snapshot: Snapshot) -> Page[object]:
        who = somebody(snapshot, call.id, call.services.host)
        if call.viewer is None or call.viewer.uri != who.uri:
            return Page((), (), whole=False)
        rows = (
            follows.followers_page(snapshot, who.number, wanted)
            if followers
            else follows.followed_page(snapshot, who.number, wanted)
        )
        accounts = Shelf(snapshot, call.services, call.viewer).accounts([row.actor for row in rows])
        return Page(accounts, [row.id for row in rows], len(rows) == wanted.limit)

    return call.page(await call.read(look))


async def report(call: Call) -> JsonObject:
    """`POST /api/v1/reports`: for the stewards of this node."""
    given = call.values
    wanted = number(given.text("account_id"))
    who = await call.read(lambda snapshot: somebody(snapshot, wanted, call.services.host))
    category = given.text("category", "other")[:40]
    posts = given.numbers("status_ids")
    made = await call.services.marks.report(
        call.own, who.uri, category=category, comment=given.text("comment"), posts=posts
    )
    account = await call.read(lambda s: Shelf(s, call.services, call.viewer).account(who.uri))
    return {
        "id": str(made),
        "action_taken": False,
        "action_taken_at": None,
        "category": category,
        "comment": given.text("comment"),
        "forwarded": False,
        "created_at": moment(call.services.clock()),
        "status_ids": [str(each) for each in posts],
        "rule_ids": None,
        "target_account": account,
    }


async def followed_tags(call: Call) -> list[JsonObject]:
    """`GET /api/v1/accounts/:id/featured_tags`: none."""
    await target(call)
    return []


ENDPOINTS = (
    get("/api/v1/accounts/verify_credentials", verify_credentials, "profile"),
    patch("/api/v1/accounts/update_credentials", update_credentials, "write:accounts"),
    delete("/api/v1/profile/{picture}", remove_picture, "write:accounts"),
    get("/api/v1/accounts/lookup", lookup, "read:accounts", anybody=True),
    get("/api/v1/accounts", show_many, "read:accounts", anybody=True),
    get("/api/v1/accounts/{id:int}", show, "read:accounts", anybody=True),
    get("/api/v1/accounts/{id}/statuses", statuses, "read:statuses", anybody=True),
    get("/api/v1/accounts/{id}/followers", followers, "read:accounts", anybody=True),
    get("/api/v1/accounts/{id}/following", following, "read:accounts", anybody=True),
    get("/api/v1/accounts/{id}/featured_tags", followed_tags, "read:accounts", anybody=True),
    get("/api/v1/preferences", preferences, "read:accounts"),
    post("/api/v1/reports", report, "write:reports"),
)
