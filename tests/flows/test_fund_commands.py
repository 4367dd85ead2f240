"""A fund by the command line of a node that runs: the worked examples to the digit, what is refused, and two who book at once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.nodes import Node

WEIGHTS = {"esperanza": "600", "villasol": "240", "lohermida": "150", "maule": "90"}
ROUND = "https://fondo.example/rounds"
MILESTONES = [
    {"percent": "10", "rations": "170"},
    {"percent": "25", "rations": "420"},
    {"percent": "50", "rations": "830"},
    {"percent": "75", "rations": "1700"},
]


@pytest.fixture(scope="module")
def fund(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with Node(tmp_path_factory.mktemp("fund") / "fondo", "fondo", kind="fund") as node:
        for name, role in (("ana", "treasurer"), ("beto", "steward"), ("carla", "cook")):
            node("member", "add", name, "--role", role)
        yield node


def claims(caps: dict[str, str] | None = None, **more: str) -> str:
    rows = []
    for name, weight in WEIGHTS.items():
        row = {"claimant": f"https://{name}.example/actor", "weight": weight, **more}
        rows.append(row | ({"cap": caps[name]} if caps else {}))
    return f"claims={json.dumps(rows)}"


def shared(fund: Node, available: str, rule: str, seed: str, *more: str) -> dict[str, Any]:
    """An allocation without a round, published and worked out again: shares by claimant, and what is carried over."""
    said = fund.json(
        "publish", "allocation", f"available={available} CLP", f"rule={rule}", f"seed={seed}", *more
    )
    told = fund.json("recompute", said["id"])
    assert told["differences"] == []
    shares = {share["claimant"].split("//")[1].split(".")[0]: share["units"] for share in told["shares"]}
    return {**shares, "rest": told["carry_over"]}


def refused(fund: Node, *arguments: str) -> str:
    """What a command says that is refused: exit 1, one line, nothing published."""
    before = fund.json("timeline", "local")
    result = fund.run(*arguments)
    assert result.returncode == 1, result.stdout + result.stderr
    assert fund.json("timeline", "local") == before
    return result.stderr.splitlines()[0]


def test_w1_a_milestone_that_does_not_fit_says_what_would(fund: Node) -> None:
    campaign = [
        "publish",
        "campaign",
        "goal=2500000 CLP",
        "ration_price=1500 CLP",
        "rounding=10",
        "closes=2099-12-15",
    ]
    said = refused(fund, *campaign, f"milestones={json.dumps(MILESTONES)}")
    for word in ("75", "1.250", "1.700", "450", "1.102,94 CLP"):
        assert word in said
    fund(*campaign, f"milestones={json.dumps(MILESTONES)}", "override=A granel cuesta 1.100 CLP.")


def test_w2_proportional_in_pesos_and_in_rations(fund: Node) -> None:
    pesos = shared(fund, "625000", "largest-remainder/1", f"{ROUND}/1", claims())
    assert pesos == {
        "esperanza": 347222,
        "villasol": 138889,
        "lohermida": 86806,
        "maule": 52083,
        "rest": "0 CLP",
    }
    rations = shared(fund, "625000", "largest-remainder/1", f"{ROUND}/1", claims(), "unit_price=1500 CLP")
    assert rations == {"esperanza": 231, "villasol": 92, "lohermida": 58, "maule": 35, "rest": "1.000 CLP"}


def test_shares_are_reckoned_aloud_in_one_language_with_its_decimals(fund: Node) -> None:
    row = {"claimant": "https://esperanza.example/actor", "weight": "600.5"}
    other = {"claimant": "https://maule.example/actor", "weight": "1200", "cap": "100"}
    said = fund.json(
        "publish", "allocation", "available=625000 CLP", "unit_price=1500 CLP", "rule=largest-remainder/1",
        "seed=a", f"claims={json.dumps([row, other])}",
    )  # fmt: skip
    assert fund("recompute", said["id"]).splitlines() == [
        "largest-remainder/1: 625.000 CLP a 1.500 CLP cada una; semilla a",
        "  esperanza.example/actor: peso 600,5, cuota 316 = 316, 474.000 CLP",
        "  maule.example/actor: peso 1.200, cuota 277,26, con tope = 100, 150.000 CLP",
        "queda en caja: 1.000 CLP",
        "tal como se publicó",
    ]


def test_the_key_that_decided_a_tie_is_said_and_no_other(fund: Node) -> None:
    rows = [{"claimant": f"https://{name}.example/actor", "weight": "6"} for name in ("a", "b")]
    other = {"claimant": "https://c.example/actor", "weight": "2"}
    for available, tied in (("1 CLP", 2), ("12 CLP", 0)):
        said = fund.json(
            "publish", "allocation", f"available={available}", "rule=webster/1", "seed=gas",
            f"claims={json.dumps([*rows, other])}",
        )  # fmt: skip
        assert fund("recompute", said["id"]).count("clave de desempate") == tied


def test_w3_max_min_with_caps(fund: Node) -> None:
    caps = {"esperanza": "900000", "villasol": "360000", "lohermida": "225000", "maule": "30000"}
    given = shared(fund, "250000", "max-min/1", f"{ROUND}/2", claims(caps))
    assert given == {
        "esperanza": 73334,
        "villasol": 73333,
        "lohermida": 73333,
        "maule": 30000,
        "rest": "0 CLP",
    }


def test_w4_a_floor_then_proportional_with_caps(fund: Node) -> None:
    caps = {"esperanza": "900000", "villasol": "360000", "lohermida": "225000", "maule": "135000"}
    given = shared(fund, "1250000", "floor-proportional/1", f"{ROUND}/3", claims(caps, floor="100000"))
    assert given == {
        "esperanza": 593939,
        "villasol": 297576,
        "lohermida": 223485,
        "maule": 135000,
        "rest": "0 CLP",
    }


@pytest.mark.parametrize(
    ("rule", "cylinders", "expected"),
    [
        ("largest-remainder/1", 10, {"A": 4, "B": 4, "C": 2}),
        ("largest-remainder/1", 11, {"A": 5, "B": 5, "C": 1}),
        ("webster/1", 9, {"A": 4, "B": 4, "C": 1}),
        ("webster/1", 10, {"A": 5, "B": 4, "C": 1}),
        ("webster/1", 11, {"A": 5, "B": 4, "C": 2}),
        ("webster/1", 12, {"A": 5, "B": 5, "C": 2}),
    ],
)
def test_w7_what_cannot_be_divided(fund: Node, rule: str, cylinders: int, expected: dict[str, int]) -> None:
    """With ids whose keys come in the order of the example: A, C, B."""
    rows = [
        {"claimant": f"https://{name}.example/c/temuco", "weight": weight}
        for name, weight in zip("abc", "662", strict=True)
    ]
    pesos = f"{cylinders * 1000}"
    given = shared(fund, pesos, rule, "gas", f"claims={json.dumps(rows)}", "unit_price=1000 CLP")
    assert {name.upper(): given[name] for name in "abc"} == expected


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("donation", "amount=5 XYZ", "status=cleared", "channel=bank"), "amount"),
        (
            (
                "donation",
                "amount=5 CLP",
                "status=cleared",
                "channel=bank",
                'stated={"amount":"5 EUR","rate":"0"}',
            ),
            "rate",
        ),
        (
            (
                "donation",
                "amount=5 CLP",
                "status=cleared",
                "channel=kind",
                "what=leña",
                "quantity=3 brazadas",
            ),
            "quantity",
        ),
        (
            ("donation", "amount=5 CLP", "status=cleared", "channel=cash"),
            "2 integrantes lo tienen que aprobar",
        ),
        (
            (
                "allocation",
                "available=5 CLP",
                "rule=largest-remainder/1",
                "seed=x",
                'claims=[{"claimant":"https://a.example/a","weight":"0"}]',
            ),
            "weight",
        ),
        (
            (
                "allocation",
                "available=5 CLP",
                "rule=floor-proportional/1",
                "seed=x",
                'claims=[{"claimant":"https://a.example/a","weight":"1","floor":"6"}]',
            ),
            "floor",
        ),
        (
            (
                "allocation",
                "available=5 CLP",
                "seed=x",
                'claims=[{"claimant":"https://a.example/a","weight":"1"}]',
            ),
            "rule",
        ),
        (("transfer", "to=fondo", "amount=1 CLP", "allocation=1"), "allocation"),
        (("criteria", "version=1", "rule=first-come/1", "weight=people"), "rule"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_bad_input_is_refused_with_its_field_and_books_nothing(
    fund: Node, arguments: tuple[str, ...], said: str
) -> None:
    assert said in refused(fund, "publish", *arguments)


def test_a_gift_in_cash_takes_two_members_and_gets_the_next_number(fund: Node) -> None:
    texts = []
    for _ in range(2):
        proposal = fund("propose", "donation", "amount=5000 CLP", "status=cleared", "channel=cash")
        assert "ana" in fund("sign", proposal, "--as", "ana")
        assert "ya la aprobó" in refused(fund, "sign", proposal, "--as", "ana")
        assert "Tu rol en el colectivo no permite" in refused(fund, "sign", proposal, "--as", "carla")
        assert "quien opera la máquina no cuenta" in refused(fund, "sign", proposal)
        texts.append(fund("show", fund("sign", proposal, "--as", "beto")))
    assert "Recibo número 1." in texts[0]
    assert "Recibo número 2." in texts[1]
    assert fund("proposals") == ""


def test_cash_that_was_promised_comes_and_is_taken_back_by_two_signatures_each(fund: Node) -> None:
    gift = fund("publish", "donation", "amount=8000 CLP", "status=pledged", "channel=cash")
    assert "2 integrantes" in refused(fund, "revise", gift, "status=cleared")
    for status, figure in (("cleared", 8000), ("reversed", 0)):
        proposal = fund("propose", gift, f"status={status}")
        assert f"donation {fund.origin}/o/{gift} status={status}" in fund("proposals")
        fund("sign", proposal, "--as", "ana")
        assert fund("sign", proposal, "--as", "beto") == gift
        told = fund.json("show", gift)
        assert (told["state"], told["document"]["record"]["receipt"]) == (status, "3")
        booked = sum(minor for _, account, minor, _ in told["facts"]["moves"] if account == "assets:cash")
        assert booked == figure
        if status == "cleared":
            assert "2 integrantes" in refused(fund, "revise", gift, "status=reversed")
            assert "2 integrantes" in refused(fund, "revise", gift, "fee=7000 CLP")
    cancelled = fund("publish", "donation", "amount=900 CLP", "status=pledged", "channel=cash")
    fund("revise", cancelled, "status=reversed")
    assert "receipt" not in fund.json("show", cancelled)["document"]["record"]


def test_who_has_a_stake_leaves_a_proposal_to_others(fund: Node) -> None:
    proposal = fund("propose", "donation", "amount=400 CLP", "status=cleared", "channel=cash")
    assert "left to others by beto" in fund("recuse", proposal, "--as", "beto")
    assert "manos de otras" in refused(fund, "sign", proposal, "--as", "beto")
    fund("sign", proposal, "--as", "ana")
    assert fund.json("proposals")[0]["recused"] == ["beto"]
    fund("proposals", "withdraw", proposal)


def test_a_reversed_gift_is_not_reversed_again(fund: Node) -> None:
    gift = fund("publish", "donation", "amount=700 CLP", "status=cleared", "channel=bank")
    fund("revise", gift, "status=reversed")
    assert "revertido" in refused(fund, "revise", gift, "status=reversed")


def test_of_two_who_book_at_once_none_is_lost_and_the_last_reward_is_given_once(fund: Node) -> None:
    """The 21st of 20 is refused: also where it comes at the same moment as the 20th."""
    rewards = [{"label": "r2", "title": "Una olla", "price": "1000 CLP", "stock": "20"}]
    stages = [{"percent": "10", "rations": "10"}, {"percent": "50", "rations": "50"}]
    more = ("ration_price=1000 CLP", f"milestones={json.dumps(stages)}", f"rewards={json.dumps(rewards)}")
    campaign = fund("publish", "campaign", "goal=100000 CLP", "closes=2099-12-15", *more)

    def book(member: str, *more: str) -> int:
        fields = ("amount=1000 CLP", "status=cleared", "channel=bank", f"campaign={campaign}", *more)
        return fund.run("publish", "donation", *fields, "--as", member).returncode

    nineteen = ("amount=19000 CLP", "status=cleared", "channel=bank", f"campaign={campaign}")
    fund("publish", "donation", *nineteen, f"rewards={', '.join(['r2'] * 19)}")
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(book, ("ana", "beto", "ana", "beto"))) == [0, 0, 0, 0]
        assert sorted(pool.map(lambda member: book(member, "rewards=r2"), ("ana", "beto"))) == [0, 1]
    assert fund.json("campaign", campaign)["cleared"] == "24.000 CLP"
    shown = fund("campaign", campaign)
    assert "10 %: 10 raciones, alcanzado el " in shown
    assert "50 %: 50 raciones, sin alcanzar" in shown
    last = ("publish", "donation", "amount=1000 CLP", "status=cleared", "channel=bank", "rewards=r2")
    assert "a lo más 0 de r2" in refused(fund, *last, f"campaign={campaign}")


def test_what_was_refused_or_booked_replays_to_the_same_state(fund: Node) -> None:
    assert not fund.json("fsck")["problems"]
