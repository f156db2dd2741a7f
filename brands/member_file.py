"""How the file in which a brand delivers a program's members is written; `members` reads it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeAlias

from brands.config.leaves import ChoiceLeaf, MarkLeaf, TextLeaf


class Encoding(StrEnum):
    """How the file's characters are written."""

    UTF_8 = "utf-8"
    """With a byte order mark or without."""
    GB18030 = "gb18030"
    """And so GBK and GB 2312, which are parts of it."""
    UTF_16 = "utf-16"
    """With a byte order mark, which says which byte comes first: as spreadsheets write texts in Unicode."""


class DateForm(StrEnum):
    """How a day is written."""

    ISO = "iso"
    """Year, month, day with any of `-/.` between: `2024-03-09`, `2024/3/9`."""
    COMPACT = "compact"
    """`20240309`."""
    DAY_FIRST = "day-first"
    """Day, month, year with any of `-/.` between: `9.3.2024`."""
    EXCEL = "excel"
    """A spreadsheet's serial number, in the calendar that begins in 1900: `45360`."""


_Header: TypeAlias = Annotated[str, TextLeaf()]
_Mark: TypeAlias = Annotated[str, MarkLeaf()]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberColumns:
    """The header of each column; upper and lower case, width and spaces around do not matter."""

    number: _Header
    tier: _Header
    balance: _Header
    enrolled_on: _Header
    name: _Header | None = None
    phone: _Header | None = None
    email: _Header | None = None
    unionid: _Header | None = None
    expires_on: _Header | None = None
    """The last day of the whole balance; without it, the program's expiry rule applied to the day of the import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFile:
    """A text file with one member a line under a line of headers."""

    columns: MemberColumns
    encoding: Annotated[Encoding, ChoiceLeaf(Encoding)] = Encoding.UTF_8
    delimiter: _Mark = ","
    decimal_mark: _Mark = "."
    grouping_mark: _Mark | None = None
    """What may stand between groups of three digits: `12,450`."""
    dates: tuple[Annotated[DateForm, ChoiceLeaf(DateForm)], ...] = (DateForm.ISO,)
    """The forms in which days may be written, tried in this order; at least one."""
    unionid_provider: Annotated[str, TextLeaf()] = "wechat"
    """The sign-in provider that gave out the unionids."""
