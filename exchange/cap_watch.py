"""Telling participants before their net debit caps run out: each threshold once, until it is left again."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from brands import Brand, directory
from core.database import Connection, Database
from core.ids import new_id
from core.locks import lock_keys
from exchange.caps import Cap, cap_at, caps
from exchange.ports import SILENT, CapNotice, Outbox
from ledger import Low, lows

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


_FIRST_LOOK: Final = timedelta(hours=1)
"""How far back a position is read that nobody has looked at yet."""
_STANDING: Final = """
SELECT id, account_id, kind, threshold FROM exchange_cap_crossing WHERE left_at IS NULL AND kind = $1
"""
_LOOKED: Final = "SELECT account_id, read_until FROM exchange_cap_look WHERE kind = $1"
_LOOK: Final = """
INSERT INTO exchange_cap_look (account_id, kind, read_until)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[])
ON CONFLICT (account_id, kind) DO UPDATE SET read_until = excluded.read_until
"""
_CROSS: Final = """
INSERT INTO exchange_cap_crossing (id, account_id, participant_id, kind, threshold, crossed_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_LEAVE: Final = "UPDATE exchange_cap_crossing SET left_at = greatest($2, crossed_at) WHERE id = ANY($1::uuid[])"


async def watch_caps(
    database: Database, *, outbox: Outbox = SILENT, kinds: Collection[CrossingKind] = tuple(CrossingKind)
) -> int:
    """Tell of every threshold that was crossed since the last time; how many. Any number of processes may run it.

    What is looked at is the lowest that each position was since the last time: a crossing that came and went is told
    too, once, as it stood then.
    """
    told = 0
    async with database.transaction() as connection:
        await lock_keys(connection, "exchange.caps", [""])
        now: datetime = await connection.fetchval("SELECT coalesce($1, clock_timestamp())", database.clock.pinned)
        for kind in kinds:
            told += await _watch(connection, outbox, kind, now)
    return told


async def _watch(connection: Connection, outbox: Outbox, kind: CrossingKind, now: datetime) -> int:
    brands = (await directory(connection)).brands
    standing = await _standing(connection, kind)
    now_standing = await caps(connection, now, paced=kind is CrossingKind.HOURS)
    lowest = await _lows(connection, kind, [cap.account_id for cap in now_standing], now)
    notices: list[CapNotice] = []
    left: list[UUID] = []
    for cap in now_standing:
        worst = await _worst(connection, cap, lowest.get(cap.account_id), kind)
        for threshold in _thresholds(brands[cap.participant_id], cap, kind):
            crossed_id = standing.get(threshold)
            if crossed_id is None and _is_crossed(worst.cap, threshold, worst.at or now):
                crossed_id = await _cross(connection, cap, threshold, worst.at or now)
                foreseen = await _foreseen(connection, worst, threshold, now)
                notices.append(_notice(foreseen, threshold, now))
            if crossed_id is not None and _is_left(cap, threshold, now):
                left.append(crossed_id)
    await connection.execute(_LEAVE, left, now)
    await _remember(connection, kind, lowest)
    if notices:
        await outbox.capped(connection, notices)
    return len(notices)


@dataclass(frozen=True, slots=True)
class _Worst:
    cap: Cap
    at: datetime | None
    """None: it is as it stands now."""


async def _worst(connection: Connection, cap: Cap, low: Low | None, kind: CrossingKind) -> _Worst:
    if low is None or low.available_credit >= cap.position_micro:
        return _Worst(cap, None)
    if kind is CrossingKind.HOURS:
        return _Worst(await cap_at(connection, cap, low.available_credit, low.at, until=low.at), low.at)
    return _Worst(replace(cap, position_micro=low.available_credit), low.at)


async def _foreseen(connection: Connection, worst: _Worst, threshold: _Threshold, now: datetime) -> Cap:
    """The same with its forecast, which was left out to see quickly how much is used."""
    if threshold.kind is CrossingKind.HOURS:
        return worst.cap
    return await cap_at(connection, worst.cap, worst.cap.position_micro, worst.at or now, until=worst.at)


async def _lows(
    connection: Connection, kind: CrossingKind, account_ids: Sequence[UUID], now: datetime
) -> dict[UUID, Low]:
    looked = {row["account_id"]: row["read_until"] for row in await connection.fetch(_LOOKED, kind.value)}
    return await lows(connection, {each: looked.get(each, now - _FIRST_LOOK) for each in account_ids})


async def _remember(connection: Connection, kind: CrossingKind, lowest: Mapping[UUID, Low]) -> None:
    read_until = [low.last_at for low in lowest.values()]
    await connection.execute(_LOOK, list(lowest), [kind.value] * len(lowest), read_until)


async def _standing(connection: Connection, kind: CrossingKind) -> Mapping[_Threshold, UUID]:
    return {
        _Threshold(row["account_id"], CrossingKind(row["kind"]), row["threshold"]): row["id"]
        for row in await connection.fetch(_STANDING, kind.value)
    }


def _thresholds(brand: Brand, cap: Cap, kind: CrossingKind) -> Iterator[_Threshold]:
    if kind is CrossingKind.PERCENT:
        yield from (_Threshold(cap.account_id, kind, percent) for percent in brand.cap_warnings)
    elif brand.cap_warning_hours:
        yield _Threshold(cap.account_id, kind, brand.cap_warning_hours)


def _is_crossed(cap: Cap, threshold: _Threshold, now: datetime) -> bool:
    if threshold.kind is CrossingKind.PERCENT:
        return bool(cap.used_micro) and cap.used_percent >= threshold.value
    return cap.runs_out_at is not None and cap.runs_out_at <= now + timedelta(hours=threshold.value)


def _is_left(cap: Cap, threshold: _Threshold, now: datetime) -> bool:
    if threshold.kind is CrossingKind.PERCENT:
        return cap.used_percent < threshold.value - LEFT_PERCENT or not cap.used_micro
    # A quarter more, so that a pace that trembles is not told again and again.
    return cap.runs_out_at is None or cap.runs_out_at > now + timedelta(hours=threshold.value) * 5 / 4


async def _cross(connection: Connection, cap: Cap, threshold: _Threshold, at: datetime) -> UUID:
    crossing_id = new_id()
    named = crossing_id, cap.account_id, cap.participant_id
    await connection.execute(_CROSS, *named, threshold.kind.value, threshold.value, at)
    return crossing_id


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
