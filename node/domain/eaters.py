"""Who eats, by the words for it: `118 vecinas`, `para 200 personas`, `40 families`. In folded text (`domain.sentence`)."""

from node.domain.expression import expression

PEOPLE = (
    r"(?:personas|vecin[oa]s|vecines|nin[oa]s|adult[oa]s(?:\s+mayores)?|abuelit[oa]s|comensales|bocas|trabajador[ea]s|estudiantes|people|persons"
    r"|neighbou?rs|kids|children|adults|mouths|guests)"
)
"""Who eats, by name, in a pattern."""
PERSONS = rf"(?:{PEOPLE}(?:\s+(?:[ye]|and)\s+{PEOPLE})?)"
"""Such words, one or two together."""
HOUSEHOLDS = r"(?:familias|hogares|casas|grupos|families|households|homes)"
"""Where they live, of which nobody knows how many eat there."""
EATERS = expression(
    rf"(?:\b(?:a|para|to|for)\s+)?(?:(?:l[oa]s|un[oa]s|the)\s+)?(?<![\w.,])([0-9][0-9.,]*)\s+{PERSONS}\b"
)
"""People who were served: as many rations, where nothing else is counted."""
FOR_PEOPLE = expression(
    rf"\b(?:a|para|somos|son|to|for)\s+(?:(?:l[oa]s|un[oa]s|the)\s+)?[0-9][0-9.,]*\s+(?:{PERSONS}|{HOUSEHOLDS})\b"
)
"""How many something is for."""
