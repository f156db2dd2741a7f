"""What an audit says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from core.errors import AgioError

BROKEN: Final = (
    LookupError,
    ValueError,
    TypeError,
    ArithmeticError,
    AssertionError,
    msgspec.MsgspecError,
    AgioError,
)
"""What rows raise that the application would never have written: they name what does not exist, or make no sense.

A database that fails raises something else, and ends the audit.
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that is not as the rest of the books says it should be."""

    check: str
    """The name of the check that found it."""
    table: str
    key: str
    column: str
    """The column that differs; `*` when the row as a whole does: it was altered somewhere, added, or is missing."""
    expected: str | None
    """What the rest of the books says; None: nothing."""
    found: str | None

    def __str__(self) -> str:
        place = f"{self.table} {self.key}" + ("" if self.column == "*" else f" {self.column}")
        return f"{self.check}: {place}: expected {self.expected or 'nothing'}, found {self.found or 'nothing'}"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The outcome of an audit."""

    findings: Sequence[Finding]
    """In the order of the checks, the first differing rows of each; empty when the books are whole."""
    counts: Mapping[str, int]
    """How many rows of each table were looked at."""
    instant: datetime
    """The books as of this instant."""
    seals: int
    head: str
    """The hash of the last seal in hexadecimal: written down elsewhere, it fixes all history up to that seal."""

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def broken(check: str, table: str, key: str, error: Exception) -> Finding:
    """A row that nothing can be worked out from, because of `error`."""
    if isinstance(error, KeyError):
        return Finding(check, table, key, "*", "what it names to exist", f"no {error.args[0]}")
    return Finding(check, table, key, "*", "a row that makes sense", f"{type(error).__name__}: {error}")
