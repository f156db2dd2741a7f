"""What became of a brand's file."""

from dataclasses import dataclass

from members.row import BrokenRow


@dataclass(frozen=True, slots=True)
class Difference:
    """A balance that is not the one brought over before. Nothing was posted: points move by postings, not by files."""

    line: int
    number: str
    """Masked."""
    imported: str
    """The opening balance in the books, as a decimal string."""
    in_file: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a brand's file.

    Every row is counted once: imported, updated, unchanged, a duplicate or broken.
    """

    program: str
    """Its code."""
    rows: int
    """Without headers and blank lines."""
    imported: int
    """New memberships, their opening balances posted."""
    updated: int
    """Known memberships of which the file now says something else: tier, name, phone …"""
    unchanged: int
    duplicates: int
    """Rows that say the same as an earlier one."""
    points: str
    """The opening balances posted, as a decimal string."""
    differing: tuple[Difference, ...]
    """Among updated and unchanged."""
    broken: tuple[BrokenRow, ...]
    """Not imported, in the order of the file."""
