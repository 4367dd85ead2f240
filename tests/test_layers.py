"""Who may import whom: section 3 of the design as code, and the few laws that keep it true.

When a rule is in the way, the first question is which concept has no name yet. A room that is not in the
table does not exist: name it here first.
"""

import ast
import builtins
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("schemas", "federation", "node")
LONGEST_FILE = 400


@dataclass(frozen=True)
class Room:
    """What a room may import, besides itself and the standard library: rooms or modules of ours, and packages."""

    ours: frozenset[str]
    others: frozenset[str]


def room(ours: str = "", others: str = "") -> Room:
    return Room(frozenset(ours.split()), frozenset(others.split()))


EVERY_ROOM_OF_NODE = "node.errors node.config node.directory node.numbers"
SPEAK = "node.activities node.domain node.storage schemas federation node.tongues"
DOORS = "node.publish node.receive node.relations node.access node.invitations node.dossier node.clients node.collectives node.profile node.attachments node.marks node.moderation node.pantry node.pickups"
READING = f"node.activities node.domain node.storage node.tongues schemas federation {DOORS}"
ANYTHING = "schemas federation node"

ROOMS = {
    "schemas": room(others="msgspec"),
    "federation": room(
        others="starlette httpx httpx_aiohttp aiohttp yarl cryptography msgspec rfc8785 http_sfv"
    ),
    "node": room(),
    "node.__main__": room("node.cli"),
    "node.errors": room(others="msgspec"),
    "node.config": room("federation.limits", "msgspec"),
    "node.directory": room(),
    "node.bodies": room("node.attachments node.tongues", "starlette"),
    "node.backup": room("node.recovery node.storage node.tongues", "msgspec pyrage"),
    "node.keyring": room("federation.interfaces federation.keys federation.errors", "cryptography pyrage"),
    "node.log": room(),
    "node.recovery": room("node.tongues federation", "pyrage mnemonic bech32"),
    "node.tongues": room("schemas", "babel"),
    "node.tlog": room(others="cryptography"),
    "node.domain": room("schemas node.tongues", "nh3 rfc8785"),
    "node.activities": room("node.domain schemas node.tongues"),
    "node.storage": room("node.tlog federation.interfaces", "aiosqlite"),
    "node.speak": room(f"node.account.leaf {SPEAK}", "msgspec"),
    "node.relations": room(f"node.speak {SPEAK}", "msgspec"),
    "node.publish": room(f"node.speak {SPEAK}", "msgspec"),
    "node.receive": room(f"node.relations node.speak {SPEAK}", "msgspec"),
    "node.hosting": room(f"node.recent node.speak {SPEAK}", "msgspec"),
    "node.board": room(f"node.shown node.speak {SPEAK}"),
    "node.news": room(f"node.shown node.speak {SPEAK}"),
    "node.desk": room(f"node.news node.shown node.speak {SPEAK}"),
    "node.stock": room(f"node.board node.speak {SPEAK}"),
    "node.pantry": room(f"node.stock node.publish node.speak {SPEAK}"),
    "node.pickups": room(f"node.pantry node.publish node.speak {SPEAK}"),
    "node.demo": room("node.control.client node.founding node.config", "rich"),
    "node.access": room("node.domain node.storage node.tongues", "argon2"),
    "node.invitations": room("node.access node.storage node.tongues"),
    "node.moderation": room("node.relations node.domain node.storage node.tongues"),
    "node.dossier": room("node.access node.storage"),
    "node.profile": room(f"node.keyring node.speak node.tlog {SPEAK}"),
    "node.collectives": room(f"node.keyring node.profile node.speak {SPEAK}", "msgspec pyrage"),
    "node.clients": room("node.access node.domain node.storage node.tongues"),
    "node.attachments": room("node.domain node.remade node.storage node.tongues federation"),
    "node.picture": room("node.remade", "PIL msgspec"),
    "node.remade": room(others="msgspec"),
    "node.numbers": room(others="starlette"),
    "node.rates": room(),
    "node.recent": room(),
    "node.marks": room("node.storage node.tongues"),
    "node.account": room(
        "node.bodies node.tlog node.domain node.storage node.account.leaf node.tongues federation",
        "starlette cryptography",
    ),
    "node.account.leaf": room("node.domain federation.jcs federation.errors"),
    "node.statement": room("node.domain node.tongues schemas", "ofxtools pycamt lxml"),
    "node.archive": room("node.storage", "cryptography pyrage"),
    "node.verify": room(
        "node.tlog node.tongues node.domain node.activities node.account.leaf schemas federation",
        "httpx cryptography",
    ),
    "node.shown": room("node.domain node.remade node.speak node.storage"),
    "node.doors": room(f"node.account node.keyring node.storage node.tongues {DOORS}"),
    "node.feeds": room(
        "node.doors node.board node.shown node.speak node.activities node.domain node.storage node.tongues schemas",
        "starlette msgspec icalendar",
    ),
    "node.web": room(
        f"node.doors node.bodies node.archive node.account node.rates node.recent node.remade node.shown node.board node.news node.desk node.stock node.speak {READING}",
        "starlette jinja2 segno multipart python_multipart markdown_it",
    ),
    "node.api": room(f"node.doors node.bodies node.rates node.speak {READING}", "starlette msgspec"),
    "node.workers": room("node.publish node.receive node.account node.storage federation"),
    # Commands reach the doors through `Doors`; what they only read comes from `shown` and storage.
    "node.control": room(
        f"node node.doors node.stock node.shown node.recovery node.keyring node.app node.fsck node.backup node.speak node.account node.tlog {READING}",
        "msgspec",
    ),
    "node.fsck": room("node.directory node.speak node.storage"),
    "node.founding": room("node.app node.recovery"),
    "node.app": room(ANYTHING, "starlette uvicorn"),
    "node.cli": room(ANYTHING, "uvicorn uvloop click"),
}
WRITERS = f"node.storage node.app node.workers node.account node.archive node.cli {DOORS}".split()
PURE = ("node.domain", "node.activities", "node.tlog")
IMPURE = frozenset(
    {
        "time",
        "random",
        "secrets",
        "uuid",
        "os",
        "pathlib",
        "io",
        "socket",
        "ssl",
        "subprocess",
        "sqlite3",
        "asyncio",
    }
)
CLOCKS = re.compile(r"(date|datetime)\.(now|utcnow|today)")
LIBRARIES = ("schemas", "federation", "node.tlog", "node.domain", "node")  # longest name first


