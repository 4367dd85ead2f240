"""A feed of somebody who says much has what it is for."""

import feedparser

from tests.fediverse import Instance
from tests.node.api.conftest import App


async def test_many_answers_do_not_hide_what_they_answer_to(olla: Instance, rosa: App) -> None:
    said = await rosa.post("/api/v1/statuses", status="Hoy no hay almuerzo")
    for number in range(125):
        await rosa.post("/api/v1/statuses", status=f"respuesta {number}", in_reply_to_id=said["id"])
    answer = await rosa.client.get(f"{olla.uri()}/feed.atom")
    assert [entry.id for entry in feedparser.parse(answer.content).entries] == [said["uri"]]
