"""What can be wrong with a file that a brand delivers, whatever it is about.

Refusal
└── ImportRefused         nothing was changed
    ├── FileUnreadable        (reason) the operating system does not give it out
    ├── EmptyFile             there is no line in it
    ├── NotAText              (line) it holds NUL bytes
    ├── LineTooLong           (line, length_max)
    ├── QuoteNotClosed        (line) a quotation mark swallows the lines after it
    ├── WrongEncoding         (encoding, line) too much of it cannot be decoded
    ├── NotThatForm           (form, reason) it is no workbook, no JSON document …
    └── ColumnsMissing        (missing, found, doubled) another brand's file, or another delimiter
"""

from dataclasses import dataclass

from core.errors import Refusal


@dataclass(frozen=True, slots=True)
class ImportRefused(Refusal):
    """The file cannot be imported; nothing was changed."""


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
    """A line is longer than any row can be."""

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
class NotThatForm(ImportRefused):
    """The file is not in the form that the brand's configuration names, or it is a trap."""

    form: str
    reason: str

    @property
    def message(self) -> str:
        """Which, and what is wrong."""
        return f"The file cannot be read as {self.form}: {self.reason}."


@dataclass(frozen=True, slots=True)
class ColumnsMissing(ImportRefused):
    """The headers are not those that the brand's configuration names."""

    missing: tuple[str, ...]
    found: tuple[str, ...]
    doubled: tuple[str, ...] = ()
    """There more than once, so that nobody can tell which counts."""

    @property
    def message(self) -> str:
        """Which."""
        lacks = f"lacks the columns {', '.join(self.missing)}" if self.missing else ""
        twice = f"has more than once the columns {', '.join(self.doubled)}" if self.doubled else ""
        return f"The first line {' and '.join(filter(None, (lacks, twice)))}; it has {', '.join(self.found)}."
