"""What every form comes to: rows of cells, which can be read again from the beginning."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Final, Protocol

from brands import StatementControl, StatementFile
from core.table import Row

_NOT_COLUMNS: Final = frozenset({"mark", "issuer_name", "place"})


class Source(Protocol):
    """A file that is open."""

    @property
    def headers(self) -> tuple[str, ...]:
        """What the columns are called in the file, or in the configuration where the file has no headers."""
        ...

    @property
    def digest(self) -> str:
        """Of its bytes: SHA-256, hexadecimal."""
        ...

    def rows(self) -> Iterator[Row]:
        """All rows below the headers, the control row included; its first cell says that it is the control row.

        Raises Unimportable.
        """
        ...


def control_columns(control: StatementControl) -> dict[str, str]:
    """The columns in which the control row's figures stand, by the figure."""
    found = asdict(control).items()
    return {name: column for name, column in found if name not in _NOT_COLUMNS and column is not None}


def wanted_columns(form: StatementFile) -> tuple[str, ...]:
    """Every column that the configuration names, each once."""
    named = [column for column in asdict(form.columns).values() if column]
    return tuple(dict.fromkeys([*named, *control_columns(form.control).values()]))
