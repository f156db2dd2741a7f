"""The worker's part of certification: runs that were asked for in the graph."""

import logging

import brands
from adapters.certification import report as reports
from adapters.certification.verdict import Report
from brands.certification_requests import Request, claim, end
from brands.certifications import certifications
from core.database import Database
from core.errors import Refusal
from gateway.certifying import Wanted, certified
from gateway.settings import GatewaySettings
from gateway.worker import Job

log = logging.getLogger("agio.certifying")

REST_SECONDS = 5.0
"""How long a run that was asked for waits at most for a worker that has time."""
PATIENCE_SECONDS = 60.0
"""How long a run waits for what is pending."""


def certifying_job(settings: GatewaySettings) -> Job:
    """The job that makes runs which were asked for."""
    return Job("certify brands", REST_SECONDS, lambda database: certify_one(settings, database))


async def certify_one(settings: GatewaySettings, database: Database) -> int:
    """Make the run that has waited longest, if any; how many it was."""
    async with database.transaction() as connection:
        request = await claim(connection, database.clock.pinned)
        known = await brands.directory(connection)
    if request is None:
        return 0
    program = known.programs[request.program_id]
    wanted = _wanted(request, program.code)
    try:
        found = await certified(database, settings.core, wanted, request.asked_by)
    except Exception:
        log.exception("the run for %s broke off", program.code)
        await _end(database, request, "The run broke off; the operator's log says why.")
        return 1
    await _end(database, request, found)
    return 1


def _wanted(request: Request, program: str) -> Wanted:
    terms = request.terms
    return Wanted(
        program, terms.member, terms.name, terms.stranger, only=(), listen=None,
        patience_seconds=PATIENCE_SECONDS, nights=False,
    )  # fmt: skip


async def _end(database: Database, request: Request, found: Report | Refusal | str) -> None:
    async with database.transaction() as connection:
        if isinstance(found, Report):
            digest = bytes.fromhex(reports.digest(found))
            kept = await certifications(connection, [request.program_id])
            run = next(each for each in kept if each.report_digest == digest)
            await end(connection, request.id, database.clock.pinned, run.id)
            return
        await end(connection, request.id, database.clock.pinned, found if isinstance(found, str) else found.message)
