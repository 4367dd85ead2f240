"""The contract of a kind, run over the registry: a new kind is tested on arrival."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, ClassVar

import pytest

import federation
from node.activities import REGISTRY, RegistryError, called, gather, kind, kind_of, kind_of_verb, named
from node.domain.kind import AnyKind, Audience, Heard, Kind, NotAllowedError, Speaker, Verb
from node.domain.markup import sanitise, to_html, to_text
from node.tongues import Tongue, languages
from schemas import (
    Field,
    Money,
    Part,
    Quantity,
    Record,
    SchemaError,
    context_for,
    fields,
    from_wire,
    to_wire,
)
from schemas.context import HEAD, PREFIXES, terms
from schemas.generate import example
from tests.node.village import SANTIAGO, Node, View, actor

NOW = datetime(2020, 9, 10, 12, tzinfo=UTC)
HERE = actor("esperanza")
URL = "https://esperanza.example/o/117530012876800"
NUMBERS = (Quantity, Money, Decimal, int, date, datetime)
KINDS = list(REGISTRY.values())
TONGUES = [Tongue.of(language, SANTIAGO) for language in languages()]
ACTIVITYSTREAMS = json.loads(
    (Path(federation.__file__).parent / "contexts" / "activitystreams.jsonld").read_text()
)


def name(value: Any) -> str:
    return getattr(value, "name", None) or getattr(value, "language", None) or str(value)


every_kind = pytest.mark.parametrize("kind", KINDS, ids=name)
every_tongue = pytest.mark.parametrize("tongue", TONGUES, ids=name)
both_examples = pytest.mark.parametrize("index", [0, 1])


def scene() -> View:
    return Node({HERE: "Olla La Esperanza"}).view(HERE, URL)


def numbers(record: Record | Part) -> Iterator[Any]:
    """Every number and day that the text must say."""
    for info in fields(type(record)):
        value = getattr(record, info.name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Part):
                yield from numbers(one)
            elif info.declared.said and isinstance(one, NUMBERS) and not isinstance(one, bool):
                yield one


@every_kind
@both_examples
def test_examples_make_a_record_that_survives_the_wire(kind: AnyKind, index: int) -> None:
    record = example(kind.record, index)
    document = json.loads(json.dumps({"id": URL, "type": "Note", **to_wire(record, URL)}))
    assert document["kind"] == kind.name
    assert from_wire(document) == record


@every_kind
@both_examples
def test_what_a_peer_says_besides_changes_nothing(kind: AnyKind, index: int) -> None:
    record = example(kind.record, index)
    document = json.loads(json.dumps(to_wire(record, URL)))
    document["minga:unheard"] = {"of": ["anything"]}
    for inner in ("record", "publishes", "location"):
        if inner in document:
            document[inner]["unheard"] = [{"@id": "x"}, None, 1.5]
    assert from_wire(document) == record


@every_kind
def test_every_field_has_two_examples_and_a_label_in_each_language(kind: AnyKind) -> None:
    for struct in (kind.record, *(info.type for info in fields(kind.record) if _is_part(info.type))):
        for info in fields(struct):
            assert len(info.declared.examples) >= 2, info.name
            assert info.declared.es.strip(), info.name
            assert info.declared.en.strip(), info.name


@every_kind
def test_every_kind_is_also_called_by_a_word_that_is_not_english(kind: AnyKind) -> None:
    words = kind.record.aliases
    assert words
    for word in words:
        assert named(word) is named(word.upper()) is kind


@every_kind
@every_tongue
@both_examples
def test_every_said_number_stands_in_the_text(kind: AnyKind, tongue: Tongue, index: int) -> None:
    record = example(kind.record, index)
    text = to_text(kind.text(record, tongue, scene()))
    for number in numbers(record):
        shown = tongue.show(number)
        assert re.search(rf"(?<![\d.,]){re.escape(shown)}(?![\d]|[.,]\d)", text), (
            f"{shown!r} is not in {text!r}"
        )


@every_kind
@every_tongue
def test_every_said_field_changes_the_text(kind: AnyKind, tongue: Tongue) -> None:
    first, second = example(kind.record, 0), example(kind.record, 1)
    text = kind.text(first, tongue, scene())
    for info in fields(kind.record):
        other = getattr(second, info.name)
        if info.declared.said and other is not None and other != getattr(first, info.name):
            assert kind.text(first.changed(**{info.name: other}), tongue, scene()) != text, info.name


@every_kind
@every_tongue
def test_no_word_of_a_member_becomes_markup(kind: AnyKind, tongue: Tongue) -> None:
    record = example(kind.record, 0)
    for info in fields(kind.record):
        if info.type is str and not info.many and not info.declared.choices:
            record = record.changed(**{info.name: "<script>x</script>"[: info.declared.limit]})
    html = kind.text(record, tongue, scene())
    assert "<script" not in html
    assert to_text(sanitise(html)) == to_text(html)


@every_kind
@every_tongue
def test_hashtags_are_one_word(kind: AnyKind, tongue: Tongue) -> None:
    for tag in kind.hashtags(example(kind.record, 0), tongue):
        assert re.fullmatch(r"\w*[^\W\d]\w*", tag)


@every_kind
@both_examples
def test_every_term_is_defined_in_the_context(kind: AnyKind, index: int) -> None:
    document = to_wire(example(kind.record, index), URL)
    inline = context_for(document)[-1]
    assert isinstance(inline, dict)
    known = inline.keys() | ACTIVITYSTREAMS["@context"].keys() | {"source"}
    assert set(_names(document)) <= known


@every_kind
def test_no_term_of_ours_means_something_in_activitystreams(kind: AnyKind) -> None:
    own = {**PREFIXES, **HEAD, **terms((kind.record,))}
    for term in own.keys() & ACTIVITYSTREAMS["@context"].keys():
        meant, theirs = own[term], ACTIVITYSTREAMS["@context"][term]
        assert meant == (theirs["@id"] if isinstance(theirs, dict) and isinstance(meant, str) else theirs), (
            term
        )


@every_kind
def test_text_that_is_not_in_every_language_is_in_the_members_own(kind: AnyKind) -> None:
    record = example(kind.record, 0)
    said = {kind.text(record, tongue, scene()) for tongue in TONGUES}
    assert (len(said) == len(TONGUES)) is kind.translated


@every_kind
@both_examples
def test_a_deleted_thing_leaves_nothing_of_its_words(kind: AnyKind, index: int) -> None:
    record, view = example(kind.record, index), scene()
    said = heard(Verb.CREATE, record)
    thing = kind.fold(None, said, view)
    assert thing is not None
    assert (thing.id, thing.owner, thing.record, thing.local) == (URL, HERE, record, True)
    gone = kind.fold(thing, replace(said, verb=Verb.DELETE, record=None, document={}), view)
    assert gone is not None
    assert (gone.id, gone.owner, gone.state, gone.record, gone.document) == (URL, HERE, "withdrawn", None, {})


@every_kind
@both_examples
def test_postings_sum_to_zero(kind: AnyKind, index: int) -> None:
    view = scene()
    said = heard(Verb.CREATE, example(kind.record, index))
    thing = kind.fold(None, said, view)
    gone = kind.fold(thing, replace(said, verb=Verb.DELETE, record=None, document={}), view)
    booked = [kind.entry(None, thing, said, view), kind.entry(thing, gone, said, view)]
    for entry in (entry for entry in booked if entry):
        assert kind.public_only
        sums: dict[str, int] = {}
        for _, minor, commodity in entry.postings:
            sums[commodity] = sums.get(commodity, 0) + minor
        assert set(sums.values()) == {0}
    assert (booked[0] is None) == (booked[1] is None), "what was booked is taken back when it is withdrawn"


@every_kind
def test_a_stranger_may_not_change_it(kind: AnyKind) -> None:
    view = scene()
    said = heard(Verb.CREATE, example(kind.record, 0))
    thing = kind.fold(None, said, view)
    stranger = Speaker(actor("extrana"))
    for verb in (Verb.UPDATE, Verb.DELETE, Verb.UNDO):
        with pytest.raises(NotAllowedError) as refused:
            kind.may(stranger, replace(said, verb=verb, actor=stranger.actor), thing, view)
        assert refused.value.field == "owner"


@every_kind
def test_folding_all_that_was_said_again_gives_the_same_state(kind: AnyKind) -> None:
    node = Node({HERE: "Olla La Esperanza"})
    said = heard(Verb.CREATE, example(kind.record, 0))
    node.keep(kind, said, HERE)
    assert node.things[URL].record == said.record
    assert node.replayed() == node.things
    changed = heard(Verb.UPDATE, example(kind.record, 1))
    node.keep(kind, changed, HERE)
    assert node.replayed() == node.things
    node.keep(kind, replace(said, verb=Verb.DELETE, record=None, document={}), HERE)
    assert node.things[URL].state == "withdrawn"
    assert node.replayed() == node.things


@every_kind
def test_a_kind_is_found_by_its_name_and_by_its_word_in_a_note(kind: AnyKind) -> None:
    assert REGISTRY[kind.name] is kind
    assert kind_of({"kind": kind.name}) is kind


def test_a_note_without_kind_is_a_note_and_an_unknown_kind_is_none() -> None:
    assert kind_of({"type": "Note"}) is REGISTRY["note"]
    assert kind_of({"kind": "unheard"}) is None
    assert kind_of({"kind": ["need"]}) is None
    with pytest.raises(SchemaError, match="need"):
        kind("unheard")


def test_only_a_pair_that_one_kind_has_for_itself_names_it() -> None:
    assert kind_of_verb("Offer", "Agreement") is REGISTRY["pledge"]
    assert kind_of_verb("Create", "Note") is None
    assert kind_of_verb("Offer", "Person") is None


# A toy kind takes one struct and one file.


class Toy(Record, frozen=True, kw_only=True):
    """Something to play with."""

    constants: ClassVar = {"record.type": "Toy", "record.id": "{uri}#record"}

    what: Annotated[str, Field(es="juguete", en="toy", examples=("trompo", "volantín"))]
    price: Annotated[Money, Field(es="precio", en="price", examples=(Money(500, "CLP"), Money(800, "CLP")))]


def toy_module() -> ModuleType:
    module = ModuleType("toy")
    module.KIND = Kind(  # type: ignore[attr-defined]
        name="toy",
        record=Toy,
        text=lambda toy, tongue, view: to_html(f"{toy.what}: {tongue.money(toy.price)}", view),
    )
    return module


def test_a_toy_takes_one_struct_and_one_file() -> None:
    toy = gather([toy_module()])["toy"]
    record = Toy(what="trompo", price=Money(500, "CLP"))
    document = to_wire(record, URL)
    assert document == {
        "kind": "toy",
        "record": {
            "type": "Toy",
            "id": f"{URL}#record",
            "what": "trompo",
            "price": {
                "resourceConformsTo": "urn:iso:std:iso:4217:CLP",
                "hasUnit": "one",
                "hasNumericalValue": "500",
            },
        },
    }
    assert from_wire(document) == record
    assert toy.text(record, TONGUES[0], scene()) == "<p>trompo: 500 CLP</p>"
    inline = context_for(document)[-1]
    assert isinstance(inline, dict)
    assert inline["Toy"] == "minga:Toy"
    assert inline["price"] == "minga:price"
    thing = toy.fold(None, heard(Verb.CREATE, record), scene())
    assert thing is not None
    assert (thing.kind, thing.state, thing.record) == ("toy", "open", record)


def test_a_module_without_kind_and_a_kind_that_is_there_already_are_refused() -> None:
    with pytest.raises(RegistryError, match="must define KIND"):
        gather([ModuleType("empty")])
    with pytest.raises(RegistryError, match="there already"):
        gather([toy_module(), toy_module()])
    wrong = toy_module()
    wrong.KIND = replace(wrong.KIND, name="other")  # type: ignore[attr-defined]
    with pytest.raises(RegistryError, match="struct of 'toy'"):
        gather([wrong])
    with pytest.raises(RegistryError, match="both called 'necesidad'"):
        called({"need": REGISTRY["need"], "other": replace(REGISTRY["need"], name="other")})


def heard(verb: Verb, record: Record) -> Heard:
    return Heard(
        id="https://esperanza.example/s/1",
        verb=verb,
        actor=HERE,
        object_id=URL,
        at=NOW,
        record=record,
        document={"id": URL, **to_wire(record, URL)},
        audience=Audience.PUBLIC,
    )


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Part)


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _names(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key == "type":
                yield inner
            yield from _names(inner)
