"""The first person: submitting a changed configuration, or only trying whether it could be."""

from typing import TypeAlias

from brands.connecting.errors import ConfigurationUnchanged
from brands.connecting.proposal import Checked, Proposal, changes_between
from brands.connecting.proposal_rows import write_submission
from brands.connecting.reading import read_adapter
from brands.directories import Directory
from brands.errors import ConfigRefused
from brands.pricing.desk import desk
from brands.pricing.errors import NoSuchProgram
from brands.reading import directory
from core.database import Database
from core.persons import Actor

CheckRefusal: TypeAlias = NoSuchProgram | ConfigRefused
SubmissionRefusal: TypeAlias = CheckRefusal | ConfigurationUnchanged


async def check(database: Database, program: str, text: str) -> Checked | CheckRefusal:
    """What the text would change; nothing is kept."""
    async with database.connection() as connection:
        return _checked(await directory(connection), program, text)


async def submit(
    database: Database, program: str, text: str, actor: Actor, *, reason: str = ""
) -> Proposal | SubmissionRefusal:
    """Put a configuration before a second person, in place of any earlier proposal for the same program.

    Submitted again as it waits already, by the same person, it is the proposal that waits.
    """
    async with desk(database) as held:
        checked = _checked(held.directory, program, text)
        if not isinstance(checked, Checked):
            return checked
        if not checked.changes:
            return ConfigurationUnchanged()
        found = held.directory.programs[checked.program_id]
        return await write_submission(held.connection, found, checked.adapter, actor.subject, reason.strip(), held.now)


def _checked(known: Directory, program: str, text: str) -> Checked | CheckRefusal:
    found = known.program(program)
    if found is None:
        return NoSuchProgram(program)
    adapter = read_adapter(found, text)
    if isinstance(adapter, ConfigRefused):
        return adapter
    return Checked(found.id, adapter, changes_between(found.adapter, adapter))
