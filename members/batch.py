"""One batch of a brand's file: read what is known, write what is new, post what was brought over, all in one commit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from brands import Program
from brands.accounts import issued_account, points_account
from brands.expiry import day_after
from core.codes import Code
from core.database import Connection, Database
from core.errors import AgioError
from core.ids import new_id
from ledger import LotTerms, Transfer, post
from members.keys import MemberKeys
from members.oneid import decide_anew, lock_identities
from members.ports import SILENT, Outbox, TierChange
from members.records import Profile, SourceRecord, write_records
from members.row import MemberRow


class OpeningRefused(AgioError):
    """The ledger refused an opening balance; nothing of the batch was written."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A membership as an earlier file described it."""

    digest: bytes
    opening: int
    erased: bool
    tier: str


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What became of one batch."""

    imported: Sequence[MemberRow]
    updated: Sequence[MemberRow]
    unchanged: int
    differing: Sequence[tuple[MemberRow, int]]
    """With the opening balance in the books."""


_KNOWN: Final = "SELECT id, row_digest, opening_amount, status, tier FROM members_membership WHERE id = ANY($1)"

_WRITE: Final = """
INSERT INTO members_membership AS kept
    (id, program_id, number, tier, status, enrolled_on, opening_amount, opening_last_day, row_digest)
SELECT id, $8, number, tier, 'active', enrolled_on, opening_amount, opening_last_day, row_digest
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::date[], $5::bigint[], $6::date[], $7::bytea[])
    AS given (id, number, tier, enrolled_on, opening_amount, opening_last_day, row_digest)
ON CONFLICT (id) DO UPDATE
SET tier = excluded.tier, enrolled_on = excluded.enrolled_on, row_digest = excluded.row_digest
"""


class BatchLoader:
    """Loads batches of one program's members, each row's number once."""

    def __init__(self, database: Database, keys: MemberKeys, program: Program, outbox: Outbox = SILENT) -> None:
        self._database = database
        self._keys = keys
        self._program = program
        self._outbox = outbox

    async def load(self, rows: Sequence[MemberRow]) -> BatchOutcome:
        """Load one batch in a transaction of its own. Raises OpeningRefused."""
        by_id = {self._record_id(row): row for row in rows}
        async with self._database.transaction() as connection:
            await lock_identities(connection)
            known = await _known(connection, by_id)
            new = {each: row for each, row in by_id.items() if each not in known}
            changed = {each: row for each, row in by_id.items() if each in known and self._changed(row, known[each])}
            await self._write(connection, new | changed)
            await self._post(connection, new)
            await self._tell(connection, [(each, row, known[each].tier) for each, row in changed.items()])
        differing = [(by_id[each], was.opening) for each, was in known.items() if self._differs(by_id[each], was)]
        unchanged = len(by_id) - len(new) - len(changed)
        return BatchOutcome(list(new.values()), list(changed.values()), unchanged, differing)

    def _opening(self, row: MemberRow) -> int:
        """What is brought over: nothing where the brand goes on keeping the points in its own books."""
        return 0 if self._program.booked_by_brand else row.balance

    def _differs(self, row: MemberRow, known: _Known) -> bool:
        return not known.erased and self._opening(row) != known.opening

    def _record_id(self, row: MemberRow) -> UUID:
        return self._keys.record_id(self._source, row.number)

    @property
    def _source(self) -> str:
        return f"program:{self._program.code}"

    def _changed(self, row: MemberRow, known: _Known) -> bool:
        return not known.erased and self._digest(row) != known.digest

    def _digest(self, row: MemberRow) -> bytes:
        said = (part for each in row.identifiers for part in (each.type, each.scope, each.value))
        return self._keys.digest(row.name, row.tier, row.enrolled_on.isoformat(), *said)

    async def _write(self, connection: Connection, rows: Mapping[UUID, MemberRow]) -> None:
        if not rows:
            return
        now = self._database.clock.now()
        records = [SourceRecord(each, self._source, Profile(row.name, row.identifiers)) for each, row in rows.items()]
        changed = await write_records(connection, self._keys, records, now)
        await self._write_memberships(connection, rows)
        await decide_anew(connection, now, records=rows, changed=changed)

    async def _write_memberships(self, connection: Connection, rows: Mapping[UUID, MemberRow]) -> None:
        await connection.execute(
            _WRITE,
            list(rows),
            [row.number for row in rows.values()],
            [row.tier for row in rows.values()],
            [row.enrolled_on for row in rows.values()],
            [self._opening(row) for row in rows.values()],
            [row.last_day for row in rows.values()],
            [self._digest(row) for row in rows.values()],
            self._program.id,
        )

    async def _tell(self, connection: Connection, changed: Iterable[tuple[UUID, MemberRow, str]]) -> None:
        now = self._database.clock.now()
        moved = [
            TierChange(each, self._program.id, row.number, before, row.tier, now)
            for each, row, before in changed
            if row.tier != before
        ]
        if moved:
            await self._outbox.tiered(connection, moved)

    async def _post(self, connection: Connection, rows: Mapping[UUID, MemberRow]) -> None:
        owed = {each: row for each, row in rows.items() if self._opening(row)}
        if not owed:
            return
        accounts = {each: points_account(each, self._program) for each in owed}
        issued = issued_account(self._program)
        now = self._database.clock.now()
        transfers = [
            Transfer(
                new_id(),
                issued.id,
                accounts[each].id,
                row.balance,
                Code.OPENING,
                reference=each,
                lot=self._lot(row, now),
            )
            for each, row in owed.items()
        ]
        outcomes = await post(connection, transfers, accounts=[issued, *accounts.values()], clock=self._database.clock)
        refused = next((outcome for outcome in outcomes if not outcome.ok), None)
        if refused is not None:
            reason = f"An opening balance was refused: {refused.status}."
            raise OpeningRefused(reason)

    def _lot(self, row: MemberRow, now: datetime) -> LotTerms:
        program = self._program
        return LotTerms(
            expires_at=_expires_at(row.last_day, program) if row.last_day else program.expires_at(now),
            funder=program.participant_id,
            unit_cost=program.opening_unit_cost,
        )


def _expires_at(last_day: date, program: Program) -> datetime | None:
    return None if last_day.year == MAXYEAR else day_after(last_day, ZoneInfo(program.time_zone))


async def _known(connection: Connection, ids: Iterable[UUID]) -> Mapping[UUID, _Known]:
    return {
        row["id"]: _Known(row["row_digest"], row["opening_amount"], row["status"] == "erased", row["tier"])
        for row in await connection.fetch(_KNOWN, list(ids))
    }
