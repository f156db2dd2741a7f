"""Runs of the conformance suite, kept for ever: with digests of the report and of the configuration it was about."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from brands.adapter.adapter import Adapter
from core.database import Connection

_WRITE = """
INSERT INTO brands_certification (id, program_id, certified_by, started_at, finished_at,
    passed, failed, skipped, undecided, report_digest, adapter_digest, report)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
_READ = """
SELECT id, program_id, certified_by, started_at, finished_at,
    passed, failed, skipped, undecided, report_digest, adapter_digest, report
FROM brands_certification WHERE program_id = ANY($1::uuid[]) ORDER BY finished_at DESC, id DESC LIMIT $2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certification:
    """One run."""

    id: UUID
    program_id: UUID
    certified_by: str
    started_at: datetime
    finished_at: datetime
    passed: int
    failed: int
    skipped: int
    undecided: int
    report_digest: bytes
    """SHA-256 of the report as JSON."""
    adapter_digest: bytes
    """Of the configuration that was looked at; see `adapter_digest`."""
    report: str | None = None
    """The report itself as JSON, with every message that was exchanged and without secrets; None: it was not kept."""

    @property
    def ready(self) -> bool:
        """Whether the brand may go live: nothing failed, nothing is open, and something was looked at."""
        return self.passed > 0 and self.failed == 0 and self.undecided == 0

    def holds_for(self, adapter: Adapter) -> bool:
        """Whether it was ready with exactly this configuration."""
        return self.ready and self.adapter_digest == adapter_digest(adapter)


def adapter_digest(adapter: Adapter) -> bytes:
    """SHA-256 of the configuration as JSON with sorted keys: other digest, other configuration."""
    plain = msgspec.to_builtins(adapter, str_keys=True, enc_hook=str)
    return hashlib.sha256(msgspec.json.encode(plain, order="sorted")).digest()


async def record(connection: Connection, run: Certification) -> None:
    """Keep a run."""
    await connection.execute(
        _WRITE,
        run.id,
        run.program_id,
        run.certified_by,
        run.started_at,
        run.finished_at,
        run.passed,
        run.failed,
        run.skipped,
        run.undecided,
        run.report_digest,
        run.adapter_digest,
        run.report,
    )


async def certifications(
    connection: Connection, program_ids: Iterable[UUID], *, limit: int = 100
) -> list[Certification]:
    """The runs of these programs, latest first."""
    return [Certification(**row) for row in await connection.fetch(_READ, list(program_ids), limit)]
