"""What the worker does for brands that are reached by files."""

import logging
from collections.abc import Mapping
from pathlib import Path

import brands
from adapters.brand_systems.secrets import variable
from adapters.drop.folders import Folders
from adapters.drop.reading import read_files
from adapters.drop.writing import write_file
from brands import Program
from brands.adapter.kinds import AdapterKind
from core.database import Database

_log = logging.getLogger("agio.drop")


def folders_of(program: Program, home: Path, environment: Mapping[str, str]) -> Folders:
    """Where the program's files lie: `AGIO_BRAND_<PROGRAM>_FOLDER`, or a folder of the installation's home."""
    given = environment.get(variable(program.code, "folder"))
    return Folders(Path(given) if given else home / "drop" / program.code.lower())


async def exchange_files(database: Database, home: Path, environment: Mapping[str, str]) -> int:
    """Take in every brand's answers, and write every brand's next file. How many files were dealt with."""
    async with database.connection() as connection:
        directory = await brands.directory(connection)
    dealt = 0
    for program in directory.programs.values():
        if program.adapter.kind is AdapterKind.FILE:
            dealt += await _exchange(database, program, folders_of(program, home, environment))
    return dealt


async def _exchange(database: Database, program: Program, folders: Folders) -> int:
    """One brand's; a folder that cannot be used is in no other brand's way."""
    try:
        return await read_files(database, program, folders) + await write_file(database, program, folders)
    except OSError as error:
        _log.warning("%s: its files cannot be exchanged: %s", program.code, error.strerror or type(error).__name__)
        return 0
