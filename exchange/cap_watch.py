"""Telling participants before their net debit caps run out: each threshold once, until it is left again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from brands import Brand, directory
from core.database import Connection, Database
from core.ids import new_id
from core.locks import lock_keys
from exchange.caps import Cap, caps
from exchange.ports import SILENT, CapNotice, Outbox

LEFT_PERCENT: Final = 5
"""How far use must fall below a threshold for its next crossing to be news."""


class CrossingKind(StrEnum):
    """What a threshold measures."""

    PERCENT = "PERCENT"
    """The part of the cap that is used."""
    HOURS = "HOURS"
    """The time until it runs out."""


@dataclass(frozen=True, slots=True)
class _Threshold:
    account_id: UUID
    kind: CrossingKind
    value: int


_STANDING: Final = "SELECT id, account_id, kind, threshold FROM exchange_cap_crossing WHERE left_at IS NULL"
_CROSS: Final = """
INSERT INTO exchange_cap_crossing (id, account_id, participant_id, kind, threshold, crossed_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_LEAVE: Final = "UPDATE exchange_cap_crossing SET left_at = greatest($2, crossed_at) WHERE id = ANY($1::uuid[])"


async def watch_caps(database: Database, *, outbox: Outbox = SILENT) -> int:
    """Tell of every threshold that was crossed since the last time; how many. Any number of processes may run it."""
    async with database.transaction() as connection:
        await lock_keys(connection, "exchange.caps", [""])
        now: datetime = await connection.fetchval("SELECT coalesce($1, clock_timestamp())", database.clock.pinned)
        brands = (await directory(connection)).brands
        standing = await _standing(connection)
        notices: list[CapNotice] = []
        left: list[UUID] = []
        for cap in await caps(connection, now):
            for threshold in _thresholds(brands[cap.participant_id], cap):
                before = standing.get(threshold)
                if before is None and _is_crossed(cap, threshold, now):
                    await _cross(connection, cap, threshold, now)
                    notices.append(_notice(cap, threshold, now))
                elif before is not None and _is_left(cap, threshold, now):
                    left.append(before)
        await connection.execute(_LEAVE, left, now)
        if notices:
            await outbox.capped(connection, notices)
    return len(notices)


async def _standing(connection: Connection) -> Mapping[_Threshold, UUID]:
    return {
        _Threshold(row["account_id"], CrossingKind(row["kind"]), row["threshold"]): row["id"]
        for row in await connection.fetch(_STANDING)
    }


def _thresholds(brand: Brand, cap: Cap) -> Iterator[_Threshold]:
    for percent in brand.cap_warnings:
        yield _Threshold(cap.account_id, CrossingKind.PERCENT, percent)
    if brand.cap_warning_hours:
        yield _Threshold(cap.account_id, CrossingKind.HOURS, brand.cap_warning_hours)


def _is_crossed(cap: Cap, threshold: _Threshold, now: datetime) -> bool:
    if threshold.kind is CrossingKind.PERCENT:
        return bool(cap.used_micro) and cap.used_percent >= threshold.value
    return cap.runs_out_at is not None and cap.runs_out_at <= now + timedelta(hours=threshold.value)


def _is_left(cap: Cap, threshold: _Threshold, now: datetime) -> bool:
    if threshold.kind is CrossingKind.PERCENT:
        return cap.used_percent < threshold.value - LEFT_PERCENT or not cap.used_micro
    # A quarter more, so that a pace that trembles is not told again and again.
    return cap.runs_out_at is None or cap.runs_out_at > now + timedelta(hours=threshold.value) * 5 / 4


async def _cross(connection: Connection, cap: Cap, threshold: _Threshold, now: datetime) -> None:
    named = new_id(), cap.account_id, cap.participant_id
    await connection.execute(_CROSS, *named, threshold.kind.value, threshold.value, now)


def _notice(cap: Cap, threshold: _Threshold, now: datetime) -> CapNotice:
    by_percent = threshold.kind is CrossingKind.PERCENT
    return CapNotice(
        cap.participant_id,
        threshold.value if by_percent else cap.used_percent,
        cap.used_micro,
        cap.cap_micro,
        cap.runs_out_at,
        now,
        None if by_percent else threshold.value,
    )
