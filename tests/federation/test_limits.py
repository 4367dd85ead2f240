import msgspec
import pytest

from federation.limits import Limits


def test_every_budget_explains_itself() -> None:
    fields = msgspec.json.schema(Limits)["$defs"]["Limits"]["properties"]
    assert fields
    assert all(field.get("description") for field in fields.values())


def test_a_budget_of_nothing_or_of_an_unknown_name_is_refused() -> None:
    for wrong in ({"body_bytes": 0}, {"body_byte": 5}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, Limits)
