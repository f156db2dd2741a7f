"""The conformance suite against every kind of brand that is played as it should be."""

from pathlib import Path

import pytest

from adapters.certification.verdict import Outcome
from adapters.simulator.terms import Terms
from core.database import Database
from tests.adapters.certification.stage import ended, on_trial

KINDS = ["RAIL", "HARBOUR", "LUMEN"]
NOT_THERE = {"HARBOUR": ["link", "all-decimals", "hold-capture", "hold-release", "hold-guards"], "LUMEN": ["statement"]}
WEBHOOKS = {"webhook-signed", "webhook-changed", "webhook-unsigned", "webhook-again"}


@pytest.mark.parametrize("code", KINDS)
async def test_a_good_brand_passes(code: str, database: Database, tmp_path: Path) -> None:
    """Nothing fails, nothing is open, its books are whole, and the test member has what they had."""
    async with on_trial(code, database, tmp_path) as stage:
        results = await stage.run()
        books, member = stage.simulator.books, stage.simulator.books.members["1001"]
    assert ended(results, Outcome.FAILED) == {}
    assert ended(results, Outcome.OPEN) == {}
    assert set(ended(results, Outcome.SKIPPED)) == {"pending-ends", *WEBHOOKS, *NOT_THERE.get(code, ())}
    assert (books.total, member.balance, member.held) == (books.moved, 5000 * 10**stage.program.scale, 0)


async def test_a_brand_that_decides_later_passes_with_its_webhooks(database: Database, tmp_path: Path) -> None:
    """Everything is pending for a minute of its clock; its webhooks tell the ends."""
    terms = Terms(answers_later_seconds=0.2)
    async with on_trial("RAIL", database, tmp_path, terms, listens=True) as stage:
        results = await stage.run()
    assert ended(results, Outcome.FAILED) == {}
    assert ended(results, Outcome.OPEN) == {}
    assert set(ended(results, Outcome.SKIPPED)) == {"pending-ends"}
