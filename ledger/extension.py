"""Making points live longer. The lot changes, and a trace says from when to when, for whom, and when that was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from asyncpg import Record

from core.clock import Clock
from core.database import Connection
from core.errors import Refusal
from ledger.allocation import FOREVER
from ledger.holding import hold
from ledger.posting import taken_ids_told
from ledger.reading import recording_instant


@dataclass(frozen=True, slots=True)
class Extension:
    """A wish that a lot lives until `expires_at`. The same id is the same extension."""

    id: UUID
    lot_id: UUID
    expires_at: datetime
    reference: UUID | None = None
    """The domain's object that it belongs to."""


@dataclass(frozen=True, slots=True)
class Extended:
    """An extension that was recorded, now or before."""

    id: UUID
    expired_at: datetime
    """When the lot would have expired, or did expire, without it."""
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class LotNotFound(Refusal):
    """There is no such lot."""

    lot_id: UUID


@dataclass(frozen=True, slots=True)
class LotUsedUp(Refusal):
    """Nothing is left of the lot."""

    lot_id: UUID


@dataclass(frozen=True, slots=True)
class ExpiryNotLater(Refusal):
    """The lot lives at least as long already."""

    lot_id: UUID
    expires_at: datetime | None
    """None: it never expires."""


@dataclass(frozen=True, slots=True)
class ExtensionDiffers(Refusal):
    """The id is known for another extension."""

    id: UUID


ExtensionRefusal = LotNotFound | LotUsedUp | ExpiryNotLater | ExtensionDiffers


async def extend_expiry(
    connection: Connection, extensions: Sequence[Extension], *, clock: Clock
) -> list[Extended | ExtensionRefusal]:
    """Extend lots, expired ones with something left included; one answer for each extension, in order.

    Several extensions of one lot in one call take effect one after the other. Raises as `post` does.
    """
    lot_ids = [extension.lot_id for extension in extensions]
    account_ids = {row["account_id"] for row in await connection.fetch(_ACCOUNTS, lot_ids)}
    locked = await hold(connection, account_ids)
    recorded_at = recording_instant(clock.pinned or locked.instant, locked.accounts.values())
    lots = {row["id"]: row for row in await connection.fetch(_LOTS, lot_ids)}
    known = {row["id"]: row for row in await connection.fetch(_KNOWN, [extension.id for extension in extensions])}
    batch = _Batch(lots, known, recorded_at)
    answers = [batch.answer(_in_utc(extension)) for extension in extensions]
    with taken_ids_told():
        await _write(connection, batch)
    await connection.execute(_MARK, list(account_ids), recorded_at)
    return answers


def _in_utc(extension: Extension) -> Extension:
    # In other zones the instants of the hour that comes twice compare wrongly: with each other, and across zones.
    return replace(extension, expires_at=extension.expires_at.astimezone(UTC))


class _Batch:
    def __init__(self, lots: Mapping[UUID, Record], known: Mapping[UUID, Record], recorded_at: datetime) -> None:
        self._lots = lots
        self._known = {key: (Extension(*row[:4]), Extended(key, row[4], row[5])) for key, row in known.items()}
        self._recorded_at = recorded_at
        self.expiries: dict[UUID, datetime] = {}
        self.made: list[tuple[Extension, Extended]] = []

    def answer(self, extension: Extension) -> Extended | ExtensionRefusal:
        if extension.id in self._known:
            first, answer = self._known[extension.id]
            return answer if first == extension else ExtensionDiffers(extension.id)
        lot = self._lots.get(extension.lot_id)
        if lot is None:
            return LotNotFound(extension.lot_id)
        if not lot["remaining"]:
            return LotUsedUp(extension.lot_id)
        return self._extend(extension, self.expiries.get(extension.lot_id, lot["expires_at"] or FOREVER))

    def _extend(self, extension: Extension, before: datetime) -> Extended | ExtensionRefusal:
        if extension.expires_at <= before:
            return ExpiryNotLater(extension.lot_id, None if before == FOREVER else before)
        extended = Extended(extension.id, before, self._recorded_at)
        self._known[extension.id] = (extension, extended)
        self.expiries[extension.lot_id] = extension.expires_at
        self.made.append((extension, extended))
        return extended


async def _write(connection: Connection, batch: _Batch) -> None:
    await connection.execute(_EXTEND, list(batch.expiries), list(batch.expiries.values()))
    await connection.executemany(
        _TRACE,
        [
            (made.id, made.lot_id, answer.expired_at, made.expires_at, answer.recorded_at, made.reference)
            for made, answer in batch.made
        ],
    )


_ACCOUNTS = "select distinct account_id from ledger_lot where id = any($1::uuid[])"

_LOTS = """
select id, remaining, nullif(expires_at, 'infinity') as expires_at from ledger_lot where id = any($1::uuid[])
"""

_KNOWN = """
select id, lot_id, expires_at, reference, expired_at, recorded_at from ledger_lot_extension
where id = any($1::uuid[])
"""

_EXTEND = """
update ledger_lot as lot set expires_at = new.expires_at
from unnest($1::uuid[], $2::timestamptz[]) as new (id, expires_at)
where lot.id = new.id
"""

_TRACE = """
insert into ledger_lot_extension (id, lot_id, expired_at, expires_at, recorded_at, reference)
values ($1, $2, $3, $4, $5, $6)
"""

_MARK = "update ledger_account set last_recorded_at = $2 where id = any($1::uuid[])"
