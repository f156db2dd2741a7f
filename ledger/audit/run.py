"""Running an audit: all connections look at the books as of one instant, and share out the spans."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime

from core.database import Connection, Database
from ledger.audit.checks import CHECKS
from ledger.audit.finding import BROKEN, AuditReport, Finding, broken
from ledger.audit.span import AuditCheck, Books, Span, divide

FINDINGS_MAX = 100
"""An audit that has found this many stops: the books need a person, not a list."""

_TABLES = (
    "ledger_asset",
    "ledger_account",
    "ledger_transfer",
    "ledger_balance",
    "ledger_refusal",
    "ledger_pending",
    "ledger_reversal",
    "ledger_lot",
    "ledger_lot_use",
    "ledger_lot_extension",
    "ledger_term_change",
    "ledger_seal",
)


@dataclass(frozen=True, slots=True)
class AuditProgress:
    """How far an audit has come."""

    done: int
    """Spans looked at."""
    total: int
    check: str
    """The check that was run last."""


@dataclass(frozen=True, slots=True)
class _Piece:
    check: AuditCheck
    span: Span
    place: tuple[int, int]


@dataclass(slots=True)
class _Work:
    """What is left to look at, and what was found."""

    pieces: list[_Piece]
    progress: Callable[[AuditProgress], None]
    total: int
    found: dict[tuple[int, int], Sequence[Finding]] = field(default_factory=dict)

    def next(self) -> _Piece | None:
        """The next piece; None when there is none, or enough was found."""
        enough = sum(map(len, self.found.values())) >= FINDINGS_MAX
        return None if enough or not self.pieces else self.pieces.pop()

    def note(self, piece: _Piece, findings: Sequence[Finding]) -> None:
        """A piece was looked at."""
        self.found[piece.place] = findings
        self.progress(AuditProgress(len(self.found), self.total, piece.check.name))

    def findings(self) -> list[Finding]:
        """All that was found, in the order of the checks."""
        return [finding for place in sorted(self.found) for finding in self.found[place]]


async def audit(
    database: Database,
    *,
    progress: Callable[[AuditProgress], None] = lambda _: None,
    workers: int = 2,
    checks: Sequence[AuditCheck] = (),
) -> AuditReport:
    """Recompute the books and compare; `checks` are those of other packages, run after the ledger's own.

    Uses `workers` + 1 connections of the pool. Reads only; postings go on meanwhile and are not looked at.
    """
    outside = copy_context()  # the lead's connection is in this task's context from the next line on
    async with database.connection() as lead, _snapshot(lead) as name:
        work = await _plan(lead, await divide(lead), [*CHECKS, *checks], progress)
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(_work_on(database, name, work), context=outside.copy())
        return await _report(lead, work)


@asynccontextmanager
async def _snapshot(connection: Connection, name: str | None = None) -> AsyncIterator[str]:
    """A transaction that sees the books as the snapshot `name` does, or at this instant; the snapshot's name."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        if name is not None:
            await connection.execute(f"set transaction snapshot '{name}'")
        await connection.execute(_SETTINGS)
        yield name or await connection.fetchval("select pg_export_snapshot()")


async def _plan(
    lead: Connection, books: Books, checks: Sequence[AuditCheck], progress: Callable[[AuditProgress], None]
) -> _Work:
    pieces = [
        _Piece(check, span, (order, place))
        for order, check in enumerate(checks)
        for place, span in enumerate(await check.spans(lead, books))
    ]
    return _Work(pieces[::-1], progress, len(pieces))


async def _work_on(database: Database, snapshot: str, work: _Work) -> None:
    async with database.connection() as connection, _snapshot(connection, snapshot):
        while piece := work.next():
            work.note(piece, await _look(connection, piece))


async def _look(connection: Connection, piece: _Piece) -> Sequence[Finding]:
    try:
        return await piece.check.look(connection, piece.span)
    except BROKEN as error:  # a check that gives up must not hide what the others find
        return [broken(piece.check.name, "what it reads,", " to ".join(map(str, piece.span)) or "all of it", error)]


async def _report(lead: Connection, work: _Work) -> AuditReport:
    counts = {table: await lead.fetchval(f"select count(*) from {table}") for table in _TABLES}
    instant: datetime = await lead.fetchval("select transaction_timestamp()")
    head = await lead.fetchrow("select number, hash from ledger_seal_head")
    number, hash_ = head or (0, b"")
    return AuditReport(work.findings(), counts, instant, number, hash_.hex())


_SETTINGS = """
set local work_mem = '64MB';
set local plan_cache_mode = force_custom_plan;
set local max_parallel_workers_per_gather = 0;
"""
