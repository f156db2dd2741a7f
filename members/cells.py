"""What stands in one cell of a brand's file: amounts, days, tiers, identifiers; and the reason when it does not."""

import re
import unicodedata
from datetime import date, timedelta
from typing import Final, Protocol

from brands import DateForm, MemberFile, Program
from core.amounts import AmountError, has_separators, parse_amount
from members.identifiers import Identifier, IdentifierType
from members.normalise import normal_name, normal_number, plain

BALANCE_MAX: Final = 10**13
"""Minor units: more than this in one row is a mistake, not a balance."""

DAY_MIN: Final = date(1900, 1, 1)
"""What is earlier is no day in anybody's membership: a system's zero, most often."""

_GROUP_DIGITS: Final = 3
_TIME: Final = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.0+)?)?)?"
_YEAR_FIRST: Final = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.ASCII)
_DAY_FIRST: Final = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.ASCII)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_SERIAL: Final = re.compile(r"(\d{2,5})(?:[.,]0+)?", re.ASCII)
_SERIAL_MIN: Final = 61
"""1 March 1900: before it the serial numbers count a 29 February that never was."""
_SERIAL_ZERO: Final = date(1899, 12, 30)

_NAMES: Final = {
    IdentifierType.PHONE: "phone number",
    IdentifierType.EMAIL: "email address",
    IdentifierType.UNIONID: "unionid",
}


class AmountForm(Protocol):
    """How amounts are written."""

    @property
    def decimal_mark(self) -> str:
        """One character."""
        ...

    @property
    def grouping_mark(self) -> str | None:
        """Between groups of three digits; None: none may stand there."""
        ...


class Unfit(ValueError):
    """The cell does not fit; the argument is the reason, as it follows the column's name in a sentence."""


def read_number(text: str) -> str:
    """A member number in its normal form. Raises Unfit."""
    number = normal_number(_needed(text))
    if number is None:
        raise Unfit("is not a member number")
    return number


def read_name(text: str) -> str:
    """A person's name in its normal form; empty for an empty cell. Raises Unfit."""
    if any(unicodedata.category(character) == "Cc" for character in text.strip()):
        raise Unfit("has control characters")
    return normal_name(text)


def read_identifier(text: str, kind: IdentifierType, scope: str = "") -> Identifier | None:
    """An identifier; None for an empty cell. Raises Unfit."""
    if not text.strip():
        return None
    found = Identifier.read(kind, text, scope=scope)
    if found is None:
        reason = f"is not a valid {_NAMES[kind]}"
        raise Unfit(reason)
    return found


def read_tier(text: str, program: Program) -> str:
    """The code of the tier that the text names. Raises Unfit."""
    tier = program.tier_named(plain(_needed(text)))
    if tier is None:
        reason = f"is not a tier of {program.code}"
        raise Unfit(reason)
    return tier.code


def read_balance(text: str, form: MemberFile, scale: int) -> int:
    """Minor units of a balance that is zero or more. Raises Unfit."""
    balance = read_amount(text, form, scale)
    if balance < 0:
        raise Unfit("is negative")
    if balance > BALANCE_MAX:
        raise Unfit("is larger than any balance can be")
    return balance


def read_amount(text: str, form: AmountForm, scale: int) -> int:
    """Minor units, signed. Raises Unfit."""
    try:
        return parse_amount(_decimal(plain(_needed(text)), form), scale)
    except AmountError as error:
        raise Unfit(_not_an_amount(plain(text), form, scale)) from error


def read_past_day(text: str, forms: tuple[DateForm, ...], today: date) -> date:
    """A day that is not in the future. Raises Unfit."""
    day = read_day(_needed(text), forms)
    if day > today:
        raise Unfit("is in the future")
    return day


def read_day(text: str, forms: tuple[DateForm, ...]) -> date:
    """A day in one of the forms; the first that fits counts. Raises Unfit."""
    written = plain(text)
    for form in forms:
        day = _day(written, form)
        if day is not None and day < DAY_MIN:
            reason = f"is before {DAY_MIN.year}"
            raise Unfit(reason)
        if day is not None:
            return day
    reason = f"is not a day ({' or '.join(forms)})"
    raise Unfit(reason)


def _needed(text: str) -> str:
    if not text.strip():
        raise Unfit("is missing")
    return text


def _not_an_amount(text: str, form: AmountForm, scale: int) -> str:
    if form.grouping_mark is None and form.decimal_mark == "." and has_separators(text):
        return "has a thousands separator, which the configuration does not allow (grouping_mark)"
    return f"is not an amount with at most {scale} decimals" if scale else "is not a whole amount"


def _decimal(text: str, form: AmountForm) -> str:
    whole, mark, fraction = text.partition(form.decimal_mark)
    first, *groups = whole.split(form.grouping_mark) if form.grouping_mark is not None else [whole]
    grouped = all(len(group) == _GROUP_DIGITS for group in groups)
    digits = "".join((first, *groups))
    if not grouped or "." in digits + fraction:
        raise AmountError(text)
    return f"{digits}.{fraction}" if mark else digits


def _day(text: str, form: DateForm) -> date | None:
    match form:
        case DateForm.ISO:
            return _calendar_day(_YEAR_FIRST.fullmatch(text), 1, 3, 4)
        case DateForm.DAY_FIRST:
            return _calendar_day(_DAY_FIRST.fullmatch(text), 4, 3, 1)
        case DateForm.COMPACT:
            return _calendar_day(_COMPACT.fullmatch(text), 1, 2, 3)
        case DateForm.EXCEL:
            return _serial_day(_SERIAL.fullmatch(text))


def _calendar_day(found: re.Match[str] | None, year: int, month: int, day: int) -> date | None:
    if found is None:
        return None
    try:
        return date(int(found[year]), int(found[month]), int(found[day]))
    except ValueError:
        return None


def _serial_day(found: re.Match[str] | None) -> date | None:
    if found is None or int(found[1]) < _SERIAL_MIN:
        return None
    return _SERIAL_ZERO + timedelta(days=int(found[1]))
