"""What reconciliation may answer in place of doing what it was asked. Nothing was changed.

ImportRefused              the file as a whole; see also `core.table_errors`
├── UnknownBrand, NoStatementFile
├── ControlRowMissing      the file is cut off, or goes on after its control row
├── ControlRowBroken       the control row cannot be read
├── OtherIssuer            another brand's file
├── CountDiffers           rows are missing, or there are too many
├── TotalDiffers           amounts were changed
├── TooManyBroken          so many rows cannot be used that the file has another form
├── PeriodNotOver          the brand may still book on its last day
├── PeriodStated           last month's file
├── PeriodMissing          the file before it has not come
├── BrandSilent            the brand's own system does not tell
└── NothingToCorrect       a correction of days that no file has stated

Refusal
├── BreakNotFound          there is no such break
├── BreakNotOpen           it has been closed or resolved
├── BreakChanged           it is not what was proposed any more
├── ProposalOpen           something about it waits for a second person already; of `settlement.cash`
├── NothingToMatch         a match needs lines on both sides
├── AmountsDiffer          one person alone matches only lines that agree in amount
├── Disputed               there is a dispute about it, which has to end first
├── NotDisputed            there is none
├── MoreThanDisputed       no more can be won than was disputed
├── StillAsked             a brand is still asked about the exchange, and what it answers is posted by itself
├── DayPassed              nobody can wait until a day that is over
└── NothingAtStake         nothing is owed because of it, or less than was asked for
"""

from dataclasses import dataclass
from datetime import date

from core.amounts import format_amount
from core.errors import Refusal
from core.table_errors import ImportRefused
from members.row import BrokenRow


@dataclass(frozen=True, slots=True)
class UnknownBrand(ImportRefused):
    """There is no brand with this code."""

    brand: str


@dataclass(frozen=True, slots=True)
class NoStatementFile(ImportRefused):
    """The brand's configuration does not say how its statement file is written."""

    brand: str
    programs: tuple[str, ...]
    """The programs that do have one, when there are several to choose from."""

    @property
    def message(self) -> str:
        """What to do."""
        if self.programs:
            return f"Name a program of {self.brand} that has a statement file: {', '.join(self.programs)}."
        return f"The configuration of {self.brand} has no section `statement_file` that says how its file is written."


@dataclass(frozen=True, slots=True)
class ControlRowMissing(ImportRefused):
    """The last row is not the control row: the file is cut off, or something was added to it."""

    mark: str
    line: int
    """Of the last row."""

    @property
    def message(self) -> str:
        """Where."""
        return (
            f"Line {self.line}, the last one, is no whole row of control figures that begins with {self.mark!r}: "
            "the file is cut off or was added to."
        )


@dataclass(frozen=True, slots=True)
class ControlRowBroken(ImportRefused):
    """A figure of the control row cannot be read."""

    line: int
    column: str
    reason: str

    @property
    def message(self) -> str:
        """Which."""
        return f"Line {self.line}, the control row: {self.column} {self.reason}."


@dataclass(frozen=True, slots=True)
class OtherIssuer(ImportRefused):
    """The file is another brand's."""

    expected: str
    found: str

    @property
    def message(self) -> str:
        """Whose."""
        return f"The file is of {self.found!r}, not of {self.expected!r}."


@dataclass(frozen=True, slots=True)
class CountDiffers(ImportRefused):
    """The file does not have as many rows as its control row says."""

    stated: int
    found: int

    @property
    def message(self) -> str:
        """Both counts."""
        return f"The control row counts {self.stated:,} rows; there are {self.found:,}."


@dataclass(frozen=True, slots=True)
class TotalDiffers(ImportRefused):
    """The amounts do not come to what the control row says."""

    stated: str
    found: str

    @property
    def message(self) -> str:
        """Both totals."""
        return f"The control row says {self.stated} in all; the rows come to {self.found}."


@dataclass(frozen=True, slots=True)
class TooManyBroken(ImportRefused):
    """More rows cannot be used than a file of the agreed form could have."""

    broken_max: int
    first: BrokenRow

    @property
    def message(self) -> str:
        """The first one."""
        first = f"line {self.first.line}: {self.first.column or 'the row'} {self.first.reason}"
        return f"More than {self.broken_max:,} rows cannot be used; the first is {first}."


