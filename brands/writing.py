"""Writes what is to be in force over what is: only the rows that differ."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from brands.brand import Brand
from brands.change import Change
from brands.directories import Directory
from brands.program import Program
from brands.rate import Rate
from brands.right import AfterGrant, Right, Validity
from core.database import Connection
from core.ids import new_id

_Value = TypeVar("_Value")


def _upsert(table: str, *columns: str) -> str:
    places = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
    changed = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in {"id", "code"})
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) ON CONFLICT (id) DO UPDATE SET {changed}"


_BRAND = _upsert(
    "brands_brand",
    *("id", "code", "root_id", "parent_id", "participant_id", "name", "name_zh", "kind"),
    *("net_debit_cap", "prefund", "closed", "cap_warnings", "cap_warning_hours"),
)
_PROGRAM = _upsert(
    "brands_program",
    *("id", "code", "brand_id", "name", "name_zh", "scale", "time_zone", "expiry_months", "expiry_day"),
    *("amount_min", "amount_max", "amount_step", "member_day_max"),
    *("adapter_kind", "adapter_mapping", "opening_unit_cost", "member_file", "statement_file"),
    *("file_terms", "swing_pause_bp", "member_month_max", "member_year_max", "cooling_off_hours"),
    *("pair_limits", "issuance_limits", "file_adapter", "file_pairs"),
)
_RIGHT = _upsert(
    "brands_right",
    *("id", "code", "issuer_id", "name", "name_zh", "kind", "honouring_ids", "prices", "uses"),
    *("valid_hours", "valid_first_day", "valid_last_day", "valid_time_zone"),
    *("stock", "settlement_price", "transferable", "eligibility", "withdrawn"),
)
_TIER = """
INSERT INTO brands_tier (program_id, code, rank, name, name_zh, level) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (program_id, code) DO UPDATE
SET rank = excluded.rank, name = excluded.name, name_zh = excluded.name_zh, level = excluded.level
"""
_RATE = """
INSERT INTO brands_rate (
    id, program_id, target_id, version, sell_micro, buy_micro, fee_bp, fee_fixed_micro, tier_fees,
    valid_from, valid_to, submitted_by, submitted_at, approved_by, approved_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""
_END_RATE = "UPDATE brands_rate SET valid_to = $2 WHERE id = $1"
_REVISION = "INSERT INTO brands_revision (id, source, changes, made_at) VALUES ($1, $2, $3, $4)"


async def write_directory(connection: Connection, now: Directory, target: Directory) -> None:
    """Bring brands, programs, rates and rights to `target`."""
    brands, programs = _different(now.brands, target.brands), _different(now.programs, target.programs)
    await connection.executemany(_BRAND, [_brand_row(brand, target) for brand in brands])
    await connection.executemany(_PROGRAM, [_program_row(program) for program in programs])
    await connection.executemany(_TIER, [row for program in programs for row in _tier_rows(program)])
    for rate in (rate for program_id, rate in target.rates.items() if program_id not in now.rates):
        await write_rate(connection, rate, submitted_at=rate.valid_from, approved_at=rate.valid_from)
    await connection.executemany(_RIGHT, [_right_row(right) for right in _different(now.rights, target.rights)])


async def write_rate(connection: Connection, rate: Rate, *, submitted_at: datetime, approved_at: datetime) -> None:
    """Add one version."""
    prices = rate.sell_micro, rate.buy_micro, rate.fee_bp, rate.fee_fixed_micro, _json(rate.tier_fees)
    named = rate.id, rate.program_id, rate.target_id, rate.version
    persons = rate.submitted_by, submitted_at, rate.approved_by, approved_at
    await connection.execute(_RATE, *named, *prices, rate.valid_from, rate.valid_to, *persons)


async def end_rate(connection: Connection, rate: Rate) -> None:
    """Write the end that the rate has been given."""
    await connection.execute(_END_RATE, rate.id, rate.valid_to)


async def write_revision(connection: Connection, source: str, changes: Sequence[Change], instant: datetime) -> None:
    """Record what changed; every process reads the directory anew."""
    await connection.execute(_REVISION, new_id(), source, _json(changes), instant)


def _different(now: Mapping[UUID, _Value], target: Mapping[UUID, _Value]) -> list[_Value]:
    return [value for key, value in target.items() if now.get(key) != value]


def _brand_row(brand: Brand, target: Directory) -> tuple[object, ...]:
    warned = list(brand.cap_warnings), brand.cap_warning_hours
    settling = brand.net_debit_cap, brand.prefund, brand.closed, *warned
    above = target.root_of(brand.id).id, brand.parent_id, brand.participant_id
    return (brand.id, brand.code, *above, brand.name, brand.name_zh, brand.kind.value, *settling)


def _program_row(program: Program) -> tuple[object, ...]:
    named = program.id, program.code, program.brand_id, program.name, program.name_zh
    expiry, limits, adapter = program.expiry, program.limits, program.adapter
    counted = program.scale, program.time_zone, expiry.months, expiry.day.value
    limited = limits.amount_min, limits.amount_max, limits.amount_step, limits.member_day_max
    files = (None if form is None else _json(form) for form in (program.member_file, program.statement_file))
    return (
        *named,
        *counted,
        *limited,
        adapter.kind.value,
        _json(adapter),
        program.opening_unit_cost,
        *files,
        _json(program.file_terms),
        program.swing_pause_bp,
        limits.member_month_max,
        limits.member_year_max,
        limits.cooling_off_hours,
        _json(limits.pairs),
        _json(program.issuance),
        _json(program.file_adapter),
        _json(program.file_pairs),
    )


def _tier_rows(program: Program) -> Iterator[tuple[object, ...]]:
    for rank, tier in enumerate(program.tiers):
        yield program.id, tier.code, rank, tier.name, tier.name_zh, tier.level


def _right_row(right: Right) -> tuple[object, ...]:
    named = right.id, right.code, right.issuer_id, right.name, right.name_zh, right.kind.value
    used = list(right.honouring_ids), _json(right.prices), right.uses
    rest = right.stock, right.settlement_price, right.transferable, _json(right.eligibility), right.withdrawn
    return (*named, *used, *_validity(right.validity), *rest)


def _validity(validity: Validity) -> tuple[object, ...]:
    if isinstance(validity, AfterGrant):
        return validity.hours, None, None, None
    return None, validity.first_day, validity.last_day, validity.time_zone


def _json(content: object) -> str:
    return msgspec.json.encode(content).decode()
