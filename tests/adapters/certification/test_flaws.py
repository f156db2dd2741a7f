"""Every check against a brand that makes the mistake it is there to find."""

from pathlib import Path

import pytest

from adapters.certification.suite import checks
from adapters.certification.verdict import Outcome
from adapters.simulator.terms import Flaw, Terms
from core.database import Database
from tests.adapters.certification.stage import ended, on_trial

FOUND_BY = {
    Flaw.BOOKS_TWICE: ["credit-once", "debit-once", "at-once", "reversed-stays-known", "reverse-once"],
    Flaw.TAKES_CHANGED_DUPLICATES: ["changed-duplicate"],
    Flaw.OVERDRAWS: ["insufficient", "far-too-much", "refused-again", "everything", "tells-refusal", "hold-guards"],
    Flaw.REVERSES_TOO_MUCH: ["reverse-exceeding"],
    Flaw.REVERSES_TWICE: ["reverse-twice"],
    Flaw.KNOWS_EVERYBODY: ["validate-stranger", "credit-stranger"],
    Flaw.FORGETS_INQUIRIES: ["finds-done", "lost-answer", "half-answer", "malformed-answer", "gateway-error"],
    Flaw.INVENTS_INQUIRIES: ["not-found", "not-found-final", "lost-request"],
    Flaw.OMITS_FROM_STATEMENT: ["statement"],
    Flaw.OMITS_FROM_LIST: ["list"],
    Flaw.ROUNDS: ["smallest", "all-decimals"],
    Flaw.SIGNS_WRONGLY: ["webhook-signed"],
    Flaw.WRONG_CLOCK: ["clock"],
    Flaw.RACES: ["at-once"],
}
BEFORE = {Flaw.OMITS_FROM_STATEMENT: ["smallest"], Flaw.OMITS_FROM_LIST: ["smallest"]}
"""What has to be done before there is anything to find."""


@pytest.mark.parametrize("flaw", FOUND_BY)
async def test_a_flaw_is_found(flaw: Flaw, database: Database, tmp_path: Path) -> None:
    """By exactly these checks, each of which says what was seen and what to mend."""
    terms = Terms(flaws=frozenset({flaw}), answers_later_seconds=0.1 if flaw is Flaw.SIGNS_WRONGLY else None)
    async with on_trial("RAIL", database, tmp_path, terms, listens=flaw is Flaw.SIGNS_WRONGLY) as stage:
        results = await stage.run(*BEFORE.get(flaw, []), *FOUND_BY[flaw])
    assert set(ended(results, Outcome.FAILED)) == set(FOUND_BY[flaw])
    assert [code for code in FOUND_BY[flaw] if not (results[code].found and results[code].mend)] == []
    assert results[FOUND_BY[flaw][0]].messages


async def test_what_is_never_decided_stays_open(database: Database, tmp_path: Path) -> None:
    """It is neither passed nor failed: somebody has to wait longer."""
    terms = Terms(flaws=frozenset({Flaw.NEVER_DECIDES}), answers_later_seconds=0.1)
    async with on_trial("RAIL", database, tmp_path, terms) as stage:
        results = await stage.run("credit-once")
    assert set(ended(results, Outcome.OPEN)) == {"credit-once"}


async def test_a_brand_that_is_away_fails_and_the_run_goes_on(database: Database, tmp_path: Path) -> None:
    """Every check has a result, also when nobody answers at all."""
    async with on_trial("RAIL", database, tmp_path) as stage:
        stage.simulator.delivery.maintenance.on = True
        results = await stage.run()
    assert len(results) == len(checks())
    assert ended(results, Outcome.PASSED) == {}
    assert "MAINTENANCE" in results["credit-once"].found


def test_every_flaw_is_looked_for() -> None:
    assert set(Flaw) == {*FOUND_BY, Flaw.NEVER_DECIDES}


def test_checks_have_names_of_their_own() -> None:
    codes = [check.code for _, check in checks()]
    assert len(codes) == len(set(codes))
    assert [check.code for _, check in checks(["Reversals"])] == [code for code in codes if code.startswith("reverse-")]
