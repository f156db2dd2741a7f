"""How the file in which a brand delivers its members is written: the `[import]` section of a network file."""

from enum import StrEnum
from typing import Annotated

import msgspec

_Mark = Annotated[str, msgspec.Meta(min_length=1, max_length=1)]
_Header = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class Encoding(StrEnum):
    """How the file's characters are written."""

    UTF_8 = "utf-8"
    """With a byte order mark or without."""
    GB18030 = "gb18030"
    """And so GBK and GB 2312, which are parts of it."""


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


class MemberColumns(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
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


class MemberFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text file with one member a line under a line of headers."""

    encoding: Encoding = Encoding.UTF_8
    delimiter: _Mark = ","
    decimal_mark: _Mark = "."
    grouping_mark: _Mark | None = None
    """What may stand between groups of three digits: `12,450`."""
    dates: Annotated[tuple[DateForm, ...], msgspec.Meta(min_length=1)] = (DateForm.ISO,)
    """The forms in which days may be written, tried in this order."""
    unionid_provider: str = "wechat"
    """The sign-in provider that gave out the unionids."""
    columns: MemberColumns
