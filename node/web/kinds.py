"""What a member can say, in words that she would use, and in which corner of the house it belongs."""

from dataclasses import dataclass

from node.activities import REGISTRY
from node.domain.kind import AnyKind, Verb
from node.tongues import message
from node.web.forms import asked
from schemas import Uri
from schemas.expense import Expense


@dataclass(frozen=True, slots=True)
class Doing:
    """One thing to do: the kind that comes of it, what it is called, what it is for."""

    kind: str
    icon: str
    title: str
    about: str


GROUPS: tuple[tuple[str, tuple[Doing, ...]], ...] = (
    (
        message("For the pot"),
        (
            Doing(
                "need",
                "hand",
                message("Ask for something"),
                message("What is lacking, how much and by when."),
            ),
            Doing(
                "meal", "pot", message("Plan or count a meal"), message("What is cooked, how many rations.")
            ),
            Doing(
                "offer",
                "gift",
                message("Offer something"),
                message("What is left over, or what you produce."),
            ),
            Doing("note", "note", message("Tell something"), message("A few words, a photograph.")),
            Doing(
                "pledge", "bag", message("Promise something"), message("All or a part of what others lack.")
            ),
            Doing(
                "receipt",
                "check",
                message("Say what arrived"),
                message("Goods that were promised, or money."),
            ),
        ),
    ),
    (
        message("To decide and to share out"),
        (
            Doing("stance", "check", message("Say where we stand"), message("Consent, object or abstain.")),
            Doing("join", "peers", message("Ask to join a fund"), message("Who you are and which fund.")),
            Doing(
                "claim",
                "bag",
                message("Claim our share"),
                message("Of a round of a fund that you belong to."),
            ),
            Doing(
                "decision",
                "check",
                message("Write down a decision"),
                message("With its quorum and its outcome."),
            ),
        ),
    ),
    (
        message("The money of all"),
        (
            Doing(
                "admission",
                "peers",
                message("Admit a collective"),
                message("The answer to who asked to join."),
            ),
            Doing(
                "criteria",
                "board",
                message("Propose criteria"),
                message("By which rule the fund shares out."),
            ),
            Doing(
                "campaign",
                "gift",
                message("Open a campaign"),
                message("A goal, until when, what a part of it buys."),
            ),
            Doing("donation", "gift", message("Book a gift"), message("What was given. Never who gave it.")),
            Doing(
                "match",
                "gift",
                message("Promise a match"),
                message("What somebody adds to every gift, within limits."),
            ),
            Doing("expense", "note", message("Book an expense"), message("What was paid, and for what.")),
            Doing(
                "deposit",
                "note",
                message("Carry cash to the bank"),
                message("What left the cash box for the account of the fund."),
            ),
            Doing("round", "board", message("Open a round"), message("Until when shares can be claimed.")),
            Doing(
                "allocation",
                "board",
                message("Share out"),
                message("Worked out from the claims and the criteria."),
            ),
            Doing(
                "transfer",
                "bag",
                message("Hand over money"),
                message("Two members approve it before it goes out."),
            ),
            Doing("period", "board", message("Close a period"), message("Its balances stand from then on.")),
        ),
    ),
)

DOINGS = {doing.kind: doing for _, doings in GROUPS for doing in doings}


def doing_of(kind: str) -> Doing:
    """How a kind is called where a member publishes it."""
    return DOINGS.get(kind) or Doing(kind, "note", kind, "")


def may_say(role: str, kind: AnyKind) -> bool:
    """Whether a member of this role may publish a kind."""
    return role in kind.roles


def open_to(role: str, *, fund: bool = False) -> list[tuple[str, list[Doing]]]:
    """What a role may publish, group by group; in a `fund` the money comes first."""
    mine = [
        (title, [each for each in doings if each.kind in REGISTRY and may_say(role, REGISTRY[each.kind])])
        for title, doings in (reversed(GROUPS) if fund else GROUPS)
    ]
    known = {each.kind for _, doings in mine for each in doings}
    rest = [doing_of(name) for name, kind in REGISTRY.items() if name not in DOINGS and may_say(role, kind)]
    return [(title, doings) for title, doings in (*mine, (message("And"), rest)) if doings and known]


def chooses_audience(kind: AnyKind) -> bool:
    """Whether whoever publishes it chooses who reads it: what is neither in the public account nor an answer to something."""
    answers = any(info.type is Uri and info.required for info in asked(kind))
    return kind.opening is Verb.CREATE and not kind.public_only and not answers


def takes_receipt(kind: AnyKind) -> bool:
    """Whether the paper behind it can be shown with it, names covered; not where it has to be proposed, as in cash."""
    return kind.name == Expense.kind()


def takes_pictures(kind: AnyKind) -> bool:
    """Whether photographs can be shown with it."""
    return kind.opening is Verb.CREATE and not kind.public_only
