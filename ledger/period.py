"""Periods that finance has closed: nothing may be recorded as having happened in them."""

from dataclasses import dataclass
from datetime import datetime

from core.clock import Clock
from core.database import Connection
from core.errors import Refusal


@dataclass(frozen=True, slots=True)
class AssetNotOpen(Refusal):
    """There is no such asset."""

    asset: str


@dataclass(frozen=True, slots=True)
class PeriodNotOver(Refusal):
    """The period has not ended yet."""

    asset: str
    now: datetime


@dataclass(frozen=True, slots=True)
class PeriodClosedLater(Refusal):
    """The books are already closed until a later instant, and do not open again."""

    asset: str
    closed_until: datetime


PeriodRefusal = AssetNotOpen | PeriodNotOver | PeriodClosedLater


async def close_period(connection: Connection, asset: str, until: datetime, *, clock: Clock) -> PeriodRefusal | None:
    """Close the books of an asset for event times up to and including `until`; None when they are closed.

    Waits for the transactions that are just recording past events in the asset.
    """
    row = await connection.fetchrow(_LOCK, asset, clock.pinned)
    if row is None:
        return AssetNotOpen(asset)
    if until > row["now"]:
        return PeriodNotOver(asset, row["now"])
    if row["closed_until"] is not None and row["closed_until"] > until:
        return PeriodClosedLater(asset, row["closed_until"])
    await connection.execute(_CLOSE, asset, until)
    return None


_LOCK = """
select closed_until, coalesce($2, clock_timestamp()) as now from ledger_asset where code = $1 for no key update
"""

_CLOSE = "update ledger_asset set closed_until = $2 where code = $1"
