"""The `@context` of what we send: the ActivityStreams and proof contexts by URL, every other term inline.

A peer never has to fetch a context of ours, and no term of ours means something else in ActivityStreams.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from schemas.parts import Uri
from schemas.record import Part, Record, Struct, fields, records

ACTIVITYSTREAMS = "https://www.w3.org/ns/activitystreams"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"

PREFIXES = {
    "vf": "https://w3id.org/valueflows/ont/vf#",
    "om2": "http://www.ontology-of-units-of-measure.org/resource/om-2/",
    "minga": "https://w3id.org/minga/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

Term = str | dict[str, str]


def _by_id(iri: str) -> Term:
    return {"@id": iri, "@type": "@id"}


HEAD: dict[str, Term] = {"kind": "minga:kind", "record": "minga:record", "proposal": _by_id("minga:proposal")}
"""Terms that every typed Note defines."""

BORROWED: dict[str, Term] = {
    "Hashtag": "as:Hashtag",
    "sensitive": "as:sensitive",
    "blurhash": "http://joinmastodon.org/ns#blurhash",
    "focalPoint": {"@id": "http://joinmastodon.org/ns#focalPoint", "@container": "@list"},
    "Proposal": "vf:Proposal",
    "Intent": "vf:Intent",
    "Agreement": "vf:Agreement",
    "Commitment": "vf:Commitment",
    "EconomicEvent": "vf:EconomicEvent",
    "Process": "vf:Process",
    "purpose": "vf:purpose",
    "publishes": "vf:publishes",
    "reciprocal": "vf:reciprocal",
    "stipulates": "vf:stipulates",
    "satisfies": _by_id("vf:satisfies"),
    "fulfills": _by_id("vf:fulfills"),
    "provider": _by_id("vf:provider"),
    "receiver": _by_id("vf:receiver"),
    "action": "vf:action",
    "due": "vf:due",
    "note": "vf:note",
    "resourceConformsTo": _by_id("vf:resourceConformsTo"),
    "resourceQuantity": "vf:resourceQuantity",
    "availableQuantity": "vf:availableQuantity",
    "minimumQuantity": "vf:minimumQuantity",
    "hasUnit": "om2:hasUnit",
    "hasNumericalValue": "om2:hasNumericalValue",
}
"""Words of others, in the order in which they are written down."""

ACTIVITYSTREAMS_TERMS = frozenset(
    [
        "Place",
        "attributedTo",
        "content",
        "contentMap",
        "context",
        "endTime",
        "id",
        "inReplyTo",
        "location",
        "mediaType",
        "name",
        "source",
        "summary",
        "type",
    ]
)
"""Terms of ActivityStreams at which our fields stand; its own context defines them."""


def context_for(document: Any) -> list[str | dict[str, Term]]:
    """The `@context` of a document: the terms that it uses, in a fixed order."""
    used = set(_words(document))
    known = terms(tuple(records().values()))
    own = {name: term for name, term in known.items() if name in used}
    if not own.keys() <= {"Hashtag", "sensitive", "blurhash", "focalPoint"}:
        return [ACTIVITYSTREAMS, DATA_INTEGRITY, {**PREFIXES, **HEAD, **own}]
    if "kind" in used:
        own = {"minga": PREFIXES["minga"], "kind": HEAD["kind"], **own}
    return [ACTIVITYSTREAMS, DATA_INTEGRITY, own] if own else [ACTIVITYSTREAMS, DATA_INTEGRITY]


@cache
def terms(structs: tuple[type[Record], ...]) -> dict[str, Term]:
    """Every term of these records besides HEAD and ActivityStreams' own, by name."""
    known = dict(BORROWED)
    for struct in structs:
        for name, term in _declared(struct):
            known.setdefault(name, term)
    return {
        name: term for name, term in known.items() if name not in HEAD and name not in ACTIVITYSTREAMS_TERMS
    }


def _declared(struct: Struct) -> Iterator[tuple[str, Term]]:
    """The terms of a struct's fields, of its parts and of its constants."""
    for info in fields(struct):
        *parents, last = info.path.split(".")
        for parent in parents:
            yield parent, f"minga:{parent}"
        iri = info.declared.term or f"minga:{last}"
        yield last, _by_id(iri) if info.type is Uri else iri
        if isinstance(info.type, type) and issubclass(info.type, Part):
            yield from _declared(info.type)
    if issubclass(struct, Record):
        for path, constant in struct.constants.items():
            last = path.rsplit(".", 1)[-1]
            yield (constant, f"minga:{constant}") if last == "type" else (last, f"minga:{last}")


def _words(value: Any) -> Iterator[str]:
    """Every property name and every type in a document, except inside its own contexts and language maps."""
    if isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name in ("@context", "contentMap", "proof"):
                continue
            yield name
            if name == "type" and isinstance(inner, str):
                yield inner
            yield from _words(inner)
