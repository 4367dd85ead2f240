"""A whole day with Mastodon.py: an app is let in through the real pages and does everything, against nodes as processes."""

import io
import time
from collections.abc import Iterator
from typing import Any

import pytest
from mastodon import Mastodon, MastodonNotFoundError, MastodonUnauthorizedError, StreamListener
from PIL import Image

from tests import apps
from tests.nodes import Node, until

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def olla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("a") / "a", "esperanza") as node:
        apps.member(node)
        yield node


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("b") / "b", "villasol") as node:
        apps.member(node, "luis")
        yield node


@pytest.fixture(scope="module")
def rosa(olla: Node) -> Mastodon:
    return apps.mastodon(olla)


@pytest.fixture(scope="module")
def luis(peer: Node) -> Mastodon:
    return apps.mastodon(peer, "luis")


@pytest.fixture(scope="module")
def villasol(rosa: Mastodon, peer: Node) -> Any:
    """The collective of the second node, as the first one knows it, followed."""
    found = rosa.search_v2(f"@{peer.address}", resolve=True).accounts[0]
    rosa.account_follow(found.id)
    until(lambda: rosa.account_relationships(found.id)[0].following)
    return found


def photograph() -> bytes:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Calle Los Aromos 123"
    Image.effect_noise((1200, 900), 60).convert("RGB").save(file, "JPEG", exif=exif)
    return file.getvalue()


def test_who_the_app_sees_is_the_collective(rosa: Mastodon, olla: Node) -> None:
    me = rosa.me()
    assert (me.acct, me.display_name) == ("esperanza", "Olla Esperanza")
    assert "rosa" not in str(me)


def test_a_post_with_a_picture_is_read_answered_edited_and_withdrawn(
    rosa: Mastodon, luis: Mastodon, villasol: Any
) -> None:
    picture = rosa.media_post(
        photograph(), "image/jpeg", description="Una olla", focus=(0.5, -0.5), synchronous=True
    )
    said = rosa.status_post("Hoy hay lentejas #olla", media_ids=[picture], spoiler_text="comida")
    assert said.spoiler_text == "comida"
    assert said.media_attachments[0].description == "Una olla"
    assert said.media_attachments[0].id == picture.id
    assert [tag.name for tag in said.tags] == ["olla"]
    answer = rosa.status_post("y arroz", in_reply_to_id=said.id)
    assert answer.in_reply_to_id == said.id
    assert [s.id for s in rosa.status_context(said.id).descendants] == [answer.id]
    changed = rosa.status_update(answer.id, "y arroz con huevo")
    assert "huevo" in changed.content
    assert changed.edited_at is not None
    assert len(rosa.status_history(answer.id)) == 2
    assert rosa.status_source(answer.id).text == "y arroz con huevo"
    rosa.status_delete(answer.id)
    with pytest.raises(MastodonNotFoundError):
        rosa.status(answer.id)


def test_what_a_followed_collective_says_comes_home_and_is_liked_boosted_and_kept(
    rosa: Mastodon, luis: Mastodon, villasol: Any
) -> None:
    said = luis.status_post("Nos sobra pan")
    here = until(lambda: next((s for s in rosa.timeline_home() if s.uri == said.uri), None))
    assert here.account.acct == villasol.acct
    assert rosa.status_favourite(here.id).favourited
    boost = rosa.status_reblog(here.id)
    assert boost.reblog.id == here.id
    assert boost.id != here.id
    assert rosa.status_bookmark(here.id).bookmarked
    assert [s.id for s in rosa.bookmarks()] == [here.id]
    assert [s.id for s in rosa.favourites()] == [here.id]
    told = until(
        lambda: (
            {n.type for n in luis.notifications()} >= {"follow", "favourite", "reblog"}
            and luis.notifications()
        )
    )
    assert {n.account.acct.split("@")[0] for n in told} == {"esperanza"}
    assert not rosa.status_unfavourite(here.id).favourited
    assert not rosa.status_unreblog(here.id).reblogged
    assert not rosa.status_unbookmark(here.id).bookmarked


class Heard(StreamListener):
    def __init__(self) -> None:
        self.updates: list[Any] = []
        self.notices: list[Any] = []
        self.gone: list[Any] = []
        self.edits: list[Any] = []

    def on_update(self, status: Any) -> None:
        self.updates.append(status)

    def on_notification(self, notification: Any) -> None:
        self.notices.append(notification)

    def on_delete(self, status_id: Any) -> None:
        self.gone.append(status_id)

    def on_status_update(self, status: Any) -> None:
        self.edits.append(status)


