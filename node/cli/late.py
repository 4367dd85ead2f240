"""Modules that one command needs, loaded when it runs: `minga --help` and `minga status` answer at once."""

import gc
import importlib
from types import ModuleType


def load(name: str) -> ModuleType:
    """A module by its whole name. The collector of cycles rests meanwhile: a module is none, and looking through what was
    already loaded again and again takes a fifth of a start."""
    resting = gc.isenabled()
    gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        if resting:
            gc.enable()
