"""Several writes as one statement: each alone would take a round trip, while an exchange is locked."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import count

from core.database import Connection
from ledger import Part


async def write_parts(connection: Connection, parts: Sequence[Part]) -> None:
    """Run the parts; each sees the tables as they were before all of them. `?` stands for each value in turn."""
    if parts:
        values = [value for part in parts for value in part.values]
        await connection.execute(_composed(tuple((part.name, part.sql) for part in parts)), *values)


@lru_cache
def _composed(parts: tuple[tuple[str, str], ...]) -> str:
    number = count(1)
    first, *rest = ", ".join(f"{name} AS ({sql})" for name, sql in parts).split("?")
    return "WITH " + first + "".join(f"${next(number)}{piece}" for piece in rest) + " SELECT"
