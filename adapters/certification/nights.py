"""Nights that pass while somebody waits: for brands that are told and answer by files once a day."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta

from adapters.certification.verdict import give_up
from adapters.drop.folders import Folders
from adapters.drop.reading import read_files
from adapters.drop.writing import write_file
from brands import Program
from core.clock import SettableClock
from core.database import Database

_DAY = timedelta(days=1)
_LOOK_SECONDS = 0.2


@dataclass(slots=True)
class Nights:
    """The nights of one program, on a clock that jumps."""

    database: Database
    """Whose clock it is."""
    program: Program
    folders: Folders
    clock: SettableClock
    patience_seconds: float

    async def pass_one(self, _: float) -> None:
        """Jump over the cut-off, write the files, and wait for the brand's answer. Raises Undecided."""
        self.clock.advance(_DAY)
        while await write_file(self.database, self.program, self.folders):
            pass
        until = time.monotonic() + self.patience_seconds
        while True:
            if await read_files(self.database, self.program, self.folders):
                return
            if time.monotonic() > until:
                give_up(f"No answer file came within {self.patience_seconds:.0f} seconds.")
            await asyncio.sleep(_LOOK_SECONDS)
