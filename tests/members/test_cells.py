"""What stands in one cell."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brands import DateForm, MemberColumns, MemberFile
from core.amounts import format_amount
from members.cells import BALANCE_MAX, Unfit, read_balance, read_day, read_number, read_past_day

COLUMNS = MemberColumns(number="a", tier="b", balance="c", enrolled_on="d")
PLAIN = MemberFile(columns=COLUMNS)
ENGLISH = MemberFile(columns=COLUMNS, grouping_mark=",")
GERMAN = MemberFile(columns=COLUMNS, decimal_mark=",", grouping_mark=".")
FRENCH = MemberFile(columns=COLUMNS, decimal_mark=",")


@pytest.mark.parametrize(
    ("form", "text", "scale", "minor"),
    [
        (PLAIN, "0", 0, 0),
        (PLAIN, " 12450 ", 0, 12_450),
        (PLAIN, "12.50", 2, 1_250),
        (PLAIN, "12.500", 2, 1_250),
        (PLAIN, "１２", 0, 12),
        (ENGLISH, "12,450", 0, 12_450),
        (ENGLISH, "1,012,450.5", 2, 101_245_050),
        (ENGLISH, "12450", 0, 12_450),
        (GERMAN, "1.012.450,5", 2, 101_245_050),
        (GERMAN, "860,50", 2, 86_050),
        (FRENCH, "860,50", 2, 86_050),
        (PLAIN, str(BALANCE_MAX), 0, BALANCE_MAX),
    ],
)
def test_balance(form: MemberFile, text: str, scale: int, minor: int) -> None:
    """An amount as each file writes it, exactly."""
    assert read_balance(text, form, scale) == minor


@pytest.mark.parametrize(
    ("form", "text", "scale", "reason"),
    [
        (PLAIN, "", 0, "is missing"),
        (PLAIN, "-1", 0, "is negative"),
        (ENGLISH, "-1,200", 0, "is negative"),
        (PLAIN, "1.5", 0, "is not a whole amount"),
        (PLAIN, "1.005", 2, "is not an amount with at most 2 decimals"),
        (PLAIN, "12,450", 0, "has a thousands separator, which the configuration does not allow (grouping_mark)"),
        (ENGLISH, "12,45", 0, "is not a whole amount"),
        (ENGLISH, "12,4500", 0, "is not a whole amount"),
        (GERMAN, "12.5", 2, "is not an amount with at most 2 decimals"),
        (FRENCH, "12.5", 2, "is not an amount with at most 2 decimals"),
        (FRENCH, "1.012,50", 2, "is not an amount with at most 2 decimals"),
        (GERMAN, "12,5,0", 2, "is not an amount with at most 2 decimals"),
        (PLAIN, "1e3", 0, "is not a whole amount"),
        (PLAIN, "NaN", 0, "is not a whole amount"),
        (PLAIN, "+5", 0, "is not a whole amount"),
        (PLAIN, str(BALANCE_MAX + 1), 0, "is larger than any balance can be"),
        (PLAIN, "9" * 400, 0, "is not a whole amount"),
    ],
)
def test_balance_refused(form: MemberFile, text: str, scale: int, reason: str) -> None:
    """What is not exactly an amount in the file's own way of writing is refused, with the reason."""
    with pytest.raises(Unfit) as refused:
        read_balance(text, form, scale)
    assert str(refused.value) == reason


@given(st.integers(0, BALANCE_MAX), st.integers(0, 4), st.sampled_from([PLAIN, ENGLISH, GERMAN, FRENCH]))
def test_balance_round_trip(minor: int, scale: int, form: MemberFile) -> None:
    """Every amount survives being written in any of the ways."""
    whole, point, fraction = format_amount(minor, scale).partition(".")
    grouped = f"{int(whole):,}".replace(",", form.grouping_mark or "")
    assert read_balance(grouped + (form.decimal_mark + fraction if point else ""), form, scale) == minor


@pytest.mark.parametrize(
    ("forms", "text", "day"),
    [
        ((DateForm.ISO,), "2024-03-09", date(2024, 3, 9)),
        ((DateForm.ISO,), "2024/3/9", date(2024, 3, 9)),
        ((DateForm.ISO,), "2024.03.09", date(2024, 3, 9)),
        ((DateForm.ISO,), "2024-03-09 00:00:00", date(2024, 3, 9)),
        ((DateForm.ISO,), "2024-03-09T12:30", date(2024, 3, 9)),
        ((DateForm.COMPACT,), "20240309", date(2024, 3, 9)),
        ((DateForm.DAY_FIRST,), "9.3.2024", date(2024, 3, 9)),
        ((DateForm.EXCEL,), "45360", date(2024, 3, 9)),
        ((DateForm.EXCEL,), "45360,0", date(2024, 3, 9)),
        ((DateForm.EXCEL,), "61", date(1900, 3, 1)),
        ((DateForm.ISO, DateForm.EXCEL), "45360", date(2024, 3, 9)),
        ((DateForm.EXCEL, DateForm.COMPACT), "20240309", date(2024, 3, 9)),
        ((DateForm.ISO,), "２０２４－０３－０９", date(2024, 3, 9)),
    ],
)
def test_day(forms: tuple[DateForm, ...], text: str, day: date) -> None:
    """A day in each of the forms; the first form that fits counts."""
    assert read_day(text, forms) == day


@pytest.mark.parametrize(
    ("forms", "text"),
    [
        ((DateForm.ISO,), ""),
        ((DateForm.ISO,), "2023-02-29"),
        ((DateForm.ISO,), "2024-03/09"),
        ((DateForm.ISO,), "24-03-09"),
        ((DateForm.ISO,), "45360"),
        ((DateForm.COMPACT,), "20241309"),
        ((DateForm.EXCEL,), "60"),
        ((DateForm.EXCEL,), "0"),
        ((DateForm.EXCEL,), "-5"),
        ((DateForm.EXCEL,), "45360.5"),
        ((DateForm.EXCEL,), "123456"),
    ],
)
def test_day_refused(forms: tuple[DateForm, ...], text: str) -> None:
    """Days that never were and other forms are refused."""
    with pytest.raises(Unfit, match="is not a day"):
        read_day(text, forms)


def test_future() -> None:
    """Nobody enrolled tomorrow; today is fine."""
    today = date(2026, 1, 15)
    assert read_past_day("2026-01-15", (DateForm.ISO,), today) == today
    with pytest.raises(Unfit, match="is in the future"):
        read_past_day("2026-01-16", (DateForm.ISO,), today)


def test_number_missing() -> None:
    """Without a member number there is nobody."""
    with pytest.raises(Unfit, match="is missing"):
        read_number("\u3000")
