"""Regular expressions that are compiled by the first text they look through.

The words of cooks fill a hundred long ones: compiled at every start they would cost a fifth of it, and most commands read nothing.
"""

import re
from typing import Any, cast


class _Late:
    """A pattern that takes the methods of what it compiles to as each is first asked for."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags
        self._compiled: re.Pattern[str] | None = None

    def __getattr__(self, name: str) -> Any:
        if self._compiled is None:
            self._compiled = re.compile(self.pattern, self._flags)
        found = getattr(self._compiled, name)
        setattr(self, name, found)
        return found


def expression(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, for use by its methods; one that is no expression is refused at its first use."""
    return cast("re.Pattern[str]", _Late(pattern, flags))
