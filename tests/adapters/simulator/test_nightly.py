"""A brand of files only: Jade Markets' nights, played against the conformance suite and against bad files."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

import brands
from adapters.brand_systems.registry import open_brand_systems
from adapters.certification.suite import run
from adapters.certification.trial import Trial
from adapters.certification.verdict import Outcome
from adapters.drop.folders import Folders
from adapters.drop.jobs import exchange_files
from adapters.simulator.books import Member
from adapters.simulator.brand import BrandSimulator
from adapters.simulator.nightly import NightClerk
from adapters.simulator.terms import Terms
from brands import Program, load_network_file
from core.clock import SettableClock
from core.database import Database
from exchange.brand_system import Done, Failed, Failure, MemberReference, Operation, Pending
from tests.adapters.certification.stage import ended
from tests.brands.samples import EXAMPLES

NUMBER = "600001"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Jade:
    """The brand, its clerk, and our way to it."""

    brand: BrandSimulator
    clerk: NightClerk
    clock: SettableClock
    trial: Trial
    database: Database
    home: Path

    async def night(self, _: float = 0) -> None:
        """Our file goes out after the cut-off; the brand answers; its file comes in."""
        self.clock.advance(DAY)
        await self.exchange()
        self.clerk.work()
        await self.exchange()

    async def exchange(self) -> None:
        """What the worker does, until it finds nothing more."""
        while await exchange_files(self.database, self.home, {}):
            pass


@pytest.fixture
async def jade(pinned_database: Database, clock: SettableClock, tmp_path: Path) -> AsyncIterator[Jade]:
    config = load_network_file(EXAMPLES / "jade.toml")
    assert not isinstance(config, brands.ConfigRefused)
    assert isinstance(await brands.apply(pinned_database, config), brands.Applied)
    async with pinned_database.connection() as connection:
        program: Program | None = (await brands.directory(connection)).program("JADE")
    assert program is not None
    assert program.adapter.drop_folder is not None
    brand = BrandSimulator(Terms(program="JADE", decimals=2))
    brand.clock.stop(clock.now())
    brand.open_members(Member(NUMBER, 500_000))
    form, folders = program.adapter.drop_folder, Folders(tmp_path / "drop" / "jade")
    clerk = NightClerk(brand.terms, brand.desk, form, folders)
    async with open_brand_systems(pinned_database, tmp_path, {}) as systems:
        trial = Trial(systems.of(program), MemberReference(NUMBER), clock, 2, patience_seconds=5)
        found = Jade(brand, clerk, clock, trial, pinned_database, tmp_path)
        trial.pause = found.night
        yield found


async def test_the_suite_passes_night_by_night(jade: Jade) -> None:
    """What a brand of files can do at all, it does rightly; its books are whole, the member has what they had."""
    results = {result.code: result for result in await run(jade.trial)}
    member = jade.brand.books.members[NUMBER]
    assert ended(results, Outcome.FAILED) == {}
    assert ended(results, Outcome.OPEN) == {}
    assert {"credit-once", "changed-duplicate", "insufficient", "pending-ends", "reverse-parts", "list"} <= set(
        ended(results, Outcome.PASSED)
    )
    assert (jade.brand.books.total, member.balance) == (jade.brand.books.moved, 500_000)


async def test_nothing_is_answered_before_the_night(jade: Jade) -> None:
    asked = jade.trial.instruction(Operation.CREDIT, 1234)
    assert isinstance(await jade.trial.send(asked), Pending)
    await jade.exchange()
    assert jade.clerk.work() == []
    assert isinstance(await jade.trial.inquired(asked.reference), Pending)
    await jade.night()
    assert isinstance(await jade.trial.inquired(asked.reference), Done)
    assert jade.brand.books.members[NUMBER].balance == 501_234


async def test_each_of_a_nights_refusals_has_its_meaning(jade: Jade) -> None:
    jade.brand.open_members(Member("600403", 100, blocked=True))
    orders = {
        Failure.INSUFFICIENT: jade.trial.instruction(Operation.DEBIT, 500_001),
        Failure.MEMBER_NOT_FOUND: jade.trial.instruction(Operation.CREDIT, 1, "600404"),
        Failure.INELIGIBLE: jade.trial.instruction(Operation.CREDIT, 1, "600403"),
    }
    for asked in orders.values():
        await jade.trial.send(asked)
    await jade.night()
    for failure, asked in orders.items():
        found = await jade.trial.inquired(asked.reference)
        assert isinstance(found, Failed)
        assert found.failure is failure
    assert jade.brand.books.total == 500_100


@pytest.mark.parametrize("changed", [("合计,JADE,1,", "合计,JADE,2,"), (",12.34,", ",12.35,"), ("合计", "\n")])
async def test_a_file_that_does_not_prove_itself_is_put_aside(jade: Jade, changed: tuple[str, str]) -> None:
    """The brand books nothing of a file that was cut off or changed on its way."""
    await jade.trial.send(jade.trial.instruction(Operation.CREDIT, 1234))
    jade.clock.advance(DAY)
    await jade.exchange()
    (file,) = jade.clerk.folders.outgoing.glob("*.csv")
    file.write_text(file.read_text("gb18030").replace(changed[0], changed[1], 1), "gb18030")
    assert jade.clerk.work() == []
    assert [path.name for path in (jade.clerk.folders.outgoing / "refused").iterdir()] == [file.name]
    assert (jade.brand.books.total, jade.clerk.work()) == (500_000, [])


async def test_a_file_that_comes_twice_is_booked_once(jade: Jade) -> None:
    """The second time it is answered as the first."""
    await jade.trial.send(jade.trial.instruction(Operation.CREDIT, 1234))
    jade.clock.advance(DAY)
    await jade.exchange()
    (file,) = jade.clerk.folders.outgoing.glob("*.csv")
    written = file.read_bytes()
    (name,) = jade.clerk.work()
    first = (jade.clerk.folders.incoming / name).read_bytes()
    file.write_bytes(written)
    assert jade.clerk.work() == [name]
    assert (jade.clerk.folders.incoming / name).read_bytes() == first
    assert jade.brand.books.members[NUMBER].balance == 501_234
