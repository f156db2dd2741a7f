"""Windows of exchanges with every ending, paid, disputed, deposited: every identity after each step, killed or not.

`AGIO_WINDOWS=300 AGIO_EXCHANGES=60 python -m pytest tests/settlement/test_endings.py` looks further.
"""

import os
from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path
from random import Random
from typing import BinaryIO, cast

import pytest
from beancount import loader

import exchange.checks
from brands import directory
from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from core.scratch import connect_as_owner, create_database, drop_database
from ledger import audit, trial_balance
from ledger.audit import AuditCheck
from settlement import AUDIT_CHECKS, STATEMENTS_CHECK, Replay, Status, current_window, replay, windows
from settlement.audit import BankEqualsItsStatement, DueAndOwedEqualTheNets, PositionsSumToZero
from settlement.cash import (
    BankAccount,
    Imported,
    Proposal,
    due_payments,
    import_bank_statements,
    propose_bank_account,
    unexplained_lines,
)
from settlement.cash.deposits import propose_top_up
from settlement.cash.disputes import Outcome, disputes, propose_dispute, propose_end, propose_tolerance
from settlement.general_ledger import Extent, export_journal
from settlement.month_end import Heading, Month, MonthEnd, month_end
from tests.exchange.saga.stage import Stage, open_stage
from tests.settlement.cash.bank import HOUSE, Movement, camt
from tests.settlement.endings import EVERY, Endings, people
from tests.settlement.steps import STEPS
from tests.settlement.test_random_windows import kill
from tests.settlement.trade import MAKER, approved, done, seen

WINDOWS = int(os.environ.get("AGIO_WINDOWS", "2"))
EXCHANGES = int(os.environ.get("AGIO_EXCHANGES", "12"))

NOW: tuple[AuditCheck, ...] = (PositionsSumToZero(), DueAndOwedEqualTheNets(), BankEqualsItsStatement())


async def identities(database: Database) -> None:
    """Assets sum to zero, positions to what is in flight, due and owed to the nets; the bank is its statement."""
    async with database.connection() as connection:
        sums: dict[str, int] = {}
        for line in await trial_balance(connection, database.clock.now()):
            sums[line.asset] = sums.get(line.asset, 0) + line.net_credit
        assert not any(sums.values()), sums
        for check in NOW:
            assert await check.look(connection, ()) == []


async def everything(database: Database) -> None:
    """All that the audit proves, every statement written again, every window replayed, months and journal tied."""
    checks = (*exchange.checks.CHECKS, *AUDIT_CHECKS, STATEMENTS_CHECK)
    report = await audit(database, checks=checks)
    assert report.whole, report.findings
    for window in await windows(database):
        if window.status.has_reached(Status.NETTED):
            proof = await replay(database, window.id)
            assert isinstance(proof, Replay)
            assert proof.agrees
    month = Month.of(database.clock.now().date())
    async with database.connection() as connection:
        programs = [it.code for it in (await directory(connection)).programs.values()]
    for program in programs:
        found = await month_end(database, program, month)
        assert isinstance(found, MonthEnd), found
        assert found.points.moved[Heading.ADJUSTMENTS] == 0
    journal = BytesIO()
    await export_journal(database, cast("BinaryIO", journal), "beancount", Extent())
    _, errors, _ = loader.load_string(journal.getvalue().decode())
    assert errors == []


async def register(database: Database) -> None:
    """Everybody's bank account, by two persons."""
    for place, code in enumerate(("operator", "hotel", "airline", "rail", "ferry")):
        account = HOUSE if code == "operator" else BankAccount(code.title(), f"62220000001{place}", "104100000004")
        await approved(database, await propose_bank_account(database, code, account, MAKER, reason="the contract"))


