"""Audit checks that work transfers out anew, with the function that made them, and compare the ledger's."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Protocol, TypeAlias
from uuid import UUID

import asyncpg

from brands import Directory, directory, models_of
from core.database import Connection
from exchange.exchange_rows import exchanges_at_once
from exchange.exchanges import Exchange
from exchange.legs import Books, Intent
from exchange.movement_posting import movement_transfer
from exchange.movement_rows import movements_between
from exchange.offers import Quote
from ledger import Transfer
from ledger.audit import Books as AuditBooks
from ledger.audit import Finding, Span

ROWS_PER_SPAN: Final = 2_000
FINDINGS_PER_SPAN: Final = 20

Expected: TypeAlias = tuple[Transfer, datetime | None]
"""A transfer that must be in the ledger, and when it was recorded; None: its row does not say."""


class Recomputed(Protocol):
    """Rows of this package with the transfers they stand for."""

    name: str
    table: str

    async def expected(self, connection: Connection, known: Directory, span: Span) -> Sequence[Expected]:
        """What must be in the ledger for the rows of the span."""
        ...


class TransfersOf:
    """The ledger holds exactly the transfers that the rows stand for."""

    def __init__(self, rows: Recomputed) -> None:
        self.name = rows.name
        self._rows = rows

    async def spans(self, connection: Connection, books: AuditBooks) -> Sequence[Span]:
        """By row, in the order of ids."""
        del books
        ends: list[UUID | None] = [None]
        query = f"SELECT id FROM {self._rows.table} WHERE $1::uuid IS NULL OR id > $1 ORDER BY id OFFSET $2 LIMIT 1"
        while end := await connection.fetchval(query, ends[-1], ROWS_PER_SPAN):
            ends.append(end)
        return list(zip(ends, [*ends[1:], None], strict=True))

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """The first transfers that are missing or differ."""
        expected = await self._rows.expected(connection, await directory(connection), span)
        rows = await connection.fetch(_TRANSFERS, [transfer.id for transfer, _ in expected])
        found = {row["id"]: row for row in rows}
        findings = (finding for item in expected for finding in _differences(self.name, item, found.get(item[0].id)))
        return [finding for finding, _ in zip(findings, range(FINDINGS_PER_SPAN), strict=False)]


_TRANSFERS: Final = """
SELECT id, debit_account_id, credit_account_id, amount, code, group_id, reference, lots_of, lot_expires_at,
    lot_available_at, lot_funder, lot_unit_cost, recorded_at
FROM ledger_transfer WHERE id = ANY($1::uuid[])
"""


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
    for column in ("debit_account_id", "credit_account_id", "amount", "code", "group_id", "reference", "lots_of"):
        yield column, getattr(transfer, column)
    if recorded_at is not None:
        yield "recorded_at", recorded_at
    if transfer.lot is not None:
        yield "lot_expires_at", transfer.lot.expires_at
        yield "lot_available_at", transfer.lot.available_at
        yield "lot_funder", transfer.lot.funder
        yield "lot_unit_cost", transfer.lot.unit_cost


class Exchanges:
    """Exchanges that were completed in one commit, and their legs."""

    name = "exchange-legs"
    table = "exchange_exchange"

    async def expected(self, connection: Connection, known: Directory, span: Span) -> Sequence[Expected]:
        """The legs of each exchange, worked out anew from its row."""
        books = Books(known)
        found = await exchanges_at_once(connection, *span)
        models = await models_of(connection, [it.id for it in found])
        return [(leg, it.accepted_at) for it in found for leg in books.legs(_intent(it, models[it.id]))]


def _intent(exchange: Exchange, model: str) -> Intent:
    quote = Quote(
        exchange.quote_id,
        exchange.member_id,
        exchange.source,
        exchange.target,
        exchange.conversion,
        exchange.accepted_at,
        exchange.accepted_at,
    )
    return Intent(
        exchange.id,
        quote,
        exchange.idempotency_key,
        exchange.source_participant_id,
        exchange.target_participant_id,
        exchange.target_expires_at,
        model,
    )


class Movements:
    """Awards and burns, one transfer each."""

    name = "movement-transfers"
    table = "exchange_movement"

    async def expected(self, connection: Connection, known: Directory, span: Span) -> Sequence[Expected]:
        """The transfer of each movement, worked out anew from its row."""
        return [
            (movement_transfer(known, movement), movement.recorded_at)
            for movement in await movements_between(connection, *span)
        ]
