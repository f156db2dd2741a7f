"""Prices change by two persons, exactly as submitted, and no circle of exchanges can profit by them."""

import asyncio
from datetime import timedelta, timezone
from fractions import Fraction
from typing import TypeVar

import asyncpg
import pytest

from brands import Applied, ConfigRefused, Directory, Rate, apply, directory, rate_history
from brands.prices import Pause
from brands.pricing import (
    CircleProfits,
    Decision,
    DigestDiffers,
    NoSuchProgram,
    NothingToEnd,
    PriceChange,
    PriceMoved,
    PriceUnchanged,
    Proposal,
    ProposalDecided,
    ProposalNotFound,
    ReasonMissing,
    SamePerson,
    TermsUnfit,
    approve,
    end_pair,
    pause,
    proposals,
    reject,
    resume,
    submit,
)
from brands.rate import Fee, Terms
from core.clock import SettableClock
from core.database import Database
from core.persons import Actor
from tests.brands.samples import CAFE, HOTEL, bend, put, put_refused, read
from tests.network import NOON

MAKER, CHECKER = Actor("lin.wei"), Actor("chen.yu")
NEW = Terms(5_100, 6_000, 100)
"""HOTEL has one decimal: 0.051 and 0.06 a point."""

Value = TypeVar("Value")


def given(found: Value | object, kind: type[Value]) -> Value:
    assert isinstance(found, kind), found
    return found


async def current(database: Database) -> Directory:
    async with database.connection() as connection:
        return await directory(connection)


async def propose(database: Database, terms: Terms, target: str | None = None, program: str = "HOTEL") -> Proposal:
    return given(await submit(database, PriceChange(program, target, terms), MAKER), Proposal)


async def settle(database: Database, proposal: Proposal, actor: Actor = CHECKER) -> Proposal:
    found = await approve(database, proposal.number, actor, digest=proposal.digest, reason="agreed")
    return given(found, Proposal)


async def history(database: Database, program: str = "HOTEL", target: str | None = None) -> list[Rate]:
    known = await current(database)
    ids = [found.id for code in (program, target) if code and (found := known.program(code))]
    async with database.connection() as connection:
        return await rate_history(connection, *ids)


@pytest.fixture
async def network(pinned_database: Database) -> Database:
    """Two programs in force since noon."""
    await put(pinned_database, HOTEL, CAFE)
    return pinned_database


async def test_two_persons_make_a_new_version(network: Database, clock: SettableClock) -> None:
    """It begins when it is approved, without a gap, and names both of them."""
    proposal = await propose(network, NEW)
    assert (proposal.moved_bp, proposal.decision) == (200, None)
    assert len(await history(network)) == 1
    clock.advance(timedelta(hours=1))
    settled = await settle(network, proposal)
    latest, first = await history(network)
    assert (settled.decision, settled.decided_by, settled.rate_id) == (Decision.APPROVED, "chen.yu", latest.id)
    assert (latest.version, latest.terms, latest.submitted_by, latest.approved_by) == (2, NEW, "lin.wei", "chen.yu")
    assert (first.valid_to, latest.valid_from, latest.valid_to) == (latest.valid_from, NOON + timedelta(hours=1), None)
    known = await current(network)
    program = known.program("HOTEL")
    assert program is not None
    assert known.rate(program.id) == latest
    assert await settle(network, proposal) == settled


async def test_whoever_submitted_cannot_approve(network: Database) -> None:
    """Under no spelling of the name; the table refuses it as well."""
    proposal = await propose(network, NEW)
    found = await approve(network, proposal.number, Actor(" Lin.WEI "), digest=proposal.digest, reason="agreed")
    assert found == SamePerson(proposal.number, "lin.wei")
    assert len(await history(network)) == 1
    async with network.connection() as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                "UPDATE brands_rate_proposal SET decision = 'APPROVED', decided_by = submitted_by, decided_at = now(),"
                " decided_reason = '', rate_id = (SELECT id FROM brands_rate LIMIT 1)"
            )


async def test_a_change_after_submission_voids_it(network: Database) -> None:
    """Whoever approves names what was seen; a later submission takes the earlier one's place."""
    first = await propose(network, NEW)
    second = await propose(network, Terms(4_900, 6_000, 100))
    assert await approve(network, first.number, CHECKER, digest=first.digest, reason="agreed") == ProposalDecided(
        first.number, Decision.VOIDED
    )
    found = await approve(network, second.number, CHECKER, digest=first.digest, reason="agreed")
    assert found == DigestDiffers(second.number, second.digest)
    assert [rate.version for rate in await history(network)] == [1]