def test_a_stream_tells_at_once_what_is_said_edited_and_withdrawn(
    rosa: Mastodon, luis: Mastodon, villasol: Any, olla: Node
) -> None:
    heard = Heard()
    handle = rosa.stream_user(heard, run_async=True)
    try:
        time.sleep(0.5)
        said = luis.status_post(f"Hola @{olla.address}, ya vamos")
        update = until(lambda: next((s for s in heard.updates if s.uri == said.uri), None))
        until(lambda: any(n.type == "mention" for n in heard.notices))
        luis.status_update(said.id, "Ya vamos con pan")
        until(lambda: any("pan" in s.content for s in heard.edits))
        luis.status_delete(said.id)
        until(lambda: str(update.id) in map(str, heard.gone))
    finally:
        handle.close()


def test_a_filter_marks_what_it_finds(rosa: Mastodon, luis: Mastodon, villasol: Any) -> None:
    made = rosa.create_filter_v2(
        "Carne", ["home"], "warn", keywords_attributes=[{"keyword": "carne", "whole_word": True}]
    )
    said = luis.status_post("Sobra carne molida")
    here = until(lambda: next((s for s in rosa.timeline_home() if s.uri == said.uri), None))
    assert [match.filter.title for match in here.filtered] == ["Carne"]
    rosa.delete_filter_v2(made.id)
    assert not rosa.status(here.id).filtered


def test_pages_are_walked_by_the_links(rosa: Mastodon) -> None:
    made = [rosa.status_post(f"uno de varios {n}").id for n in range(5)]
    first = rosa.account_statuses(rosa.me().id, limit=2)
    second = rosa.fetch_next(first)
    assert [s.id for s in [*first, *second]] == made[:0:-1]
    assert [s.id for s in rosa.fetch_previous(second)] == [s.id for s in first]


def test_read_positions_preferences_and_tags_are_kept(rosa: Mastodon) -> None:
    newest = rosa.timeline_home(limit=1)[0].id
    rosa.markers_set("home", newest)
    assert rosa.markers_get("home").home.last_read_id == newest
    assert rosa.preferences()["posting:default:visibility"] == "public"
    assert rosa.tag_follow("olla").following
    assert [tag.name for tag in rosa.followed_tags()] == ["olla"]
    assert not rosa.tag_unfollow("olla").following


def test_mutes_and_notes_are_the_collectives_own(rosa: Mastodon, villasol: Any) -> None:
    assert rosa.account_mute(villasol.id).muting
    assert [a.id for a in rosa.mutes()] == [villasol.id]
    assert not any(s.account.id == villasol.id for s in rosa.timeline_home())
    assert not rosa.account_unmute(villasol.id).muting
    assert rosa.account_note_set(villasol.id, "llaman los lunes").note == "llaman los lunes"


def test_a_revoked_token_is_worth_nothing(olla: Node) -> None:
    app = apps.mastodon(olla)
    app.me()
    token = app.access_token
    app.revoke_access_token(allow_http=True)
    with pytest.raises(MastodonUnauthorizedError):
        Mastodon(access_token=token, api_base_url=olla.origin).me()


def test_a_message_to_one_collective_is_read_by_nobody_else(
    rosa: Mastodon, luis: Mastodon, peer: Node, villasol: Any
) -> None:
    said = rosa.status_post(f"@{peer.address} solo para ustedes", visibility="direct")
    assert said.visibility == "direct"
    anybody = Mastodon(api_base_url=rosa.api_base_url)
    with pytest.raises(MastodonNotFoundError):
        anybody.status(said.id)
    assert until(lambda: [n for n in luis.notifications(types=["mention"]) if n.status.uri == said.uri])


def test_the_directory_of_pictures_holds_no_original(olla: Node) -> None:
    kept = [path for path in (olla.directory / "media").rglob("*") if path.is_file()]
    assert kept
    assert all(b"Aromos" not in path.read_bytes() for path in kept)
    assert all(path.stat().st_size <= 150_000 for path in kept)


def test_nothing_was_logged_that_somebody_could_be_found_by(olla: Node) -> None:
    assert "Traceback" not in olla.log()
    assert "rosa" not in olla.log()
