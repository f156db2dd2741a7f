"""How the file in which a brand states a program's movements is written; `settlement` reads it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeAlias

from brands.config.leaves import MONEY_SCALE, AmountLeaf, ChoiceLeaf, FlagLeaf, MarkLeaf, TextLeaf, WholeLeaf
from brands.member_file import DateForm, Encoding

_Text: TypeAlias = Annotated[str, TextLeaf()]
_Mark: TypeAlias = Annotated[str, MarkLeaf()]
_Flag: TypeAlias = Annotated[bool, FlagLeaf()]

_BASIS_POINTS_MAX = 9_999


class StatementForm(StrEnum):
    """What kind of file it is, and so what a column is in it."""

    CSV = "csv"
    """A text with a line of headers; a column is its header."""
    XLSX = "xlsx"
    """A workbook whose sheet has a row of headers; a column is its header."""
    JSON = "json"
    """One document; a column is a JMESPath expression on a row, a control figure one on the document."""
    JSON_LINES = "json-lines"
    """A document on each line; a column is a JMESPath expression on it."""
    FIXED = "fixed"
    """A text without headers; a column is where it stands in the line: `1-12`."""


class ControlPlace(StrEnum):
    """Where the control row stands."""

    LAST = "last"
    FIRST = "first"
    """Right below the headers, where there are any."""


class Unit(StrEnum):
    """In what positions of a fixed-width file are counted."""

    CHARACTERS = "characters"
    BYTES = "bytes"
    """As most systems do that write GB 18030."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementColumns:
    """What each column is, by the form of the file; of headers, case, width and spaces around do not matter."""

    brand_reference: _Text
    """The brand's own name for the movement: never used twice, except to correct it."""
    amount: _Text
    """Points, signed as the member sees them: positive when the member gains."""
    day: _Text
    reference: _Text | None = None
    """Our id of the exchange, award, burn or grant; cells may be empty."""
    member: _Text | None = None
    """The member's number; cells may be empty."""
    asset: _Text | None = None
    """The code of the points; without the column, or with an empty cell: the program's own."""
    status: _Text | None = None
    """Whether the brand booked the movement; without the column it booked all of them."""
    sign: _Text | None = None
    """Says in words of its own which way the points went; then amounts have no sign."""
    value: _Text | None = None
    """What the brand books in CNY for the movement, positive when it is owed; cells may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementControl:
    """The row by which the file proves that it is whole and the right one: a column for each of its figures.

    They may stand in any columns, also in those that mean something else in the other rows. In a JSON document the
    figures stand outside of the rows.
    """

    mark: _Text
    """What its first cell says, or its line begins with: `TOTAL`. In JSON lines: the name that only it has."""
    count: _Text
    """Rows between the headers and this one."""
    total: _Text
    """The sum of their amounts."""
    first_day: _Text
    last_day: _Text
    """The period, in which all rows lie."""
    issuer: _Text
    """Where it says whose file it is."""
    issuer_name: _Text
    """What it says there."""
    value_total: _Text | None = None
    """The sum of the CNY."""
    place: Annotated[ControlPlace, ChoiceLeaf(ControlPlace)] = ControlPlace.LAST


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyTolerance:
    """How far the brand's CNY may lie from ours: within both bounds. What is tolerated is kept with the match."""

    absolute: Annotated[int, AmountLeaf(MONEY_SCALE)]
    basis_points: Annotated[int, WholeLeaf(0, _BASIS_POINTS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFile:
    """A file with one movement a row, and a control row."""

    columns: StatementColumns
    control: StatementControl
    form: Annotated[StatementForm, ChoiceLeaf(StatementForm)] = StatementForm.CSV
    sheet: _Text | None = None
    """The workbook's sheet; without it the first."""
    rows: _Text | None = None
    """In a JSON document the names that lead to the rows: `statement.rows`; without it, the document is the rows."""
    unit: Annotated[Unit, ChoiceLeaf(Unit)] = Unit.CHARACTERS
    encoding: Annotated[Encoding, ChoiceLeaf(Encoding)] = Encoding.UTF_8
    delimiter: _Mark = ","
    decimal_mark: _Mark = "."
    grouping_mark: _Mark | None = None
    """What may stand between groups of three digits: `12,450`."""
    dates: tuple[Annotated[DateForm, ChoiceLeaf(DateForm)], ...] = (DateForm.ISO,)
    """The forms in which days may be written, tried in this order; at least one."""
    booked: tuple[_Text, ...] = ()
    """What the status says of a movement that the brand booked; needed with that column."""
    failed: tuple[_Text, ...] = ()
    """What it says of one that the brand refused."""
    gains: tuple[_Text, ...] = ()
    """What the sign says when the member gains; needed with that column."""
    loses: tuple[_Text, ...] = ()
    """What it says when the member loses."""
    seen_by_brand: _Flag = False
    """Amounts are signed as the brand sees them: negative when the member gains."""
    full_width_digits: _Flag = False
    """Amounts may be written in full-width digits."""
    money: MoneyTolerance | None = None
    """Needed with the column `value`: then movements are compared in CNY as well."""
