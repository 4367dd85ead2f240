"""Every setting of a node, declared once: its type, default, help; from it come `minga.toml`, flags and environment.

`minga.toml` in the data directory is read first, then `MINGA_` variables (`federation.secure_mode` is
`MINGA_FEDERATION_SECURE_MODE`), then flags. An unknown key is refused, because a misspelt safeguard is none.
"""

import difflib
import tomllib
import typing
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from federation.limits import Limits
from node.directory import SETTINGS
from node.errors import SetupError

SOCKET = "unix"
"""Among the trusted proxies: whoever reaches the Unix socket."""

_SEVERAL = "where several collectives are hosted, [giving] counts for none: each has one like [giving.fondo]"
_EVERY = "deploy/minga.toml.example has every setting."
_HOLDER_CHARS = 70
_PROXIES = ("socks5", "socks5h", "http", "https")


def _help(text: str) -> Meta:
    return Meta(description=text)


class RelationSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may follow."""

    approve: Annotated[bool, _help("every follow waits until a steward approves it")] = False


class FederationSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How this node meets others."""

    allow_networks: Annotated[
        tuple[str, ...],
        _help("private networks that may be connected to, for a trial on one machine, like ['127.0.0.1/32']"),
    ] = ()
    secure_mode: Annotated[
        bool, _help("answer other servers only when they sign; what a public account rests on stays open")
    ] = False
    proxy: Annotated[
        str,
        _help(
            "proxy for all outgoing connections, like socks5://127.0.0.1:9050; it must refuse private addresses itself, as Tor does"
        ),
    ] = ""
    onion_proxy: Annotated[
        str, _help("proxy for .onion peers only; without it (or `proxy`) they are not reached at all")
    ] = ""
    delivery_jitter_seconds: Annotated[
        float,
        Meta(ge=0, le=3600, description="wait up to so long before each delivery, so that times say less"),
    ] = 0.0

    def __post_init__(self) -> None:
        for network in self.allow_networks:
            ip_network(network)
        for proxy in (self.proxy, self.onion_proxy):
            if proxy and (urlsplit(proxy).scheme not in _PROXIES or not urlsplit(proxy).hostname):
                raise ValueError(f"a proxy is written like socks5://127.0.0.1:9050, not {proxy!r}")


class GivingSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How people give to a collective, where it has an account of a bank. Shown on its page; no card is ever taken."""

    details: Annotated[
        tuple[str, ...],
        _help("lines of the bank details, as people copy them, like ['Banco Estado', 'Cuenta vista 123456']"),
    ] = ()
    contact: Annotated[str, _help("how to give by hand or otherwise, in a sentence")] = ""
    holder: Annotated[str, _help("whose account it is, as the bank writes it; for transfers by IBAN")] = ""
    iban: Annotated[
        str, _help("IBAN, only where gifts can come by SEPA: the page then has a payto: link and an EPC QR")
    ] = ""
    bic: Annotated[str, _help("BIC of that bank; may be empty inside the European Economic Area")] = ""

    def __post_init__(self) -> None:
        if self.iban and not is_iban(self.iban):
            raise ValueError(f"{self.iban!r} is no IBAN: its check digits do not fit")
        if self.iban and not 0 < len(self.holder) <= _HOLDER_CHARS:
            raise ValueError(f"an IBAN needs its holder, of at most {_HOLDER_CHARS} characters")


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a node runs with. Built once at the start and handed down; nothing reads settings elsewhere."""

    origin: Annotated[str, _help("the address of this node; every id begins with it, so it can never change")]
    bind: Annotated[str, _help("HOST:PORT to listen on; a proxy in front brings the certificate")] = (
        "127.0.0.1:8000"
    )
    unix: Annotated[str, _help("path of a Unix socket to listen on instead; empty: none")] = ""
    trusted_proxies: Annotated[
        tuple[str, ...],
        _help(
            "whose X-Forwarded-For says who asks, so that those behind a proxy do not share one budget of requests: networks, like ['127.0.0.1/32'], or 'unix' for whoever reaches the socket"
        ),
    ] = ()
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], _help("how much is written to the log, on stderr")
    ] = "info"
    text_chars: Annotated[
        int, Meta(ge=100, le=100_000, description="longest text of a post, in characters")
    ] = 5000
    media_origin: Annotated[
        str,
        _help(
            "another address of this node for pictures alone, like https://media.olla.example; empty: none"
        ),
    ] = ""
    api_rate: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="how many times the usual 300 requests in five minutes an app may make",
        ),
    ] = 1
    relations: RelationSettings = RelationSettings()
    giving: GivingSettings = GivingSettings()
    giving_to: dict[str, GivingSettings] = {}  # by handle: `[giving.HANDLE]`
    federation: FederationSettings = FederationSettings()
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        if self.origin != normal_origin(self.origin):
            raise ValueError(f"origin is written {normal_origin(self.origin)}")
        if self.media_origin and self.media_origin != normal_origin(self.media_origin):
            raise ValueError(f"media_origin is written {normal_origin(self.media_origin)}")
        for network in self.trusted_proxies:
            if network != SOCKET:
                ip_network(network)
        address(self.bind)

    def giving_of(self, handle: str, hosted: int) -> GivingSettings:
        """How people give to one of the `hosted` collectives. A plain `[giving]` is of the only one: none shows another's account."""
        return self.giving_to.get(handle) or (self.giving if hosted == 1 else GivingSettings())

    def misspelt(self, handles: Iterable[str]) -> list[str]:
        """A warning for each `[giving.HANDLE]` of nobody here: its details would stay unseen."""
        return [
            f"[giving.{handle}] in {SETTINGS} is of no collective here: nobody sees how to give to it."
            for handle in sorted(self.giving_to.keys() - set(handles))
        ]

    @property
    def host(self) -> str:
        """Host and port as they stand in handles: `olla.example`, `127.0.0.1:8000`."""
        return urlsplit(self.origin).netloc

    @property
    def media(self) -> str:
        """The address below which pictures are served."""
        return f"{self.media_origin or self.origin}/media"

    @property
    def trial(self) -> bool:
        """Whether this node can only be met on this machine: nobody else will ever know its addresses."""
        return is_loopback(self.origin)


