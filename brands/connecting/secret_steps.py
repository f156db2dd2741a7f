"""Setting the secrets that configurations name: they go in and never come out again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from brands.connecting.errors import SECRET_LENGTH_MAX, SecretUnknown, SecretUnusable
from brands.connecting.proposal_rows import ROWS
from brands.pricing.errors import NoSuchProgram
from brands.program import Program
from brands.reading import directory
from brands.secret_store import SecretStore, secret_instants
from brands.secret_store import remove_secret as remove_kept
from core.database import Connection, Database


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """A secret that a configuration names. Its value is shown to nobody."""

    name: str
    kept_since: datetime | None
    """When it was set last; None: it is not kept here. What the installation's environment gives goes before it."""


@dataclass(frozen=True, slots=True)
class SecretSet:
    """A secret that was set just now."""

    program: Program
    secret: KeptSecret


async def set_secret(
    database: Database, store: SecretStore, program: str, name: str, value: str
) -> SecretSet | NoSuchProgram | SecretUnknown | SecretUnusable:
    """Keep a secret encrypted, in place of an older one; processes use it within half a minute."""
    if not value or len(value) > SECRET_LENGTH_MAX or not value.isprintable():
        return SecretUnusable()
    async with database.transaction() as connection:
        found = (await directory(connection)).program(program)
        if found is None:
            return NoSuchProgram(program)
        if name not in await _named(connection, found):
            return SecretUnknown(program, name)
        return SecretSet(found, KeptSecret(name, await store.write(connection, found.id, name, value)))


async def remove_secret(database: Database, program: str, name: str) -> Program | NoSuchProgram | SecretUnknown:
    """Forget a secret that is kept."""
    async with database.transaction() as connection:
        found = (await directory(connection)).program(program)
        if found is None:
            return NoSuchProgram(program)
        return found if await remove_kept(connection, found.id, name) else SecretUnknown(program, name)


async def secrets_of(connection: Connection, program: Program) -> list[KeptSecret]:
    """The secrets that the configuration in force and what is proposed for it name, and others that are kept."""
    kept = await secret_instants(connection, program.id)
    names = dict.fromkeys((*await _named(connection, program), *sorted(kept)))
    return [KeptSecret(name, kept.get(name)) for name in names]


async def _named(connection: Connection, program: Program) -> Iterable[str]:
    waiting = await ROWS.latest(connection, program_ids=[program.id], only_open=True)
    return dict.fromkeys((*program.adapter.secret_names, *(n for one in waiting for n in one.adapter.secret_names)))
