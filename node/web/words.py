"""The words of the pages for what is a word of the vocabulary elsewhere: kinds of collectives, kinds of things, states."""

from collections.abc import Iterable, Mapping

from node.activities.criteria import WEIGHTS
from node.activities.donation import CHANNELS
from node.domain.stock import Ingredient
from node.domain.wording import good_name
from node.tongues import Tongue, message
from schemas import FieldInfo
from schemas.meal import Ration

COLLECTIVES = {
    "kitchen": message("Community kitchen"),
    "assembly": message("Territorial assembly"),
    "cooperative": message("Cooperative"),
    "supply-network": message("Supply network"),
    "parish": message("Parish"),
    "fund": message("Solidarity fund"),
    "network": message("Network"),
}

THINGS = {
    "note": message("Post"),
    "need": message("Need"),
    "offer": message("Offer"),
    "pledge": message("Pledge"),
    "receipt": message("Receipt"),
    "meal": message("Meal"),
    "donation": message("Donation"),
    "allocation": message("Allocation"),
    "campaign": message("Campaign"),
    "join": message("Request to join"),
    "admission": message("Admission"),
    "criteria": message("Criteria"),
    "stance": message("Stance"),
    "decision": message("Decision"),
    "round": message("Round"),
    "claim": message("Claim"),
    "match": message("Match"),
    "transfer": message("Transfer"),
    "expense": message("Expense"),
    "deposit": message("Deposit"),
    "period": message("Closed period"),
}

STATES = {
    "covered": message("covered"),
    "offered": message("not answered yet"),
    "accepted": message("accepted"),
    "rejected": message("rejected"),
    "lapsed": message("lapsed"),
    "closed": message("closed"),
    "cleared": message("cleared"),
    "pledged": message("pledged"),
    "reversed": message("reversed"),
    "held": message("held apart"),
    "adopted": message("adopted"),
    "blocked": message("blocked"),
    "admitted": message("admitted"),
    "refused": message("refused"),
    "reported": message("reported"),
    "withdrawn": message("withdrawn"),
    "planned": message("planned"),
    "served": message("served"),
    "cancelled": message("cancelled"),
}

OUTCOMES = {"rejected": message("turned down")}
"""Of a decision, what languages with genders say of it otherwise than of a promise."""

OPTIONS: Mapping[str, Mapping[str, str]] = {
    "rule": {
        "largest-remainder/1": message("In proportion to the weight of each"),
        "floor-proportional/1": message("A floor for each first, the rest in proportion to the weight"),
        "max-min/1": message("As equally as what each one needs allows"),
        "webster/1": message("One by one, to who has least for its weight"),
    },
    "weight": WEIGHTS,
    "outcome": OUTCOMES,
    "channel": CHANNELS,
}
"""Words of the wire that nobody should have to know by heart, by the field that takes them: a form offers what they mean."""

HINTS: Mapping[str, str] = {
    "claim.weight": message(
        "What the criteria of the round count: most often the rations that you cook in a week."
    ),
    "decision.quorum": message("How many must have said where they stand, so that it counts."),
    "criteria.version": message("The first is 1, and every change is the number that follows."),
    "deposit.evidence": message(
        "The number of the slip, or the fingerprint (SHA-256) of its file; never a name."
    ),
    "transfer.evidence": message(
        "The number of the slip, or the fingerprint (SHA-256) of its file; never a name."
    ),
    "expense.evidence": message(
        "The number of the slip, or the fingerprint (SHA-256) of its file; never a name."
    ),
    "allocation.available": message("How much there is to share out."),
    "transfer.to": message("Whoever has a share in what was shared out; nothing is handed over before."),
}
"""What a box means where its name alone does not say it, by `kind.field`."""

EXAMPLES: Mapping[str, str] = {
    "admission.reason": message("The assembly of 5 August knows them."),
    "campaign.title": message("Winter 2026"),
    "campaign.if_missed": message("If the goal is missed, what came is shared out all the same."),
    "decision.reason": message("In force from round 1."),
    "deposit.evidence": message("slip 1234"),
    "expense.evidence": message("slip 1234"),
    "expense.purpose": message("Van from the market"),
    "join.details": message("We cook three times a week."),
    "match.who": message("Cooperativa La Minga"),
    "meal.details": message("Thanks to the neighbours for the bread."),
    "meal.menu": message("Beans with noodles"),
    "meal.place": message("La Pintana, Santiago"),
    "need.details": message("In bags of 1 kg, if possible."),
    "need.place": message("La Pintana, Santiago"),
    "note.text": message("Today we eat at 13:00. Come!"),
    "note.warning": message("police violence"),
    "offer.details": message("To be fetched at lunchtime."),
    "offer.place": message("Peñalolén, Santiago"),
    "pledge.details": message("We leave them at your place; ask for the storeroom."),
    "receipt.details": message("One sack was torn and we gave it back."),
    "stance.reason": message("It seems fair to us."),
    "transfer.evidence": message("slip 1234"),
}
"""What somebody may have typed into a box of words, by `kind.field`."""


def worded(info: FieldInfo, typed: object, tongue: Tongue) -> object:
    """What stands in a field of a proposal: a word of the wire as its form says it, else as it was typed."""
    chosen = isinstance(typed, str) and (info.declared.choices or info.name in OPTIONS)
    return tongue.say(OPTIONS.get(info.name, {}).get(str(typed), str(typed))) if chosen else typed


class Words:
    """How one tongue names them; what has no name here keeps its own."""

    def __init__(self, tongue: Tongue) -> None:
        self._tongue = tongue

    def collective(self, kind: str) -> str:
        """The kind of a collective."""
        return self._say(COLLECTIVES, kind)

    def thing(self, kind: str) -> str:
        """The kind of something published."""
        return self._say(THINGS, kind)

    def state(self, state: str, kind: str = "") -> str:
        """The state of something published; "" where it is plain."""
        if kind == "decision" and (said := OUTCOMES.get(state)):
            return self._tongue.say(said)
        return self._tongue.say(STATES[state]) if state in STATES else ""

    def _say(self, known: dict[str, str], word: str) -> str:
        return self._tongue.say(known[word]) if word in known else word

    def good(self, what: str) -> str:
        """Something to eat or to use, in the reader's language where it is a known good."""
        return good_name(what, self._tongue)

    def goods(self, things: Iterable[Ingredient]) -> str:
        """Several of a recipe, one after the other."""
        return self._tongue.join([self.good(each.what) for each in things])

    def channel(self, channel: str) -> str:
        """By which way a gift came."""
        return self._say(CHANNELS, channel)

    def ration(self, ration: Ration) -> str:
        """What one ration is, in a few words."""
        parts = (
            ration.portion,
            None if ration.energy is None else self._tongue.quantity(ration.energy),
            None if ration.price is None else self._tongue.money(ration.price),
        )
        return self._tongue.join([part for part in parts if part])
