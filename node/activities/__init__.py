"""The registry: what this node can say and understand, one module a kind.

Every module here must define `KIND`; two of one name are refused when the program starts. Nothing else lists the kinds.
"""

import pkgutil
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from node.domain.kind import AnyKind, Kind
from node.errors import NodeError
from schemas import Record, UnknownKindError, fields


class RegistryError(NodeError):
    """A module of kinds that breaks the contract; found at the start, never later."""


def gather(modules: Iterable[Any]) -> Mapping[str, AnyKind]:
    """The kinds that these modules define, by name; RegistryError where one has none or a name or alias comes twice."""
    kinds: dict[str, AnyKind] = {}
    for module in modules:
        kind = getattr(module, "KIND", None)
        if not isinstance(kind, Kind):
            raise RegistryError(f"{module.__name__} must define KIND")
        if kind.name in kinds:
            raise RegistryError(f"{module.__name__}: the kind {kind.name!r} is there already")
        if kind.name != kind.record.kind():
            raise RegistryError(
                f"{module.__name__}: the kind {kind.name!r} has the struct of {kind.record.kind()!r}"
            )
        struct: type[Record] = kind.record
        fields(struct)
        kinds[kind.name] = kind
    called(kinds)
    return MappingProxyType(kinds)


def called(kinds: Mapping[str, AnyKind]) -> Mapping[str, AnyKind]:
    """The kinds by every word that people may type for them; RegistryError where two have the same."""
    words: dict[str, AnyKind] = {}
    for kind in kinds.values():
        for word in (kind.name, *kind.record.aliases):
            if word in words:
                raise RegistryError(
                    f"the kinds {words[word].name!r} and {kind.name!r} are both called {word!r}"
                )
            words[word] = kind
    return words


REGISTRY = gather(import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))

_CALLED = called(REGISTRY)


def named(word: str) -> AnyKind | None:
    """The kind that people mean by a word: its name, or an alias of it."""
    return _CALLED.get(word.strip().casefold())


def kind(name: str) -> AnyKind:
    """The kind of this name; UnknownKindError lists the known ones."""
    try:
        return REGISTRY[name]
    except KeyError:
        raise UnknownKindError(
            "kind", "one of these kinds: {known}", known=", ".join(sorted(REGISTRY))
        ) from None


def kind_of(document: Mapping[str, Any]) -> AnyKind | None:
    """The kind of a Note by its `kind`; one without is a `note`; None for a kind that is not known here."""
    named = document.get("kind", "note")
    return REGISTRY.get(named) if isinstance(named, str) else None


def kind_of_verb(activity_type: str, object_type: str) -> AnyKind | None:
    """The kind that alone travels as this pair of types (`Offer`, `Agreement`); None for pairs that several share."""
    found = [kind for kind in REGISTRY.values() if (activity_type, object_type) in kind.verbs]
    return found[0] if len(found) == 1 else None


def roles(kind: str) -> frozenset[str]:
    """Which members may say a kind, and so approve it; none of what is not known."""
    found = named(kind)
    return frozenset() if found is None else found.roles
