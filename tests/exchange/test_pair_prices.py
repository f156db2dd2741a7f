"""Fees by tier, prices of pairs and pauses: what is quoted is what is posted, and the audit can work it out again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from brands.prices import Pause
from brands.pricing import PriceChange, Proposal, approve, pause, resume, submit
from brands.rate import Fee, Terms
from core.clock import SettableClock
from core.database import Connection, Database
from core.persons import Actor
from exchange import (
    Exchange,
    Offers,
    PairPaused,
    Portion,
    QuoteRequest,
    TargetWouldBeZero,
    Unavailable,
    accept,
    quote,
    quotes,
)
from exchange.checks import CHECKS
from ledger.audit import audit
from tests.exchange.conftest import Desk
from tests.network import NOON, Network

MAKER, CHECKER = Actor("lin.wei"), Actor("chen.yu")
TIERED = Terms(50_000, 60_000, 100, 500_000, {"gold": Fee(50), "base": Fee(200, 1)})
"""Standard: 1 % and 0.50; gold: 0.5 %; base: 2 % and a millionth."""


async def price(database: Database, terms: Terms, target: str | None = None, begin: datetime | None = None) -> None:
    """Two persons agree on it."""
    proposal = await submit(database, PriceChange("HOTEL", target, terms, begin), MAKER)
    assert isinstance(proposal, Proposal), proposal
    done = await approve(database, proposal.number, CHECKER, digest=proposal.digest, reason="agreed")
    assert isinstance(done, Proposal), done


async def assert_clean(database: Database) -> None:
    assert not (await audit(database, checks=CHECKS)).findings


@pytest.mark.parametrize(("tier", "fee"), [("gold", 750_000), ("base", 3_000_001)])
async def test_a_tier_pays_its_own_fee(network: Network, desk: Desk, tier: str, fee: int) -> None:
    """150.00 at 0.5 % is 0.75; at 2 % and a millionth 3.000001."""
    await price(network.database, TIERED)
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0}, tier=tier)
    made = await desk.accept(await desk.quote(ann, 3_000))
    assert made.conversion.fee_micro == fee
    assert made.conversion.target == (150_000_000 - fee) // 75_000
    await assert_clean(network.database)


async def test_a_fixed_fee(network: Network, desk: Desk, superuser: Connection) -> None:
    """An amount that it eats up becomes nothing, and the refusal says which would become something."""
    await price(network.database, Terms(50_000, 60_000, 100, 60_000_000, {"gold": Fee(50)}))
    ann = await network.enrol({"HOTEL": 9_000, "MILES": 0})
    found = await quote(network.database, QuoteRequest(ann.id, "HOTEL", "MILES", 1_000))
    assert found == TargetWouldBeZero(1_300)
    made = await desk.accept(await desk.quote(ann, 1_300))
    assert (made.conversion.fee_micro, made.conversion.target) == (60_650_000, 58)
    await assert_clean(network.database)
    await superuser.execute("UPDATE brands_rate SET fee_fixed_micro = 1 WHERE fee_fixed_micro > 1")
    columns = {found.column for found in (await audit(network.database, checks=CHECKS)).findings}
    assert columns == {"fee_micro", "target_amount", "credit_micro"}


async def test_a_pair_has_a_price_of_its_own(network: Network, desk: Desk) -> None:
    """HOTEL into MILES at 0.055 and 0.07 without a fee; into anything else as before."""
    await price(network.database, Terms(55_000, 75_000, 0), "MILES")
    ann = await network.enrol({"HOTEL": 6_000, "MILES": 0, "BEANS": 0})
    offer = await desk.quote(ann, 3_000)
    assert offer.pair_rate_id is not None
    made = await desk.accept(offer)
    assert (made.conversion.value_micro, made.conversion.target, made.conversion.fee_micro) == (165_000_000, 2_200, 0)
    assert (await desk.quote(ann, 3_000, target="BEANS")).conversion.target == 1_485_00
    await assert_clean(network.database)


async def test_a_quote_keeps_its_price(network: Network, desk: Desk, clock: SettableClock) -> None:
    """What begins within the quote's life applies to the next quote, to the microsecond."""
    await price(network.database, Terms(51_000, 60_000, 100), begin=NOON + timedelta(seconds=60))
    ann = await network.enrol({"HOTEL": 9_000, "MILES": 0})
    offer = await desk.quote(ann, 3_000)
    clock.set(NOON + timedelta(seconds=60) - timedelta(microseconds=1))
    assert (await desk.quote(ann, 3_000)).conversion.target == 1_980
    clock.set(NOON + timedelta(seconds=60))
    assert (await desk.quote(ann, 3_000)).conversion.target == 2_019
    assert (await desk.accept(offer)).conversion.target == 1_980
    await assert_clean(network.database)


async def test_a_paused_pair(network: Network, desk: Desk) -> None:
    """It is named among what cannot be had, refuses a quote given before, and goes on after two persons agreed."""
    ann = await network.enrol({"HOTEL": 9_000, "MILES": 0, "BEANS": 0})
    offer = await desk.quote(ann, 3_000)
    stopped = await pause(network.database, "HOTEL", "MILES", MAKER, reason="a doubt")
    assert isinstance(stopped, Pause)
    refusal = PairPaused("HOTEL", "MILES", NOON)
    assert await accept(network.database, desk.acceptance(offer)) == refusal
    found = await quotes(network.database, ann.id, "HOTEL", 3_000)
    assert isinstance(found, Offers)
    assert (len(found.quotes), found.unavailable) == (1, (Unavailable("MILES", refusal),))
    proposal = await resume(network.database, stopped.id, MAKER, reason="cleared")
    assert isinstance(proposal, Proposal)
    await approve(network.database, proposal.number, CHECKER, digest=proposal.digest, reason="agreed")
    assert isinstance(await accept(network.database, desk.acceptance(offer)), Exchange)


async def test_what_is_given_up_is_shown(network: Network) -> None:
    """The points that expire soonest go first; those still to come and those not needed are not among them."""
    ann = await network.enrol({"HOTEL": 1_000, "MILES": 0, "BEANS": 0}, expires_at=None)
    soon, later = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
    card = ann.cards["HOTEL"].id
    await network.give([(card, "HOTEL", 1_500)], later)
    await network.give([(card, "HOTEL", 800)], soon)
    expected: Sequence[tuple[int, tuple[Portion, ...]]] = [
        (3_000, (Portion(800, soon), Portion(1_500, later), Portion(700, None))),
        (1_000, (Portion(800, soon), Portion(200, later))),
    ]
    for amount, spends in expected:
        found = await quotes(network.database, ann.id, "HOTEL", amount)
        assert isinstance(found, Offers)
        assert found.spends == spends
        assert [offer.worth_micro for offer in found.quotes] == sorted(
            (offer.worth_micro for offer in found.quotes), key=lambda worth: -(worth or 0)
        )
