"""Runs of the conformance suite against programs' own systems."""

from datetime import datetime

import strawberry

import brands
from brands import certifications as runs
from schema.context import Context, Info
from schema.fields import needs
from schema.scopes import Scope
from schema.viewer import ViewerKind


@strawberry.type
class Certification:
    """One run of the conformance suite."""

    certified_by: str
    started_at: datetime
    finished_at: datetime
    passed: int
    failed: int
    skipped: int
    undecided: int
    """Checks for whose answer the run did not wait long enough."""
    ready: bool
    """Nothing failed and nothing is undecided."""
    in_force: bool
    """It was ready, with exactly the configuration of today."""
    report_digest: str
    """SHA-256 of the report, in hex."""

    @classmethod
    def of(cls, value: runs.Certification, program: brands.Program) -> "Certification":
        """As the graph shows it."""
        return cls(
            certified_by=value.certified_by,
            started_at=value.started_at,
            finished_at=value.finished_at,
            passed=value.passed,
            failed=value.failed,
            skipped=value.skipped,
            undecided=value.undecided,
            ready=value.ready,
            in_force=value.holds_for(program.adapter),
            report_digest=value.report_digest.hex(),
        )


@strawberry.type
class CertificationQuery:
    """Looking at certifications."""

    @needs(brands.Scope.PROGRAMS_READ, Scope.SETTLEMENT_READ)
    async def certifications(self, info: Info, program: str) -> list[Certification]:
        """The last 100 runs, latest first: a brand's own program, any for staff; empty for any other."""
        directory = await info.context.directory()
        found = directory.program(program)
        if found is None or not _may_see(info.context, directory, found):
            return []
        async with info.context.database.connection() as connection:
            kept = await runs.certifications(connection, [found.id])
        return [Certification.of(each, found) for each in kept]


def _may_see(context: Context, directory: brands.Directory, program: brands.Program) -> bool:
    viewer = context.viewer
    return viewer.kind is not ViewerKind.BRAND or program in directory.programs_of(viewer.brand_id)
