"""Stopping exchanges at once, by one person, and letting them go on again, by two."""

from typing import TypeAlias
from uuid import UUID

from brands.change import Change
from brands.prices import Pause
from brands.pricing.desk import desk
from brands.pricing.errors import NoSuchProgram, PauseNotFound, ReasonMissing, TermsUnfit
from brands.pricing.pause_rows import write_pause
from brands.pricing.proposal import Matter, Proposal, ProposalKind
from brands.pricing.proposal_rows import write_submission
from core.database import Database
from core.ids import new_id
from core.persons import Actor

PausingRefusal: TypeAlias = NoSuchProgram | TermsUnfit | ReasonMissing


async def pause(
    database: Database, source: str | None, target: str | None, actor: Actor, *, reason: str
) -> Pause | PausingRefusal:
    """Stop the exchanges of a pair; None stands for any program. Stopping is the safe side, so one person may do it."""
    if not reason.strip():
        return ReasonMissing()
    async with desk(database) as held:
        unknown = [code for code in (source, target) if code is not None and held.directory.program(code) is None]
        if unknown:
            return NoSuchProgram(unknown[0])
        if source == target:
            return TermsUnfit("target", "A pair consists of two programs.")
        ids = {code: found.id for code in (source, target) if code and (found := held.directory.program(code))}
        why = f"{actor.subject}: {reason.strip()}"
        stopped = Pause(new_id(), ids.get(source or ""), ids.get(target or ""), 0, why, held.now)
        await write_pause(held.connection, stopped)
        await held.tell("prices", [Change(f"pauses.{source or '*'}.{target or '*'}", None, stopped.reason)])
        return stopped


async def resume(
    database: Database, pause_id: UUID, actor: Actor, *, reason: str
) -> Proposal | PauseNotFound | ReasonMissing:
    """Put before a second person that a pause is to end."""
    if not reason.strip():
        return ReasonMissing()
    async with desk(database) as held:
        found = next((each for each in held.directory.prices.pauses if each.id == pause_id), None)
        if found is None:
            return PauseNotFound(pause_id)
        program_id = found.source_id or found.target_id
        assert program_id is not None, "a pause names a program"
        target_id = found.target_id if found.source_id else None
        matter = Matter(kind=ProposalKind.RESUME, program_id=program_id, target_id=target_id, pause_id=found.id)
        return await write_submission(held.connection, matter, 0, actor.subject, reason.strip(), held.now)