def normal_origin(text: str) -> str:
    """`scheme://host[:port]` in lower case, no path. ValueError says what is wrong.

    Plain http only where nothing crosses a network unprotected: loopback (a trial) and onion services.
    """
    parts = urlsplit(text.strip())
    host = parts.hostname or ""
    if (
        parts.scheme not in ("http", "https")
        or not host
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
    ):
        raise ValueError("expected an address like https://olla.example, without a path")
    if parts.username is not None or not all(c.isascii() and (c.isalnum() or c in ".-:") for c in host):
        raise ValueError(
            "the host may hold letters a-z, digits, dots and hyphens (write other names as xn--…)"
        )
    plain = f"{parts.scheme}://[{host}]" if ":" in host else f"{parts.scheme}://{host}"
    if parts.scheme == "http" and not is_loopback(plain) and not host.endswith(".onion"):
        raise ValueError("other servers speak only https (http is for 127.0.0.1 and .onion)")
    default = {"http": 80, "https": 443}[parts.scheme]
    return plain if parts.port in (None, default) else f"{plain}:{parts.port}"


def is_iban(text: str) -> bool:
    """Whether this is an IBAN (ISO 13616): letters and digits whose check digits fit (modulo 97)."""
    plain = text.replace(" ", "").upper()
    if not (15 <= len(plain) <= 34 and plain.isascii() and plain.isalnum() and plain[:2].isalpha()):
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def is_loopback(origin: str) -> bool:
    """Whether an origin names this machine by address."""
    try:
        return ip_address(urlsplit(origin).hostname or "").is_loopback
    except ValueError:
        return False


