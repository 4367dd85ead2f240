"""The paper for those who federate with us says what the code does."""

import re
from pathlib import Path

import federation
from federation.errors import FederationError
from federation.limits import DEFAULT_LIMITS

HERE = Path(federation.__file__).parent
PAPER = (HERE / "FEDERATION.md").read_text()


def test_every_proposal_that_the_code_cites_is_named_and_linked() -> None:
    cited = {fep for file in HERE.glob("*.py") for fep in re.findall(r"FEP-[0-9a-f]{4}", file.read_text())}
    linked = set(re.findall(r"^\[(FEP-[0-9a-f]{4})\]: https://", PAPER, re.MULTILINE))
    assert cited <= linked
    assert set(re.findall(r"FEP-[0-9a-f]{4}", PAPER)) == linked


def test_the_verdicts_it_names_exist() -> None:
    known: set[str] = set()
    families: list[type[FederationError]] = [FederationError]
    while families:
        family = families.pop()
        known.add(family().code)
        families += family.__subclasses__()
    named = re.findall(r"`([a-z]+-[a-z]+)`", PAPER.partition("`code` in the body")[2].partition("\n")[0])
    assert named
    assert set(named) <= known


def test_the_budgets_it_names_are_the_ones_we_run_with() -> None:
    assert f"larger than {DEFAULT_LIMITS.body_bytes // 2**20} MiB" in PAPER
    assert f"at most {DEFAULT_LIMITS.fetched_bytes // 2**20} MiB" in PAPER
    assert (DEFAULT_LIMITS.fetch_seconds, DEFAULT_LIMITS.redirects) == (10, 5)
    assert (DEFAULT_LIMITS.signature_seconds, DEFAULT_LIMITS.clock_skew_seconds) == (3600, 300)
    assert DEFAULT_LIMITS.key_refetch_seconds == 300
