"""Closing what waits for a second person and can no longer come true.

A proposal about a break is closed as soon as the break changes (`reconciliation.pending`). All others are looked at
after each decision about the same things, after each import of bank statements, and by a job: each is tried and taken
back, so that what is in its way is what an approval would be refused for.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from core.database import Database
from core.failures import Failures
from core.faults import Fault, fault_of
from settlement.cash.deciding import in_the_way
from settlement.cash.importing import Imported, ImportRefusal, import_bank_statements
from settlement.cash.lapsing import is_for_good, lapse, superseded
from settlement.cash.locking import lock_money
from settlement.cash.proposals import Proposal, lock_proposal, open_ids, proposals
from settlement.effects import EFFECTS
from settlement.persons import Actor

log = logging.getLogger("agio.settlement")

_PAGE = 10_000


async def lapse_impossible(database: Database) -> int:
    """Close every open proposal that can never be done any more; how many.

    Each is tried for itself. Raises ExceptionGroup at the end when some could not be tried.
    """
    async with database.connection() as connection:
        waiting = await open_ids(connection)
    return await _lapse_each(database, waiting)


async def lapse_beside(database: Database, decided: Proposal) -> None:
    """The same for those about what was decided on just now. Should it fail, that stands, and the job does it."""
    with _told_alone():
        things, waiting = set(_things(decided)), await proposals(database, limit=_PAGE)
        await _lapse_each(database, [it.id for it in reversed(waiting) if things.intersection(_things(it))])


async def take_in(database: Database, content: bytes, actor: Actor) -> Imported | ImportRefusal:
    """Import what the bank tells, and close what was proposed about money that it explains or pays."""
    found = await import_bank_statements(database, content, actor)
    if isinstance(found, Imported) and found.movements:
        with _told_alone():
            await lapse_impossible(database)
    return found


@contextmanager
def _told_alone() -> Iterator[None]:
    """Whatever was done before stands, and is answered: what fails here is only logged."""
    try:
        yield
    except Exception as error:
        if fault_of(error) is Fault.OWN:
            log.exception("what waits for a second person could not be tried, and is tried again later")
        else:
            log.warning("what waits for a second person is tried again later: %s", type(error).__name__)


async def _lapse_each(database: Database, ids: Iterable[UUID]) -> int:
    closed, failures = 0, Failures()
    for each in ids:
        with failures.kept(f"proposal {each}"):
            closed += await _lapse(database, each)
    failures.tell()
    return closed


async def _lapse(database: Database, proposal_id: UUID) -> bool:
    async with database.transaction() as connection:
        proposal = await lock_proposal(connection, proposal_id, unless_taken=True)
        if proposal is None or proposal.verdict is not None:
            return False
        await lock_money(connection)
        if await superseded(connection, proposal, database.clock):
            return True
        refusal = await in_the_way(connection, proposal, EFFECTS[proposal.kind], database.clock)
        if refusal is None or not is_for_good(proposal, refusal):
            return False
        await lapse(connection, proposal, refusal, database.clock)
        return True


def _things(proposal: Proposal) -> Iterator[str]:
    """What it is about: movements, payments, windows, disputes, participants, models."""
    for name, value in proposal.content.items():
        if value is not None and (name.endswith("_id") or name in {"participant", "model"}):
            yield str(value)
