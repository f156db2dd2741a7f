"""A check that works transfers out anew from the rows of another package, and compares the ledger's."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Protocol, TypeAlias
from uuid import UUID

import asyncpg

from core.database import Connection
from ledger.audit.finding import BROKEN, Finding, broken
from ledger.audit.span import Books, Span
from ledger.transfer import Transfer

ROWS_PER_SPAN: Final = 2_000
FINDINGS_PER_SPAN: Final = 20

_NO_ROWS: Final = (UUID(int=0), UUID(int=0))

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
    key: str
    """The column that names a row: of ids, one row each."""

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
        table, key = self._rows.table, self._rows.key
        query = f"SELECT {key} FROM {table} WHERE $1::uuid IS NULL OR {key} > $1 ORDER BY {key} OFFSET $2 LIMIT 1"
        while end := await connection.fetchval(query, ends[-1], ROWS_PER_SPAN):
            ends.append(end)
        return list(zip(ends, [*ends[1:], None], strict=True))

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """The first rows that cannot be worked out, and the first transfers that are missing or differ."""
        try:
            expected = await self._rows.expected(connection, span)
        except BROKEN:
            return await self._apart(connection, span)
        return await self._compare(connection, expected)

    async def _apart(self, connection: Connection, span: Span) -> list[Finding]:
        """The same row by row, as far as it takes: one that names what does not exist must not hide the others."""
        await self._rows.expected(connection, _NO_ROWS)  # raises where it is not for any row
        findings: list[Finding] = []
        pieces = [span]
        while pieces and len(findings) < FINDINGS_PER_SPAN:
            piece = pieces.pop()
            keys = [row[0] for row in await connection.fetch(self._keys, *piece)]
            try:
                findings += await self._compare(connection, await self._rows.expected(connection, piece))
            except BROKEN as error:
                if not keys:
                    raise
                if len(keys) == 1:
                    findings.append(broken(self.name, self._rows.table, str(keys[0]), error))
                else:
                    middle = keys[len(keys) // 2 - 1]
                    pieces += [(middle, piece[1]), (piece[0], middle)]
        return findings

    @property
    def _keys(self) -> str:
        key = self._rows.key
        return f"""
SELECT {key} FROM {self._rows.table}
WHERE ($1::uuid IS NULL OR {key} > $1) AND ($2::uuid IS NULL OR {key} <= $2) ORDER BY {key}
"""

    async def _compare(self, connection: Connection, expected: Sequence[Expected]) -> list[Finding]:
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
