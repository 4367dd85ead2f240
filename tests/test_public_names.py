"""The doors of the two libraries: what they show is what they promise, and nothing slips out by accident."""

import importlib
from types import ModuleType

import pytest


@pytest.mark.parametrize("library", ["federation", "schemas"])
def test_the_door_shows_exactly_what_it_lists(library: str) -> None:
    door = importlib.import_module(library)
    listed = list(getattr(door, "__all__", []))
    shown = {
        name for name, value in vars(door).items() if name[0] != "_" and not isinstance(value, ModuleType)
    }
    assert len(listed) == len(set(listed)), "a name is listed twice"
    assert shown - set(listed) == set(), "shown and not listed in __all__"
    assert [name for name in listed if not hasattr(door, name)] == [], "listed and not there"
