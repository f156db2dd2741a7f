"""One change of prices at a time: the lock, the prices as they stand, and the check for circles."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from brands.change import Change
from brands.directories import Directory
from brands.prices import Prices
from brands.pricing.circles import profitable_circle
from brands.pricing.errors import CircleProfits
from brands.pricing.timeline import Placed
from brands.reading import read_directory
from brands.writing import write_revision
from core.clock import Clock
from core.database import Connection, Database
from core.locks import lock_keys


@dataclass(frozen=True, slots=True)
class Desk:
    """The prices, which nobody else changes before the transaction ends."""

    connection: Connection
    directory: Directory
    now: datetime

    def circle_with(self, placed: Placed) -> CircleProfits | None:
        """A circle that could profit, at any instant from now on, with these changes."""
        return find_circle(self.directory, placed.on(self.directory.prices), self.now)

    async def tell(self, source: str, changes: Iterable[Change]) -> None:
        """Record what changed; every process reads the prices anew."""
        await write_revision(self.connection, source, tuple(changes), self.now)

    def code_of(self, program_id: UUID | None) -> str:
        """The program's code, `*` for any program."""
        return "*" if program_id is None else self.directory.programs[program_id].code


@asynccontextmanager
async def desk(database: Database) -> AsyncIterator[Desk]:
    """Hold the prices in one transaction; network files are applied under the same lock."""
    async with database.transaction() as connection:
        await lock_keys(connection, "brands.apply", [""])
        yield Desk(connection, await read_directory(connection), await instant_of(connection, database.clock))


async def instant_of(connection: Connection, clock: Clock) -> datetime:
    """Now, by the database's clock."""
    found: datetime = await connection.fetchval("SELECT coalesce($1, clock_timestamp())", clock.pinned)
    return found


def find_circle(directory: Directory, prices: Prices, now: datetime) -> CircleProfits | None:
    """The first circle that could profit at these prices, now or whenever one of them begins or ends."""
    for instant in (now, *prices.changes_after(now)):
        circle = profitable_circle(prices.at(instant))
        if circle is not None:
            codes = tuple(directory.programs[program_id].code for program_id in circle.program_ids)
            return CircleProfits(codes, circle.product, instant)
    return None