async def test_a_price_that_moved_voids_what_was_to_follow_it(network: Database, clock: SettableClock) -> None:
    """A proposal follows the price that its submitter saw, and no other."""
    planned = PriceChange("HOTEL", None, Terms(4_900, 6_000, 100), NOON + timedelta(days=1))
    await settle(network, given(await submit(network, planned, MAKER), Proposal))
    proposal = await propose(network, NEW)
    clock.advance(timedelta(days=2))
    found = await approve(network, proposal.number, CHECKER, digest=proposal.digest, reason="agreed")
    assert found == PriceMoved(proposal.number)
    assert [rate.version for rate in await history(network)] == [2, 1]
    async with network.connection() as connection:
        assert (await proposals(connection))[0].decision is Decision.VOIDED


async def test_what_cannot_be_submitted(network: Database) -> None:
    """Each with its own reason, and nothing is kept."""
    cases = [
        (PriceChange("NOPE", None, NEW), NoSuchProgram("NOPE")),
        (PriceChange("HOTEL", "NOPE", NEW), NoSuchProgram("NOPE")),
        (PriceChange("HOTEL", None, Terms(5_000, 6_000, 100)), PriceUnchanged()),
    ]
    for change, refusal in cases:
        assert await submit(network, change, MAKER) == refusal
    unfit = [
        (PriceChange("HOTEL", "HOTEL", NEW), "target"),
        (PriceChange("HOTEL", None, Terms(6_001, 6_000, 100)), "sell"),
        (PriceChange("HOTEL", None, Terms(0, 6_000, 100)), "sell"),
        (PriceChange("HOTEL", None, Terms(2**62, 2**62, 100)), "sell"),
        (PriceChange("HOTEL", None, Terms(5_000, 6_000, 5_001)), "fee_bp"),
        (PriceChange("HOTEL", None, Terms(5_000, 6_000, 100, -1)), "fee_fixed"),
        (PriceChange("HOTEL", None, Terms(5_000, 6_000, 100, 0, {"royal": Fee(0)})), "tiers"),
        (PriceChange("HOTEL", None, NEW, None, NOON), "valid_to"),
        (PriceChange("HOTEL", None, NEW, NOON + timedelta(days=2), NOON + timedelta(days=1)), "valid_to"),
    ]
    for change, field in unfit:
        assert given(await submit(network, change, MAKER), TermsUnfit).field == field
    async with network.connection() as connection:
        assert await proposals(connection) == []


async def test_a_pair_that_closes_a_profitable_circle(network: Database) -> None:
    """The circle is named with what it gains: the fee of the best tier counts, not the standard one."""
    cheap = Terms(5_000, 900_000, 100, 0, {"fine": Fee(0)})
    back = Terms(1_000_000, 5_500, 0)
    await settle(network, await propose(network, cheap, "CAFE"))
    found = given(await submit(network, PriceChange("CAFE", "HOTEL", back), MAKER), CircleProfits)
    assert found.product == Fraction(5_000, 900_000) * Fraction(1_000_000, 5_500)
    assert (found.programs, found.gain) == (("HOTEL", "CAFE", "HOTEL"), "0.010102")
    assert "HOTEL → CAFE → HOTEL" in found.message


async def test_circles_are_looked_for_again_at_the_approval(network: Database) -> None:
    """Two prices that are each harmless alone: the second one approved is refused, also when both come at once."""
    there = await propose(network, Terms(5_500, 1_000_000, 0), "CAFE")
    back = await propose(network, Terms(1_000_000, 5_400, 0), "HOTEL", "CAFE")
    found = await asyncio.gather(
        *(approve(network, each.number, CHECKER, digest=each.digest, reason="agreed") for each in (there, back))
    )
    assert sorted(type(each).__name__ for each in found) == ["CircleProfits", "Proposal"]
    assert len(await history(network, "HOTEL", "CAFE")) + len(await history(network, "CAFE", "HOTEL")) == 1


async def test_circles_are_looked_for_at_every_instant_to_come(network: Database) -> None:
    """A price that begins tomorrow counts from tomorrow on, and one that has ended by then does not."""
    tomorrow = NOON + timedelta(days=1)
    there = PriceChange("HOTEL", "CAFE", Terms(5_500, 1_000_000, 0), tomorrow)
    await settle(network, given(await submit(network, there, MAKER), Proposal))
    back = Terms(1_000_000, 5_400, 0)
    found = await submit(network, PriceChange("CAFE", "HOTEL", back), MAKER)
    assert given(found, CircleProfits).instant == tomorrow
    today = given(await submit(network, PriceChange("CAFE", "HOTEL", back, None, tomorrow), MAKER), Proposal)
    await settle(network, today)


