"""The identities of the design, looked at after a step, and everything that can be proved of the books, at the end."""

from io import BytesIO
from typing import BinaryIO, cast

from beancount import loader

import exchange.checks
from brands import directory
from core.database import Connection, Database
from exchange.states import FINISHED
from ledger import Kind, audit, trial_balance
from ledger.audit import AuditCheck
from settlement import AUDIT_CHECKS, STATEMENTS_CHECK, Replay, Status, Window, replay, windows
from settlement.audit import BankEqualsItsStatement, DueAndOwedEqualTheNets, PositionsSumToZero
from settlement.general_ledger import Extent, export_journal
from settlement.month_end import Heading, Month, MonthEnd, month_end

FIRST_MONTH = Month(2026, 1)
"""In which the clock of tests begins."""

NOW: tuple[AuditCheck, ...] = (
    PositionsSumToZero(),
    DueAndOwedEqualTheNets(),
    BankEqualsItsStatement(),
    exchange.checks.CLEARING,
    exchange.checks.POSITIONS,
    exchange.checks.ISSUED,
)


async def identities(database: Database) -> None:
    """Of the balances: they say all that was ever posted, so that no history needs to be read.

    Assets sum to zero, issued points to what members have and what is held, positions to what is in flight, due and
    owed to the nets; clearing is empty when nothing is under way, and the bank is its statement.
    """
    async with database.transaction() as connection:
        sums: dict[str, int] = {}
        for line in await trial_balance(connection, database.clock.now()):
            sums[line.asset] = sums.get(line.asset, 0) + line.net_credit
        assert not any(sums.values()), sums
        for check in NOW:
            assert await check.look(connection, ()) == []


async def legs(superuser: Connection) -> None:
    """Of every transfer: groups are whole, and a finished exchange has left nothing in the exchange clearing."""
    assert await superuser.fetch(_TORN_GROUPS) == []
    assert await superuser.fetch(_LEFT_IN_CLEARING, list(FINISHED)) == []


async def everything(database: Database, superuser: Connection) -> None:
    """All that the audit proves, every statement written again, every window replayed, months and journal tied."""
    await legs(superuser)
    report = await audit(database, checks=(*exchange.checks.CHECKS, *AUDIT_CHECKS, STATEMENTS_CHECK))
    assert report.whole, report.findings
    for window in await all_windows(database):
        if window.status.has_reached(Status.NETTED):
            proof = await replay(database, window.id)
            assert isinstance(proof, Replay)
            assert proof.agrees
    await months(database)
    journal = BytesIO()
    await export_journal(database, cast("BinaryIO", journal), "beancount", Extent())
    _, errors, _ = loader.load_string(journal.getvalue().decode())
    assert errors == []


async def months(database: Database) -> None:
    """Every month of every program ties to the ledger, and begins where the one before ended."""
    async with database.connection() as connection:
        programs = [it.code for it in (await directory(connection)).programs.values()]
    for program in programs:
        month, closing = FIRST_MONTH, 0
        while month <= Month.of(database.clock.now().date()):
            found = await month_end(database, program, month)
            assert isinstance(found, MonthEnd), found
            assert (found.points.opening, found.points.moved[Heading.ADJUSTMENTS]) == (closing, 0)
            month, closing = month.following, found.points.closing


async def all_windows(database: Database) -> list[Window]:
    """However many there are."""
    found: list[Window] = []
    while page := await windows(database, limit=500, before=found[-1].number if found else None):
        found += page
    return found


_TORN_GROUPS = """
SELECT group_id, min(group_size) AS size, count(*) AS transfers FROM ledger_transfer WHERE group_id IS NOT NULL
GROUP BY group_id HAVING count(*) <> min(group_size) OR count(*) <> max(group_size)
"""

_LEFT_IN_CLEARING = f"""
SELECT exchange.id, sum(CASE WHEN account.id = credit_account_id THEN amount ELSE -amount END) AS left_over
FROM ledger_transfer AS transfer
JOIN ledger_account AS account ON account.id IN (debit_account_id, credit_account_id)
    AND split_part(account.purpose, ':', 1) = 'exchange_clearing'
JOIN exchange_exchange AS exchange ON exchange.id = transfer.reference
WHERE transfer.kind IN ({Kind.SINGLE:d}, {Kind.POST:d}) AND exchange.state = ANY ($1)
GROUP BY exchange.id
HAVING sum(CASE WHEN account.id = credit_account_id THEN amount ELSE -amount END) <> 0
"""