@dataclass(frozen=True)
class Import:
    """One imported module, as resolved as the files allow: `from federation import jcs` is `federation.jcs`."""

    target: str
    line: int
    inside_function: bool
    for_types_only: bool


@dataclass(frozen=True)
class Module:
    """One file of ours."""

    name: str
    path: Path
    known: frozenset[str]

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(), self.path.name)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(self._walk(self.tree, inside_function=False, for_types_only=False))

    def _walk(self, node: ast.AST, *, inside_function: bool, for_types_only: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                for target in self._targets(child):
                    yield Import(target, child.lineno, inside_function, for_types_only)
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                yield from self._walk(child, inside_function=inside_function, for_types_only=True)
            else:
                within = inside_function or isinstance(
                    child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
                )
                yield from self._walk(child, inside_function=within, for_types_only=for_types_only)

    def _targets(self, statement: ast.Import | ast.ImportFrom) -> list[str]:
        if isinstance(statement, ast.Import):
            return [alias.name for alias in statement.names]
        base = statement.module or ""
        if statement.level:
            package = self.name.split(".") + ["__init__"] * (self.path.name == "__init__.py")
            base = ".".join(filter(None, [*package[: -statement.level], base]))
        inner = [f"{base}.{alias.name}" for alias in statement.names]
        return sorted({name if name in self.known else base for name in inner})


def modules(root: Path) -> list[Module]:
    """Every file of the three packages below a directory."""
    paths = [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]
    names = {path: _name(path.relative_to(root)) for path in paths}
    known = frozenset(names.values())
    return [Module(name, path, known) for path, name in names.items()]


@cache
def ours() -> list[Module]:
    """Every file of this checkout, read once for all laws."""
    return modules(ROOT)


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_within(name: str, place: str) -> bool:
    return name == place or name.startswith(f"{place}.")


def room_of(name: str) -> str:
    """The room with the longest name that holds this module. `node` holds nothing but itself."""
    places = [place for place in ROOMS if is_within(name, place)]
    longest = max(places, key=len)
    return longest if longest != "node" or name == "node" else ""


def outside_the_table(house: list[Module]) -> Iterator[str]:
    """Imports that the table does not allow, and files that stand in no room."""
    for module in house:
        place = room_of(module.name)
        if not place:
            yield f"{module.name}: stands in no room of the table"
            continue
        for imported in module.imports:
            top = imported.target.partition(".")[0]
            if top in PACKAGES and not _may_import(place, imported.target):
                yield f"{module.name}:{imported.line} imports {imported.target}"
            elif top not in PACKAGES and top not in sys.stdlib_module_names | ROOMS[place].others:
                yield f"{module.name}:{imported.line} imports {top}, a package for other rooms"


def _may_import(place: str, target: str) -> bool:
    allowed = ROOMS[place].ours | ({*EVERY_ROOM_OF_NODE.split()} if is_within(place, "node") else set())
    inner = room_of(target)
    if inner == place or "node" in allowed:
        return True
    return any(is_within(target, name) and inner == room_of(name) for name in allowed)


def kinds_importing_kinds(house: list[Module]) -> Iterator[str]:
    """No kind of published thing knows another; the registry in `__init__` may know all."""
    for module in house:
        if is_within(module.name, "node.activities") and module.path.name != "__init__.py":
            for imported in module.imports:
                if is_within(imported.target, "node.activities"):
                    yield f"{module.name}:{imported.line} imports {imported.target}"


def imports_inside_functions(house: list[Module]) -> Iterator[str]:
    for module in house:
        for imported in module.imports:
            if imported.inside_function and not imported.for_types_only:
                yield f"{module.name}:{imported.line} imports {imported.target} inside a function"


def cycles(house: list[Module]) -> Iterator[str]:
    """Modules that import each other in a ring, types apart."""
    ahead = {
        module.name: {i.target for i in module.imports if not i.for_types_only} & module.known
        for module in house
    }
    done: set[str] = set()

    def visit(name: str, trail: list[str]) -> Iterator[str]:
        if name in trail:
            yield " → ".join([*trail[trail.index(name) :], name])
        elif name not in done:
            for target in sorted(ahead[name]):
                yield from visit(target, [*trail, name])
            done.add(name)

    for name in sorted(ahead):
        yield from visit(name, [])


def writers_where_none_may_be(house: list[Module]) -> Iterator[str]:
    """`Writer` is named only where writing is allowed: pages and the client API write through the doors."""
    for module in house:
        if any(is_within(module.name, place) for place in WRITERS):
            continue
        for node in ast.walk(module.tree):
            named = {getattr(node, "id", None), getattr(node, "attr", None)}
            if isinstance(node, ast.alias):
                named = {node.name}
            if "Writer" in named:
                yield f"{module.name}:{getattr(node, 'lineno', 0)} names Writer"


def clocks_and_chance(house: list[Module]) -> Iterator[str]:
    """Reckoning is pure: time, chance, disk and network come in by arguments."""
    for module in house:
        if not any(is_within(module.name, place) for place in PURE):
            continue
        for imported in module.imports:
            if imported.target.partition(".")[0] in IMPURE:
                yield f"{module.name}:{imported.line} imports {imported.target}"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and CLOCKS.search(ast.unparse(node)):
                yield f"{module.name}:{node.lineno} reads a clock: {ast.unparse(node)}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
                yield f"{module.name}:{node.lineno} opens a file"


def long_files(house: list[Module]) -> Iterator[str]:
    for module in house:
        lines = len(module.path.read_text().splitlines())
        if lines > LONGEST_FILE:
            yield f"{module.name}: {lines} lines hold more than one concept"


def second_trees_of_errors(house: list[Module]) -> Iterator[str]:
    """One base error a library: whoever catches it has caught all that the library says can go wrong."""
    roots: dict[str, list[str]] = {library: [] for library in LIBRARIES}
    for module in house:
        library = next(name for name in LIBRARIES if is_within(module.name, name))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and node.bases and all(map(_is_builtin_error, node.bases)):
                roots[library].append(f"{module.name}.{node.name}")
    yield from (
        f"{library} has {len(found)} base errors: {found}" for library, found in roots.items() if found[1:]
    )


def _is_builtin_error(base: ast.expr) -> bool:
    found = getattr(builtins, base.id, None) if isinstance(base, ast.Name) else None
    return isinstance(found, type) and issubclass(found, BaseException)


LAWS = (
    outside_the_table,
    kinds_importing_kinds,
    imports_inside_functions,
    cycles,
    writers_where_none_may_be,
    clocks_and_chance,
    long_files,
    second_trees_of_errors,
)
Law = Callable[[list[Module]], Iterator[str]]


@pytest.mark.parametrize("law", LAWS)
def test_the_house_keeps(law: Law) -> None:
    assert list(law(ours())) == []


BROKEN = [
    (outside_the_table, {"federation/inbox.py": "from node.errors import NodeError"}, "imports node.errors"),
    (outside_the_table, {"schemas/need.py": "import httpx"}, "imports httpx"),
    (outside_the_table, {"node/storage/posts.py": "from federation import cavage", "federation/cavage.py": ""}, "cavage"),
    (outside_the_table, {"node/web/fund.py": "from node.account.leaf import canonical", "node/account/leaf.py": ""}, "leaf"),
    (outside_the_table, {"node/helpers.py": ""}, "stands in no room"),
    (outside_the_table, {"node/domain/kind.py": "from ..storage import posts", "node/storage/posts.py": ""}, "storage.posts"),
    (kinds_importing_kinds, {"node/activities/need.py": "from .note import KIND", "node/activities/note.py": ""}, "note"),
    (imports_inside_functions, {"node/speak.py": "def f():\n    if x:\n        import json"}, "imports json"),
    (cycles, {"schemas/a.py": "from . import b", "schemas/b.py": "import schemas.a"}, "schemas.a → schemas.b → schemas.a"),
    (writers_where_none_may_be, {"node/web/forms.py": "from node.storage.database import Writer"}, "names Writer"),
    (writers_where_none_may_be, {"node/api/apps.py": "def f(w: database.Writer): ..."}, "names Writer"),
    (clocks_and_chance, {"node/domain/stock.py": "from datetime import datetime\nx = datetime.now()"}, "reads a clock"),
    (clocks_and_chance, {"node/tlog/note.py": "import random"}, "imports random"),
    (clocks_and_chance, {"node/activities/need.py": "x = open('y')"}, "opens a file"),
    (long_files, {"federation/inbox.py": "\n" * 401}, "401 lines"),
    (second_trees_of_errors, {"schemas/a.py": "class A(Exception): ...\nclass B(ValueError): ..."}, "2 base errors"),
]  # fmt: skip


@pytest.mark.parametrize(("law", "files", "said"), BROKEN)
def test_what_breaks_a_law_is_named(law: Law, files: dict[str, str], said: str, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    broken = list(law(modules(tmp_path)))
    assert len(broken) == 1
    assert said in broken[0]


ALLOWED = {
    "node/domain/kind.py": "from typing import TYPE_CHECKING\nfrom datetime import time\nimport schemas.need\nfrom node.errors import NodeError",
    "node/errors.py": "class NodeError(Exception): ...\nclass Small(NodeError, KeyError): ...",
    "node/storage/posts.py": "from federation.interfaces import Sender\nfrom . import database",
    "node/storage/database.py": "import aiosqlite\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import posts",
    "node/cli/serve.py": "import node.app\nimport click\nfrom node.storage.database import Writer",
    "federation/interfaces.py": "",
    "schemas/need.py": "import msgspec",
    "node/app.py": "",
}  # fmt: skip


@pytest.mark.parametrize("law", LAWS)
def test_what_keeps_the_laws_is_left_alone(law: Law, tmp_path: Path) -> None:
    for name, text in ALLOWED.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert list(law(modules(tmp_path))) == []
