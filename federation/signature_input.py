"""What a signature covers, in words: the fields Signature-Input and Accept-Signature (RFC 9421 sections 4.1, 5.1).

Both are structured-field dictionaries (RFC 8941) whose members list components, with parameters.
"""

import re
from dataclasses import dataclass, replace

from http_sfv.dictionary import Dictionary
from http_sfv.item import InnerList, Item, Parameters

from federation.errors import BadSignature
from federation.limits import DEFAULT_LIMITS, Limits

__all__ = [
    "DEFAULT_ACCEPT_SIGNATURE",
    "ED25519",
    "PREFERRED_SIGNATURE",
    "AcceptedSignature",
    "Component",
    "Scalars",
    "accept_signature",
    "quoted",
    "read_accept_signature",
    "read_inputs",
]

# A header with one signature, written canonically: what nearly every peer sends. It needs no general parser, and
# its own text is what RFC 9421 section 2.5 would write again.
_ONE_INPUT = re.compile(
    r'([a-z*][a-z0-9_.*-]*)=(\((?:"[a-z0-9@-]+"(?: "[a-z0-9@-]+")*)?\)'
    r'(?:;[a-z*][a-z0-9_.*-]*=(?:"[ !#-\[\]-~]*"|[1-9][0-9]{0,14}))*)'
)
_ONE_PARAMETER = re.compile(r';([a-z*][a-z0-9_.*-]*)=(?:"([^"]*)"|([0-9]+))')

ED25519 = "ed25519"
_ALGORITHMS = frozenset({"", ED25519, "rsa-v1_5-sha256"})

Component = tuple[str, tuple[tuple[str, str], ...]]
Scalars = dict[str, str | int]


def read_inputs(text: str) -> list[tuple[str, tuple[Component, ...], Scalars, str]]:
    """Label, components, parameters and canonical text of each member of Signature-Input. Raises ValueError."""
    if (one := _ONE_INPUT.fullmatch(text)) is not None:
        names, _, rest = one[2].partition(")")
        pairs = _ONE_PARAMETER.findall(rest)
        parameters = {name: int(number) if number else string for name, string, number in pairs}
        if len(parameters) == len(pairs):
            components: tuple[Component, ...] = tuple((name.strip('"'), ()) for name in names[1:].split())
            return [(one[1], components, parameters, one[2])]
    members = Dictionary()
    members.parse(text.encode("ascii"))
    return [
        (label, tuple(_component(item) for item in member), _scalars(member.params), str(member))
        for label, member in members.items()
        if isinstance(member, InnerList)
    ]


def _scalars(parameters: Parameters) -> Scalars:
    return {
        name: value
        for name, value in parameters.items()
        if isinstance(value, str | int) and not isinstance(value, bool)
    }


def _component(item: Item | InnerList) -> Component:
    if isinstance(item, InnerList) or not isinstance(item.value, str):
        raise BadSignature("a component is named by a string")
    return item.value, tuple((name, str(value)) for name, value in item.params.items())


@dataclass(frozen=True, slots=True)
class AcceptedSignature:
    """One signature that a peer asks for (Accept-Signature, RFC 9421 section 5.1); `algorithm` "" where any will do."""

    label: str
    components: tuple[str, ...]
    nonce: str = ""
    tag: str = ""
    algorithm: str = ""


# What we ask for, and what we sign unasked: it is what every implementation takes (PROTOCOL.md).
DEFAULT_ACCEPT_SIGNATURE = AcceptedSignature("sig1", ("@method", "@target-uri", "content-digest"))

# What we ask for in answers to what was taken: the same, with the key that costs both sides least.
PREFERRED_SIGNATURE = replace(DEFAULT_ACCEPT_SIGNATURE, algorithm=ED25519)


def quoted(text: str) -> str:
    """A structured-field string (RFC 8941 section 3.3.3); `text` is ASCII."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def accept_signature(wanted: AcceptedSignature = DEFAULT_ACCEPT_SIGNATURE) -> str:
    """The value of an Accept-Signature header: how a refused request, or the next one, had better be signed."""
    algorithm = f";alg={quoted(wanted.algorithm)}" if wanted.algorithm else ""
    return f"{wanted.label}=({' '.join(map(quoted, wanted.components))});created{algorithm}"


_SIGNABLE = frozenset(
    {
        "@method",
        "@target-uri",
        "@authority",
        "@scheme",
        "@request-target",
        "@path",
        "@query",
        "content-digest",
    }
)


def read_accept_signature(value: str, limits: Limits = DEFAULT_LIMITS) -> AcceptedSignature | None:
    """What a peer asks for in Accept-Signature: the first of its wishes that we can grant, None where there is none.

    A wish for less than method and target, or for headers that we do not send, is not granted.
    """
    if len(value) > limits.header_bytes:
        return None
    try:
        members = Dictionary()
        members.parse(value.encode("ascii"))
        wishes = [
            (label, [_component(item) for item in member], _scalars(member.params))
            for label, member in members.items()
            if isinstance(member, InnerList)
        ]
    except (ValueError, BadSignature):
        return None
    for label, components, parameters in wishes:
        names = tuple(name for name, _ in components)
        plain = not any(extra for _, extra in components)
        whole = "@method" in names and ("@target-uri" in names or {"@path", "@authority"} <= set(names))
        algorithm = str(parameters.get("alg", ""))
        if (
            plain
            and whole
            and algorithm in _ALGORITHMS
            and _SIGNABLE.issuperset(names)
            and len(set(names)) == len(names)
        ):
            nonce, tag = parameters.get("nonce", ""), parameters.get("tag", "")
            return AcceptedSignature(label, names, str(nonce), str(tag), algorithm)
    return None
