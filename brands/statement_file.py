"""How the file in which a brand states a program's movements is written; `settlement` reads it."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from brands.config.leaves import ChoiceLeaf, MarkLeaf, TextLeaf
from brands.member_file import DateForm, Encoding

_Text: TypeAlias = Annotated[str, TextLeaf()]
_Mark: TypeAlias = Annotated[str, MarkLeaf()]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementColumns:
    """The header of each column; upper and lower case, width and spaces around do not matter."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementControl:
    """The last row, by which the file proves that it is whole and the right one: a header for each of its figures.

    They may stand in any columns, also in those that mean something else in the rows above.
    """

    mark: _Text
    """What its first cell says: `TOTAL`."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFile:
    """A text file with one movement a line under a line of headers, and a control row at the end."""

    columns: StatementColumns
    control: StatementControl
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
