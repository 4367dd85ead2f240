"""The inline context: exactly the terms that an object uses, none of them fetched."""

from schemas import Quantity, Unit, Uri, context_for, to_wire
from schemas.need import Need
from schemas.note import Note
from schemas.pledge import Pledge

URL = "https://esperanza.example/o/1"


def test_the_context_of_a_need_is_the_one_agreed() -> None:
    amount = Quantity.of(40, Unit.KILOGRAM)
    need = Need(
        what="lentejas",
        good=Uri("https://w3id.org/minga/ns#Lentils"),
        quantity=amount,
        available=amount,
        minimum=amount,
        place="Lima",
    )
    document = {"tag": [{"type": "Hashtag", "name": "#x"}], "contentMap": {"es": "…"}, **to_wire(need, URL)}
    context = context_for(document)
    assert context == [
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/data-integrity/v2",
        {
            "vf": "https://w3id.org/valueflows/ont/vf#",
            "om2": "http://www.ontology-of-units-of-measure.org/resource/om-2/",
            "minga": "https://w3id.org/minga/ns#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
            "kind": "minga:kind",
            "record": "minga:record",
            "proposal": {"@id": "minga:proposal", "@type": "@id"},
            "Hashtag": "as:Hashtag",
            "Intent": "vf:Intent",
            "purpose": "vf:purpose",
            "publishes": "vf:publishes",
            "action": "vf:action",
            "resourceConformsTo": {"@id": "vf:resourceConformsTo", "@type": "@id"},
            "resourceQuantity": "vf:resourceQuantity",
            "availableQuantity": "vf:availableQuantity",
            "minimumQuantity": "vf:minimumQuantity",
            "hasUnit": "om2:hasUnit",
            "hasNumericalValue": "om2:hasNumericalValue",
        },
    ]
    assert isinstance(context[2], dict)
    assert list(context[2])[:8] == ["vf", "om2", "minga", "xsd", "kind", "record", "proposal", "Hashtag"]


def test_a_note_defines_only_what_it_uses() -> None:
    plain = context_for(to_wire(Note(text="hola"), URL))
    assert plain[2] == {"minga": "https://w3id.org/minga/ns#", "kind": "minga:kind"}
    warned = context_for(to_wire(Note(text="hola", sensitive=True), URL))
    assert isinstance(warned[2], dict)
    assert warned[2]["sensitive"] == "as:sensitive"
    assert context_for({"type": "Follow", "object": "https://a.example/c/a"}) == plain[:2]


def test_words_inside_texts_and_proofs_define_nothing() -> None:
    document = {
        "contentMap": {"kind": "x"},
        "proof": {"type": "Commitment"},
        "content": "publishes",
        "@context": {"kind": 1},
    }
    assert len(context_for(document)) == 2


def test_an_agreement_defines_its_words() -> None:
    commitment = to_wire(Pledge(need=Uri(URL), quantity=Quantity.of(1, Unit.ONE)), URL)["record"]
    inline = context_for({"object": {"type": "Agreement", "stipulates": commitment}})[2]
    assert isinstance(inline, dict)
    assert {"Agreement", "stipulates", "Commitment", "satisfies", "resourceQuantity"} <= inline.keys()
    assert inline["satisfies"] == {"@id": "vf:satisfies", "@type": "@id"}
