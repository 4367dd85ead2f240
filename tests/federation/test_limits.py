import re
from pathlib import Path

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


def test_every_budget_is_kept_by_somebody() -> None:
    root = Path(__file__).parents[2]
    sources = [*root.glob("federation/**/*.py"), *root.glob("node/**/*.py")]
    code = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    unread = [name for name in Limits.__struct_fields__ if not re.search(rf"limits\.{name}\b", code)]
    assert unread == []
