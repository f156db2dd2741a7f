"""The example brands, and the built-in mapping of the simulator, against the simulator: one suite for all kinds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

import brands
from adapters.brand_systems.registry import OpenBrandSystems, open_brand_systems
from adapters.simulator.books import Member
from adapters.simulator.brand import BrandSimulator
from adapters.simulator.faults import Fault, FaultKind
from adapters.simulator.terms import Terms
from brands import Program, load_network_file, parse_network
from core.database import Database
from core.ids import new_id
from exchange.brand_system import (
    BrandSystem,
    Done,
    Failed,
    Failure,
    FollowUp,
    Instruction,
    Leg,
    LinkedMember,
    MemberReference,
    NotFound,
    Operation,
    Pending,
    Reference,
)
from tests.brands.adapter_samples import SIMULATOR
from tests.brands.samples import EXAMPLES

KINDS = ["RAIL", "HARBOUR", "LUMEN"]
ANNA = MemberReference("1001", "Anna")


@dataclass(frozen=True, slots=True)
class Stage:
    """A brand that is played, and our way to it."""

    simulator: BrandSimulator
    program: Program
    systems: OpenBrandSystems

    @property
    def system(self) -> BrandSystem:
        """The way to it."""
        return self.systems.of(self.program)

    def points(self, whole: int) -> int:
        """Minor units."""
        return int(whole * 10**self.program.scale)

    def order(self, operation: Operation, whole: int, number: str = "1001") -> Instruction:
        """A new instruction."""
        member = MemberReference(number, "Anna")
        return Instruction(
            Reference(new_id(), Leg.SOURCE, operation), member, self.points(whole), self.systems.clock.now()
        )

    def undo(self, order: Instruction, whole: int, operation: Operation = Operation.REVERSAL) -> FollowUp:
        """What follows upon it."""
        reference = Reference(new_id(), Leg.SOURCE, operation)
        return FollowUp(reference, order.reference, None, order.member, self.points(whole), self.systems.clock.now())

    def has(self, number: str = "1001") -> int:
        """Whole points in the brand's books."""
        return int(self.simulator.books.members[number].balance // 10**self.program.scale)


@asynccontextmanager
async def played(code: str, database: Database, home: Path) -> AsyncIterator[Stage]:
    """The brand, played by the simulator."""
    config = (
        parse_network(SIMULATOR.encode()) if code == "RAIL" else load_network_file(EXAMPLES / f"{code.lower()}.toml")
    )
    assert not isinstance(config, brands.ConfigRefused), config.message
    assert isinstance(await brands.apply(database, config), brands.Applied)
    async with database.connection() as connection:
        program = (await brands.directory(connection)).program(code)
    assert program is not None
    terms = Terms(program=code, decimals=program.scale, validation_required=code == "HARBOUR")
    simulator = BrandSimulator(terms)
    scale = 10**program.scale
    simulator.open_members(
        Member(number="1001", balance=5000 * scale, tier="silver", last_name="Anna"),
        Member(number="1002", balance=0, blocked=True),
    )
    async with simulator.serving() as url:
        graph = "/graphql" if code == "LUMEN" else ""
        given = {f"AGIO_BRAND_{code}_URL": url + graph, f"AGIO_BRAND_{code}_API_KEY": terms.key}
        async with open_brand_systems(database, home, given) as systems:
            yield Stage(simulator, program, systems)


@pytest.fixture(params=KINDS)
async def stage(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> AsyncIterator[Stage]:
    async with played(request.param, database, tmp_path) as found:
        yield found


def failure(answer: object) -> Failure:
    assert isinstance(answer, Failed), answer
    return answer.failure


async def test_members(stage: Stage) -> None:
    """Validated, known, unknown, of another name, blocked."""
    system = stage.system
    assert (await system.health()).up
    found = await system.validate(ANNA)
    assert isinstance(found, LinkedMember)
    assert (found.number, found.tier) == ("1001", "silver")
    assert failure(await system.validate(MemberReference("9"))) is Failure.MEMBER_NOT_FOUND
    assert failure(await system.validate(MemberReference("1001", "Bert"))) is Failure.NAME_MISMATCH
    assert await system.tier(ANNA) == "silver"
    balance = await system.balance(ANNA)
    assert not isinstance(balance, Failed)
    assert balance.amount == stage.points(5000)
    assert not isinstance(await system.link(ANNA), Failed)
    assert await system.unlink(ANNA) == Done(None)


async def test_debits_and_credits(stage: Stage) -> None:
    """Done once, however often they are sent; another content under a known reference is refused."""
    system, debit = stage.system, stage.order(Operation.DEBIT, 700)
    first = await system.debit(debit)
    assert isinstance(first, Done)
    assert first.brand_reference
    again = await system.debit(debit)
    assert isinstance(again, Done)
    assert again.brand_reference == first.brand_reference
    changed = Instruction(debit.reference, debit.member, debit.amount + stage.points(1), debit.occurred_at)
    assert failure(await system.debit(changed)) is Failure.DUPLICATE_CHANGED
    assert isinstance(await system.credit(stage.order(Operation.CREDIT, 50)), Done)
    assert failure(await system.debit(stage.order(Operation.DEBIT, 5000))) is Failure.INSUFFICIENT
    assert failure(await system.credit(stage.order(Operation.CREDIT, 9, "404"))) is Failure.MEMBER_NOT_FOUND
    assert stage.has() == 4350


async def test_reversals(stage: Stage) -> None:
    """In parts, up to the whole, and no further."""
    system, debit = stage.system, stage.order(Operation.DEBIT, 700)
    assert isinstance(await system.debit(debit), Done)
    assert isinstance(await system.reverse(stage.undo(debit, 200)), Done)
    assert failure(await system.reverse(stage.undo(debit, 501))) is Failure.REVERSAL_EXCEEDS
    assert isinstance(await system.reverse(stage.undo(debit, 500)), Done)
    assert failure(await system.reverse(stage.undo(debit, 1))) is Failure.ALREADY_REVERSED
    assert stage.has() == 5000


async def test_inquiries(stage: Stage) -> None:
    """What was done is found; what was not is not; what is open is pending."""
    system, debit = stage.system, stage.order(Operation.DEBIT, 700)
    now = stage.systems.clock.now()
    assert await system.inquire(debit.reference, None, now) == NotFound(final=False)
    assert await system.inquire(debit.reference, None, now - timedelta(hours=1)) == NotFound(final=True)
    done = await system.debit(debit)
    assert isinstance(done, Done)
    found = await system.inquire(debit.reference, done.brand_reference, now)
    assert isinstance(found, Done)
    assert found.brand_reference == done.brand_reference
    refused = stage.order(Operation.DEBIT, 5001)
    assert failure(await system.debit(refused)) is Failure.INSUFFICIENT
    assert failure(await system.inquire(refused.reference, None, now)) is Failure.INSUFFICIENT


FAULTS = [
    (FaultKind.LOST_REQUEST, Failure.UNKNOWN, NotFound),
    (FaultKind.LOST_ANSWER, Failure.UNKNOWN, Done),
    (FaultKind.MALFORMED, Failure.UNKNOWN, Done),
    (FaultKind.HALF, Failure.UNKNOWN, Done),
    (FaultKind.TOO_MANY, Failure.RATE_LIMITED, NotFound),
    (FaultKind.ERROR_BEFORE, Failure.UNKNOWN, NotFound),
    (FaultKind.ERROR_AFTER, Failure.UNKNOWN, Done),
    (FaultKind.SYSTEM_ERROR, Failure.NOT_SENT, NotFound),
    (FaultKind.MAINTENANCE, Failure.NOT_SENT, NotFound),
]


async def test_faults(stage: Stage, subtests: pytest.Subtests) -> None:
    """Each is told as what it is, the inquiry finds out, and sending it again does it once."""
    system, expected = stage.system, 5000
    for kind, said, found in FAULTS:
        with subtests.test(kind=kind):
            debit = stage.order(Operation.DEBIT, 10)
            stage.simulator.faults.set((Fault(kind=kind, reference=debit.reference.text, times=1),))
            assert failure(await system.debit(debit)) is said
            stage.simulator.faults.set(())
            asked = await system.inquire(debit.reference, None, stage.systems.clock.now())
            assert isinstance(asked, found)
            assert isinstance(await system.debit(debit), Done)
            expected -= 10
            assert stage.has() == expected


async def test_what_is_decided_later(stage: Stage) -> None:
    """Pending with the time to ask, then done or refused."""
    system = stage.system
    for kind, end in ((FaultKind.PENDING_SUCCESS, Done), (FaultKind.PENDING_FAILURE, Failed)):
        debit = stage.order(Operation.DEBIT, 10)
        stage.simulator.faults.set((Fault(kind=kind, reference=debit.reference.text, seconds=60),))
        first = await system.debit(debit)
        assert isinstance(first, Pending)
        assert first.ask_after_seconds == 60
        asked = await system.inquire(debit.reference, None, stage.systems.clock.now())
        assert isinstance(asked, Pending)
        stage.simulator.clock.advance(timedelta(seconds=61))
        assert isinstance(await system.inquire(debit.reference, None, stage.systems.clock.now()), end)
    assert stage.has() == 4990


async def test_movements(stage: Stage) -> None:
    """What the brand booked, signed as the member sees it."""
    system, begin = stage.system, stage.simulator.clock.now() - timedelta(minutes=1)
    debit, credit = stage.order(Operation.DEBIT, 30), stage.order(Operation.CREDIT, 20)
    assert isinstance(await system.debit(debit), Done)
    assert isinstance(await system.credit(credit), Done)
    until = stage.simulator.clock.now() + timedelta(minutes=1)
    found = [(one.our_reference, one.number, one.amount) async for one in system.transactions(begin, until)]
    assert found[-2:] == [
        (debit.reference.text, "1001", -stage.points(30)),
        (credit.reference.text, "1001", stage.points(20)),
    ]


async def test_points_set_aside(database: Database, tmp_path: Path) -> None:
    """Held points are taken or given back."""
    async with played("LUMEN", database, tmp_path) as stage:
        system = stage.system
        first, second = stage.order(Operation.HOLD, 100), stage.order(Operation.HOLD, 200)
        assert isinstance(await system.hold(first), Done)
        assert isinstance(await system.hold(second), Done)
        assert isinstance(await system.capture(stage.undo(first, 100, Operation.CAPTURE)), Done)
        assert isinstance(await system.release(stage.undo(second, 200, Operation.RELEASE)), Done)
        assert stage.has() == 4900