async def test_a_price_for_a_while(network: Database, clock: SettableClock) -> None:
    """It has a beginning and an end, and what was in force before comes back as a further version."""
    begin, end = NOON + timedelta(days=1), NOON + timedelta(days=3)
    change = PriceChange("HOTEL", None, NEW, begin, end)
    await settle(network, given(await submit(network, change, MAKER), Proposal))
    found = [(rate.version, rate.sell_micro, rate.valid_from, rate.valid_to) for rate in await history(network)]
    assert found == [(3, 5_000, end, None), (2, 5_100, begin, end), (1, 5_000, NOON, begin)]
    known = await current(network)
    program = known.program("HOTEL")
    assert program is not None
    instants = [NOON, begin - timedelta(microseconds=1), begin, end - timedelta(microseconds=1), end]
    in_force = [known.prices.rate(program.id, instant) for instant in instants]
    assert [rate and rate.version for rate in in_force] == [1, 1, 2, 2, 3]
    async with network.connection() as connection:
        at = [(await rate_history(connection, program.id, at=instant))[0].version for instant in instants]
    assert at == [1, 1, 2, 2, 3]
    clock.advance(timedelta(days=2))
    assert await submit(network, PriceChange("HOTEL", None, NEW), MAKER) == PriceUnchanged()


async def test_no_price_begins_in_the_past(network: Database, clock: SettableClock) -> None:
    """A past beginning is refused; one that passes before the approval becomes the approval's own instant, as shown."""
    late = PriceChange("HOTEL", None, NEW, NOON - timedelta(seconds=1))
    assert given(await submit(network, late, MAKER), TermsUnfit).field == "valid_from"
    begin = NOON + timedelta(hours=1)
    proposal = given(await submit(network, PriceChange("HOTEL", None, NEW, begin), MAKER), Proposal)
    assert proposal.takes_effect_at(clock.now()) == begin
    clock.advance(timedelta(hours=2))
    assert proposal.takes_effect_at(clock.now()) is None, "with the approval"
    settled = await settle(network, proposal)
    clock.advance(timedelta(hours=2))
    assert settled.takes_effect_at(clock.now()) == NOON + timedelta(hours=2)
    assert (await history(network))[0].valid_from == NOON + timedelta(hours=2)
    sent_back = await reject(network, (await propose(network, Terms(5_200, 6_000, 100))).number, CHECKER, reason="no")
    assert given(sent_back, Proposal).takes_effect_at(clock.now()) is None


async def test_instants_mean_the_same_in_any_time_zone(network: Database) -> None:
    """A beginning and an end by the clock of Shanghai: the digest is that of what is kept."""
    shanghai = timezone(timedelta(hours=8))
    window = [(NOON + timedelta(days=days)).astimezone(shanghai) for days in (1, 3)]
    found = given(await submit(network, PriceChange("HOTEL", None, NEW, *window), MAKER), Proposal)
    assert found.digest == found.matter.digest
    assert (found.matter.valid_from, found.matter.valid_to) == tuple(window)
    await settle(network, found)


async def test_the_end_of_a_special_price(network: Database) -> None:
    """Two persons end it; what was planned for later never begins."""
    await settle(network, await propose(network, Terms(5_000, 950_000, 100), "CAFE"))
    later = PriceChange("HOTEL", "CAFE", Terms(5_000, 940_000, 100), NOON + timedelta(days=1))
    await settle(network, given(await submit(network, later, MAKER), Proposal))
    ending = given(await end_pair(network, "HOTEL", "CAFE", MAKER), Proposal)
    await settle(network, ending)
    assert all(rate.valid_to == rate.valid_from for rate in await history(network, "HOTEL", "CAFE"))
    known = await current(network)
    assert all(target is None for _, target in known.prices.at(NOON + timedelta(days=9)))
    assert await end_pair(network, "HOTEL", "CAFE", MAKER) == NothingToEnd("HOTEL", "CAFE")


@pytest.mark.parametrize(
    ("terms", "paused"),
    [
        (Terms(6_000, 6_000, 100), []),
        (Terms(3_999, 6_000, 100), [("HOTEL", None, 2_002)]),
        (Terms(5_000, 7_201, 100), [(None, "HOTEL", 2_002)]),
        (Terms(1_000, 9_000, 100), [("HOTEL", None, 8_000), (None, "HOTEL", 5_000)]),
    ],
)
async def test_a_price_that_swings_pauses_what_it_moves(
    network: Database, terms: Terms, paused: list[tuple[str | None, str | None, int]]
) -> None:
    """By more than 20 %: the sell price all exchanges out of the program, the buy price all exchanges into it."""
    await settle(network, await propose(network, terms))
    known = await current(network)
    code = {program.id: program.code for program in known.programs.values()}
    found = [(code.get(one.source_id), code.get(one.target_id), one.moved_bp) for one in known.prices.pauses]  # type: ignore[arg-type]
    assert sorted(found, key=str) == sorted(paused, key=str)


