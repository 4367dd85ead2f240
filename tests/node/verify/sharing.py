"""A round of two kitchens at a pretended fund, part by part."""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from federation.integrity import write_time
from node.domain.digest import digest_of
from node.domain.recompute import recompute
from node.domain.rounds import Closed, rows
from node.domain.ties import seed_of
from schemas import Money, Uri
from schemas.allocation import Allocation
from schemas.claim import Claim
from schemas.criteria import Criteria
from schemas.decision import Decision, Position
from schemas.round import Round
from schemas.stance import Stance
from tests.node.verify.pretended import ESPERANZA, MAULE, JsonObject, Pretended, at, clp


@dataclass
class Shared:
    """A round of two kitchens, from the criteria to the shares: any part may be replaced before the next is made of it."""

    fund: Pretended
    price: Money | None = None
    criteria: JsonObject = field(default_factory=dict)
    stances: list[JsonObject] = field(default_factory=list)
    decision: JsonObject = field(default_factory=dict)
    round: JsonObject = field(default_factory=dict)
    claims: list[JsonObject] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)
    seed: str = ""
    allocation: str = ""

    @property
    def terms(self) -> Criteria:
        """The criteria as a record."""
        return Criteria(
            version=1,
            rule="largest-remainder/1",
            weight="weeklyRations",
            unit_price=self.price,
            valid_from=date(2026, 9, 1),
            cap="none",
        )

    @property
    def stance(self) -> Stance:
        """Consent to the criteria as they stand."""
        return Stance(about=Uri(self.criteria["id"]), stance="consent", digest=digest_of(self.criteria))

    def position(self, stance: JsonObject) -> Position:
        """How a decision lists a stance."""
        by, uri = Uri(stance["attributedTo"]), Uri(stance["id"])
        return Position(by=by, stance="consent", id=uri, digest=digest_of(stance))

    def decided(self, **more: Any) -> "Shared":
        """Criteria, two who consent, and the decision; `more` says of the decision what it says otherwise."""
        if not self.criteria:
            self.criteria = self.fund.note(self.terms, 2)
            self.stances = [self.fund.note(self.stance, 3, by=kitchen) for kitchen in (ESPERANZA, MAULE)]
        positions = tuple(self.position(each) for each in self.stances)
        record = Decision(about=self.stance.about, quorum=2, outcome="adopted", stances=positions)
        self.decision = self.fund.note(record.changed(**more), 4)
        return self

    def closes(self, forged: str = "", day: int = 8, *, bound: bool = True, **more: Any) -> "Shared":
        """A round, its two claims, and its closing; `forged` is where the second claim is served instead of at home, `more` says of
        the round what it says otherwise. Not `bound`: as logs were once written, without a digest of the round."""
        uri = self.fund.uri()
        for kitchen, weight in ((ESPERANZA, 600), (MAULE, 400)):
            nonce = b64encode(kitchen.encode()[-16:]).decode()
            claim = Claim(round=Uri(uri), weight=Decimal(weight), nonce=nonce)
            made = self.fund.note(claim, day, by=kitchen, uri=forged if kitchen == MAULE else "")
            self.claims.append(made)
            self.closed.append(Closed(made["id"], kitchen, digest_of(made), nonce, str(weight)))
        self.seed = seed_of([(each.claim, each.digest, each.nonce) for each in self.closed])
        record = Round(
            number=1,
            criteria=Uri(self.criteria["id"]),
            claims_until=at(10),
            appeal_until=at(14),
            status="closed",
            seed=self.seed,
        )
        self.round_record = record.changed(**more)
        self.round = self.fund.note(self.round_record, 5, uri=uri, updated=write_time(at(10)))
        self.fund.closes(uri, self.seed, self.closed, digest_of(self.round) if bound else "")
        return self

    def shared(self, available: int = 1000) -> "Shared":
        """The allocation."""
        record = Allocation(
            round=Uri(self.round["id"]),
            criteria=Uri(self.criteria["id"]),
            decision=Uri(self.decision["id"]),
            rule="largest-remainder/1",
            seed=self.seed,
            available=clp(available),
            unit_price=self.price,
            claims=rows(tuple(self.closed), self.terms, at(5)),
        )
        self.record = reckoned(record)
        self.allocation = self.fund.shares(self.record)
        return self


def reckoned(record: Allocation) -> Allocation:
    """An allocation with the shares that its rule gives."""
    made = recompute(record)
    return record.changed(allotments=made.allotments, carry_over=made.carry_over)
