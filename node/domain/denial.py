"""Words that turn a sentence into its opposite: `aún no #recibimos 24 kg`, `¿#recibido 24 kg?`, `#recibido: nada de los 24 kg`.

What is denied, asked or only hoped for was not said. It is found in folded text (`domain.sentence`).
"""

from node.domain.acts import Act
from node.domain.counting import MEASURE
from node.domain.expression import expression
from node.domain.kind import NotAllowedError
from node.domain.sentence import MENTIONS
from node.domain.spans import CLAUSES, TIME, opening_of
from node.tongues import message

_NO = (
    r"(?:no(?!\s+(?:gracias|thanks|worries)\b)|nunca|jamas|tampoco|ni|not|never|cannot|\w+n['’]t|(?:do|did|have|has|was|were|wo|is|are)nt"
    r"|ojala|quizas?|tal\s+vez|maybe|perhaps|hopefully)"
)
_NEAR = r"[^\w.,;:!?¿¡()\n]+"
_BEFORE = expression(rf"\b{_NO}(?:{_NEAR}\w[\w'’]*+){{0,2}}{_NEAR}$")
"""A denial within two words before the hashtag, in one clause with it."""
_NEARLY = expression(
    r"\b(?:(?:casi|almost|nearly)(?:\s+(?:hemos|habiamos|ya|nos|lo))?|(?<!\blos )(?<!\blas )(?<!\bles )(?<!\blo )(?<!\bla )(?<!\bte )(?:esperamos|espero|deberiamos|we\s+hope\s+to|we\s+should)"
    r"(?:\s+(?:ya\s+)?(?:haber|have))?)\s+$"
)
"""Right before what is told as done, what makes it not quite so: `casi #recibimos 24 kg`, `esperamos haber #recibido 24 kg`."""
_LACK = expression(
    r"\bno\s+(?:(?:nos|me|les?)\s+)?(?:queda\w*|hay|ten(?:go|emos)|alcanza\w*|llego|llegaron)\b"
)
"""What is not there is what is needed: `no queda arroz #necesitamos 40 kg`."""
_IN_FRONT = expression(rf"^[^\n0-9]*?\b(?:{_NO}|nada|ningun[oa]?|nothing|none)\b[^\n0-9]*[0-9]")
"""A denial between the hashtag and its amount."""
_RIGHT_IN_FRONT = expression(rf"^[^\n0-9]*?\b{_NO}\s+[0-9]")
_BEHIND = expression(
    rf"^[^\n0-9]*[0-9][0-9.,]*\s*(?:{MEASURE})?\W*(?:(?:aun|todavia)\s+no|not\s+yet|not?)\W*(?:\n|$)"
)
_NOT_AT_ALL = expression(rf"^[ \t]*(?:(?:que|that|ya|aun|todavia)\s+)*{_NO}\b")
_ASKED = expression(r"^[^.!?¿\n]*(?:[.][0-9][^.!?¿\n]*)*\?")
_CLAUSE = expression(r"^[^.,;!?¿\n]*(?:[.,][0-9][^.,;!?¿\n]*)*\?")
_INVITES = expression(
    r"\b(?:(?:l[oae]s|te)\s+esperamos|vengan|acerquense|(?:trae|traigan|(?<!por )(?<!pudieron )traer)\s+(?:tu|su|el|la)s?\s+(?:olla|pote|plato|taper|tupper|envase)s?|come\s+(?:along|by|and)|join\s+us|all\s+welcome|bring\s+your)\b"
)
"""Who invites tells of what is to come."""
_LONGEST = 400
"""Characters around a hashtag that are looked through."""
_GOODS = (Act.NEED, Act.OFFER)


def refuse_denied(act: Act, before: str, after: str) -> None:
    """NotAllowedError where the words around a hashtag take back what it says."""
    if denies(act, before, after):
        raise unsaid()


def refuse_invitation(before: str, said: str) -> None:
    """NotAllowedError where what is told as served calls people, in a clause that names no other day: `los esperamos!`."""
    clauses = CLAUSES.split(f"{before[opening_of(before) :]}#{said}")
    if any(_INVITES.search(each) and not TIME.search(each) for each in clauses):
        raise NotAllowedError(
            "served", message("what was served already; what is to come is said with #weplan")
        )


def unsaid() -> NotAllowedError:
    """Why a sentence is not taken for what its words name."""
    return NotAllowedError(
        "quantity", message("whether it is so, because the sentence says no, asks, or only hopes")
    )


def denies(act: Act, before: str, after: str) -> bool:
    """Whether the words around a hashtag say that it is not so, ask whether it is, or hope that it be.

    Of goods less is told by the words between: `#necesitamos alimentos no perecibles, 40 kg` denies nothing, and who asks behind
    a comma asks for help.
    """
    before, after = MENTIONS.sub(" ", before[-_LONGEST:].rpartition("\n")[2]), after[:_LONGEST]
    if act is Act.NEED:
        before = _LACK.sub(" ", before)
    if _BEFORE.search(before) or before.rfind("¿") > before.rfind("?"):
        return True
    if act in (Act.RECEIPT, Act.MEAL) and _NEARLY.search(before):
        return True
    if act in _GOODS:
        return bool(_RIGHT_IN_FRONT.search(after) or _CLAUSE.search(after))
    if _ASKED.search(after):
        return True
    return act is not Act.REJECT and any(each.search(after) for each in (_IN_FRONT, _BEHIND, _NOT_AT_ALL))
