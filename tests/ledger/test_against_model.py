"""Whatever is asked of it, the ledger answers as the model does, and holds the same balances and lots afterwards."""

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.clock import SettableClock
from core.database import Database
from core.ids import new_id
from ledger import (
    Account,
    Asset,
    AssetKind,
    Expired,
    Extended,
    Extension,
    Limit,
    Transfer,
    audit,
    balances,
    close_period,
    expire_lots,
    expire_pending,
    extend_expiry,
    open_assets,
    post,
    posting,
    set_credit_line,
    spendable,
)
from tests.ledger.model import Model
from tests.ledger.model_state import ALWAYS
from tests.ledger.small_book import seal_all
from tests.ledger.wishes import Wishes

EXAMPLES = int(os.environ.get("AGIO_MODEL_EXAMPLES", "20"))
"""How many runs of operations; set it higher, and each time other ones are tried."""

START = datetime(2026, 1, 15, 4, tzinfo=UTC)
T = TypeVar("T")


class LedgerMachine(RuleBasedStateMachine):
    """One machine is one run of operations on accounts of its own, in the database shared by all machines."""

    runner: asyncio.Runner
    database: Database
    clock: SettableClock

    @initialize()
    def begin(self) -> None:
        """Accounts of its own."""
        self.clock.set(START)
        # Ids count upwards, so that a failing run fails the same way when it is tried again.
        self.first_id = new_id().int & ~0xFFFF
        self.points, self.money = f"P{self.first_id:x}", f"M{self.first_id:x}"
        self.model = Model({self.points, self.money})
        owner = new_id()
        limited, reverse = Limit.DEBITS_MUST_NOT_EXCEED_CREDITS, Limit.CREDITS_MUST_NOT_EXCEED_DEBITS
        self.accounts = [
            Account(owner, self.points, "ann", limited, lots=True),
            Account(owner, self.points, "bob", limited, lots=True),
            Account(owner, self.points, "held", limited, lots=True),
            Account(owner, self.points, "issued"),
            Account(owner, self.points, "shop", limited, credit_line=40),
            Account(owner, self.points, "stock", reverse, credit_line=10),
            Account(owner, self.money, "bank"),
            Account(owner, "unknown", "nowhere"),
        ]
        self.posted = 0
        self.wishes = Wishes([account.id for account in self.accounts], self.next_id)
        self.run(self.open_assets())

    def next_id(self) -> UUID:
        """The next id."""
        self.first_id += 1
        return UUID(int=self.first_id)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run the work to its end."""
        return self.runner.run(work)

    async def open_assets(self) -> None:
        """Assets of its own."""
        async with self.database.transaction() as connection:
            await open_assets(connection, [Asset(code, 0, AssetKind.POINTS) for code in (self.points, self.money)])

    @rule(seed=st.integers(0, 2**32), batches=st.integers(1, 6))
    def posts(self, seed: int, batches: int) -> None:
        """Batches of anything."""
        for _ in range(batches):
            self.posted += 1
            batch = self.wishes.batch(Random(f"{seed} {self.posted}"), self.clock.now())  # noqa: S311 - a replayable choice
            expected = self.model.post(batch, self.accounts, self.clock.now())
            assert self.run(self.post(batch)) == expected
            self.wishes.recorded += [t for t, outcome in zip(batch, expected, strict=True) if outcome.ok]

    @rule(seed=st.integers(0, 2**32), batches=st.integers(1, 6))
    def posts_more(self, seed: int, batches: int) -> None:
        """The same, so that it is chosen more often."""
        self.posts(seed, batches)

    async def post(self, batch: list[Transfer]) -> list[Any]:
        """Post a batch."""
        async with self.database.transaction() as connection:
            return await post(connection, batch, accounts=self.accounts, clock=self.clock)

    @rule(hours=st.sampled_from([0, 1, 23, 24, 49]))
    def time_passes(self, hours: int) -> None:
        """The clock moves on."""
        self.clock.advance(timedelta(hours=hours))

    @rule(place=st.integers(0, 4), line=st.integers(0, 60))
    def sets_credit_line(self, place: int, line: int) -> None:
        """A credit line is set where the account's use allows it."""
        account = self.accounts[3:6][place % 3]
        known = self.model.state.accounts.get(account.id)
        refusal = self.run(self.set_credit_line(account.id, line))
        if known is None:
            assert refusal is not None
            return
        dp, dd, cp, cc = known.counters
        over = {1: dp + dd - cc, 2: cp + cc - dd}.get(int(account.limit), 0)
        assert (refusal is not None) is (over > line)
        known.credit_line = known.credit_line if over > line else line

    async def set_credit_line(self, account_id: UUID, line: int) -> Any:
        """Set a credit line."""
        async with self.database.transaction() as connection:
            return await set_credit_line(connection, account_id, line)

    @rule(place=st.integers(0, 10), hours=st.integers(-30, 80))
    def extends_a_lot(self, place: int, hours: int) -> None:
        """A lot is made to live longer."""
        lots = sorted(self.model.state.lots.values(), key=lambda lot: lot.order)
        if not lots:
            return
        lot = lots[place % len(lots)]
        until = self.clock.now() + timedelta(hours=hours)
        allowed = lot.remaining > 0 and until > lot.expires_at
        answer = self.run(self.extend(Extension(self.next_id(), lot.id, until)))
        assert isinstance(answer, Extended) is allowed
        account = self.model.state.accounts[lot.account_id]
        account.last = max(self.clock.now(), account.last + timedelta(microseconds=1))
        if allowed:
            lot.expires_at = until

    async def extend(self, extension: Extension) -> Any:
        """Extend a lot."""
        async with self.database.transaction() as connection:
            return (await extend_expiry(connection, [extension], clock=self.clock))[0]

    @rule(hours=st.integers(0, 60))
    def closes_a_period(self, hours: int) -> None:
        """The books of the points are closed until some time ago."""
        until = self.clock.now() - timedelta(hours=hours)
        before = self.model.state.closed_until.get(self.points, ALWAYS)
        refusal = self.run(self.close_period(until))
        assert (refusal is None) is (until >= before)
        self.model.state.closed_until[self.points] = max(until, before)

    async def close_period(self, until: datetime) -> Any:
        """Close the books of the points."""
        async with self.database.transaction() as connection:
            return await close_period(connection, self.points, until, clock=self.clock)

    @rule()
    def pending_expire(self) -> None:
        """The sweeper runs: everything timed out is released."""
        due = self.wishes.timed_out(self.model, self.clock.now())
        assert self.run(expire_pending(self.database)) == len(due)
        self.model.post(due, [], self.clock.now())

    @rule()
    def lots_expire(self) -> None:
        """The expiry runs: what is left of expired lots goes back to where points come from."""
        issued = self.accounts[3].id
        due = self.wishes.expired(self.model, self.points, issued, self.clock.now())
        expected = [outcome for outcome in self.model.post(due, [], self.clock.now()) if outcome.ok]
        expired = self.run(expire_lots(self.database, self.points, issued, code=4))
        assert expired == Expired(len(expected), sum(outcome.amount for outcome in expected))

    @invariant()
    def agree(self) -> None:
        """Counters, lots and what can be spent are the same on both sides."""
        if hasattr(self, "model"):
            assert self.run(self.stored()) == self.modelled()

    async def stored(self) -> Any:
        """What the ledger holds."""
        ids = [account.id for account in self.accounts]
        async with self.database.connection() as connection:
            counters = {i: self.counters(b) for i, b in (await balances(connection, ids)).items()}
            lots = await connection.fetch(_LOTS, ids)
            return counters, [tuple(row) for row in lots], await spendable(connection, ids, clock=self.clock)

    @staticmethod
    def counters(balance: Any) -> tuple[int, int, int, int]:
        """The four counters."""
        return balance.debits_pending, balance.debits_posted, balance.credits_pending, balance.credits_posted

    def modelled(self) -> Any:
        """What the model holds."""
        now = self.clock.now()
        ids = [account.id for account in self.accounts]
        lots = self.model.lots
        live = [lot for lot in lots if lot.available_at <= now < lot.expires_at]
        in_lots = {i: sum(lot.remaining for lot in live if lot.account_id == i) for i in ids}
        counters = self.model.counters(self.accounts)
        free = {i: c[3] - c[1] - c[0] for i, c in counters.items()}
        return (
            counters,
            [(*astuple(lot)[:4], lot.expiry, lot.available_at, lot.unit_cost, lot.funder, lot.origin) for lot in lots],
            {a.id: in_lots[a.id] if a.lots else free[a.id] for a in self.accounts},
        )

    def teardown(self) -> None:
        """Leave nothing pending that another machine's sweeper would find."""
        if hasattr(self, "model"):
            self.clock.advance(timedelta(days=400))
            self.run(expire_pending(self.database))


_LOTS = """
select id, account_id, transfer_id, remaining, nullif(expires_at, 'infinity'), available_at, unit_cost, funder, origin
from ledger_lot where account_id = any($1) order by id
"""


@pytest.mark.parametrize("portion", [posting.PORTION, 2])
def test_the_ledger_does_what_the_model_does(database_url: str, portion: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """All operations in any order, clock included, batches sent whole or by twos; the books they leave are whole."""
    monkeypatch.setattr(posting, "PORTION", portion)
    clock = SettableClock(START)
    with asyncio.Runner() as runner:
        database = runner.run(Database.connect(database_url, clock=clock))

        class Machine(LedgerMachine):
            pass

        Machine.runner, Machine.database, Machine.clock = runner, database, clock
        try:
            run_state_machine_as_test(
                Machine,
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=20,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                    derandomize="AGIO_MODEL_EXAMPLES" not in os.environ,
                ),
            )
            runner.run(seal_all(database))
            assert runner.run(audit(database)).findings == []
        finally:
            runner.run(database.close())
