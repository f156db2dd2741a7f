"""Breaks of late successes: what a brand did after the exchange had come to nothing, and the saga has learnt of.

Such a break is open as long as the exchange's case is: what was posted lies in suspense, and two persons decide on it
there. Where the brand's file tells of it first, the break is there before the saga knows, under the same anchor.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Record

import exchange.relations
import members.relations
from brands import Program
from core.database import Connection
from exchange.saga.postings import late_credit_id, late_debit_id
from settlement.reconciliation.break_kinds import LATE, LATE_DEBIT, BreakKind, Draft
from settlement.reconciliation.line import Line

_TAKEN_BACK: Final = ":taken back"


async def drafts_of_late(connection: Connection, program: Program) -> list[Draft]:
    """The program's late successes that are not settled."""
    return [_draft(row, program) for row in await connection.fetch(_OPEN, program.id)]


async def settled_late(connection: Connection, program: Program) -> dict[str, str]:
    """By the anchors of breaks that are still open: how the late successes behind them ended."""
    return {row["anchor"]: row["closed_as"] for row in await connection.fetch(_SETTLED, program.id)}


async def told_late(connection: Connection, exchange_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those of the exchanges of which the saga has learnt that a brand did something too late."""
    rows = await connection.fetch(_TOLD, exchange_ids)
    return frozenset(row["exchange_id"] for row in rows)


async def case_of(connection: Connection, exchange_id: UUID) -> UUID | None:
    """The case in which persons decide on what came too late of an exchange."""
    found: UUID | None = await connection.fetchval(_CASE, exchange_id)
    return found


async def still_asked(connection: Connection, exchange_id: UUID) -> bool:
    """Whether a brand is still asked about the exchange, so that what it answers will be posted by itself."""
    return bool(await connection.fetchval(_ASKED, exchange_id))


async def programs_out_of_step(connection: Connection) -> list[UUID]:
    """The programs whose breaks are not what the late successes of their exchanges say."""
    return [row["program_id"] for row in await connection.fetch(_OUT_OF_STEP)]


def _draft(row: Record, program: Program) -> Draft:
    due_at = row["due_at"]
    due_on = due_at.astimezone(ZoneInfo(program.time_zone)).date() if due_at else None
    ours = (_line(row, program),) if row["amount"] else ()
    return Draft(row["anchor"], BreakKind.LATE_SUCCESS, ours, (), row["worth_micro"], due_on)


def _line(row: Record, program: Program) -> Line:
    key = (late_credit_id if row["amount"] > 0 else late_debit_id)(row["exchange_id"])
    day = row["found_at"].astimezone(ZoneInfo(program.time_zone)).date()
    return Line(str(key), str(row["exchange_id"]), "", program.asset, row["amount"], row["number"], day)


_LATE: Final = f"""
SELECT *, '{LATE}' || exchange_id
    || CASE role WHEN 'CREDIT' THEN '' WHEN 'DEBIT' THEN '{LATE_DEBIT}' ELSE '{_TAKEN_BACK}' END AS anchor
FROM ({exchange.relations.LATE_SUCCESSES}) AS found
"""

_OPEN: Final = f"""
SELECT late.*, coalesce(card.number, '') AS number
FROM ({_LATE}) AS late LEFT JOIN ({members.relations.NUMBERS}) AS card USING (membership_id)
WHERE program_id = $1 AND open ORDER BY anchor
"""

_SETTLED: Final = f"""
SELECT late.anchor, coalesce(late.closed_as, '') AS closed_as
FROM ({_LATE}) AS late JOIN settlement_break AS item USING (program_id, anchor)
WHERE program_id = $1 AND NOT late.open AND item.state = 'OPEN'
"""

_TOLD: Final = f"""
SELECT exchange_id FROM ({exchange.relations.LATE_SUCCESSES}) AS late WHERE exchange_id = ANY($1::uuid[])
"""

_CASE: Final = f"""
SELECT case_id FROM ({exchange.relations.LATE_SUCCESSES}) AS late
WHERE exchange_id = $1 AND case_id IS NOT NULL ORDER BY open DESC, found_at DESC LIMIT 1
"""

_ASKED: Final = f"SELECT EXISTS (SELECT FROM ({exchange.relations.ASKED}) AS asked WHERE exchange_id = $1)"

_OUT_OF_STEP: Final = f"""
SELECT DISTINCT program_id FROM ({_LATE}) AS late LEFT JOIN settlement_break AS item USING (program_id, anchor)
WHERE CASE WHEN late.open THEN item.id IS NULL OR item.state = 'CLOSED' OR (late.amount <> 0 AND item.ours = '[]')
    ELSE item.state = 'OPEN' END
ORDER BY 1
"""
