"""criteria: by what a fund shares out, versioned. A version on which somebody took a stance is never changed; another follows."""

from collections.abc import Mapping

from node.domain.allocation import RULES
from node.domain.fund import is_relied_on
from node.domain.kind import Heard, Kind, NotAllowedError, Scene, Thing, Verb
from node.domain.spending import agreed_in
from node.domain.wording import paragraphs
from node.tongues import Tongue, message
from schemas.criteria import Criteria

HOW: Mapping[str, str] = {
    "largest-remainder/1": message(
        "in proportion to {weight}; the largest remainders get the units left over (largest-remainder/1)"
    ),
    "max-min/1": message("as equally as what each one needs allows, whatever its {weight} (max-min/1)"),
    "floor-proportional/1": message(
        "a floor for each first, the rest in proportion to {weight} (floor-proportional/1)"
    ),
    "webster/1": message("one unit at a time to who has least for its {weight} (webster/1)"),
}
WEIGHTS = {
    "weeklyRations": message("the rations that each cooks in a week"),
    "people": message("the people of each"),
}
CAPS = {"need": message("Nobody gets more than it needs."), "none": message("There is no cap.")}


def check(heard: Heard, before: Thing | None, scene: Scene) -> None:
    """A rule that there is, one currency, a version that is new; once a stance, a decision or a round names it, it stays."""
    record = heard.record
    if not scene.ours(heard.actor):
        return
    if before is not None and heard.verb in (Verb.UPDATE, Verb.DELETE) and is_relied_on(before, scene):
        raise NotAllowedError(
            "version",
            "a new version; one on which members said where they stand is never changed and never withdrawn",
        )
    if not isinstance(record, Criteria):
        return
    if record.rule not in RULES:
        raise NotAllowedError("rule", "one of these rules: {known}", known=", ".join(RULES))
    if record.floor and record.unit_price and record.floor.currency != record.unit_price.currency:
        raise NotAllowedError("floor", "an amount in {currency}", currency=record.unit_price.currency)
    if record.rule == "max-min/1" and record.cap != "need":
        raise NotAllowedError("cap", "need: this rule shares out by what each one needs")
    for each in record.parameters:
        agreed_in(each)
    taken = [
        thing.record.version
        for thing in scene.said(heard.actor, "criteria")
        if thing.id != heard.object_id and isinstance(thing.record, Criteria)
    ]
    if record.version in taken:
        raise NotAllowedError("version", "a version after {latest}", latest=max(taken))


def text(record: Criteria, tongue: Tongue, scene: Scene) -> str:
    """`Criterio propuesto, versión 1: repartimos en raciones enteras de 1.500 CLP, en proporción a …`"""
    weight = tongue.say(WEIGHTS[record.weight]) if record.weight in WEIGHTS else record.weight
    how = (
        tongue.say(HOW[record.rule], weight=weight)
        if record.rule in HOW
        else tongue.say("by {rule}, with the weight {weight}", rule=record.rule, weight=weight)
    )
    opening = (
        tongue.say(
            "Criteria proposed, version {version}: we share out in whole rations of {price}, {how}.",
            version=record.version,
            price=record.unit_price,
            how=how,
        )
        if record.unit_price
        else tongue.say(
            "Criteria proposed, version {version}: we share out {how}.", version=record.version, how=how
        )
    )
    return paragraphs(
        scene,
        [
            opening,
            tongue.say("Floor of each: {floor}.", floor=record.floor) if record.floor else "",
            tongue.say(CAPS[record.cap]) if record.cap else "",
            tongue.say("Ties are decided by a public hash. Valid from {day}.", day=record.valid_from),
            tongue.say("Anybody can reckon it again."),
        ],
        "\n".join(f"{each.name}: {each.value}" for each in record.parameters),
    )


KIND = Kind(
    name="criteria",
    record=Criteria,
    text=text,
    roles=frozenset({"steward"}),
    check=check,
    hashtags=lambda _record, tongue: (tongue.say(message("mutualaid")),),
)
