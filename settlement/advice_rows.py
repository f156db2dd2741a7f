"""The statements that were given out, as they are remembered: each file's hash, and a seal over all of a window's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from core.database import Connection
from core.ids import derive_id, new_id
from settlement.forms import PRODUCERS, Format

Key: TypeAlias = tuple[UUID, str]
"""A participant and a format."""


@dataclass(frozen=True, slots=True)
class Advised:
    """One statement's file as it was when it was given out."""

    file_name: str
    sha256: str
    size_bytes: int
    lines: int
    producer: str
    """What else than the books decided on the bytes, see `forms.PRODUCERS`."""


async def advised(connection: Connection, window_id: UUID) -> Mapping[Key, Advised]:
    """The window's files."""
    rows = await connection.fetch(_ADVISED, window_id)
    return {(row["participant_id"], row["format"]): Advised(*tuple(row)[2:]) for row in rows}


async def keep(connection: Connection, window_id: UUID, files: Iterable[tuple[UUID, Format, Advised]]) -> None:
    """Remember more files of the window, and seal all of them anew."""
    rows = [
        (derive_id(window_id, f"advice:{who}:{written}"), window_id, who, written.value, *_cells(file))
        for who, written, file in files
    ]
    if rows:
        await connection.executemany(_KEEP, rows)
        await connection.execute(_SEAL, new_id(), window_id)


def comparable(kept: Advised, written: Format) -> bool:
    """Whether the same bytes can be expected of today's producer."""
    return kept.producer == PRODUCERS[written]


def _cells(file: Advised) -> tuple[Any, ...]:
    return file.file_name, file.sha256, file.size_bytes, file.lines, file.producer


_ADVISED = """
SELECT participant_id, format, file_name, sha256, size_bytes, lines, producer FROM settlement_advice
WHERE window_id = $1
"""

_KEEP = """
INSERT INTO settlement_advice
    (id, window_id, participant_id, format, file_name, sha256, size_bytes, lines, producer)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

_SEAL = """
INSERT INTO settlement_advice_seal (id, window_id, sequence, digest)
SELECT $1, $2, count(*) + 1, settlement_advice_digest($2) FROM settlement_advice_seal WHERE window_id = $2
"""