async def test_two_persons_resume_a_paused_pair(network: Database) -> None:
    """One stops it at once; it goes on when a second person agrees."""
    stopped = given(await pause(network, "HOTEL", "CAFE", MAKER, reason="a doubt"), Pause)
    proposal = given(await resume(network, stopped.id, MAKER, reason="cleared"), Proposal)
    assert given(
        await approve(network, proposal.number, MAKER, digest=proposal.digest, reason="x"), SamePerson
    ) == SamePerson(proposal.number, "lin.wei")
    assert (await current(network)).prices.pauses == (stopped,)
    await settle(network, proposal)
    assert (await current(network)).prices.pauses == ()


async def test_rejecting(network: Database) -> None:
    """With a reason; then nobody approves it any more."""
    proposal = await propose(network, NEW)
    assert await reject(network, proposal.number, CHECKER, reason=" ") == ReasonMissing()
    assert await reject(network, 99, CHECKER, reason="no") == ProposalNotFound(99)
    rejected = given(await reject(network, proposal.number, CHECKER, reason="no"), Proposal)
    assert await reject(network, proposal.number, CHECKER, reason="no") == rejected
    found = await approve(network, proposal.number, CHECKER, digest=proposal.digest, reason="agreed")
    assert found == ProposalDecided(proposal.number, Decision.REJECTED)
    assert len(await history(network)) == 1


async def test_a_changed_file_waits_for_a_second_person(network: Database) -> None:
    """Its first rate needed nobody; a change needs a name, and is approved like any other."""
    bent = bend(HOTEL, 'sell = "0.05"', 'sell = "0.051"')
    nobody = await apply(network, read(bent))
    assert "takes two persons" in given(nobody, ConfigRefused).message
    applied = given(await apply(network, read(bent), actor=MAKER), Applied)
    (proposal,) = applied.proposals
    assert [str(change) for change in applied.changes] == ["programs.HOTEL.rate.sell: 0.05000 → 0.05100"]
    assert (proposal.matter.terms, len(await history(network))) == (NEW, 1)
    await settle(network, proposal)
    assert given(await apply(network, read(bent)), Applied) == Applied(())
    await settle(network, await propose(network, Terms(5_200, 6_000, 100)))
    assert given(await apply(network, read(bent)), Applied) == Applied(())
    latest = bend(HOTEL, 'sell = "0.05"', 'sell = "0.052"')
    assert given(await apply(network, read(latest)), Applied).proposals == ()
    assert [rate.version for rate in await history(network)] == [3, 2, 1]


async def test_a_file_that_is_taken_back_voids_what_it_proposed(network: Database) -> None:
    """It names the price in force again, so nothing waits any more."""
    await put(network, bend(HOTEL, 'sell = "0.05"', 'sell = "0.051"'))
    await put(network, HOTEL)
    async with network.connection() as connection:
        assert [each.decision for each in await proposals(connection)] == [Decision.VOIDED]


async def test_a_new_program_may_not_close_a_circle(network: Database) -> None:
    """A program without a spread makes a way round a pair whose special price is worse than the programs' own."""
    await settle(network, await propose(network, Terms(5_000, 1_200_000, 0), "CAFE"))
    await settle(network, await propose(network, Terms(1_000_000, 4_600, 0), "HOTEL", "CAFE"))
    tea = CAFE.replace("CAFE", "TEA").replace("brands.cafe", "brands.tea").replace('"cafe"', '"tea"')
    (problem,) = await put_refused(network, tea)
    assert "programs.TEA.rate" in problem
    assert "1 becomes up to 1 + 0.076087" in problem
    assert (await current(network)).program("TEA") is None


async def test_a_rate_is_only_ever_added_to(network: Database) -> None:
    """The application cannot rewrite prices, proposals or pauses."""
    async with network.connection() as connection:
        for statement in (
            "UPDATE brands_rate SET sell_micro = 1",
            "UPDATE brands_rate_proposal SET terms = '{}'",
            "DELETE FROM brands_rate_proposal",
            "DELETE FROM brands_rate_pause",
            "UPDATE brands_rate_pause SET since = now()",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_a_clock_that_went_back_leaves_no_rate_with_a_negative_life(
    network: Database, clock: SettableClock
) -> None:
    """The new rate begins when the old one did."""
    clock.advance(timedelta(hours=-1))
    await settle(network, await propose(network, NEW))
    assert [(rate.valid_from, rate.valid_to) for rate in await history(network)] == [(NOON, None), (NOON, NOON)]
