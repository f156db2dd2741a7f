"""Months of history are partitions, opened before they are needed."""

from datetime import UTC, datetime

import asyncpg

from core.database import Connection

MONTHS_AHEAD = 3
"""How many months after the present one are kept open."""


async def ensure_partitions(connection: Connection, now: datetime, *, months_ahead: int = MONTHS_AHEAD) -> int:
    """Open the month of `now` and the `months_ahead` that follow; how many tables were made.

    To be called outside a transaction: when the worker starts, and once a day. Postings go on meanwhile. When a table's
    lock cannot be had within 5 s the rest is left to the next call; nothing waits for it, because what no month covers
    has partitions of its own, and moves to its month when that is opened. Balances before the first month are all in
    one partition: instants of recording are never in the past.
    """
    opened = 0
    for month in _months(now, months_ahead):
        try:
            while await connection.fetchval("select ledger_open_month($1)", month):
                opened += 1
        except asyncpg.LockNotAvailableError:
            break
    return opened


def _months(now: datetime, months_ahead: int) -> list[datetime]:
    first = now.astimezone(UTC)
    numbers = range(first.year * 12 + first.month - 1, first.year * 12 + first.month + months_ahead)
    return [datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC) for number in numbers]
