"""Our side: a program's exchanges, awards, burns and rights bought with points, from the ledger.

All points of a program come from and go back to its issued account, so that account's statement has every line.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from brands import Program
from brands.accounts import issued_account
from core.codes import Code
from core.database import Connection
from exchange import exchanges_by_id, movements_by_id
from ledger import StatementLine, statement
from members import memberships_by_id
from rights import grants_by_id
from settlement.reconciliation.line import Line

RECONCILED: Final = frozenset(
    {Code.AWARD, Code.BURN, Code.EXCHANGE_DEBIT, Code.EXCHANGE_CREDIT, Code.RIGHT_PRICE, Code.REVERSAL}
)
"""What a brand states too. Expiry and opening balances are compared by the month's roll-forward."""

BATCH: Final = 2_000

_MATCHED: Final = "SELECT transfer_id FROM settlement_match WHERE undone_at IS NULL AND transfer_id = ANY($1::uuid[])"


@dataclass(frozen=True, slots=True)
class _Origin:
    membership_id: UUID
    brand_reference: str


async def unmatched_lines(
    connection: Connection, program: Program, first_day: date, last_day: date
) -> AsyncIterator[Line]:
    """The program's lines of these days, both included, that are not matched; in the order of recording."""
    zone = ZoneInfo(program.time_zone)
    after = datetime.combine(first_day, time(), zone) - timedelta(microseconds=1)
    until = datetime.combine(last_day + timedelta(days=1), time(), zone) - timedelta(microseconds=1)
    batch: list[StatementLine] = []
    async for line in statement(connection, issued_account(program).id, after=after, until=until):
        if line.code in RECONCILED and line.posted:
            batch.append(line)
        if len(batch) == BATCH:
            for explained in await _explained(connection, program, zone, batch):
                yield explained
            batch = []
    for explained in await _explained(connection, program, zone, batch):
        yield explained


async def _explained(
    connection: Connection, program: Program, zone: ZoneInfo, batch: list[StatementLine]
) -> list[Line]:
    matched = {row["transfer_id"] for row in await connection.fetch(_MATCHED, [line.transfer_id for line in batch])}
    left = [line for line in batch if line.transfer_id not in matched]
    known = await _origins(connection, program, {line.reference for line in left if line.reference})
    numbers = await memberships_by_id(connection, {it.membership_id for it in known.values()})
    return [_line(program, zone, line, known, {key: card.number for key, card in numbers.items()}) for line in left]


def _line(
    program: Program, zone: ZoneInfo, line: StatementLine, known: Mapping[UUID, _Origin], numbers: Mapping[UUID, str]
) -> Line:
    origin = known.get(line.reference) if line.reference else None
    return Line(
        key=str(line.transfer_id),
        reference=str(line.reference or ""),
        brand_reference=origin.brand_reference if origin else "",
        asset=program.asset,
        amount=-line.posted,  # what the issued account gains, the member loses
        member=numbers.get(origin.membership_id, "") if origin else "",
        day=line.recorded_at.astimezone(zone).date(),
    )


async def _origins(connection: Connection, program: Program, references: set[UUID]) -> dict[UUID, _Origin]:
    """Whose points the references moved, and the brand's own reference where it gave one."""
    found: dict[UUID, _Origin] = {}
    for key, it in (await exchanges_by_id(connection, references)).items():
        side = it.source if it.source.program_id == program.id else it.target
        found[key] = _Origin(side.membership_id, "")
    for key, moved in (await movements_by_id(connection, references - found.keys())).items():
        found[key] = _Origin(moved.membership_id, moved.idempotency_key)
    for key, grant in (await grants_by_id(connection, list(references - found.keys()))).items():
        found[key] = _Origin(grant.membership_id, "")
    return found
