"""By what moment a fund takes what its members sign: a stranger reads that moment afterwards, and judges the fund by it."""

from base64 import b64encode
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from federation.integrity import write_time
from node.activities import REGISTRY
from node.domain.kind import Heard, NotAllowedError, Verb
from schemas import Record, Uri, to_wire
from schemas.admission import Admission
from schemas.claim import Claim
from schemas.criteria import Criteria
from schemas.decision import Decision
from schemas.join import Join
from schemas.round import Round
from schemas.stance import Stance
from tests.node.village import Village, actor

FUND, KITCHEN = actor("fondo"), actor("esperanza")
NUMBERS = count(1000)


class Fund:
    """A fund with one member, whose criteria are adopted and whose round is open."""

    def __init__(self) -> None:
        self.village = Village("fondo", "esperanza")
        asked = self.village.create("esperanza", Join(fund=Uri(FUND)))
        self.village.create("fondo", Admission(join=Uri(asked), outcome="admitted"))
        terms = Criteria(
            version=1, rule="largest-remainder/1", weight="weeklyRations", valid_from=date(2020, 8, 20)
        )
        self.criteria = Uri(self.village.create("fondo", terms))
        self.village.create("esperanza", Stance(about=self.criteria, stance="consent"))
        decided = Decision(about=self.criteria, process="consent", quorum=1, outcome="adopted")
        self.village.create("fondo", decided)
        later = self.village.now + timedelta(days=9)
        opened = Round(
            number=1, criteria=self.criteria, claims_until=later, appeal_until=later + timedelta(days=2)
        )
        self.round = Uri(self.village.create("fondo", opened))

    def hears(self, kind: str, published: str | None) -> str:
        """What a kitchen's own server makes of a claim or a stance; its id."""
        record: Record = Stance(about=self.criteria, stance="consent")
        if kind == "claim":
            record = Claim(round=self.round, weight=Decimal(600), nonce=b64encode(bytes(16)).decode())
        url = f"https://esperanza.example/o/{next(NUMBERS)}"
        document: dict[str, Any] = {"id": url, "attributedTo": KITCHEN, **to_wire(record, url)}
        if published is not None:
            document["published"] = published
        at = self.village.now + timedelta(milliseconds=900)
        heard = Heard(f"{url}/s", Verb.CREATE, KITCHEN, url, at, record=record, document=document)
        self.village.hear("fondo", REGISTRY[kind], heard)
        return url


@pytest.fixture
def fund() -> Fund:
    return Fund()


@pytest.mark.parametrize("kind", ["claim", "stance"])
@pytest.mark.parametrize("ahead", [{"days": -4000}, {"minutes": 5}, {"days": 1}])
def test_a_clock_that_is_off_shuts_no_member_out(fund: Fund, kind: str, ahead: dict[str, int]) -> None:
    said = fund.hears(kind, write_time(fund.village.now + timedelta(**ahead)))
    assert fund.village["fondo"].thing(said) is not None


@pytest.mark.parametrize("kind", ["claim", "stance"])
@pytest.mark.parametrize(
    "published",
    ["2020-08-21T13:00:30Z", "2020-09-20T00:00:00Z", "2020-08-20", "9999-12-31T23:59:59-23:59", "", None],
)
def test_what_says_that_it_was_signed_at_a_moment_to_come_or_at_none_never_counts(
    fund: Fund, kind: str, published: str | None
) -> None:
    with pytest.raises(NotAllowedError, match=r"^published: .*a day ahead"):
        fund.hears(kind, published)
