import json

import msgspec

from federation import collections

OUTBOX = "https://we.example/c/olla/outbox"


def test_a_collection_with_pages_says_where_the_first_is() -> None:
    document = json.loads(
        collections.collection(OUTBOX, 3, pages=True, attributed_to="https://we.example/c/olla")
    )
    assert (document["totalItems"], document["first"]) == (3, f"{OUTBOX}?page=true")
    assert "orderedItems" not in document


def test_followers_are_a_number_and_nothing_more() -> None:
    document = json.loads(collections.collection("https://we.example/c/olla/followers", 7))
    assert document.keys() == {"@context", "id", "type", "totalItems"}


def test_a_short_collection_holds_its_items() -> None:
    assert json.loads(collections.collection(OUTBOX, 0, items=[]))["orderedItems"] == []


def test_a_page_holds_activities_as_the_bytes_that_they_are_and_the_last_has_no_next() -> None:
    said = b'{"id":"https://we.example/s/1",  "type":"Create"}'
    body = collections.page(OUTBOX, [msgspec.Raw(said), "https://we.example/s/0"], total=2, cursor="max_id=5")
    assert said in body
    document = json.loads(body)
    assert document["id"] == f"{OUTBOX}?page=true&max_id=5"
    assert document["partOf"] == OUTBOX
    assert "next" not in document


def test_pages_name_their_neighbours() -> None:
    document = json.loads(collections.page(OUTBOX, [], total=9, older="max_id=3", newer="min_id=9"))
    assert document["next"] == f"{OUTBOX}?page=true&max_id=3"
    assert document["prev"] == f"{OUTBOX}?page=true&min_id=9"
