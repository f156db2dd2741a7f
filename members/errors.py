"""What the members package refuses, and what it cannot do.

Refusal
├── UnusableIdentity      (provider) the sign-in provider named nobody
├── UnknownMember         (member_id) no such member
├── SameRecord            a verdict needs two records
└── ImportRefused         nothing was imported
    ├── UnknownBrand          (brand) no such brand
    ├── NoMemberFile          (brand) the brand delivers no member file
    ├── FileUnreadable        (reason) the operating system does not give it out
    ├── EmptyFile             there is no line in it
    ├── NotAText              (line) it holds NUL bytes
    ├── LineTooLong           (line, length_max)
    ├── QuoteNotClosed        (line) a quotation mark swallows the lines after it
    ├── WrongEncoding         (encoding, line) too much of it cannot be decoded
    └── ColumnsMissing        (missing, found) another brand's file, or another delimiter

AgioError
└── Unreadable            (in keys) sealed personal data that cannot be opened
"""

from dataclasses import dataclass
from uuid import UUID

from core.errors import Refusal


@dataclass(frozen=True, slots=True)
class UnusableIdentity(Refusal):
    """The sign-in provider did not say who signed in."""

    provider: str


@dataclass(frozen=True, slots=True)
class UnknownMember(Refusal):
    """There is no such member."""

    member_id: UUID


@dataclass(frozen=True, slots=True)
class SameRecord(Refusal):
    """A verdict is about two different records."""

    record_id: UUID


@dataclass(frozen=True, slots=True)
class ImportRefused(Refusal):
    """The file cannot be imported; nothing was changed."""


@dataclass(frozen=True, slots=True)
class UnknownBrand(ImportRefused):
    """There is no brand with this code."""

    brand: str

    @property
    def message(self) -> str:
        """Which one."""
        return f"There is no brand called {self.brand!r}."


@dataclass(frozen=True, slots=True)
class NoMemberFile(ImportRefused):
    """The brand's configuration does not say how its member file is written."""

    brand: str
    programs: tuple[str, ...]
    """The programs that do have one, when there are several to choose from."""

    @property
    def message(self) -> str:
        """What to do."""
        if self.programs:
            return f"The brand {self.brand} has several member files: name one of {', '.join(self.programs)}."
        return f"The configuration of {self.brand} has no section `member_file` that says how its file is written."


@dataclass(frozen=True, slots=True)
class FileUnreadable(ImportRefused):
    """The file cannot be read."""

    reason: str

    @property
    def message(self) -> str:
        """Why."""
        return f"The file cannot be read: {self.reason}."


@dataclass(frozen=True, slots=True)
class EmptyFile(ImportRefused):
    """The file is empty: not even the headers are there."""


@dataclass(frozen=True, slots=True)
class NotAText(ImportRefused):
    """The file is not a text."""

    line: int

    @property
    def message(self) -> str:
        """Where."""
        return f"The file is not a text in the expected encoding: line {self.line} holds a NUL byte."


@dataclass(frozen=True, slots=True)
class LineTooLong(ImportRefused):
    """A line is longer than any member's can be."""

    line: int
    length_max: int

    @property
    def message(self) -> str:
        """Where."""
        return f"Line {self.line} has more than {self.length_max} characters."


@dataclass(frozen=True, slots=True)
class QuoteNotClosed(ImportRefused):
    """A quotation mark is opened and not closed, so that it swallows the lines after it."""

    line: int

    @property
    def message(self) -> str:
        """Where."""
        return f"A quotation mark opened in line {self.line} is not closed within the lines that follow."


@dataclass(frozen=True, slots=True)
class WrongEncoding(ImportRefused):
    """The file is not written in the encoding that the brand's configuration names."""

    encoding: str
    line: int
    """The first line that cannot be decoded."""

    @property
    def message(self) -> str:
        """Which, and where."""
        return f"The file is not written in {self.encoding}: line {self.line} is the first that cannot be decoded."


@dataclass(frozen=True, slots=True)
class ColumnsMissing(ImportRefused):
    """The headers are not those of this brand's member file."""

    missing: tuple[str, ...]
    found: tuple[str, ...]

    @property
    def message(self) -> str:
        """Which."""
        return f"The first line lacks the columns {', '.join(self.missing)}; it has {', '.join(self.found)}."
