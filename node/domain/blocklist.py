"""Lists of blocked servers in the form that Mastodon exports: read with an error for each line that does not read, and written.

    #domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate

A list without that first line has its columns in this order, and may be one domain a line. Severity `suspend` is a block, `silence` a limit, `noop` neither: from
any of them pictures and reports may be refused, and from a blocked server everything is.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address

from node.tongues import message

HEADER = ("#domain", "#severity", "#reject_media", "#reject_reports", "#public_comment", "#obfuscate")
LINES = 5000
"""Lines of one list at most."""
BLOCK, LIMIT, NOTHING = "suspend", "silence", "noop"
COMMENT_CHARS = 500
_YES = ("true", "t", "1", "yes")

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{4,253}}\Z)(?:(?:{_LABEL}\.)+{_LABEL}|localhost(?=:))(?::[0-9]{{1,5}})?")
_ADDRESS = re.compile(r"(?P<open>\[)?(?P<address>[0-9a-f:.]+:[0-9a-f:.]*)(?(open)\](?P<port>:[0-9]{1,5})?)")
_DEFAULT_PORT = re.compile(r"\.?:(?:443|80)\Z")


@dataclass(frozen=True, slots=True)
class Listed:
    """One server of a list: what is to be done with it, and why; whether its pictures and its reports are refused, and whether a
    part of its name is hidden where the list is shown."""

    host: str
    severity: str
    comment: str = ""
    media: bool = False
    reports: bool = False
    obfuscate: bool = False

    @property
    def refuses(self) -> bool:
        """Whether something of a server is refused that is not blocked."""
        return self.severity != BLOCK and (self.media or self.reports)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that does not read: its number, what stands there, and a message id that says what was expected."""

    line: int
    text: str
    expected: str


def host(typed: str) -> str:
    """The name or IPv6 address of a server in the one form in which it is stored; "" where it is none."""
    plain = typed.strip().lower().removeprefix("https://").removeprefix("http://").strip("/")
    if (found := _ADDRESS.fullmatch(plain)) and (address := _address(found["address"])):
        return _DEFAULT_PORT.sub("", f"[{address}]{found['port'] or ''}")
    plain = _DEFAULT_PORT.sub("", plain).rstrip(".")
    if not plain.isascii():
        try:
            plain = plain.encode("idna").decode()
        except UnicodeError:
            return ""
    return plain if _HOST.fullmatch(plain) else ""


def _address(typed: str) -> str:
    try:
        return IPv6Address(typed).compressed
    except AddressValueError:
        return ""


def read(text: str) -> tuple[list[Listed], list[Wrong]]:
    """The servers of a list, each once, and the lines that do not read."""
    columns: Mapping[str, int] = {name.lstrip("#"): index for index, name in enumerate(HEADER)}
    listed: dict[str, Listed] = {}
    wrong: list[Wrong] = []
    for number, row in enumerate(_rows(text), start=1):
        first = row[0].strip().lstrip("\ufeff") if row else ""
        if not any(cell.strip() for cell in row):
            continue
        if number == 1 and first.lstrip("#").lower() == "domain":
            columns = {cell.strip().lstrip("\ufeff#").lower(): index for index, cell in enumerate(row)}
            continue
        if first.startswith("#"):
            continue
        if number > LINES:
            wrong.append(Wrong(number, "", message("at most 5000 lines; divide the list")))
            break
        found = _line(row, columns)
        if isinstance(found, str):
            wrong.append(Wrong(number, ",".join(row)[:100], found))
        else:
            listed[found.host] = found
    return list(listed.values()), wrong


def _rows(text: str) -> Iterable[list[str]]:
    """Rows of the file; what breaks the form of CSV is one row that does not read."""
    lines = text.replace("\0", "\ufffd").splitlines()
    for line in lines:
        try:
            yield next(csv.reader([line], strict=True), [])
        except csv.Error:
            yield [line]


def _line(row: list[str], columns: Mapping[str, int]) -> Listed | str:
    def cell(name: str) -> str:
        index = columns.get(name)
        return row[index].strip() if index is not None and index < len(row) else ""

    domain = cell("domain")
    if "*" in domain:
        return message("the whole name: stars hide a part of it")
    if not (name := host(domain)):
        return message("the name of a server, like example.org")
    severity = cell("severity").lower() or BLOCK
    if severity not in (BLOCK, LIMIT, NOTHING):
        return message("suspend, silence or noop")
    media, reports, obfuscate = (
        cell(name).lower() in _YES for name in ("reject_media", "reject_reports", "obfuscate")
    )
    comment = " ".join(cell("public_comment").split())[:COMMENT_CHARS]
    return Listed(
        name, severity, comment, media or severity == BLOCK, reports or severity == BLOCK, obfuscate
    )


class _Lines(list[str]):
    """What a writer of CSV writes into."""

    def write(self, line: str) -> None:
        self.append(line)


def write(listed: Iterable[Listed]) -> str:
    """A list as Mastodon exports it. A comment never becomes a formula in a program for tables."""
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(HEADER)
    for each in listed:
        comment = f"'{each.comment}" if each.comment[:1] in ("=", "+", "-", "@") else each.comment
        media, reports, obfuscate = (str(said).lower() for said in (each.media, each.reports, each.obfuscate))
        writer.writerow((each.host, each.severity, media, reports, comment, obfuscate))
    return "".join(lines)