@dataclass(frozen=True, slots=True)
class PeriodNotOver(ImportRefused):
    """The file's last day is not over in the program's time zone, or lies before its first day."""

    first_day: date
    last_day: date

    @property
    def message(self) -> str:
        """Which of the two."""
        if self.last_day < self.first_day:
            return f"The file says that it ends on {self.last_day}, before it begins, on {self.first_day}."
        return (
            f"The file goes up to {self.last_day}. That day is not over in the program's time zone: the brand may "
            "still book on it."
        )


@dataclass(frozen=True, slots=True)
class PeriodStated(ImportRefused):
    """Days of the file have been stated by an earlier one: an old file, or a correction that is not called one."""

    first_day: date
    stated_until: date

    @property
    def message(self) -> str:
        """Which."""
        return (
            f"The file begins on {self.first_day}, but days until {self.stated_until} have been stated already. What a "
            "brand has mended of them is taken in as a correction (--correction; in the graph `correction: true`)."
        )


@dataclass(frozen=True, slots=True)
class PeriodMissing(ImportRefused):
    """The file does not begin where the one before it ended."""

    first_day: date
    expected: date

    @property
    def message(self) -> str:
        """Which file has to come before."""
        return f"The file begins on {self.first_day}; one that begins on {self.expected} has to come before it."


@dataclass(frozen=True, slots=True)
class NothingToCorrect(ImportRefused):
    """The correction is of days that no file has stated."""

    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class BrandSilent(ImportRefused):
    """The brand's own system does not tell its movements."""

    program: str
    reason: str

    @property
    def message(self) -> str:
        """Why."""
        return f"The system behind {self.program} does not tell its movements: {self.reason}."


@dataclass(frozen=True, slots=True)
class BreakNotFound(Refusal):
    """There is no such break."""


@dataclass(frozen=True, slots=True)
class BreakNotOpen(Refusal):
    """The break has been closed or resolved."""


@dataclass(frozen=True, slots=True)
class BreakChanged(Refusal):
    """The break is not what was proposed any more: propose again."""


@dataclass(frozen=True, slots=True)
class NothingToMatch(Refusal):
    """A match needs lines of one asset on both sides."""


@dataclass(frozen=True, slots=True)
class AmountsDiffer(Refusal):
    """The lines differ in amount, so that two persons have to decide."""

    difference: int
    """What the brand says more than we do, in minor units."""


@dataclass(frozen=True, slots=True)
class Disputed(Refusal):
    """There is a dispute about this break, which has to be decided first."""


@dataclass(frozen=True, slots=True)
class NotDisputed(Refusal):
    """There is no dispute about this break."""


@dataclass(frozen=True, slots=True)
class MoreThanDisputed(Refusal):
    """No more can be won than was disputed."""

    disputed: int
    """Micro-CNY."""

    @property
    def message(self) -> str:
        """What there is."""
        return f"CNY {format_amount(self.disputed, 6)} are disputed: from 0 to that much can be won."


@dataclass(frozen=True, slots=True)
class StillAsked(Refusal):
    """The brand is still asked about this exchange, and what it answers will be posted by itself: wait for it."""


@dataclass(frozen=True, slots=True)
class DayPassed(Refusal):
    """Nobody can wait until a day that is over."""

    today: date

    @property
    def message(self) -> str:
        """From when on one can."""
        return f"Nobody can wait until a day that is over: today is {self.today}."


@dataclass(frozen=True, slots=True)
class NothingAtStake(Refusal):
    """No money is owed between participants because of this break, or less than was asked for."""

    at_stake: int
    """Micro-CNY."""

    @property
    def message(self) -> str:
        """What there is."""
        if not self.at_stake:
            return "No money between participants is at stake in this break: nothing can be written off or disputed."
        most = format_amount(self.at_stake, 6)
        return f"Name an amount: at most CNY {most} can be written off or disputed for this break."
