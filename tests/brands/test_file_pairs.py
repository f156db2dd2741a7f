"""Special prices of pairs in network files: always submitted, never in force by the file's word alone."""

from brands import Applied, ConfigRefused, apply, apply_all, directory, pricing
from brands.pricing import Decision, Proposal, ProposalKind
from core.database import Database
from core.persons import Actor
from tests.brands.samples import read
from tests.network import AIRLINE, HOTEL

MAKER, CHECKER = Actor("lin.wei"), Actor("chen.yu")
PAIR = '[programs.HOTEL.pairs.MILES]\nsell = "0.0500"\nbuy = "0.0700"\nfee_bp = 50\n\n'


def with_pair(pair: str = PAIR) -> str:
    """The hotel's file with a special price."""
    return HOTEL.replace("[rights.lounge]", f"{pair}[rights.lounge]", 1)


async def loaded(database: Database) -> None:
    assert isinstance(await apply_all(database, [read(HOTEL), read(AIRLINE)]), Applied)


async def price(database: Database) -> tuple[int, int, int] | None:
    """Of the pair, if it has one."""
    async with database.connection() as connection:
        known = await directory(connection)
    hotel, miles = known.program("HOTEL"), known.program("MILES")
    assert hotel is not None
    assert miles is not None
    found = known.prices.in_force((hotel.id, miles.id), database.clock.now())
    return None if found is None else (found.sell_micro, found.buy_micro, found.fee_bp)


async def approved(database: Database, proposal: Proposal) -> None:
    found = await pricing.approve(database, proposal.number, CHECKER, digest=proposal.digest, reason="agreed")
    assert isinstance(found, Proposal)
    assert found.decision is Decision.APPROVED


async def test_a_pairs_price_comes_changes_and_goes_by_two_persons(database: Database) -> None:
    """Submitted with its file, in force when another approves; the same file again changes nothing."""
    await loaded(database)
    nobody = await apply(database, read(with_pair()))
    assert isinstance(nobody, ConfigRefused)
    assert [problem.path for problem in nobody.problems] == ["programs.HOTEL.pairs.MILES"]
    first = await apply(database, read(with_pair()), actor=MAKER)
    assert isinstance(first, Applied)
    (proposal,) = first.proposals
    assert (proposal.matter.kind, await price(database)) == (ProposalKind.RATE, None)
    await approved(database, proposal)
    assert await price(database) == (50_000, 70_000, 50)
    assert await apply(database, read(with_pair())) == Applied(())
    gone = await apply(database, read(HOTEL), actor=MAKER)
    assert isinstance(gone, Applied)
    (ending,) = gone.proposals
    assert (ending.matter.kind, await price(database)) == (ProposalKind.END, (50_000, 70_000, 50))
    await approved(database, ending)
    assert await price(database) is None


async def test_what_a_pair_cannot_be(database: Database) -> None:
    """A program that is not there, its own, a tier that is not its, and a circle that profits: with their places."""
    await loaded(database)
    for pair, path in (
        (PAIR.replace("MILES", "MYLES"), "programs.HOTEL.pairs.MYLES"),
        (PAIR.replace("MILES", "HOTEL"), "programs.HOTEL.pairs.HOTEL"),
        (PAIR + "[programs.HOTEL.pairs.MILES.tiers.tin]\nfee_bp = 1\n\n", "programs.HOTEL.pairs.MILES.tiers.tin"),
        (PAIR.replace('"0.0700"', '"0.0100"'), "programs.HOTEL.pairs.MILES"),
    ):
        refused = await apply(database, read(with_pair(pair)), actor=MAKER)
        assert isinstance(refused, ConfigRefused), pair
        assert path in [problem.path for problem in refused.problems]
    assert await price(database) is None
