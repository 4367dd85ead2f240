"""A kitchen runs from an app: members only write posts and answers, and everybody sees the same."""

import html
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mastodon import Mastodon, MastodonAPIError

from tests import apps
from tests.fedify import Fedify, StartFedify
from tests.nodes import Node, until

pytestmark = [pytest.mark.needs("node"), pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def olla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("a") / "a", "esperanza").start(environ=apps.PATIENT) as node:
        apps.member(node, role="cook")
        yield node


@pytest.fixture(scope="module")
def coop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("b") / "b", "cooperativa", kind="cooperative").start(
        environ=apps.PATIENT
    ) as node:
        apps.member(node, "luis")
        yield node


@pytest.fixture(scope="module")
def ana(fedify_of_module: StartFedify) -> Fedify:
    return fedify_of_module()


@pytest.fixture(scope="module")
def rosa(olla: Node) -> Mastodon:
    return apps.mastodon(olla)


@pytest.fixture(scope="module")
def luis(coop: Node) -> Mastodon:
    return apps.mastodon(coop, "luis")


def text(status: Any) -> str:
    return " ".join(
        html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"</p>|<br", r" \g<0>", status.content))).split()
    )


def whispers(api: Mastodon) -> list[Any]:
    """What the node told this collective alone, newest first."""
    me = api.me().id
    return [s for s in api.timeline_home() if s.account.id == me and s.visibility == "direct"]


def whispered(api: Mastodon, *words: str) -> Any:
    return until(lambda: next((s for s in whispers(api) if all(word in text(s) for word in words)), None))


def lacking(node: Node, uri: str) -> tuple[str, str, str]:
    """What the board says of a need: promised, received, lacking."""
    line = next(line for line in node.json("board") if line["uri"] == uri)
    return line["promised"], line["received"], line["lacking"]


def test_a_need_is_opened_promised_confirmed_and_received_from_apps(
    rosa: Mastodon, luis: Mastodon, olla: Node, coop: Node, ana: Fedify
) -> None:
    # Rosa opens a need; her app is shown the readable post, and she alone is told what was understood.
    need = rosa.status_post("#necesitamos 40 kg de lentejas antes del 28/12/2030, mínimo 5 kg")
    assert "Necesitamos 40 kg de lentejas hasta el 28 de diciembre de 2030" in text(need)
    assert need.visibility == "public"
    assert "40 kg" in need.card.title
    told = whispered(rosa, "Entendido y publicado", "40 kg de lentejas")
    assert told.in_reply_to_id == need.id
    anybody = Mastodon(api_base_url=olla.origin)
    assert [s.id for s in anybody.timeline_public()] == [need.id]

    # The cooperative finds it by its address in an app, and answers: a pledge is offered.
    there = luis.search_v2(need.uri, resolve=True).statuses[0]
    luis.account_follow(there.account.id)
    shown = luis.status_post("#aportamos 25 kg", in_reply_to_id=there.id)
    assert "ofreces 25 kg de lentejas a Olla Esperanza" in text(shown)
    asked = whispered(rosa, "Olla Cooperativa ofrece 25 kg de lentejas", "#confirmar")
    assert lacking(olla, need.uri) == ("0", "0", "40")
    rosa.status_post("#confirmar", in_reply_to_id=asked.id, visibility="direct")
    until(lambda: lacking(olla, need.uri) == ("25", "0", "15"))
    echo = until(
        lambda: next(
            (s for s in rosa.status_context(need.id).descendants if "Comprometemos 25 kg" in text(s)), None
        )
    )

    # Somebody on another program answers in her own words: an informal pledge, once a keeper confirms it.
    ana.lookup(need.uri)
    reply = ana.order(
        "post", content="<p>@esperanza yo les llevo 10 kg</p>", to=[olla.actor], inReplyTo=need.uri
    )
    answer = ana.wait_for("Create")
    assert "Entendimos: 10 kg de lentejas" in answer["json"]["object"]["content"]
    assert answer["json"]["object"]["to"] == [ana.actor()]
    promise = whispered(rosa, "promete 10 kg de lentejas")
    assert "ana" not in text(promise)
    assert lacking(olla, need.uri) == ("25", "0", "15")
    seen = next(n for n in rosa.notifications(types=["mention"]) if n.status.uri == reply["object"])
    confirmed = rosa.status_post("#confirmar", in_reply_to_id=seen.status.id, visibility="direct")
    assert "Confirmamos 10 kg de lentejas" in text(confirmed)
    assert confirmed.visibility == "public"
    assert "ana" not in str(olla.json("show", confirmed.uri))
    until(lambda: lacking(olla, need.uri) == ("35", "0", "5"))

    # What arrived is marked by answering each promise; a number counts what the need counts.
    rosa.status_post("#recibido 24", in_reply_to_id=echo.id)
    rosa.status_post("#recibido 10 kg", in_reply_to_id=confirmed.id)
    until(lambda: lacking(olla, need.uri) == ("0", "34", "6"))
    now = rosa.status(need.id)
    assert "Faltan 6 kg" in text(now)
    assert "6 kg" in now.card.title
    assert now.edited_at is not None
    page = httpx.get(need.uri, headers={"accept": "text/html"}).text
    assert "6 kg" in page
    assert "34 kg" in page
    until(lambda: lacking(coop, need.uri)[2] == "6")


