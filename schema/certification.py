"""Runs of the conformance suite against programs' own systems."""

from datetime import datetime
from typing import Annotated, Final

import strawberry

import brands
from brands import certification_requests as requests
from brands import certifications as runs
from schema.adapter_steps import acting
from schema.context import Context, Info
from schema.exchange_refusals import UnknownProgram
from schema.fields import needs
from schema.refusals import Refusal
from schema.scopes import Scope
from schema.viewer import ViewerKind

_TEXT_LENGTH_MAX: Final = 80


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
    report: str | None
    """The report as JSON: each check with what was found, what to mend and the messages, without secrets."""

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
            report=value.report,
        )


@strawberry.type
class CertificationRequest:
    """A run of the conformance suite that somebody asked for; a worker makes it."""

    program: str
    """The program's code."""
    asked_by: str
    asked_at: datetime
    begun_at: datetime | None
    """Null: it waits for a worker."""
    ended_at: datetime | None
    failure: str | None
    """Why it could not be made."""
    certification: Certification | None
    """What came of it."""

    @classmethod
    def of(
        cls, value: requests.Request, program: brands.Program, run: runs.Certification | None = None
    ) -> "CertificationRequest":
        """As the graph shows it."""
        return cls(
            program=program.code,
            asked_by=value.asked_by,
            asked_at=value.asked_at,
            begun_at=value.begun_at,
            ended_at=value.ended_at,
            failure=value.failure,
            certification=None if run is None else Certification.of(run, program),
        )


@strawberry.type
class CertificationUnderWay(Refusal):
    """A run for this program was asked for and has not ended."""


@strawberry.type
class TrialMemberUnusable(Refusal):
    """Member numbers and names are 1 to 80 printable characters."""


RequestCertificationResult = Annotated[
    CertificationRequest | CertificationUnderWay | TrialMemberUnusable | UnknownProgram,
    strawberry.union("RequestCertificationResult"),
]


@strawberry.input
class RequestCertificationInput:
    """Which program's system to put on trial, and with whom. Points move on the test member, and are given back."""

    program: str
    """The program's code."""
    member: str
    """The number of a member of the brand's own, made for tests."""
    name: str | None = None
    """That member's name, where the brand compares names."""
    stranger: str = "00000000"
    """A member number that does not exist."""


@strawberry.type
class CertificationMutation:
    """Having systems certified."""

    @needs(brands.Scope.SYSTEMS_WRITE, Scope.SYSTEMS_PREPARE)
    async def request_certification(self, info: Info, input: RequestCertificationInput) -> RequestCertificationResult:
        """Have the whole suite run against the configured system; `certificationRequest` says how far it is."""
        context, directory = info.context, await info.context.directory()
        found = directory.program(input.program)
        if found is None or not _may_see(context, directory, found):
            return UnknownProgram(message="There is no such program.", program=input.program)
        texts = [text for text in (input.member, input.name, input.stranger) if text is not None]
        if not all(0 < len(text) <= _TEXT_LENGTH_MAX and text.isprintable() for text in texts):
            return TrialMemberUnusable(message=f"Numbers and names are 1 to {_TEXT_LENGTH_MAX} printable characters.")
        terms = requests.TrialTerms(input.member, input.name, input.stranger)
        database, who = context.database, acting(context).subject
        async with database.transaction() as connection:
            asked = await requests.ask(connection, found.id, terms, who, database.clock.pinned)
        if isinstance(asked, requests.AlreadyAsked):
            return CertificationUnderWay(message=asked.message)
        return CertificationRequest.of(asked, found)


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

    @needs(brands.Scope.PROGRAMS_READ, Scope.SYSTEMS_READ)
    async def certification_request(self, info: Info, program: str) -> CertificationRequest | None:
        """The run that was asked for last, and what came of it; null: none, or another brand's program."""
        directory = await info.context.directory()
        found = directory.program(program)
        if found is None or not _may_see(info.context, directory, found):
            return None
        async with info.context.database.connection() as connection:
            asked = await requests.latest(connection, found.id)
            kept = await runs.certifications(connection, [found.id])
        if asked is None:
            return None
        return CertificationRequest.of(
            asked, found, next((run for run in kept if run.id == asked.certification_id), None)
        )


def _may_see(context: Context, directory: brands.Directory, program: brands.Program) -> bool:
    viewer = context.viewer
    return viewer.kind is not ViewerKind.BRAND or program in directory.programs_of(viewer.brand_id)