class Desk:
    """Finance at work, by chance."""

    def __init__(self, database: Database, folder: Path, random: Random) -> None:
        self._database, self._folder, self._random = database, folder, random
        self._held_fen, self._day = 1_000_00, 0
        self.did: set[str] = set()

    async def settle(self) -> None:
        """The open window, from its close to the order for the bank; every step may be killed on its way."""
        window = await current_window(self._database)
        for goal, step in STEPS.items():
            if self._random.random() < 0.3:
                await kill(step(self._database, window.id, self._folder), self._random)
            assert done(await step(self._database, window.id, self._folder)).status.has_reached(goal)
            await identities(self._database)

    async def bank(self) -> None:
        """A statement of the bank: whole and part payments, too much, and strangers' money."""
        self._day += 1
        movements = [Movement(self._random.randrange(1_00, 500_00), "a stranger")] if self._chance(0.5) else []
        for payment in await due_payments(self._database):
            fen = self._random.choice([payment.open_fen, max(1, payment.open_fen // 2), payment.open_fen + 1])
            if self._chance(0.6):
                movements.append(Movement(fen if payment.incoming else -fen, payment.reference))
        answer = await import_bank_statements(self._database, camt(f"S{self._day}", self._held_fen, *movements), MAKER)
        assert isinstance(answer, Imported), answer
        self._held_fen += sum(movement.fen for movement in movements)
        await identities(self._database)

    async def decide(self) -> None:
        """Disputes begun and ended, small differences given up, unknown receipts made deposits; two persons each."""
        for payment in await due_payments(self._database):
            if payment.incoming and self._chance(0.3):
                wanted = propose_dispute(self._database, payment.id, payment.open_fen, MAKER, reason="not ours")
                await self._approve("disputed", wanted)
            elif payment.incoming and self._chance(0.3):
                await self._approve(
                    "tolerated", propose_tolerance(self._database, payment.id, 1, MAKER, reason="a fen")
                )
        for found in await disputes(self._database):
            if self._chance(0.5):
                given_up = propose_end(
                    self._database, found.id, Outcome.WRITTEN_OFF, found.open_fen, MAKER, reason="not worth it"
                )
                await self._approve("written off", given_up)
        for line in await unexplained_lines(self._database):
            if line.amount_fen > 0 and self._chance(0.5):
                wanted_deposit = propose_top_up(
                    self._database, line.id, "rail", "network", line.left_fen, MAKER, reason="it is theirs"
                )
                await self._approve("deposited", wanted_deposit)
        await identities(self._database)

    async def _approve(self, what: str, proposing: Awaitable[object]) -> None:
        proposed = await proposing
        if isinstance(proposed, Proposal):
            await approved(self._database, proposed)
            self.did.add(what)

    def _chance(self, of: float) -> bool:
        return self._random.random() < of


@pytest.fixture
async def stage(pinned_database: Database, clock: SettableClock, superuser: Connection) -> Stage:
    """Two brands outside and two on the platform."""
    return await open_stage(pinned_database, clock, superuser)


async def test_every_identity_holds_after_every_step(stage: Stage, tmp_path: Path) -> None:
    random = Random(7)  # noqa: S311 - a seeded run can be repeated
    endings, desk = Endings(stage, await people(stage, 6), random), Desk(stage.database, tmp_path, random)
    await register(stage.database)
    for _ in range(WINDOWS):
        for _ in range(EXCHANGES):
            await endings.one()
            await identities(stage.database)
        await desk.settle()
        for work in (desk.bank, desk.decide, desk.bank):
            await work()
    await everything(stage.database)
    if WINDOWS * EXCHANGES > 500:
        assert endings.seen == EVERY
        assert desk.did == {"disputed", "tolerated", "written off", "deposited"}


@pytest.fixture
async def books(server_url: str, template: str, clock: SettableClock) -> tuple[str, Callable[[], Awaitable[str]]]:
    """A closed room with one window of trade, of which copies can be made."""
    name = f"endings_{new_id().hex}"
    url = await create_database(server_url, name, template=template)
    database, owner = await Database.connect(url, clock=clock), await connect_as_owner(url)
    stage = await open_stage(database, clock, owner)
    endings = Endings(stage, await people(stage, 3), Random(3))  # noqa: S311 - a seeded run can be repeated
    for _ in range(EXCHANGES):
        await endings.one()
    await current_window(database)
    await database.close()
    await owner.close()

    async def copy() -> str:
        return await create_database(server_url, f"copy_{new_id().hex}", template=name)

    return name, copy


async def test_killed_and_resumed_the_statements_are_the_same_bytes(
    books: tuple[str, Callable[[], Awaitable[str]]], clock: SettableClock, server_url: str, tmp_path: Path
) -> None:
    """The same books settled without a hitch, and with every step killed several times on its way."""
    name, copy = books
    written = []
    for seed in (None, *range(max(1, WINDOWS // 20))):
        url = await copy()
        written.append(await settled(url, SettableClock(clock.now()), tmp_path / str(seed), seed))
        await drop_database(server_url, url.rpartition("/")[2].partition("?")[0])
    await drop_database(server_url, name)
    assert len(written[0]) == 6 * 4
    assert all(found == written[0] for found in written)


async def settled(url: str, clock: SettableClock, folder: Path, seed: int | None) -> dict[str, bytes]:
    """The statements of the window."""
    database = await Database.connect(url, clock=clock)
    window = await current_window(database)
    for goal, step in list(STEPS.items())[: list(STEPS).index(Status.ADVISED) + 1]:
        for turn in range(0 if seed is None else 3):
            await kill(step(database, window.id, folder), Random(f"{seed} {goal} {turn}"))  # noqa: S311
        assert done(await step(database, window.id, folder)).status.has_reached(goal)
    assert (await seen(database, window.id)).window.status is Status.ADVISED
    await database.close()
    return {path.name: path.read_bytes() for path in (folder / "window-000001").iterdir()}