def address(bind: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`; ValueError where it is something else."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"bind is HOST:PORT, like 127.0.0.1:8000, not {bind!r}")
    return host.strip("[]"), int(port)


def first_config(origin: str) -> Config:
    """The settings with which `minga init` begins. SetupError where the origin cannot be one."""
    try:
        origin = normal_origin(origin)
    except ValueError as error:
        raise SetupError(f"origin: {error}") from error
    if origin.startswith("https:"):  # the certificate is a proxy's, on this machine
        return Config(origin=origin, trusted_proxies=("127.0.0.1/32", "::1/128"))
    if not is_loopback(origin):
        return Config(origin=origin)
    host = urlsplit(origin).hostname or ""
    network = str(ip_network(host))
    port = urlsplit(origin).port or 80
    return Config(
        origin=origin,
        bind=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        federation=FederationSettings(allow_networks=(network,)),
    )


class Setting(NamedTuple):
    """One setting as people meet it: `name` is dotted, `default` is None where it must be given."""

    name: str
    type: Any
    default: Any
    help: str

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return "MINGA_" + self.name.replace(".", "_").upper()

    @property
    def flag(self) -> str:
        """Its name on the command line."""
        return "--" + self.name.replace(".", "-").replace("_", "-")


def settings(struct: type[Struct] = Config, prefix: str = "") -> Iterator[Setting]:
    """Every setting, in the order of its declaration."""
    hints = typing.get_type_hints(struct, include_extras=True)
    for field in msgspec.structs.fields(struct):
        hint = hints[field.name]
        if isinstance(hint, type) and issubclass(hint, Struct):
            yield from settings(hint, f"{prefix}{field.name}.")
            continue
        if typing.get_origin(hint) is dict:
            continue
        plain, *metas = typing.get_args(hint)
        described = next((meta.description for meta in metas if isinstance(meta, Meta)), None)
        default = None if field.default is msgspec.NODEFAULT else field.default
        yield Setting(prefix + field.name, plain, default, described or "")


def setting(name: str) -> Setting:
    """One setting by its dotted name; KeyError where there is none."""
    for each in settings():
        if each.name == name:
            return each
    raise KeyError(name)


def load(
    directory: Path, environ: Mapping[str, str] | None = None, flags: Mapping[str, str] | None = None
) -> Config:
    """The settings of a data directory. SetupError names the file, the key, and what was expected.

    `flags` are given by dotted name, as typed.
    """
    path = directory / SETTINGS
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SetupError(
            f"There is no node in {directory} (no {SETTINGS} there).",
            hint="Make one with `minga init`, or name another directory with -d DIR or MINGA_DATA.",
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SetupError(f"{path} cannot be read: {error}") from error
    giving_to = _giving_to(tree, str(path))
    _refuse_unknown(tree, str(path))
    for each in settings():
        if environ is not None and each.variable in environ:
            _put(tree, each, environ[each.variable], each.variable)
        if flags is not None and each.name in flags:
            _put(tree, each, flags[each.name], each.flag)
    try:
        return msgspec.structs.replace(msgspec.convert(tree, Config), giving_to=giving_to)
    except msgspec.ValidationError as error:
        raise SetupError(f"{path}: {_place(str(error))}", hint=_EVERY) from error


def _giving_to(tree: dict[str, Any], source: str) -> dict[str, GivingSettings]:
    """Take every `[giving.HANDLE]` out of the tree. SetupError names the one that does not hold."""
    giving = tree.get("giving")
    if not isinstance(giving, dict):
        return {}
    given = {key: value for key, value in giving.items() if isinstance(value, dict)}
    tree["giving"] = {key: value for key, value in giving.items() if key not in given}
    found = {}
    for handle, own in given.items():
        place = f"{source}: [giving.{handle}]"
        _refuse_unknown({"giving": own}, place)
        try:
            found[handle.lower()] = msgspec.convert(own, GivingSettings)
        except msgspec.ValidationError as error:
            raise SetupError(f"{place}: {_place(str(error))}") from error
    return found


def _refuse_unknown(tree: Mapping[str, Any], source: str) -> None:
    known = {each.name for each in settings()}
    sections = {name.partition(".")[0] for name in known if "." in name}
    for key, value in tree.items():
        nested = key in sections and isinstance(value, dict)
        names = [f"{key}.{inner}" for inner in value] if nested else [key]
        for name in names:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"Did you mean {near[0]}?" if near else _EVERY
                raise SetupError(f"{source}: unknown setting {name!r}", hint=hint)


def _put(tree: dict[str, Any], each: Setting, typed: str, source: str) -> None:
    """Put what was typed for a setting into the tree that the file gave, converted by the setting's type."""
    value: Any = typed
    if typing.get_origin(each.type) is tuple:
        value = [part for part in typed.replace(",", " ").split() if part]
    try:
        value = msgspec.to_builtins(msgspec.convert(value, each.type, strict=False))
    except msgspec.ValidationError as error:
        raise SetupError(f"{source}: {error}") from error
    section, _, name = each.name.rpartition(".")
    (tree.setdefault(section, {}) if section else tree)[name] = value


def _place(message: str) -> str:
    """`Expected `int` - at `$.limits.tags`` with the place first, as people look for it."""
    what, _, where = message.rpartition(" - at `$.")
    return f"{where.rstrip('`')}: {what}" if what else message


def render(config: Config) -> str:
    """`minga.toml` for these settings: every one with its help, those at their default commented out."""
    lines = ["# Settings of a Minga node. A line that begins with # shows a default.", ""]
    section = ""
    for each in settings():
        group, _, name = each.name.rpartition(".")
        if group != section:
            lines += [*_others(config, section), f"[{group}]", ""]
            section = group
        value: Any = config
        for step in each.name.split("."):
            value = getattr(value, step)
        mark = "# " if value == each.default else ""
        lines += [f"# {each.help}", f"{mark}{name} = {_toml(value)}", ""]
    return "\n".join(lines)


def _others(config: Config, section: str) -> list[str]:
    """What follows the section `[giving]`: the same of each collective, where there are several."""
    if section != "giving":
        return []
    lines = [f"# {_SEVERAL}", ""]
    for handle, own in config.giving_to.items():
        given = {key: value for key, value in msgspec.structs.asdict(own).items() if value}
        lines += [f"[giving.{handle}]", *(f"{key} = {_toml(value)}" for key, value in given.items()), ""]
    return lines


def example() -> str:
    """`deploy/minga.toml.example`."""
    return render(Config(origin="https://olla.example"))


def _toml(value: Any) -> str:
    return msgspec.json.encode(value).decode()