def test_meals_are_counted_and_undone(rosa: Mastodon, olla: Node) -> None:
    meal = rosa.status_post("#servimos 118 raciones de porotos con riendas")
    assert "118 raciones de porotos con riendas" in text(meal)
    told = whispered(rosa, "118 raciones")
    rosa.status_post("#deshacer", in_reply_to_id=told.id, visibility="direct")
    assert httpx.get(meal.uri, headers={"accept": "text/html"}).status_code == 410
    assert whispered(rosa, "quedó deshecho")


def test_a_need_is_edited_as_the_command_that_says_it(rosa: Mastodon) -> None:
    need = rosa.status_post("#necesitamos 9 kg de porotos antes del 28/12/2030")
    source = rosa.status_source(need.id).text
    assert source == "#necesitamos 9 kg porotos, hasta el 2030-12-28"
    changed = rosa.status_update(need.id, source.replace("9 kg", "7 kg"))
    assert "Necesitamos 7 kg de porotos hasta el 28 de diciembre de 2030" in text(changed)
    with pytest.raises(MastodonAPIError, match="otros números"):
        rosa.status_update(need.id, "ya no")


def test_what_is_not_understood_stays_a_plain_post(rosa: Mastodon) -> None:
    said = rosa.status_post("#necesitamos 40,50 o 60 kilos, de lentejas o no sé")
    assert "no sé" in text(said)
    assert whispered(rosa, "tal como lo escribiste").in_reply_to_id == said.id
    count = len(whispers(rosa))
    plain = rosa.status_post("Hoy cocinamos rico, ¡vengan! #olla")
    assert "vengan" in text(plain)
    assert len(whispers(rosa)) == count


def test_a_command_that_cannot_be_done_is_said_plainly_with_the_reason(rosa: Mastodon) -> None:
    lost = rosa.status_post("#recibido 5 kg")
    assert "#recibido" in text(lost)
    assert whispered(rosa, "ninguno en espera").in_reply_to_id == lost.id


def test_an_offer_is_refused_from_the_app_with_a_reason(rosa: Mastodon, luis: Mastodon, coop: Node) -> None:
    need = rosa.status_post("#necesitamos 12 l de aceite")
    there = luis.search_v2(need.uri, resolve=True).statuses[0]
    luis.status_post("#aportamos 3 litros", in_reply_to_id=there.id)
    asked = whispered(rosa, "ofrece 3")
    rosa.status_post("#rechazar ya nos alcanza, gracias", in_reply_to_id=asked.id, visibility="direct")
    assert whispered(luis, "no pudo recibir", "ya nos alcanza")


def test_a_stranger_is_answered_once_and_commands_of_strangers_count_for_nothing(
    rosa: Mastodon, olla: Node, ana: Fedify
) -> None:
    need = rosa.status_post("#necesitamos 8 kg de arroz")
    ana.order("post", content="<p>#servimos 100 raciones de arroz</p>", to=[olla.actor], inReplyTo=need.uri)
    ana.order("post", content="<p>llevo 2 kilos</p>", to=[olla.actor], inReplyTo=need.uri)
    until(lambda: [s for s in whispers(rosa) if "promete 2 kg" in text(s)])
    ana.order("post", content="<p>mejor llevo 3 kilos</p>", to=[olla.actor], inReplyTo=need.uri)
    until(lambda: len(rosa.status_context(need.id).descendants) >= 5)
    answers = [e for e in ana.received("Create") if "2 kg" in str(e["json"]) or "3 kg" in str(e["json"])]
    assert len(answers) == 1
    assert not [s for s in rosa.account_statuses(rosa.me().id) if "100 raciones" in text(s)]


def test_the_state_is_the_fold_of_what_was_said(olla: Node) -> None:
    olla.stop()
    result = olla.run("fsck")
    olla.start()
    assert result.returncode == 0, result.stdout + result.stderr
