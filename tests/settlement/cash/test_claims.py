"""No fen of a movement, a payment or a dispute is proposed for twice; parts may wait side by side."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from core.clock import SettableClock
from core.database import Database
from settlement import propose_abort
from settlement.cash import (
    Kind,
    Proposal,
    ProposalOpen,
    Purpose,
    disputes,
    due_payments,
    propose_allocation,
    propose_dispute,
    propose_draw,
    propose_end,
    propose_own,
    propose_returned,
    propose_tolerance,
    propose_top_up,
    retract,
    unexplained_lines,
)
from settlement.cash.disputes import Outcome
from settlement.cash.locking import lock_money
from settlement.cash.proposals import keep_proposal
from tests.blocked import blocks
from tests.settlement.cash.bank import Movement, advised
from tests.settlement.cash.test_withdrawals import received, whole
from tests.settlement.trade import CHECKER, MAKER, approved


@dataclass(frozen=True)
class Money:
    """150.00 that the hotel owes and is late with, 100.00 of them as its deposit, and 150.00 that nobody explains."""

    database: Database
    due: UUID
    window: UUID
    receipt: UUID
    sent: UUID
    """70.00 that went out."""


@pytest.fixture
async def money(pinned_database: Database, clock: SettableClock, tmp_path: Path) -> Money:
    """On the third day after the advice."""
    database = pinned_database
    _, window = await advised(database, tmp_path)
    await received(database, "S1", 0, Movement(100_00, "a deposit"))
    (line,) = await unexplained_lines(database)
    await approved(database, await propose_top_up(database, line.id, "hotel", "network", 100_00, MAKER, reason="r"))
    await received(database, "S2", 100_00, Movement(150_00, "nobody knows"), Movement(-70_00, "back"))
    sent, receipt = sorted(await unexplained_lines(database), key=lambda it: it.amount_fen)
    (due,) = [it for it in await due_payments(database) if it.incoming]
    clock.advance(timedelta(days=3))
    return Money(database, due.id, window.id, receipt.id, sent.id)


Proposing = Callable[[Money, int], Awaitable[object]]


async def allocation(it: Money, fen: int) -> object:
    return await propose_allocation(it.database, it.receipt, it.due, fen, MAKER, reason="r")


async def dispute(it: Money, fen: int) -> object:
    return await propose_dispute(it.database, it.due, fen, MAKER, reason="r")


async def tolerance(it: Money, fen: int) -> object:
    return await propose_tolerance(it.database, it.due, min(fen, 1_00), MAKER, reason="r")


async def drawn(it: Money, fen: int) -> object:
    return await propose_draw(it.database, it.due, "network", min(fen, 100_00), MAKER, reason="r")


async def top_up(it: Money, fen: int) -> object:
    return await propose_top_up(it.database, it.receipt, "airline", "network", fen, MAKER, reason="r")


async def own(it: Money, fen: int) -> object:
    return await propose_own(it.database, it.receipt, Purpose.FUNDS, fen, MAKER, reason="r")


async def returned(it: Money, fen: int) -> object:
    return await propose_returned(it.database, it.receipt, it.sent, min(fen, 70_00), MAKER, reason="r")


PAYMENT = (allocation, dispute, tolerance, drawn)
RECEIPT = (allocation, top_up, own, returned)


@pytest.mark.parametrize(
    ("first", "others"), [(allocation, (*PAYMENT, *RECEIPT)), (dispute, PAYMENT), (top_up, RECEIPT), (own, RECEIPT)]
)
async def test_a_second_proposal_about_all_of_it_is_refused(
    money: Money, first: Proposing, others: tuple[Proposing, ...]
) -> None:
    """Whatever it is, naming the open one; once that is taken back, another may be made."""
    made = await first(money, 150_00)
    assert isinstance(made, Proposal), made
    waiting = ProposalOpen(made.id, made.kind.value, MAKER.subject)
    assert [await other(money, 150_00) for other in others] == [waiting] * len(others)
    assert [await other(money, 1) for other in others] == [waiting] * len(others)
    await retract(money.database, made.id, MAKER, reason="a slip")
    assert isinstance(await others[-1](money, 150_00), Proposal)


async def test_parts_wait_side_by_side(money: Money) -> None:
    """149.00 were paid, 0.60 are disputed, 0.40 given up; not one fen more, and each can still be approved."""
    parts = [await allocation(money, 149_00), await dispute(money, 60)]
    assert await tolerance(money, 41) == ProposalOpen(_id(parts[0]), "ALLOCATION", MAKER.subject, 40)
    parts += [await tolerance(money, 40), await own(money, 1_00)]
    for part in parts:
        await approved(money.database, part)
    assert [it.incoming for it in await due_payments(money.database)] == [False]
    await whole(money.database)


async def test_both_movements_of_money_sent_back_are_claimed(money: Money) -> None:
    """The one that went out as well."""
    made = await returned(money, 70_00)
    answer = await propose_own(money.database, money.sent, Purpose.FUNDS, 1, MAKER, reason="r")
    assert answer == ProposalOpen(_id(made), "RETURNED", MAKER.subject)
    assert isinstance(await own(money, 80_00), Proposal)
    assert await own(money, 1) == ProposalOpen(_id(made), "RETURNED", MAKER.subject)


async def test_a_dispute_ends_once(money: Money) -> None:
    """50.00 are disputed: 30.00 came, by a receipt that is then claimed as well; 20.00 may be written off beside."""
    database = money.database
    await approved(database, await dispute(money, 50_00))
    (found,) = await disputes(database)
    ended = (database, found.id)
    came = await propose_end(*ended, Outcome.PAID, 30_00, MAKER, reason="r", cash_id=money.receipt)
    waiting = ProposalOpen(_id(came), "DISPUTE_END", MAKER.subject, 20_00)
    assert await propose_end(*ended, Outcome.WRITTEN_OFF, 20_01, MAKER, reason="r") == waiting
    assert await own(money, 120_01) == ProposalOpen(_id(came), "DISPUTE_END", MAKER.subject, 120_00)
    for each in (came, await propose_end(*ended, Outcome.WRITTEN_OFF, 20_00, MAKER, reason="r")):
        await approved(database, each)
    assert await disputes(database) == []
    await whole(database)


async def test_a_window_is_taken_back_once(database: Database, tmp_path: Path) -> None:
    _, window = await advised(database, tmp_path)
    made = await propose_abort(database, window.id, MAKER, reason="a wrong rate")
    assert await propose_abort(database, window.id, CHECKER, reason="me too") == ProposalOpen(
        _id(made), "ABORT", MAKER.subject
    )


async def test_of_two_at_once_the_second_sees_the_first(money: Money) -> None:
    """However many ask at the same instant."""
    answers = await asyncio.gather(*(each(money, 150_00) for each in (*PAYMENT, *RECEIPT) for _ in range(2)))
    made = [it for it in answers if isinstance(it, Proposal)]
    assert {type(it) for it in answers} == {Proposal, ProposalOpen}
    assert sum(it.content["amount_fen"] for it in made if it.content.get("payment_id")) <= 150_00
    about = [it for it in made if str(money.receipt) in it.content.values()]
    assert sum(it.content["amount_fen"] for it in about) <= 150_00


async def test_a_proposal_waits_for_one_that_is_being_made(money: Money, clock: SettableClock) -> None:
    """It was about to be written when the second was asked for."""
    content, begun = {"cash_id": str(money.receipt), "amount_fen": 150_00}, asyncio.Event()

    async def second() -> object:
        await begun.wait()
        return await own(money, 1)

    asked = asyncio.create_task(second())
    async with money.database.transaction() as connection:
        await lock_money(connection)
        begun.set()
        await blocks(connection)
        made = await keep_proposal(connection, Kind.TOP_UP, content, MAKER, "r", clock)
    assert await asked == ProposalOpen(made.id, "TOP_UP", MAKER.subject)


def _id(made: object) -> UUID:
    assert isinstance(made, Proposal), made
    return made.id
