"""A check that works transfers out anew from the rows of another package, and compares the ledger's."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Protocol, TypeAlias
from uuid import UUID

import asyncpg

from core.database import Connection
from ledger.audit.finding import Finding
from ledger.audit.span import Books, Span
from ledger.transfer import Transfer

ROWS_PER_SPAN: Final = 2_000
FINDINGS_PER_SPAN: Final = 20

_COLUMNS: Final = ("debit_account_id", "credit_account_id", "amount", "code", "group_id", "reference", "lots_of")

_TERMS: Final = ("expires_at", "available_at", "funder", "unit_cost")

_TRANSFERS: Final = f"""
SELECT id, {", ".join(_COLUMNS)}, {", ".join(f"lot_{term}" for term in _TERMS)}, recorded_at
FROM ledger_transfer WHERE id = ANY($1::uuid[])
"""

Expected: TypeAlias = tuple[Transfer, datetime | None]
"""A transfer that must be in the ledger, and when it was recorded; None: its row does not say."""


class Recomputed(Protocol):
    """Rows with the transfers they stand for."""

    name: str
    table: str

    async def expected(self, connection: Connection, span: Span) -> Sequence[Expected]:
        """What must be in the ledger for the rows after the first id and up to the second; None is no bound."""
        ...


class TransfersOf:
    """The ledger holds the transfers that the rows stand for, exactly."""

    def __init__(self, rows: Recomputed) -> None:
        self.name = rows.name
        self._rows = rows

    async def spans(self, connection: Connection, books: Books) -> Sequence[Span]:
        """By row, in the order of ids."""
        del books
        ends: list[UUID | None] = [None]
        query = f"SELECT id FROM {self._rows.table} WHERE $1::uuid IS NULL OR id > $1 ORDER BY id OFFSET $2 LIMIT 1"
        while end := await connection.fetchval(query, ends[-1], ROWS_PER_SPAN):
            ends.append(end)
        return list(zip(ends, [*ends[1:], None], strict=True))

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """The first transfers that are missing or differ."""
        expected = await self._rows.expected(connection, span)
        rows = await connection.fetch(_TRANSFERS, [transfer.id for transfer, _ in expected])
        found = {row["id"]: row for row in rows}
        findings = (finding for item in expected for finding in _differences(self.name, item, found.get(item[0].id)))
        return [finding for finding, _ in zip(findings, range(FINDINGS_PER_SPAN), strict=False)]


def _differences(check: str, expected: Expected, found: asyncpg.Record | None) -> Iterator[Finding]:
    transfer, recorded_at = expected
    key = str(transfer.id)
    if found is None:
        yield Finding(check, "ledger_transfer", key, "*", f"{transfer.amount} for {transfer.reference}", None)
        return
    for column, should in _cells(transfer, recorded_at):
        if found[column] != should:
            yield Finding(check, "ledger_transfer", key, column, str(should), str(found[column]))


def _cells(transfer: Transfer, recorded_at: datetime | None) -> Iterator[tuple[str, object]]:
    for column in _COLUMNS:
        yield column, getattr(transfer, column)
    if recorded_at is not None:
        yield "recorded_at", recorded_at
    if transfer.lot is not None:
        for term in _TERMS:
            yield f"lot_{term}", getattr(transfer.lot, term)
