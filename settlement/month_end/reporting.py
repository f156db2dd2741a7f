"""A program's month: the roll-forward of its points, tied to the ledger, and what was earned."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from brands import Program, directory
from brands.accounts import issued_account
from core.database import Connection, Database
from exchange import UnknownProgram
from ledger import balance_at
from ledger.flows import flows, net_credits_beside
from settlement.month_end.errors import MonthNotBegun, RollForwardDiffers
from settlement.month_end.estimate import in_force
from settlement.month_end.estimating import estimates
from settlement.month_end.month import Month
from settlement.month_end.revenue import Recognition, earned_under
from settlement.month_end.roll_forward import RollForward, consumed

MonthEndRefusal: TypeAlias = UnknownProgram | MonthNotBegun | RollForwardDiffers

FORM: Final = "agio.month-end/1"

MICROSECOND: Final = timedelta(microseconds=1)
"""The least difference between two recordings."""


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """One program's month."""

    program: Program
    month: Month
    since: datetime
    """Its first instant in the program's time zone."""
    before: datetime
    """The first instant after it."""
    final: bool
    """Whether the month is over, so that the figures no longer change."""
    points: RollForward
    revenue: Recognition | None
    """None while no estimate holds."""

    @property
    def digest(self) -> str:
        """SHA-256 of the figures' canonical JSON, in hexadecimal."""
        return hashlib.sha256(canonical(self)).hexdigest()


async def month_end(database: Database, program: str, month: Month) -> MonthEnd | MonthEndRefusal:
    """The month as committed at one instant. Refused when opening, lines, closing and members' points do not tie."""
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        found = (await directory(connection)).program(program)
        if found is None:
            return UnknownProgram(program)
        return await _month_end(connection, found, month, database.clock.now())


async def _month_end(
    connection: Connection, program: Program, month: Month, now: datetime
) -> MonthEnd | MonthNotBegun | RollForwardDiffers:
    since, before = month.begins_at(program.time_zone), month.following.begins_at(program.time_zone)
    if since > now:
        return MonthNotBegun(month)
    points = await _rolled(connection, program, since, before)
    differs = await _differs(connection, program, month, points, before)
    if differs is not None:
        return differs
    revenue = await _revenue(connection, program, month, since, before)
    return MonthEnd(program, month, since, before, before <= now, points, revenue)


async def _rolled(connection: Connection, program: Program, since: datetime, before: datetime) -> RollForward:
    issued = issued_account(program).id
    opening = (await balance_at(connection, issued, since - MICROSECOND)).net_debit
    closing = (await balance_at(connection, issued, before - MICROSECOND)).net_debit
    return RollForward(opening, closing, tuple(await flows(connection, issued, since=since, before=before)))


async def _differs(
    connection: Connection, program: Program, month: Month, points: RollForward, before: datetime
) -> RollForwardDiffers | None:
    issued = issued_account(program).id
    in_being = await net_credits_beside(connection, program.asset, issued, before=before)
    if points.explained == points.closing == in_being:
        return None
    return RollForwardDiffers(program.code, program.scale, month, points.explained, points.closing, in_being)


async def _revenue(
    connection: Connection, program: Program, month: Month, since: datetime, before: datetime
) -> Recognition | None:
    versions = await estimates(connection, program.id)
    estimate = in_force(versions, month)
    if estimate is None:
        return None
    issued = issued_account(program).id
    earlier = consumed(await flows(connection, issued, since=None, before=since))
    redeemed = earlier + consumed(await flows(connection, issued, since=since, before=before))
    recognised_before = earned_under(in_force(versions, month.preceding), earlier)
    catch_up = earned_under(estimate, earlier) - recognised_before
    return Recognition(estimate, redeemed, recognised_before, earned_under(estimate, redeemed), catch_up)


def canonical(found: MonthEnd) -> bytes:
    """The figures as JSON with sorted keys and no spaces; instants in UTC."""
    form = {
        "form": FORM,
        "program": found.program.code,
        "month": str(found.month),
        "since": _utc(found.since),
        "before": _utc(found.before),
        "final": found.final,
        "opening": found.points.opening,
        **{heading.value: amount for heading, amount in found.points.moved.items()},
        "closing": found.points.closing,
        "revenue": None if found.revenue is None else _recognition(found.revenue),
    }
    return json.dumps(form, sort_keys=True, separators=(",", ":")).encode()


def _recognition(found: Recognition) -> dict[str, int]:
    return {
        "estimate": found.estimate.version,
        "allocated_fen": found.estimate.allocated_fen,
        "points": found.estimate.points,
        "expected": found.estimate.expected,
        "redeemed_to_date": found.redeemed_to_date,
        "recognised_before_fen": found.recognised_before_fen,
        "revenue_fen": found.revenue_fen,
        "catch_up_fen": found.catch_up_fen,
        "recognised_to_date_fen": found.recognised_to_date_fen,
        "liability_fen": found.liability_fen,
        "breakage_fen": found.breakage_fen,
    }


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
