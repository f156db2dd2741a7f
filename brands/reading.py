"""Reads the directory from the tables, and keeps it until something changes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from brands.brand import Brand
from brands.directories import Directory
from brands.prices import Pause
from brands.program import Program
from brands.rate import Rate
from brands.right import AfterGrant, FixedDates, Right, RightKind, Validity
from brands.settlement_models import Membership, SettlementModels
from core.database import Connection

_KEPT_MAX: Final = 4
"""A process works with one database; tests and tools with a few."""

_ENDED_MAX: Final = 4
"""Of each program and pair the latest rates are read although they may have ended: clocks of processes differ."""

REVISION: Final = "SELECT id FROM brands_revision ORDER BY number DESC LIMIT 1"

# One statement, so that all of it is of one instant.
_EVERYTHING = f"""
SELECT json_build_object(
    'revision', ({REVISION}),
    'brands', (SELECT coalesce(json_agg(brand ORDER BY code), '[]') FROM brands_brand AS brand),
    'programs', (
        SELECT coalesce(json_agg(json_build_object(
            'id', program.id, 'code', program.code, 'name', program.name, 'name_zh', program.name_zh,
            'brand_id', program.brand_id, 'participant_id', brand.participant_id,
            'scale', program.scale, 'time_zone', program.time_zone,
            'tiers', (
                SELECT json_agg(tier ORDER BY rank) FROM brands_tier AS tier WHERE tier.program_id = program.id
            ),
            'expiry', json_build_object('months', program.expiry_months, 'day', program.expiry_day),
            'limits', json_build_object(
                'amount_min', program.amount_min, 'amount_max', program.amount_max,
                'amount_step', program.amount_step, 'member_day_max', program.member_day_max,
                'member_month_max', program.member_month_max, 'member_year_max', program.member_year_max,
                'pairs', program.pair_limits, 'cooling_off_hours', program.cooling_off_hours
            ),
            'adapter', program.adapter_mapping || jsonb_build_object('kind', program.adapter_kind),
            'opening_unit_cost', program.opening_unit_cost, 'member_file', program.member_file,
            'statement_file', program.statement_file,
            'file_terms', program.file_terms, 'swing_pause_bp', program.swing_pause_bp,
            'issuance', program.issuance_limits, 'file_adapter', program.file_adapter,
            'file_pairs', program.file_pairs
        ) ORDER BY program.code), '[]')
        FROM brands_program AS program JOIN brands_brand AS brand ON brand.id = program.brand_id
    ),
    'read_at', clock_timestamp(),
    'rates', (
        SELECT coalesce(json_agg(rate), '[]') FROM (
            SELECT *, row_number() OVER (PARTITION BY program_id, target_id ORDER BY version DESC) AS place
            FROM brands_rate
        ) AS rate WHERE valid_to IS NULL OR valid_to > clock_timestamp() OR place <= {_ENDED_MAX}
    ),
    'pauses', (
        SELECT coalesce(json_agg(pause ORDER BY id), '[]') FROM brands_rate_pause AS pause WHERE resumed_at IS NULL
    ),
    'rights', (SELECT coalesce(json_agg(terms ORDER BY code), '[]') FROM brands_right AS terms),
    'models', (SELECT coalesce(json_agg(agreed), '[]') FROM (
        SELECT DISTINCT ON (participant_id, other_id) participant_id, other_id, model
        FROM brands_settlement ORDER BY participant_id, other_id, id DESC
    ) AS agreed)
)
"""


@dataclass(frozen=True, slots=True)
class _RightRow:
    id: UUID
    code: str
    name: str
    name_zh: str
    kind: RightKind
    issuer_id: UUID
    honouring_ids: tuple[UUID, ...]
    prices: dict[UUID, int]
    uses: int
    valid_hours: int | None
    valid_first_day: date | None
    valid_last_day: date | None
    valid_time_zone: str | None
    stock: int | None
    settlement_price: int
    transferable: bool
    eligibility: dict[UUID, str]
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class _Rows:
    revision: UUID | None
    brands: list[Brand]
    programs: list[Program]
    read_at: datetime
    rates: list[Rate]
    pauses: list[Pause]
    rights: list[_RightRow]
    models: list[Membership]


_decoder = msgspec.json.Decoder(_Rows)
_kept: dict[UUID | None, Directory] = {}


async def directory(connection: Connection) -> Directory:
    """The directory as committed, or as changed by the connection's own transaction. One cheap query when unchanged."""
    return await directory_at(connection, await connection.fetchval(REVISION))


async def directory_at(connection: Connection, revision: UUID | None) -> Directory:
    """The same for whoever has just read `REVISION` on the connection together with something else."""
    return _kept.get(revision) or _keep(await read_directory(connection))


async def read_directory(connection: Connection) -> Directory:
    """The directory as it stands in the tables."""
    rows = _decoder.decode(await connection.fetchval(_EVERYTHING))
    return Directory.of(
        rows.revision,
        rows.brands,
        rows.programs,
        rows.rates,
        map(_right, rows.rights),
        SettlementModels.of(rows.models),
        rows.pauses,
        read_at=rows.read_at,
    )


def _keep(read: Directory) -> Directory:
    _kept[read.revision] = read
    while len(_kept) > _KEPT_MAX:
        del _kept[next(iter(_kept))]
    return read


def _right(row: _RightRow) -> Right:
    return Right(
        row.id,
        row.code,
        row.name,
        row.name_zh,
        row.kind,
        row.issuer_id,
        row.honouring_ids,
        row.prices,
        row.uses,
        _validity(row),
        row.stock,
        row.settlement_price,
        row.transferable,
        row.eligibility,
        row.withdrawn,
    )


def _validity(row: _RightRow) -> Validity:
    if row.valid_hours is not None:
        return AfterGrant(row.valid_hours)
    if row.valid_first_day is None or row.valid_last_day is None or row.valid_time_zone is None:
        message = f"the right {row.code} has no validity"  # a CHECK of its table forbids it
        raise AssertionError(message)
    return FixedDates(row.valid_first_day, row.valid_last_day, row.valid_time_zone)
